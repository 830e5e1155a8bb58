/*
 * The audit log below its callers: the bytes that are hashed, against a vector computed elsewhere; what text may stand in a row; times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "auth/audit_impl.h"
#include "auth/audit_read.h"

static struct fer_arena *arena;

static struct fer_audit_row sample(void)
{
	return (struct fer_audit_row){
		.node = FER_S("node-1"), .seq = 7, .time_us = 1795576380496114, .event = FER_S("sign-in"), .outcome = FER_S("denied"),
		.actor_type = FER_S("guest"), .target = FER_S("user:?0123456789abcdef"), .reason = FER_S("wrong password"),
		.source = FER_S("2001:db8::1"), .user_agent = FER_S("Zo\xc3\xab/1.0"), .request_id = FER_S("00ff"),
		.route = FER_S("POST /V1/integration/admin/token"), .details = FER_S("{\"a\":1}"), .prev = FER_S(FER_AUDIT_GENESIS),
	};
}

/* The digest was computed by another program from the description in audit_impl.h. */
static void the_encoding_is_the_published_one(void **state)
{
	struct fer_audit_row row = sample();
	struct fer_buf out;
	char hash[FER_AUDIT_HASH];

	fer_buf_init(&out, arena, 4096);
	fer_audit_encode(&row, &out);
	assert_true(fer_str_eq(fer_buf_view(&out), FER_S(
		"ferrite-audit-1\n6:node-1,1:7,16:1795576380496114,7:sign-in,6:denied,5:guest,1:0,0:,0:,22:user:?0123456789abcdef,"
		"14:wrong password,11:2001:db8::1,8:Zo\xc3\xab/1.0,4:00ff,32:POST /V1/integration/admin/token,7:{\"a\":1},64:"
		FER_AUDIT_GENESIS ",")));
	fer_audit_hash(&row, hash);
	assert_string_equal(hash, "e9b57dde7fba62cbca4a09d4c851870bb7380828eab417b6d8e23ffc9dce1a74");
}

static void every_column_counts(void **state)
{
	struct fer_audit_row row = sample();
	char before[FER_AUDIT_HASH], after[FER_AUDIT_HASH];

	fer_audit_hash(&row, before);
	for (size_t i = 0; i + 1 < FER_AUDIT_N_COLUMNS; i++) {
		struct fer_audit_row other = sample();
		char *at = (char *)&other + fer_audit_columns[i].at;

		if (fer_audit_columns[i].number)
			*(int64_t *)at ^= 1;
		else
			*(struct fer_str *)at = FER_S("another");
		fer_audit_hash(&other, after);
		assert_string_not_equal(before, after);
	}
	/* What moves from one column to the next is another row. */
	row.reason = FER_S("wrong passwor");
	row.source = FER_S("d2001:db8::1");
	fer_audit_hash(&row, after);
	assert_string_not_equal(before, after);
}

static const struct { struct fer_str in, out; } texts[] = {
	{ { "plain", 5 }, { "plain", 5 } },
	{ { "a\nb\r\0c\x7f\t", 8 }, { "a?b??c??", 8 } },
	{ { "\xc3\xa9\xc2\x85!", 5 }, { "\xc3\xa9?!", 4 } },                  /* NEL */
	{ { "\xe2\x80\xa8\xe2\x80\xae|", 7 }, { "??|", 3 } },                 /* line separator, right-to-left override */
	{ { "\xe2\x82\xac\xf0\x9f\x98\x80", 7 }, { "\xe2\x82\xac\xf0\x9f\x98\x80", 7 } },
	{ { "\xff\xc3", 2 }, { "??", 2 } },
	{ { "\xc0\xaf", 2 }, { "??", 2 } },                                   /* overlong */
};

static void harmful_text_becomes_question_marks(void **state)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(texts); i++) {
		struct fer_str out = fer_audit_clean(arena, texts[i].in, 64);

		assert_int_equal(out.len, texts[i].out.len);
		assert_memory_equal(out.at, texts[i].out.at, out.len);
	}
}

static void text_is_cut_between_characters(void **state)
{
	assert_int_equal(fer_audit_clean(arena, FER_S("abcdef"), 4).len, 4);
	assert_int_equal(fer_audit_clean(arena, FER_S("abc\xc3\xa9"), 4).len, 3);
	assert_int_equal(fer_audit_clean(arena, FER_S(""), 4).len, 0);
}

static void a_credential_in_a_user_agent_is_taken_out(void **state)
{
	struct fer_actor actor = { .user_agent = FER_S("curl/7.88.1 eyJraWQiOiIxIiwiYWxnIjoiSFMyNTYifQ.eyJ1aWQiOjF9.c2ln (x)") };
	struct fer_audit_row row;

	fer_audit_row_make(arena, &(struct fer_audit_event){ .name = FER_AUDIT_DENIED, .actor = &actor }, &row);
	assert_true(fer_str_is(row.user_agent, "curl/7.88.1 * (x)"));
}

static void details_that_are_too_long_are_none(void **state)
{
	struct fer_value details = fer_map();
	struct fer_audit_row row;
	char *text = fer_alloc(arena, 2000);

	memset(text, 'x', 2000);
	fer_set(arena, &details, "long", fer_string((struct fer_str){ text, 2000 }));
	fer_audit_row_make(arena, &(struct fer_audit_event){ .name = FER_AUDIT_DENIED, .actor = &fer_actor_system, .details = &details }, &row);
	assert_true(fer_str_is(row.details, "{\"cut\":true}"));
}

static void a_checkpoint_is_no_head(void **state)
{
	struct fer_audit_key key = { .number = 1 };
	struct fer_audit_point point = { FER_S("n"), 5, FER_S(FER_AUDIT_GENESIS), 0 }, other = point;
	char signature[FER_AUDIT_SIGNATURE];

	crypto_sign_keypair(key.public, key.secret);
	fer_audit_sign(&key, FER_AUDIT_HEAD, &point, signature);
	assert_true(fer_audit_signed(key.public, FER_AUDIT_HEAD, &point, fer_str(signature)));
	assert_false(fer_audit_signed(key.public, FER_AUDIT_CHECKPOINT, &point, fer_str(signature)));
	other.seq = 6;
	assert_false(fer_audit_signed(key.public, FER_AUDIT_HEAD, &other, fer_str(signature)));
	assert_false(fer_audit_signed(key.public, FER_AUDIT_HEAD, &point, fer_str_take(fer_str(signature), 127)));
	assert_false(fer_audit_signed(key.public, FER_AUDIT_HEAD, &point, FER_S("zz")));
}

static const struct { const char *text; int64_t us; } times[] = {
	{ "2026-11-25T02:45:00Z", 1795574700000000 }, { "2026-11-25 02:45:00", 1795574700000000 }, { "2026-11-25T02:45:00.25Z", 1795574700250000 },
	{ "2026-11-25", 1795564800000000 }, { "15m", 1795574700000000 - 900000000 }, { "0s", 1795574700000000 }, { "7d", 1794969900000000 },
};

static void times_of_filters(void **state)
{
	static const char *const bad[] = { "", "m", "yesterday", "-5m", "5w", "2026-13-01", "99999999999d" };
	int64_t us;

	for (size_t i = 0; i < FER_ARRAY_LEN(times); i++) {
		assert_true(fer_audit_time(fer_str(times[i].text), 1795574700, &us));
		assert_int_equal(us, times[i].us);
	}
	for (size_t i = 0; i < FER_ARRAY_LEN(bad); i++)
		assert_false(fer_audit_time(fer_str(bad[i]), 1795574700, &us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_encoding_is_the_published_one), cmocka_unit_test(every_column_counts),
		cmocka_unit_test(harmful_text_becomes_question_marks), cmocka_unit_test(text_is_cut_between_characters),
		cmocka_unit_test(a_credential_in_a_user_agent_is_taken_out), cmocka_unit_test(details_that_are_too_long_are_none),
		cmocka_unit_test(a_checkpoint_is_no_head), cmocka_unit_test(times_of_filters),
	};
	int r;

	if (sodium_init() < 0 || !(arena = fer_arena_new(1 << 20)))
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	fer_arena_free(arena);
	return r;
}
