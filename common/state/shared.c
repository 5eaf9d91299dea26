#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/trusted.h"
#include "state/shared.h"

#define MODE (S_IRUSR | S_IWUSR)

/* The most attempts.  Each but the last found that another process was
   faster. */
#define TRIES_MAX 16

/* Allocate the new file, since a page without room would be a SIGBUS later,
   and write its start. */
static enum err
fill(int fd, const struct shared_form *form)
{
	uint8_t start[SHARED_HEAD_MAX + SHARED_SALT_LEN];
	const size_t len = form->head_len + SHARED_SALT_LEN;

	if ((errno = posix_fallocate(fd, 0, (off_t)form->size)) != 0 ||
	    fchmod(fd, MODE) != 0)
		return (ERR_IO);
	memcpy(start, form->head, form->head_len);
	errno = EIO;
	if (getrandom(start + form->head_len, SHARED_SALT_LEN, 0) !=
	    SHARED_SALT_LEN || pwrite(fd, start, len, 0) != (ssize_t)len)
		return (ERR_IO);
	return (ERR_OK);
}

/*
 * Take the name over from the file open as ${old}, whose lock only one process
 * holds.  A process that then finds another file under the name was not the
 * first.
 */
static enum err
rename_over(int old, const char *tmp, const char *path)
{
	struct stat ours, theirs;

	if (flock(old, LOCK_EX) != 0)
		return (errno == EINTR ? ERR_OK : ERR_IO);
	if (fstat(old, &ours) != 0)
		return (ERR_IO);
	if (lstat(path, &theirs) != 0)
		return (errno == ENOENT ? ERR_OK : ERR_IO);
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return (ERR_OK);
	return (rename(tmp, path) == 0 ? ERR_OK : ERR_IO);
}

/*
 * Give the file an unused name.  Do not use link(), unless the file system
 * offers nothing else, because another process would see a file with two
 * names.
 */
static bool
take_name(const char *tmp, const char *path)
{

	if (renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE) == 0 ||
	    errno == EEXIST)
		return (true);
	return ((errno == EINVAL || errno == ENOSYS) &&
	    (link(tmp, path) == 0 || errno == EEXIST));
}

/* A file that root makes in another user's directory gets that owner. */
static bool
hand_over(int fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	const char *why;
	struct stat st;
	bool good;
	int d;

	if (geteuid() != 0 || slash == NULL)
		return (true);
	snprintf(dir, sizeof(dir), "%.*s/", (int)(slash - path), path);
	if ((d = trusted_directory(dir, &st, &why)) == -1)
		return (false);
	good = fchown(fd, st.st_uid, st.st_gid) == 0;
	close(d);
	return (good);
}

/* Put a complete new file under the name, in place of ${old}, or (-1) if
   there is none.  If another process did so meanwhile, its file is used. */
static enum err
put(const char *path, const struct shared_form *form, int old)
{
	char tmp[PATH_MAX];
	enum err e = ERR_IO;
	int fd, n, saved;

	n = snprintf(tmp, sizeof(tmp), "%s.tmp.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(tmp)) {
		errno = ENAMETOOLONG;
		return (ERR_IO);
	}
	if ((fd = mkostemp(tmp, O_CLOEXEC)) == -1)
		return (ERR_IO);
	if (fill(fd, form) != ERR_OK || !hand_over(fd, path))
		goto err1;
	if (old != -1)
		e = rename_over(old, tmp, path);
	else if (take_name(tmp, path))
		e = ERR_OK;

err1:
	saved = errno;
	unlink(tmp);
	close(fd);
	errno = saved;
	return (e);
}

static bool
has_form(int fd, const struct stat *st, const struct shared_form *form)
{
	uint8_t head[SHARED_HEAD_MAX];

	return ((uintmax_t)st->st_size == form->size &&
	    pread(fd, head, form->head_len, 0) == (ssize_t)form->head_len &&
	    memcmp(head, form->head, form->head_len) == 0);
}

/* Map the file open as ${fd}, or (map is then NULL) replace it. */
static enum err
take_up(int fd, const struct stat *st, const char *path,
    const struct shared_form *form, void **map, const char **wrong)
{
	void *p;

	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		*wrong = "open to other users";
		return (ERR_IO);
	}
	if (!has_form(fd, st, form)) {
		if (!form->keeps_other)
			return (put(path, form, fd));
		*wrong = "of another version";
		return (ERR_IO);
	}
	p = mmap(NULL, form->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return (ERR_IO);
	*map = p;
	return (ERR_OK);
}

enum err
shared_open(const char *path, const struct shared_form *form, void **map)
{

	return (shared_keep(path, form, map, NULL));
}

enum err
shared_keep(const char *path, const struct shared_form *form, void **map,
    int *keep)
{
	const char *wrong = NULL;
	int fd, saved, tries;
	const char *why;
	struct stat st;
	enum err e;

	*map = NULL;
	for (tries = 0; tries < TRIES_MAX; tries++) {
		fd = trusted_open(path, TRUSTED_OWN, O_RDWR, &st, &why);
		if (fd != -1) {
			e = take_up(fd, &st, path, form, map, &wrong);
			saved = errno;
			if (keep != NULL && e == ERR_OK && *map != NULL)
				*keep = fd;
			else
				close(fd);
			errno = saved;
		} else if (errno == ENOENT) {
			e = put(path, form, -1);
		} else {
			wrong = why;
			e = ERR_IO;
		}
		if (e != ERR_OK)
			goto err0;
		if (*map != NULL)
			return (ERR_OK);
	}
	errno = EBUSY;

err0:
	LOG(LOG_ERROR, "shared_not_opened", LOG_S("path", path),
	    LOG_S("reason", wrong != NULL ? wrong : strerror(errno)));
	return (ERR_IO);
}

enum err
shared_copy(const char *path, const struct shared_form *form, void *copy,
    int *fd, const char **why)
{
	struct stat st;

	*fd = trusted_open(path, TRUSTED_OWN, O_RDONLY, &st, why);
	if (*fd == -1) {
		if (errno == ENOENT)
			*why = "there is none";
		return (ERR_IO);
	}
	if ((uintmax_t)st.st_size != form->size)
		*why = "of another version, or damaged";
	else if (pread(*fd, copy, form->size, 0) != (ssize_t)form->size)
		*why = "cannot be read in full";
	else if (memcmp(copy, form->head, form->head_len) != 0)
		*why = "of another version, or damaged";
	else
		return (ERR_OK);
	close(*fd);
	*fd = -1;
	return (ERR_IO);
}

void
shared_close(void *map, size_t size)
{

	munmap(map, size);
}
