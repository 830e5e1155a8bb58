/*
 * Magento_Security: how often a reset link may be asked for, by address and by e-mail. Apart from the reset itself, because a request counts
 * whether or not there is such an account.
 */
#include "customer/account.h"

#include "api/server.h"
#include "store/config.h"

#define HOUR_S 3600
#define ADDRESS_CHARS 15          /* of the column: an IPv4 address, or the network of an IPv6 one */

#define SETTING "customer/password/"

static int64_t setting(struct fer_call *call, const char *path, int64_t otherwise)
{
	return fer_config_int(call->server->store, call->store_id, path, otherwise);
}

/* A limit of 0 is none. */
static int check(struct fer_call *call, struct fer_str email, struct fer_str address, bool *refused)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int64_t kind = setting(call, SETTING "password_reset_protection_type", 1), most = setting(call, SETTING "max_number_password_reset_requests", 5);
	int64_t apart_s = setting(call, SETTING "min_time_between_password_reset_requests", 10) * 60, last;
	struct fer_str hour = fer_time_text(call->arena, call->now_s - HOUR_S);
	struct fer_str oldest = apart_s > HOUR_S ? fer_time_text(call->arena, call->now_s - apart_s) : hour;
	int r = fer_sql_open(call->db, FER_SQL_CUSTOMER_RESETS, &stmt, "ssisis", hour, oldest, kind, address, kind, email);

	if (r || (r = fer_stmt_step(stmt)) < 0)
		return r;
	*refused = kind && ((most > 0 && fer_col_int(stmt, 0) >= most) ||
	                    (apart_s > 0 && fer_time_parse(fer_col_str(stmt, 1), &last) && call->now_s - last < apart_s));
	return 0;
}

static int check_and_note(struct fer_call *call, void *data)
{
	struct fer_str email = fer_arg_str(call, "email"), address = fer_str_take(call->request->source, ADDRESS_CHARS);
	bool *refused = data;
	int r = check(call, email, address, refused);

	if (r || *refused)
		return r;
	if ((r = fer_sql_run(call->db, FER_SQL_CUSTOMER_RESET_SWEEP, NULL, "s", fer_time_text(call->arena, call->now_s - 24 * HOUR_S))))
		return r;
	return fer_sql_run(call->db, FER_SQL_CUSTOMER_RESET_NOTE, NULL, "sss", email, fer_time_text(call->arena, call->now_s), address);
}

int fer_customer_reset_limit(struct fer_call *call)
{
	struct fer_str contact;
	bool refused = false;
	int r;

	if (!fer_config_bool(call->server->store, 0, "ferrite/password/limit_reset_requests", false))
		return 0;
	if ((r = fer_tx(call, FER_TX_QUIET, check_and_note, &refused)) || !refused)
		return r;
	r = fer_config_text(call->server->store, call->arena, call->store_id, "contact/email/recipient_email", &contact);
	return r ? r : fer_fail(call, FER_E_CUSTOMER_RESETS, "1", fer_string(contact), NULL);
}
