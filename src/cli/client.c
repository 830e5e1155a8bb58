/*
 * libcurl with the few settings that matter. Apart from the commands, which know nothing of sockets.
 */
#include "cli/client.h"

#include <errno.h>
#include <curl/curl.h>

#include "core/cidr.h"

#define ANSWER_MAX (32u << 20)
#define CONNECT_S 10L
#define REQUEST_S 120L

bool fer_client_is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static int check_parts(CURLU *parts, const char *url, char why[256])
{
	char *scheme = NULL, *host = NULL, *user = NULL;
	int r = -EINVAL;

	if (curl_url_set(parts, CURLUPART_URL, url, 0) || curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(parts, CURLUPART_HOST, &host, 0))
		snprintf(why, 256, "%.180s is no address of a server", url);
	else if (curl_url_get(parts, CURLUPART_USER, &user, 0) != CURLUE_NO_USER)
		snprintf(why, 256, "an address holds no name and no password: everybody on this machine sees the command line");
	else if (strcmp(scheme, "https") != 0 && !fer_host_is_loopback(fer_str(host)))
		snprintf(why, 256, "%.140s: without https only this machine is asked, because the token would be read on the way", url);
	else
		r = 0;
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	return r;
}

int fer_client_check(const char *url, char why[256])
{
	CURLU *parts = curl_url();
	int r = parts ? check_parts(parts, url, why) : -ENOMEM;

	curl_url_cleanup(parts);
	return r;
}

/* -- one request ------------------------------------------------------------------------------------------------- */

struct request {
	CURL *curl;
	struct curl_slist *headers;
	struct fer_buf answer;
	char error[CURL_ERROR_SIZE];
};

static size_t take(char *bytes, size_t size, size_t n, void *data)
{
	struct request *request = data;

	fer_buf_add(&request->answer, bytes, size * n);
	return request->answer.overflow ? 0 : size * n;
}

static void add_header(struct request *request, struct fer_str line, struct fer_arena *arena)
{
	struct curl_slist *more = curl_slist_append(request->headers, fer_str_z(arena, line));

	if (more)
		request->headers = more;
}

static void prepare(struct request *request, const struct fer_client *client, struct fer_arena *arena, struct fer_str path)
{
	CURL *curl = request->curl;
	struct fer_str url = fer_str(client->url);

	while (url.len && url.at[url.len - 1] == '/')
		url.len--;
	add_header(request, fer_str_fmt(arena, "Authorization: Bearer %.*s", FER_F(client->token)), arena);
	curl_easy_setopt(curl, CURLOPT_URL, fer_str_z(arena, fer_str_fmt(arena, "%.*s%.*s", FER_F(url), FER_F(path))));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "ferrite/" FER_VERSION);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, REQUEST_S);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, request->error);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
	if (client->authorities)
		curl_easy_setopt(curl, CURLOPT_CAINFO, client->authorities);
	if (strncmp(client->url, "http://", 7) == 0)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void prepare_body(struct request *request, struct fer_arena *arena, const char *method, struct fer_str body)
{
	curl_easy_setopt(request->curl, CURLOPT_CUSTOMREQUEST, method);
	if (!body.at)
		return;
	add_header(request, FER_S("Content-Type: application/json"), arena);
	add_header(request, FER_S("Expect:"), arena);
	curl_easy_setopt(request->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	curl_easy_setopt(request->curl, CURLOPT_POSTFIELDS, body.at);
}

static int perform(struct request *request, const struct fer_client *client, int *status, char why[256])
{
	CURLcode code;
	long answered = 0;

	curl_easy_setopt(request->curl, CURLOPT_HTTPHEADER, request->headers);
	code = curl_easy_perform(request->curl);
	if (code) {
		snprintf(why, 256, "%.100s: %.150s", client->url, request->error[0] ? request->error : curl_easy_strerror(code));
		return -EIO;
	}
	curl_easy_getinfo(request->curl, CURLINFO_RESPONSE_CODE, &answered);
	*status = (int)answered;
	return 0;
}

int fer_client_call(const struct fer_client *client, struct fer_arena *arena, const char *method, struct fer_str path, struct fer_str body,
                    int *status, struct fer_str *answer, char why[256])
{
	struct request request = { .curl = curl_easy_init() };
	int r;

	if (!request.curl)
		return -ENOMEM;
	fer_buf_init(&request.answer, arena, ANSWER_MAX);
	prepare(&request, client, arena, path);
	prepare_body(&request, arena, method, body);
	r = perform(&request, client, status, why);
	*answer = fer_buf_view(&request.answer);
	curl_slist_free_all(request.headers);
	curl_easy_cleanup(request.curl);
	return r;
}
