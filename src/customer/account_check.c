/*
 * What must hold before an account is saved: required attributes, the e-mail address, names, the date of birth; and the rules of
 * passwords. Apart from saving, because each rule has its source in Magento and its own message.
 */
#include "customer/account.h"

#include "api/server.h"
#include "store/config.h"

#define NAME_MAX_CHARS 255

/* What is wrong, a line each, as Magento puts several messages into one. */
struct findings {
	struct fer_call *call;
	struct fer_buf text;
};

static void add_finding(struct findings *f, struct fer_str message)
{
	if (f->text.len)
		fer_buf_char(&f->text, '\n');
	fer_buf_str(&f->text, message);
}

/* -- e-mail -------------------------------------------------------------------------------------------------------- */

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits and !#$%&'*+-/=?^_`{|}~ with single dots between; or, since RFC 6531, anything beyond ASCII. */
static bool is_local_part(struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_letter_or_digit(s.at[i]) && !((unsigned char)s.at[i] & 0x80) && !strchr("!#$%&'*+-/=?^_`{|}~.", s.at[i]))
			return false;
	return s.len && s.at[0] != '.' && s.at[s.len - 1] != '.';
}

static bool is_label(struct fer_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_letter_or_digit(s.at[i]) && s.at[i] != '-' && !((unsigned char)s.at[i] & 0x80))
			return false;
	return s.len && s.len <= 63 && s.at[0] != '-' && s.at[s.len - 1] != '-';
}

static bool is_hostname(struct fer_str host)
{
	struct fer_str label = host;
	size_t n = 0;

	while (fer_str_cut(&host, '.', &label)) {
		if (!is_label(label))
			return false;
		n++;
	}
	return n > 1 && label.len >= 2 && !(label.at[0] >= '0' && label.at[0] <= '9');
}

/* NULL: fine; else what is said behind the label. Source: Laminas\Validator\EmailAddress */
static const char *email_fault(struct fer_str email)
{
	struct fer_str local, host;
	size_t at = email.len;

	while (at && email.at[at - 1] != '@')
		at--;
	if (at < 2 || at == email.len || fer_str_search(email, FER_S("..")) >= 0)
		return "is not a valid email address.";
	local = fer_str_take(email, at - 1);
	host = fer_str_skip(email, at);
	if (local.len > 64 || host.len > 255)
		return "uses too many characters.";
	if (!is_hostname(host))
		return "is not a valid hostname.";
	return is_local_part(local) ? NULL : "is not a valid email address.";
}

/* A host without a dot is told twice more, as the hostname validator has it. */
static void check_email(struct findings *f, struct fer_str label, struct fer_str email)
{
	const char *fault = email_fault(email);
	ptrdiff_t at = fer_str_find(email, '@');

	if (!fault)
		return;
	add_finding(f, fer_str_fmt(f->call->arena, "\"%.*s\" %s", FER_F(label), fault));
	if (!fer_str_is(fer_str(fault), "is not a valid hostname.") || fer_str_find(fer_str_skip(email, (size_t)at + 1), '.') >= 0)
		return;
	add_finding(f, FER_S("The input does not match the expected structure for a DNS hostname"));
	add_finding(f, FER_S("The input appears to be a local network name but local network names are not allowed"));
}

/* -- attributes ---------------------------------------------------------------------------------------------------- */

static const struct fer_value *value_of(const struct fer_value *record, struct fer_str code)
{
	const struct fer_value *custom = fer_get(record, "custom_attributes"), *value = fer_get_str(record, code);

	for (size_t i = 0; fer_is_null(value) && i < fer_count(custom); i++) {
		const struct fer_value *name = fer_get(fer_at(custom, i), "attribute_code");

		if (name && name->kind == FER_V_STRING && fer_str_eq(name->text, code))
			value = fer_get(fer_at(custom, i), "value");
	}
	return value;
}

/* PHP's empty(), except that "0" is a value. */
static bool is_empty(struct fer_arena *arena, const struct fer_value *v)
{
	return !fer_as_bool(v) && !fer_str_is(fer_as_str(arena, v), "0");
}

/* One attribute: code, label, required, visible, rules. What is not shown and not sent is not asked for. */
static void check_attribute(struct findings *f, const struct fer_value *record, struct fer_stmt *stmt)
{
	const struct fer_value *value = value_of(record, fer_col_str(stmt, 0));
	struct fer_str label = fer_col_str(stmt, 1);

	if (fer_is_null(value) && !fer_col_int(stmt, 3))
		return;
	if (fer_col_int(stmt, 2) && is_empty(f->call->arena, value))
		add_finding(f, fer_str_fmt(f->call->arena, "\"%.*s\" is a required value.", FER_F(label)));
	else if (!fer_is_null(value) && fer_str_search(fer_col_str(stmt, 4), FER_S("\"input_validation\":\"email\"")) >= 0)
		check_email(f, label, fer_as_str(f->call->arena, value));
}

/* Source: Magento_Eav Model\Validator\Attribute\Data, Attribute\Data\Text, 2.4.7 */
static int check_attributes(struct findings *f, const struct fer_value *record)
{
	FER_CLEANUP(fer_stmt_release) struct fer_stmt *stmt = NULL;
	int r = fer_sql_open(f->call->db, FER_SQL_CUSTOMER_RULES, &stmt, "");

	if (r)
		return r;
	while ((r = fer_stmt_step(stmt)) == 1)
		check_attribute(f, record, stmt);
	return r;
}

/* -- names --------------------------------------------------------------------------------------------------------- */

/* Beyond ASCII: signs, not letters or marks. The apostrophe U+2019 lies among them and is allowed. */
static const struct { uint32_t first, last; } signs[] = {
	{ 0x80, 0x84 }, { 0x86, 0x9f }, { 0xa1, 0xa9 }, { 0xab, 0xb4 }, { 0xb6, 0xb9 }, { 0xbb, 0xbf }, { 0xd7, 0xd7 }, { 0xf7, 0xf7 },
	{ 0x200b, 0x2018 }, { 0x201a, 0x2027 }, { 0x202a, 0x202e }, { 0x2030, 0x205e }, { 0x2060, 0x2070 }, { 0x2074, 0x207e },
	{ 0x2080, 0x208f }, { 0x20a0, 0x20cf }, { 0x2150, 0x2182 }, { 0x2185, 0x2bff }, { 0x3001, 0x3004 }, { 0x3008, 0x3020 },
	{ 0xe000, 0xf8ff }, { 0xfe10, 0xfe1f }, { 0xfe30, 0xfe6f }, { 0xff01, 0xff0f }, { 0xff1a, 0xff20 }, { 0xff3b, 0xff40 },
	{ 0xff5b, 0xff65 }, { 0xffe0, 0xffff }, { 0x1d000, 0x1d3ff }, { 0x1f000, 0x1faff },
};

static bool is_sign(uint32_t c)
{
	for (size_t i = 0; i < FER_ARRAY_LEN(signs); i++)
		if (c >= signs[i].first && c <= signs[i].last)
			return true;
	return false;
}

static bool in_name(uint32_t c)
{
	if (c >= 0x80)
		return !is_sign(c);
	return is_letter_or_digit((char)c) || (c >= 9 && c <= 13) || (c && strchr(" ,-_.'`&", (int)c));
}

/* The next character of valid UTF-8; @i moves behind it. */
static uint32_t next_character(struct fer_str s, size_t *i)
{
	unsigned char first = (unsigned char)s.at[(*i)++];
	uint32_t c = first < 0x80 ? first : first < 0xe0 ? first & 0x1fu : first < 0xf0 ? first & 0x0fu : first & 0x07u;

	while (first >= 0x80 && *i < s.len && ((unsigned char)s.at[*i] & 0xc0) == 0x80)
		c = c << 6 | ((unsigned char)s.at[(*i)++] & 0x3fu);
	return c;
}

/* The pattern is searched, not matched: a name without any allowed character is not found in and passes. */
static bool is_name(struct fer_str name)
{
	size_t allowed = 0, others = 0;

	for (size_t i = 0; i < name.len;) {
		if (in_name(next_character(name, &i)))
			allowed++;
		else
			others++;
	}
	return !allowed || (!others && allowed <= NAME_MAX_CHARS);
}

/* Source: Magento_Customer Model\Validator\Name, 2.4.7 */
static void check_names(struct findings *f, const struct fer_value *record)
{
	static const struct { const char *field, *message; } names[] = {
		{ "firstname", "First Name is not valid!" }, { "lastname", "Last Name is not valid!" },
		{ "middlename", "Middle Name is not valid!" },
	};

	for (size_t i = 0; i < FER_ARRAY_LEN(names); i++)
		if (!is_name(fer_map_str(f->call->arena, record, names[i].field)))
			add_finding(f, fer_str(names[i].message));
}

/* Source: Magento_Customer Model\Validator\Dob, 2.4.7 */
static void check_dob(struct findings *f, const struct fer_value *record)
{
	struct fer_str dob = fer_map_str(f->call->arena, record, "dob");
	int64_t unix_s;

	if (dob.len && fer_time_parse(dob, &unix_s) && unix_s > f->call->now_s)
		add_finding(f, FER_S("The Date of Birth should not be greater than today."));
}

int fer_customer_check(struct fer_call *call, const struct fer_value *record)
{
	struct findings f = { .call = call };
	int r;

	fer_buf_init(&f.text, call->arena, 65536);
	if ((r = check_attributes(&f, record)))
		return r;
	check_names(&f, record);
	check_dob(&f, record);
	if (!f.text.len)
		return 0;
	return fer_fail(call, FER_E_CUSTOMER_INVALID, "messages", fer_string(fer_buf_view(&f.text)), NULL);
}

/* -- passwords ----------------------------------------------------------------------------------------------------- */

#define PASSWORD_MAX_CHARS 256

static int count_classes(struct fer_str password)
{
	bool digit = false, upper = false, lower = false, other = false;

	for (size_t i = 0; i < password.len; i++) {
		char c = password.at[i];

		if (c >= '0' && c <= '9')
			digit = true;
		else if (c >= 'A' && c <= 'Z')
			upper = true;
		else if (c >= 'a' && c <= 'z')
			lower = true;
		else
			other = true;
	}
	return digit + upper + lower + other;
}

static int refuse_by(struct fer_call *call, enum fer_error error, const char *path)
{
	struct fer_str limit;
	int r = fer_config_text(call->server->store, call->arena, call->store_id, path, &limit);

	return r ? r : fer_fail(call, error, "1", fer_string(limit), NULL);
}

#define MINIMUM "customer/password/minimum_password_length"
#define CLASSES "customer/password/required_character_classes_number"

/* Source: Magento_Customer AccountManagement::checkPasswordStrength, 2.4.7 */
int fer_customer_password_rules(struct fer_call *call, struct fer_str password)
{
	struct fer_store *store = call->server->store;
	size_t length = fer_utf8_length(password);

	if (length > PASSWORD_MAX_CHARS)
		return fer_fail(call, FER_E_CUSTOMER_PASSWORD_LONG, "1", fer_int(PASSWORD_MAX_CHARS), NULL);
	if ((int64_t)length < fer_config_int(store, call->store_id, MINIMUM, 8))
		return refuse_by(call, FER_E_CUSTOMER_PASSWORD_SHORT, MINIMUM);
	if (fer_str_trim(password).len != password.len)
		return fer_fail(call, FER_E_CUSTOMER_PASSWORD_SPACE, NULL);
	if (count_classes(password) < fer_config_int(store, call->store_id, CLASSES, 3))
		return refuse_by(call, FER_E_CUSTOMER_PASSWORD_CLASSES, CLASSES);
	return 0;
}

int fer_customer_password_differs(struct fer_call *call, struct fer_str password, struct fer_str email)
{
	return fer_str_ieq(password, email) ? fer_fail(call, FER_E_CUSTOMER_PASSWORD_EMAIL, NULL) : 0;
}
