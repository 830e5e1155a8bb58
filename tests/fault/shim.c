/*
 * Failure on demand, for the test program ferrite-fault: ferrite with these functions linked in before those of the libraries. A page of
 * shared memory (the file FERRITE_FAULT names) says what fails and when; a test writes it while the server runs. It is never in ferrite.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { OFF, MEMORY, DISK_FULL, DISK_ERROR, QUERY_LOST, ANSWER_LOST, FORBIDDEN };

/* As lib/page.mjs writes it: eight bytes a number. Of the calls of @kind, numbers @first to @first + @count - 1 fail. */
struct page {
	_Atomic int64_t kind, first, count, seen, failed;
	_Atomic int64_t said[4];         /* FORBIDDEN: the error of each attempt */
};

static struct page *page;

static struct {
	int (*query)(MYSQL *mysql, const char *sql);
	int (*execute)(MYSQL_STMT *stmt);
} real;

static void *must_find(const char *name)
{
	void *at = dlsym(RTLD_NEXT, name);

	if (!at)
		abort();
	return at;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FERRITE_FAULT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	real.query = must_find("mysql_query");
	real.execute = must_find("mysql_stmt_execute");
	if (fd < 0)
		return;
	at = (void *)syscall(SYS_mmap, NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	page = at == MAP_FAILED ? NULL : at;
}

static bool fails(enum kind kind)
{
	int64_t n, first;

	if (!page || atomic_load(&page->kind) != kind)
		return false;
	n = atomic_fetch_add(&page->seen, 1) + 1;
	first = atomic_load(&page->first);
	if (n < first || n - first >= atomic_load(&page->count))
		return false;
	atomic_fetch_add(&page->failed, 1);
	return true;
}

/* -- what a confined server must be refused ---------------------------------------------------------------------- */

static int64_t said(long r)
{
	return r < 0 ? errno : 0;
}

/* None of them does anything when it is allowed. */
static void try_forbidden(void)
{
	atomic_store(&page->said[0], said(syscall(SYS_execve, NULL, NULL, NULL)));
	atomic_store(&page->said[1], said(syscall(SYS_unshare, 0)));
	atomic_store(&page->said[2], said(syscall(SYS_socket, AF_PACKET, SOCK_STREAM, 0)));
	atomic_store(&page->said[3], said(syscall(SYS_openat, AT_FDCWD, getenv("FERRITE_FAULT"), O_RDWR | O_CLOEXEC)));
}

/* -- memory ------------------------------------------------------------------------------------------------------ */

/* This file itself is compiled without sanitizers: it runs before they are ready. */
#ifdef FER_SANITIZED
#define BELOW(name) __interceptor_##name
#else
#define BELOW(name) __libc_##name
#endif

void *BELOW(malloc)(size_t size);
void *BELOW(calloc)(size_t n, size_t size);
void *BELOW(realloc)(void *at, size_t size);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	if (fails(FORBIDDEN))
		try_forbidden();
	return fails(MEMORY) ? no_memory() : BELOW(malloc)(size);
}

void *calloc(size_t n, size_t size)
{
	return fails(MEMORY) ? no_memory() : BELOW(calloc)(n, size);
}

void *realloc(void *at, size_t size)
{
	return fails(MEMORY) ? no_memory() : BELOW(realloc)(at, size);
}

/* Argon2's 64 MiB come from here. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if ((flags & MAP_ANONYMOUS) && fails(MEMORY)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

/* -- the disk ---------------------------------------------------------------------------------------------------- */

/* A regular file that is not standard output or error: the database. */
static bool is_store(int fd)
{
	struct stat file;

	return fd > 2 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

static bool disk_fails(int fd, enum kind kind, int error)
{
	if (!is_store(fd) || !fails(kind))
		return false;
	errno = error;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	return disk_fails(fd, DISK_FULL, ENOSPC) || disk_fails(fd, DISK_ERROR, EIO) ? -1 : syscall(SYS_write, fd, bytes, size);
}

/* The half of it reaches the disk, then it is full: a torn page. */
static ssize_t put(int fd, const void *bytes, size_t size, off_t at)
{
	if (disk_fails(fd, DISK_FULL, ENOSPC)) {
		syscall(SYS_pwrite64, fd, bytes, size / 2, at);
		errno = ENOSPC;
		return -1;
	}
	return disk_fails(fd, DISK_ERROR, EIO) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	return put(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
	return put(fd, bytes, size, at);
}

int fsync(int fd)
{
	return disk_fails(fd, DISK_ERROR, EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return disk_fails(fd, DISK_ERROR, EIO) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t size)
{
	return disk_fails(fd, DISK_ERROR, EIO) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

/* -- MariaDB ----------------------------------------------------------------------------------------------------- */

/* The connection ends before the statement reaches the server, or after it did and before the answer comes. */
static void break_connection(MYSQL *mysql)
{
	if (fails(QUERY_LOST))
		shutdown((int)mysql_get_socket(mysql), SHUT_RDWR);
	else if (fails(ANSWER_LOST))
		shutdown((int)mysql_get_socket(mysql), SHUT_RD);
}

int STDCALL mysql_query(MYSQL *mysql, const char *sql)
{
	break_connection(mysql);
	return real.query(mysql, sql);
}

int STDCALL mysql_stmt_execute(MYSQL_STMT *stmt)
{
	if (stmt->mysql)
		break_connection(stmt->mysql);
	return real.execute(stmt);
}
