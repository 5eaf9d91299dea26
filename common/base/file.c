#include <sys/mman.h>

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

/* Between the file's name and what mkostemp() makes of six X. */
#define TMP ".tmp."

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

/* The directory that holds path, into dir. */
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

static int
open_dir(const char *path)
{
	char dir[PATH_MAX];

	dir_of(path, dir);
	return (open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static enum err
put(const char *path, const void *data, size_t len, mode_t mode, bool replace)
{
	char tmp[PATH_MAX];
	int dir, fd, saved, n;

	n = snprintf(tmp, sizeof(tmp), "%s" TMP "XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		goto err0;
	}

	/* Before anything changes: what cannot be opened cannot be synced. */
	if ((dir = open_dir(path)) == -1)
		goto err0;
	if ((fd = mkostemp(tmp, O_CLOEXEC)) == -1)
		goto err1;
	if (write_whole(fd, data, len) != ERR_OK || fchmod(fd, mode) != 0 ||
	    fsync(fd) != 0)
		goto err3;
	if (close(fd) != 0)
		goto err2;

	/* link() refuses to take an existing name, rename() takes it over. */
	if (replace) {
		if (rename(tmp, path) != 0)
			goto err2;
	} else {
		if (link(tmp, path) != 0)
			goto err2;
		unlink(tmp);
	}
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
	unlink(tmp);
	errno = saved;
err1:
	saved = errno;
	close(dir);
	errno = saved;
err0:
	LOG(LOG_ERROR, "file_not_written", LOG_S("path", path),
	    LOG_S("reason", strerror(errno)));
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
	    strlen(entry + len + tmp_len) == 6);
}

void
file_sweep(const char *path, int64_t before_s)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	struct dirent *d;
	struct stat st;
	DIR *handle;

	dir_of(path, dir);
	if ((handle = opendir(dir)) == NULL)
		return;
	while ((d = readdir(handle)) != NULL) {
		if (is_temporary(d->d_name, slash == NULL ? path : slash + 1) &&
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

/* The ${len} bytes of the file, by a copy or a map; NULL. */
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
file_map_open(const char *path, size_t max_bytes, struct file_map *map)
{
	enum err e = ERR_IO;
	void *p;
	int fd;

	memset(map, 0, sizeof(*map));
	if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1)
		return (ERR_IO);
	if (fstat(fd, &map->st) != 0)
		goto err1;
	e = ERR_FORMAT;
	if (!S_ISREG(map->st.st_mode) || map->st.st_size < 1 ||
	    (uintmax_t)map->st.st_size > max_bytes)
		goto err1;
	e = ERR_IO;
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
