/*
 * A mail server, by libcurl: STARTTLS or TLS with a certificate that is checked, or none where the operator says so.
 */
#include <curl/curl.h>

#include "mail/carrier.h"

#define CONNECT_S 20L
#define TIME_S 60L

struct source {
	struct fer_str rest;
};

static size_t give(char *out, size_t size, size_t n, void *data)
{
	struct source *source = data;
	size_t room = size * n, given = source->rest.len < room ? source->rest.len : room;

	memcpy(out, source->rest.at, given);
	source->rest = fer_str_skip(source->rest, given);
	return given;
}

static bool is_tls(const struct fer_carrier_orders *orders, const char *word)
{
	return strcmp(orders->tls, word) == 0;
}

static void set_server(CURL *curl, const struct fer_carrier_orders *orders)
{
	char url[512];

	snprintf(url, sizeof(url), "%s://%s", is_tls(orders, "tls") ? "smtps" : "smtp", orders->server);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, is_tls(orders, "off") ? CURLUSESSL_NONE : CURLUSESSL_ALL);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (orders->authorities[0])
		curl_easy_setopt(curl, CURLOPT_CAINFO, orders->authorities);
	if (orders->account[0]) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, orders->account);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, orders->password);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIME_S);
}

/* "No such mailbox" will not be another answer tomorrow; anything else may be the operator's to mend. */
static enum fer_mail_verdict judge(CURL *curl, CURLcode code, const char *text, char *reason, size_t size)
{
	long status = 0;

	if (code == CURLE_OK)
		return FER_MAIL_SENT;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	snprintf(reason, size, "%s (%ld)", text[0] ? text : curl_easy_strerror(code), status);
	return code != CURLE_LOGIN_DENIED && (status == 550 || status == 551 || status == 553) ? FER_MAIL_REFUSED : FER_MAIL_AGAIN;
}

enum fer_mail_verdict fer_smtp_send(const struct fer_carrier_orders *orders, const struct fer_envelope *envelope, char *reason, size_t size)
{
	struct source source = { envelope->message };
	char from[400], text[CURL_ERROR_SIZE] = "";
	struct curl_slist *to = curl_slist_append(NULL, envelope->recipient);
	CURL *curl = curl_easy_init();
	enum fer_mail_verdict verdict = FER_MAIL_AGAIN;

	snprintf(reason, size, "no memory");
	if (curl && to) {
		snprintf(from, sizeof(from), "<%s>", envelope->sender);
		set_server(curl, orders);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
		curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
		curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
		curl_easy_setopt(curl, CURLOPT_READDATA, &source);
		verdict = judge(curl, curl_easy_perform(curl), text, reason, size);
	}
	curl_slist_free_all(to);
	curl_easy_cleanup(curl);
	return verdict;
}
