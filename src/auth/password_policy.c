/*
 * Which passwords an admin may choose.
 */
#include "auth/password_policy.h"

#include <errno.h>

#include "auth/password.h"
#include "store/config.h"

/* As OWASP ASVS 2.1 has it: length counts, kinds of characters do not. */
static int judge_length(struct fer_arena *arena, struct fer_str password, int64_t least, struct fer_fault *fault)
{
	size_t length = fer_utf8_length(password);

	if (!password.len)
		return fer_fault_add(arena, fault, FER_E_PASSWORD_REQUIRED, NULL);
	if (fer_utf8_valid(password) && length >= (size_t)least && length <= FER_PASSWORD_LONGEST)
		return 0;
	return fer_fault_add(arena, fault, FER_E_PASSWORD_LENGTH, "1", fer_int(least), "2", fer_int(FER_PASSWORD_LONGEST), NULL);
}

static bool is_line(const char *line, ssize_t len, struct fer_str password)
{
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return (size_t)len == password.len && memcmp(line, password.at, password.len) == 0;
}

static int is_known(const char *path, struct fer_str password, bool *known)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int r;

	*known = false;
	if (!file)
		return -errno;
	while (!*known && (len = getline(&line, &size, file)) >= 0)
		*known = is_line(line, len, password);
	r = ferror(file) ? -EIO : 0;
	free(line);
	fclose(file);
	return r;
}

int fer_password_policy(struct fer_auth *auth, struct fer_arena *arena, struct fer_str password, struct fer_fault *fault)
{
	int64_t least = fer_config_int(fer_auth_store(auth), 0, "ferrite/password/min_length", 0);
	const char *path = fer_auth_breached(auth);
	bool known = false;
	int r = least > 0 ? judge_length(arena, password, least, fault) : fer_password_admin_rules(arena, password, fault);

	if (r || !path)
		return r;
	if ((r = is_known(path, password, &known)))
		return r;
	return known ? fer_fault_add(arena, fault, FER_E_PASSWORD_BREACHED, NULL) : 0;
}
