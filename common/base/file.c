#include <sys/mman.h>
#include <sys/random.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/trusted.h"

/* The part between the file's name and as many random letters. */
#define TMP ".tmp."
#define TMP_LETTERS 6

/* If a name is already taken, try another one. */
#define TMP_TRIES 16

static enum err
write_whole(int fd, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return (ERR_IO);
	}
	return (ERR_OK);
}

/* Write the directory that holds path into dir. */
static void
dir_of(const char *path, char dir[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(dir, PATH_MAX, ".");
	else
		snprintf(dir, PATH_MAX, "%.*s", slash == path ? 1 :
		    (int)(slash - path), path);
}

/* The file's name in its directory. */
static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash == NULL ? path : slash + 1);
}

static int
open_dir(const char *path, struct stat *st, const char **why)
{
	char dir[PATH_MAX];

	dir_of(path, dir);
	return (trusted_directory(dir, st, why));
}

/* Create a file beside ${name} and write its name to ${tmp}. */
static int
make_temporary(int dir, const char *name, char tmp[NAME_MAX + 1])
{
	unsigned char r[TMP_LETTERS];
	int fd, i, n, tries;

	n = snprintf(tmp, NAME_MAX + 1, "%s" TMP, name);
	if (n < 0 || n > NAME_MAX - TMP_LETTERS) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	for (tries = 0; tries < TMP_TRIES; tries++) {
		if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
			return (-1);
		for (i = 0; i < TMP_LETTERS; i++)
			tmp[n + i] = (char)('a' + r[i] % 26);
		tmp[n + TMP_LETTERS] = '\0';
		fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, S_IRUSR | S_IWUSR);
		if (fd != -1 || errno != EEXIST)
			return (fd);
	}
	return (-1);
}

/* Give the file the directory's group, if permitted, and from root its owner,
   too. */
static bool
hand_over(int fd, const struct stat *dir)
{

	if (geteuid() == 0)
		return (fchown(fd, dir->st_uid, dir->st_gid) == 0);
	return (fchown(fd, (uid_t)-1, dir->st_gid) == 0 || errno == EPERM);
}

/* link() refuses an existing name, rename() replaces it. */
static bool
take_name(int dir, const char *tmp, const char *name, bool replace)
{

	if (replace)
		return (renameat(dir, tmp, dir, name) == 0);
	if (linkat(dir, tmp, dir, name, 0) != 0)
		return (false);
	unlinkat(dir, tmp, 0);
	return (true);
}

static enum err
put(const char *path, const void *data, size_t len, mode_t mode, bool replace)
{
	const char *why = NULL;
	char tmp[NAME_MAX + 1];
	struct stat st;
	int dir, fd, saved;

	/* Open the directory before anything changes, because it must be
	   synced later. */
	if ((dir = open_dir(path, &st, &why)) == -1)
		goto err0;
	if ((fd = make_temporary(dir, name_of(path), tmp)) == -1)
		goto err1;
	if (write_whole(fd, data, len) != ERR_OK ||
	    (replace && !hand_over(fd, &st)) || fchmod(fd, mode) != 0 ||
	    fsync(fd) != 0)
		goto err3;
	if (close(fd) != 0 || !take_name(dir, tmp, name_of(path), replace))
		goto err2;
	if (fsync(dir) != 0)
		goto err1;
	close(dir);
	return (ERR_OK);

err3:
	saved = errno;
	close(fd);
	errno = saved;
err2:
	saved = errno;
	unlinkat(dir, tmp, 0);
	errno = saved;
err1:
	saved = errno;
	close(dir);
	errno = saved;
err0:
	LOG(LOG_ERROR, "file_not_written", LOG_S("path", path),
	    LOG_S("reason", why != NULL ? why : strerror(errno)));
	return (ERR_IO);
}

enum err
file_replace(const char *path, const void *data, size_t len, mode_t mode)
{

	return (put(path, data, len, mode, true));
}

enum err
file_create(const char *path, const void *data, size_t len, mode_t mode)
{

	return (put(path, data, len, mode, false));
}

static bool
is_temporary(const char *entry, const char *name)
{
	const size_t len = strlen(name), tmp_len = sizeof(TMP) - 1;

	return (strncmp(entry, name, len) == 0 &&
	    strncmp(entry + len, TMP, tmp_len) == 0 &&
	    strlen(entry + len + tmp_len) == TMP_LETTERS);
}

void
file_sweep(const char *path, int64_t before_s)
{
	struct dirent *d;
	const char *why;
	struct stat st;
	DIR *handle;
	int dir;

	if ((dir = open_dir(path, &st, &why)) == -1)
		return;
	if ((handle = fdopendir(dir)) == NULL) {
		close(dir);
		return;
	}
	while ((d = readdir(handle)) != NULL) {
		if (is_temporary(d->d_name, name_of(path)) &&
		    fstatat(dirfd(handle), d->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtim.tv_sec < before_s)
			unlinkat(dirfd(handle), d->d_name, 0);
	}
	closedir(handle);
}

static enum err
read_whole(int fd, char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n) {
		n = read(fd, data, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return (ERR_IO);
	}
	return (ERR_OK);
}

/* Return the ${len} bytes of the file, as a copy or a map, or NULL. */
static void *
take_up(int fd, size_t len)
{
	void *p;

	if (len > FILE_COPY_MAX) {
		p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
		return (p == MAP_FAILED ? NULL : p);
	}
	if ((p = malloc(len)) == NULL)
		log_die("out_of_memory", "file");
	if (read_whole(fd, p, len) != ERR_OK) {
		free(p);
		return (NULL);
	}
	return (p);
}

enum err
file_map_open(const char *path, size_t max_bytes, struct file_map *map,
    const char **why)
{
	enum err e;
	void *p;
	int fd;

	memset(map, 0, sizeof(*map));
	fd = trusted_open(path, TRUSTED_STATE, O_RDONLY, &map->st, why);
	if (fd == -1)
		return (errno == EPERM ? ERR_UNSAFE : errno == EINVAL ?
		    ERR_FORMAT : ERR_IO);
	e = ERR_FORMAT;
	*why = "empty or too long";
	if (map->st.st_size < 1 ||
	    (uintmax_t)map->st.st_size > max_bytes)
		goto err1;
	e = ERR_IO;
	*why = "cannot be read";
	if ((p = take_up(fd, (size_t)map->st.st_size)) == NULL)
		goto err1;
	close(fd);
	map->data = p;
	map->len = (size_t)map->st.st_size;
	return (ERR_OK);

err1:
	close(fd);
	return (e);
}

void
file_map_close(struct file_map *map)
{

	void *data = (void *)(uintptr_t)map->data;

	if (map->len > FILE_COPY_MAX)
		munmap(data, map->len);
	else
		free(data);
	memset(map, 0, sizeof(*map));
}

bool
file_same(const struct stat *a, const struct stat *b)
{

	return (a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec);
}
