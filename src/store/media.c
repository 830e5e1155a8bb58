/*
 * The media folder. A file is written under a passing name in its own folder, synced, and then given its name in one step that never
 * takes another file's place: whoever looks sees a whole file or none. The passing name stays as its mark until the file's transaction is
 * over; one that outlives its process is found at the next start.
 */
#include "store/media.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FOLDER_MODE 0750
#define FILE_MODE 0640
#define NAMES_TRIED 10000
#define MARK ".new-"
#define DEPTH 16                   /* folders inside one another */

struct fer_media {
	int fd;
	bool passing;
	char folder[PATH_MAX];
};

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* -- the folder -------------------------------------------------------------------------------------------------- */

static int make_passing(struct fer_media *media)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(media->folder, sizeof(media->folder), "%s/ferrite-media-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	return mkdtemp(media->folder) ? 0 : -errno;
}

/* Made by root, for a server that will be somebody else: it belongs to whom the folder around it belongs. */
static int hand_over(int fd)
{
	struct stat around;

	if (geteuid() != 0)
		return 0;
	return fstatat(fd, "..", &around, 0) || fchown(fd, around.st_uid, around.st_gid) ? -errno : 0;
}

static int make_folder(struct fer_media *media, const char *folder, bool *made)
{
	media->passing = !folder;
	*made = false;
	if (!folder)
		return make_passing(media);
	snprintf(media->folder, sizeof(media->folder), "%s", folder);
	*made = mkdir(folder, FOLDER_MODE) == 0;
	return *made || errno == EEXIST ? 0 : -errno;
}

static int open_folder(struct fer_media *media, const char *folder)
{
	bool made;
	int r = make_folder(media, folder, &made);

	if (r)
		return r;
	media->fd = open(media->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (media->fd < 0)
		return -errno;
	if (made && (r = hand_over(media->fd)))
		close(media->fd);
	return r;
}

int fer_media_open(const char *folder, struct fer_media **out, char why[256])
{
	struct fer_media *media = calloc(1, sizeof(*media));
	int r;

	if (!media)
		return -ENOMEM;
	if ((r = open_folder(media, folder))) {
		snprintf(why, 256, "the media folder %.150s cannot be used: %s", media->folder, strerror(-r));
		free(media);
		return r;
	}
	*out = media;
	return 0;
}

/* Everything below an open folder. What was just listed is ours; what comes meanwhile stays, and the folder with it. */
static void clear(int fd, int depth)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;
	int inner;

	if (!folder) {
		close(fd);
		return;
	}
	while (depth < DEPTH && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			continue;
		inner = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0)
			clear(inner, depth + 1);
		unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	closedir(folder);
}

void fer_media_close(struct fer_media *media)
{
	if (!media)
		return;
	if (media->passing) {
		clear(media->fd, 0);
		rmdir(media->folder);
	} else {
		close(media->fd);
	}
	free(media);
}

const char *fer_media_folder(const struct fer_media *media)
{
	return media->folder;
}

bool fer_media_passing(const struct fer_media *media)
{
	return media->passing;
}

/* -- names ------------------------------------------------------------------------------------------------------- */

static bool is_plain(char c)
{
	return (unsigned char)c < 128 && (isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.');
}

struct fer_str fer_media_name(struct fer_arena *arena, struct fer_str name)
{
	char *out = FER_NEW_ARRAY(arena, name.len + sizeof("file"), char);
	size_t n = 0, stem;

	for (size_t i = 0; i < name.len; i++) {
		if (is_plain(name.at[i]))
			out[n++] = name.at[i];
		else if (!i || is_plain(name.at[i - 1]))
			out[n++] = '_';
	}
	for (stem = 0; stem < n && out[stem] == '_'; stem++)
		;
	if (stem && stem < n && out[stem] == '.' && !memchr(out + stem + 1, '.', n - stem - 1))
		return fer_str_fmt(arena, "file%.*s", (int)(n - stem), out + stem);
	return (struct fer_str){ out, n };
}

struct fer_str fer_media_path(struct fer_arena *arena, struct fer_str name)
{
	char first = name.len > 0 && name.at[0] != '.' ? name.at[0] : '_', second = name.len > 1 && name.at[1] != '.' ? name.at[1] : '_';

	return fer_str_fmt(arena, "/%c/%c/%.*s", first, second, FER_F(name));
}

struct fer_str fer_media_numbered(struct fer_arena *arena, struct fer_str path, int n)
{
	size_t stem = path.len;

	if (!n)
		return path;
	while (stem && path.at[stem - 1] != '.' && path.at[stem - 1] != '/')
		stem--;
	stem = stem && path.at[stem - 1] == '.' ? stem - 1 : path.len;
	return fer_str_fmt(arena, "%.*s_%d%.*s", FER_F(fer_str_take(path, stem)), n, FER_F(fer_str_skip(path, stem)));
}

/* -- walking ----------------------------------------------------------------------------------------------------- */

/* One name of a path: never hidden, never "..", never longer than a file system takes. */
static int name_of(struct fer_str piece, char name[NAME_MAX + 1])
{
	if (!piece.len || piece.len > NAME_MAX || piece.at[0] == '.' || memchr(piece.at, '\0', piece.len))
		return -EINVAL;
	memcpy(name, piece.at, piece.len);
	name[piece.len] = '\0';
	return 0;
}

static int enter(int *fd, const char *name, bool make)
{
	int inner;

	if (make && mkdirat(*fd, name, FOLDER_MODE) == 0)
		fsync(*fd);
	inner = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0)
		return errno == ELOOP || errno == ENOTDIR ? -EINVAL : -errno;
	close(*fd);
	*fd = inner;
	return 0;
}

/* All folders of @path are entered; its last name goes to @name. */
static int walk(int *fd, struct fer_str path, bool make, char name[NAME_MAX + 1])
{
	struct fer_str piece;
	int r = 0, depth = 0;

	if (path.len && path.at[0] == '/')
		path = fer_str_skip(path, 1);
	while (!r && fer_str_cut(&path, '/', &piece)) {
		if (++depth > DEPTH || (r = name_of(piece, name)))
			return r ? r : -EINVAL;
		if (path.at && path.len)
			r = enter(fd, name, make);
		else if (path.at)
			return -EINVAL;          /* it ends with a '/' */
	}
	return depth ? r : -EINVAL;
}

/* The folder that holds @path below @base. Returns: its number, or -errno. */
static int folder_of(const struct fer_media *media, const char *base, struct fer_str path, bool make, char name[NAME_MAX + 1])
{
	int fd = fcntl(media->fd, F_DUPFD_CLOEXEC, 0), r = fd < 0 ? -errno : walk(&fd, fer_str(base), make, name);

	if (!r)
		r = enter(&fd, name, make);
	if (!r)
		r = walk(&fd, path, make, name);
	if (r && fd >= 0)
		close(fd);
	return r ? r : fd;
}

/* -- files ------------------------------------------------------------------------------------------------------- */

static int write_all(int fd, struct fer_str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes = fer_str_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return fsync(fd) ? -errno : 0;
}

static void make_mark(char name[32])
{
	unsigned char random[8];
	char hex[17];

	randombytes_buf(random, sizeof(random));
	snprintf(name, 32, MARK "%s", sodium_bin2hex(hex, sizeof(hex), random, sizeof(random)));
}

static int write_passing(int folder, struct fer_str bytes, char name[32])
{
	FER_CLEANUP(fd_close) int fd = -1;
	int r;

	make_mark(name);
	if ((fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE)) < 0)
		return -errno;
	if ((r = write_all(fd, bytes)))
		unlinkat(folder, name, 0);
	return r;
}

static const char *last_name(struct fer_str path)
{
	while (path.len && path.at[path.len - 1] != '/')
		path.len--;
	return path.at + path.len;
}

/* A second name that takes no other file's place; where files have one name only, that one. */
static int name_it(int folder, struct fer_media_new *file, const char *name)
{
	if (linkat(folder, file->mark, folder, name, 0) == 0)
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK)
		return -errno;
	if (renameat2(folder, file->mark, folder, name, RENAME_NOREPLACE))
		return -errno;
	file->mark[0] = '\0';
	return 0;
}

static int give_name(int folder, struct fer_arena *arena, struct fer_str wished, struct fer_media_new *file)
{
	int r = -EEXIST;

	for (int n = 0; n < NAMES_TRIED && r == -EEXIST; n++) {
		file->path = fer_media_numbered(arena, wished, n);
		r = name_it(folder, file, last_name(fer_str(fer_str_z(arena, file->path))));
	}
	return r ? r : fsync(folder) ? -errno : 0;
}

int fer_media_put(struct fer_media *media, struct fer_arena *arena, const char *base, struct fer_str wished, struct fer_str bytes,
                  struct fer_media_new *file)
{
	FER_CLEANUP(fd_close) int folder = -1;
	char name[NAME_MAX + 1];
	int r;

	if ((folder = folder_of(media, base, wished, true, name)) < 0)
		return folder;
	if ((r = write_passing(folder, bytes, file->mark)))
		return r;
	if ((r = give_name(folder, arena, wished, file)))
		unlinkat(folder, file->mark, 0);
	return r;
}

static int forget(int folder, const char *name)
{
	return name[0] && unlinkat(folder, name, 0) && errno != ENOENT ? -errno : 0;
}

int fer_media_mark(struct fer_media *media, const char *base, struct fer_str path, struct fer_media_new *file)
{
	FER_CLEANUP(fd_close) int folder = -1;
	char name[NAME_MAX + 1];

	*file = (struct fer_media_new){ .path = path };
	if ((folder = folder_of(media, base, path, false, name)) < 0)
		return folder == -ENOENT ? 0 : folder;
	make_mark(file->mark);
	if (linkat(folder, name, folder, file->mark, 0))
		file->mark[0] = '\0';
	return 0;
}

/* The file goes first: a mark that stays finds it again. */
int fer_media_settle(struct fer_media *media, const char *base, const struct fer_media_new *file, bool keep)
{
	FER_CLEANUP(fd_close) int folder = -1;
	char name[NAME_MAX + 1];
	int r = 0;

	if ((folder = folder_of(media, base, file->path, false, name)) < 0)
		return folder == -ENOENT ? 0 : folder;
	if (!keep)
		r = forget(folder, name);
	return r ? r : forget(folder, file->mark);
}

int fer_media_move(struct fer_media *media, const char *base, struct fer_str from, struct fer_str to)
{
	FER_CLEANUP(fd_close) int old = -1, new = -1;
	char old_name[NAME_MAX + 1], new_name[NAME_MAX + 1];

	if ((old = folder_of(media, base, from, false, old_name)) < 0)
		return old;
	if ((new = folder_of(media, base, to, true, new_name)) < 0)
		return new;
	if (renameat(old, old_name, new, new_name))
		return -errno;
	return fsync(new) || fsync(old) ? -errno : 0;
}

int fer_media_fd(struct fer_media *media, const char *base, struct fer_str path, struct stat *what)
{
	FER_CLEANUP(fd_close) int folder = -1;
	char name[NAME_MAX + 1];
	int fd;

	if ((folder = folder_of(media, base, path, false, name)) < 0)
		return folder;
	if ((fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) < 0)
		return errno == ELOOP ? -EINVAL : -errno;
	if (fstat(fd, what) == 0 && S_ISREG(what->st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

bool fer_media_has(struct fer_media *media, const char *base, struct fer_str path)
{
	FER_CLEANUP(fd_close) int fd = -1;
	struct stat what;

	fd = fer_media_fd(media, base, path, &what);
	return fd >= 0;
}

int fer_media_read(struct fer_media *media, struct fer_arena *arena, const char *base, struct fer_str path, size_t max, struct fer_str *out)
{
	FER_CLEANUP(fd_close) int fd = -1;
	struct stat what;
	size_t got = 0;
	char *bytes;

	if ((fd = fer_media_fd(media, base, path, &what)) < 0)
		return fd;
	if (what.st_size < 0 || (size_t)what.st_size > max)
		return -EFBIG;
	bytes = FER_NEW_ARRAY(arena, (size_t)what.st_size + 1, char);
	while (got < (size_t)what.st_size) {
		ssize_t n = read(fd, bytes + got, (size_t)what.st_size - got);

		if (n <= 0 && !(n < 0 && errno == EINTR))
			return n < 0 ? -errno : -EIO;
		got += n > 0 ? (size_t)n : 0;
	}
	*out = (struct fer_str){ bytes, got };
	return 0;
}

/* -- what killed processes left ---------------------------------------------------------------------------------- */

struct sweep {
	int age_s;
	int (*is_named)(void *data, struct fer_str path);
	void *data;
};

/* The other name of a marked file in its folder; none: nobody gave it one, or it is gone. */
static bool find_name(int fd, ino_t inode, char name[NAME_MAX + 1])
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry = NULL;

	while (folder && (entry = readdir(folder)))
		if (entry->d_ino == inode && entry->d_name[0] != '.')
			break;
	if (entry)
		snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	if (folder)
		closedir(folder);
	else if (again >= 0)
		close(again);
	return entry != NULL;
}

/* @at is "/a/b". */
static int sweep_mark(int fd, const char *at, const char *mark, const struct sweep *sweep)
{
	char name[NAME_MAX + 1], path[NAME_MAX + 16];
	struct stat what;
	int r = 1;

	if (fstatat(fd, mark, &what, AT_SYMLINK_NOFOLLOW) || !S_ISREG(what.st_mode) || what.st_mtim.tv_sec + sweep->age_s > time(NULL))
		return 0;
	if (what.st_nlink > 1 && find_name(fd, what.st_ino, name)) {
		snprintf(path, sizeof(path), "%.8s/%s", at, name);
		if ((r = sweep->is_named(sweep->data, fer_str(path))) < 0)
			return r;
		if (!r && (r = forget(fd, name)))
			return r;
	}
	return forget(fd, mark);
}

/* Files lie two folders down, each named by one letter. */
static int sweep_folder(int fd, const char *at, int depth, const struct sweep *sweep)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;
	char inner[16];
	int r = 0, next;

	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	while (!r && (entry = readdir(folder))) {
		if (depth == 2 && strncmp(entry->d_name, MARK, strlen(MARK)) == 0)
			r = sweep_mark(dirfd(folder), at, entry->d_name, sweep);
		if (depth == 2 || entry->d_name[0] == '.' || entry->d_name[1])
			continue;
		snprintf(inner, sizeof(inner), "%.8s/%c", at, entry->d_name[0]);
		if ((next = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) >= 0)
			r = sweep_folder(next, inner, depth + 1, sweep);
	}
	closedir(folder);
	return r;
}

int fer_media_sweep(struct fer_media *media, const char *base, int age_s, int (*is_named)(void *data, struct fer_str path), void *data)
{
	const struct sweep sweep = { age_s, is_named, data };
	char name[NAME_MAX + 1];
	int fd = folder_of(media, base, FER_S("/x"), false, name);

	return fd == -ENOENT ? 0 : fd < 0 ? fd : sweep_folder(fd, "", 0, &sweep);
}
