/*
 * The filter of system calls and the list of folders. Both are lists of what is allowed: what nobody thought of is refused.
 */
#include "http/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/log.h"
#include "store/media.h"

/* -- system calls ------------------------------------------------------------------------------------------------ */

static const char *const calls[] = {
	/* files and sockets */
	"read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "lseek", "close", "dup", "dup2", "dup3", "pipe2",
	"open", "openat", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink",
	"readlinkat", "getdents64", "getcwd", "fcntl", "flock", "fsync", "fdatasync", "ftruncate", "fallocate", "fadvise64", "unlink",
	"unlinkat", "linkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "fchmod", "fchown", "umask", "ioctl",
	"bind", "connect", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown", "sendto",
	"sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "sendfile", "socketpair",
	"poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2",
	/* memory */
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock", "mincore", "membarrier",
	/* threads, signals, time */
	"futex", "set_robust_list", "get_robust_list", "rseq", "sched_yield", "sched_getaffinity", "gettid", "getpid", "getppid", "exit",
	"exit_group", "set_tid_address", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "tgkill",
	"restart_syscall", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom",
	"getuid", "geteuid", "getgid", "getegid", "getpriority", "setpriority", "getrusage", "sysinfo", "uname", "prlimit64", "getrlimit",
	"getcpu", "prctl",
#ifdef FER_SANITIZED
	/* The leak check stops all threads of the process and reads their registers; reports ask for the machine's limits. */
	"clone", "clone3", "ptrace", "wait4", "kill", "tkill", "personality", "setrlimit", "process_vm_readv", "mprotect", "mmap", "sched_getparam",
	"sched_getscheduler", "arch_prctl", "pipe", "rt_sigpending", "rt_sigsuspend", "getdents",
#endif
};

/* Calls that are allowed with some arguments only: in @mask, argument @argument is @value. A call stands in a row for each of its forms. */
static const struct {
	const char *name;
	unsigned argument;
	uint64_t mask, value;
} forms[] = {
	{ "socket", 0, UINT64_MAX, AF_INET },
	{ "socket", 0, UINT64_MAX, AF_INET6 },
	{ "socket", 0, UINT64_MAX, AF_UNIX },
	{ "socket", 0, UINT64_MAX, AF_NETLINK },      /* getaddrinfo asks which addresses the machine has */
	/* Memory is written or run, never both. */
	{ "mmap", 2, PROT_WRITE | PROT_EXEC, 0 },
	{ "mmap", 2, PROT_WRITE | PROT_EXEC, PROT_WRITE },
	{ "mmap", 2, PROT_WRITE | PROT_EXEC, PROT_EXEC },
	{ "mprotect", 2, PROT_WRITE | PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_WRITE | PROT_EXEC, PROT_WRITE },
	{ "mprotect", 2, PROT_WRITE | PROT_EXEC, PROT_EXEC },
	/* A thread, not a process. */
	{ "clone", 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM },
};

static int allow(scmp_filter_ctx filter, const char *name, unsigned n, struct scmp_arg_cmp form)
{
	int number = seccomp_syscall_resolve_name(name);

	/* Not every kernel and machine has every call. */
	return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, n, &form);
}

static int add_rules(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; !r && i < FER_ARRAY_LEN(calls); i++)
		r = allow(filter, calls[i], 0, (struct scmp_arg_cmp){ 0 });
#ifndef FER_SANITIZED
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(forms); i++)
		r = allow(filter, forms[i].name, 1, (struct scmp_arg_cmp){ forms[i].argument, SCMP_CMP_MASKED_EQ, forms[i].mask, forms[i].value });
	/* A filter cannot read its arguments, which lie in memory: the C library then uses clone. */
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
#else
	for (size_t i = 0; !r && i < 4; i++)
		r = allow(filter, forms[i].name, 1, (struct scmp_arg_cmp){ forms[i].argument, SCMP_CMP_MASKED_EQ, forms[i].mask, forms[i].value });
#endif
	return r;
}

static int filter_calls(uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int r;

	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!r)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!r)
		r = add_rules(filter);
	if (!r)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

static int confine_calls(const char *word, char why[256])
{
	const struct { const char *word; uint32_t otherwise; } words[] = {
		{ "on", SCMP_ACT_ERRNO(EPERM) }, { "kill", SCMP_ACT_KILL_PROCESS }, { "log", SCMP_ACT_LOG },
	};
	int r = -EINVAL;

	if (strcmp(word, "off") == 0)
		return 0;
	for (size_t i = 0; i < FER_ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0 && (r = filter_calls(words[i].otherwise)))
			snprintf(why, 256, "the kernel refuses the filter of system calls (%s); seccomp = off serves without it", strerror(-r));
		else if (strcmp(words[i].word, word) == 0)
			return 0;
	if (r == -EINVAL && !why[0])
		snprintf(why, 256, "seccomp cannot be \"%.60s\"", word);
	return r;
}

/* -- files ------------------------------------------------------------------------------------------------------- */

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES (READS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | TRUNCATES)
#define FOLDERS (WRITES | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define TRUNCATES (1ULL << 14)       /* LANDLOCK_ACCESS_FS_TRUNCATE, younger than Debian 12's header */
#define EVERYTHING ((1ULL << 13) - 1)
#define OF_A_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATES)

/* The C library's resolver, GnuTLS's settings, and what the process may know of itself. */
static const struct {
	const char *path;
	bool writes;
} places[] = {
	{ "/usr", false }, { "/lib", false }, { "/lib64", false }, { "/etc/ld.so.cache", false },
	{ "/etc/resolv.conf", false }, { "/etc/hosts", false }, { "/etc/host.conf", false }, { "/etc/nsswitch.conf", false }, { "/etc/gai.conf", false },
	{ "/etc/services", false }, { "/run/systemd/resolve", false }, { "/etc/ssl", false }, { "/etc/gnutls", false }, { "/etc/localtime", false },
	{ "/dev/urandom", false }, { "/dev/null", true }, { "/proc/self", true }, { "/proc/sys", false }, { "/sys/devices/system/cpu", false },
#ifdef FER_SANITIZED
	{ "/", false },              /* reports name files and lines */
#endif
};

struct land {
	int fd;
	uint64_t handled;
};

static int land_open(struct land *land)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr rules = { .handled_access_fs = version >= 3 ? EVERYTHING | TRUNCATES : EVERYTHING };

	if (version < 1)
		return -ENOSYS;
	land->handled = rules.handled_access_fs;
	land->fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	return land->fd < 0 ? -errno : 0;
}

/* What is not there needs no rule. */
static int land_allow(const struct land *land, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	int folder = rule.parent_fd < 0 ? -1 : openat(rule.parent_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (rule.parent_fd < 0)
		return 0;
	rule.allowed_access = access & land->handled & (folder < 0 ? OF_A_FILE : UINT64_MAX);
	r = syscall(SYS_landlock_add_rule, land->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? -errno : 0;
	close(rule.parent_fd);
	if (folder >= 0)
		close(folder);
	return r;
}

/* The folder and not the file: a file that is replaced is another one. */
static int land_allow_folder_of(const struct land *land, const char *path, uint64_t access)
{
	const char *slash = strrchr(path, '/');
	char folder[1024];

	if (!path[0])
		return 0;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash == path ? 1 : slash - path) : 1, slash ? path : ".");
	return land_allow(land, folder, access);
}

/* A folder that goes at the end is taken out of the one it lies in. */
static int land_allow_media(const struct land *land, const struct fer_media *media)
{
	int r = media ? land_allow(land, fer_media_folder(media), FOLDERS) : 0;

	return r || !media || !fer_media_passing(media) ? r : land_allow_folder_of(land, fer_media_folder(media), LANDLOCK_ACCESS_FS_REMOVE_DIR);
}

static int land_allow_all(const struct land *land, const struct fer_settings *settings, const struct fer_media *media)
{
	const char *database = strncmp(settings->database, "sqlite:", 7) == 0 ? settings->database + 7 : "";
	const char *const read_again[] = { settings->tls_certificate, settings->tls_key, settings->tls_client_ca,
	                                     settings->breached_passwords, settings->smtp_ca };
	int r = 0;

	if (database[0] && strcmp(database, ":memory:") != 0)
		r = land_allow_folder_of(land, database, WRITES);
	else if (!settings->database[0])
		r = land_allow(land, ".", WRITES);
	if (!r)
		r = land_allow_media(land, media);
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(places); i++)
		r = land_allow(land, places[i].path, places[i].writes ? READS | LANDLOCK_ACCESS_FS_WRITE_FILE : READS);
	for (size_t i = 0; !r && i < FER_ARRAY_LEN(read_again); i++)
		r = land_allow_folder_of(land, read_again[i], READS);
	for (size_t i = 0; !r && i < settings->n_files; i++)
		r = land_allow_folder_of(land, settings->files[i], READS);
	return r;
}

static int confine_files(const struct fer_settings *settings, const struct fer_media *media, char why[256])
{
	struct land land;
	int r = land_open(&land);

	if (r == -ENOSYS || r == -EOPNOTSUPP) {
		fer_log(FER_LOG_WARN, "this kernel has no Landlock: files are not confined", NULL);
		return 0;
	}
	if (!r) {
		r = land_allow_all(&land, settings, media);
		if (!r && syscall(SYS_landlock_restrict_self, land.fd, 0))
			r = -errno;
		close(land.fd);
	}
	if (r)
		snprintf(why, 256, "Landlock refuses its rules (%s); landlock = off serves without them", strerror(-r));
	return r;
}

int fer_confine(const struct fer_settings *settings, const struct fer_media *media, char why[256])
{
	int r = settings->landlock ? confine_files(settings, media, why) : 0;

	return r ? r : confine_calls(settings->seccomp, why);
}
