/*
 * One answer on its way out, with what is counted and logged about it.
 */
#include "http/http.h"

#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define LOGGED_PATH 512

struct answer {
	int status;
	const char *type;
	struct fer_str body;
	const char *const (*headers)[2];   /* up to a NULL name; NULL: none */
};

static void log_answer(const struct fer_exchange *x, const struct answer *answer, int64_t spent_us)
{
	const struct fer_request *request = &x->request;
	char path[LOGGED_PATH + 1], method[17], status[16], bytes[24], us[24];

	snprintf(path, sizeof(path), "%.*s", FER_F(fer_str_take(request->path, LOGGED_PATH)));
	snprintf(method, sizeof(method), "%.*s", FER_F(fer_str_take(request->method, sizeof(method) - 1)));
	snprintf(status, sizeof(status), "%d", answer->status);
	snprintf(bytes, sizeof(bytes), "%zu", answer->body.len);
	snprintf(us, sizeof(us), "%lld", (long long)spent_us);
	/* The query stays out: Magento takes credentials there. */
	fer_log(FER_LOG_INFO, "request", "request_id", request->id, "method", method, "path", path, "status", status, "bytes", bytes,
	        "us", us, "source", x->source, "client", request->client.at, NULL);
}

static void account(struct fer_exchange *x, const struct answer *answer)
{
	int64_t spent_us = fer_monotonic_us() - x->begun_us;
	int log = atomic_load_explicit(&x->http->live.access_log, memory_order_relaxed);

	if (x->call || answer->status >= 400)
		fer_metrics_count(x->http->metrics, x->call ? x->call->route : NULL, answer->status, spent_us);
	if (log == FER_ACCESS_ALL || (log == FER_ACCESS_ERRORS && answer->status >= 400))
		log_answer(x, answer, spent_us);
}

static void add_headers(const struct fer_exchange *x, const struct answer *answer, struct MHD_Response *response)
{
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (atomic_load_explicit(&x->http->live.id_header, memory_order_relaxed))
		MHD_add_response_header(response, "X-Request-Id", x->request.id);
	/* A client that keeps asking must not keep a stopping server alive. */
	if (atomic_load_explicit(&x->http->stopping, memory_order_relaxed))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	for (int i = 0; answer->headers && answer->headers[i][0]; i++)
		MHD_add_response_header(response, answer->headers[i][0], answer->headers[i][1]);
}

static enum MHD_Result queue(struct fer_exchange *x, const struct answer *answer, struct MHD_Response *response, size_t size)
{
	enum MHD_Result r;

	add_headers(x, answer, response);
	fer_patience_more(&x->patient, x->http->request_timeout_s, size);
	account(x, answer);
	r = MHD_queue_response(x->connection, (unsigned int)answer->status, response);
	MHD_destroy_response(response);
	return r;
}

/* The body is not copied: it lives in the call or in the exchange until MHD says that the request is done. */
static enum MHD_Result send_answer(struct fer_exchange *x, const struct answer *answer)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(answer->body.len, (void *)answer->body.at, MHD_RESPMEM_PERSISTENT);

	return response ? queue(x, answer, response, answer->body.len) : MHD_NO;
}

enum MHD_Result fer_reply_file(struct fer_exchange *x, const struct fer_file *file, int status)
{
	struct answer answer = { status, file->type, { NULL, 0 }, file->headers };
	struct MHD_Response *response;

	if (status == MHD_HTTP_NOT_MODIFIED || status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
		close(file->fd);
		return send_answer(x, &answer);
	}
	response = MHD_create_response_from_fd_at_offset64(file->size, file->fd, file->offset);
	if (response)
		return queue(x, &answer, response, file->size);
	close(file->fd);
	return MHD_NO;
}

enum MHD_Result fer_reply_call(struct fer_exchange *x)
{
	const struct fer_reply *reply = &x->call->reply;
	struct answer answer = { reply->status, reply->content_type ? reply->content_type : JSON_TYPE, reply->body,
	                         (const char *const(*)[2])reply->headers };

	return send_answer(x, &answer);
}

enum MHD_Result fer_reply_own(struct fer_exchange *x)
{
	struct answer answer = { x->own_status, x->own_type ? x->own_type : JSON_TYPE, fer_buf_view(&x->own), NULL };

	return x->own.overflow ? MHD_NO : send_answer(x, &answer);
}

enum MHD_Result fer_reply_error(struct fer_exchange *x, enum fer_error error)
{
	const struct fer_error_row *row = fer_error_row(error);
	char seconds[16];
	const char *const retry[][2] = { { MHD_HTTP_HEADER_RETRY_AFTER, seconds }, { NULL, NULL } };
	struct answer answer = { row->status, JSON_TYPE, FER_STR_NONE, error == FER_E_BUSY ? retry : NULL };

	snprintf(seconds, sizeof(seconds), "%d", atomic_load(&x->http->live.retry_after_s));
	x->own.len = 0;
	fer_buf_text(&x->own, "{\"message\":");
	fer_json_string(&x->own, fer_str(row->message));
	fer_buf_char(&x->own, '}');
	answer.body = fer_buf_view(&x->own);
	return x->own.overflow ? MHD_NO : send_answer(x, &answer);
}
