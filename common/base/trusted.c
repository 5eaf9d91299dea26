#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/trusted.h"
#include "base/way.h"

/* How often a file may be replaced while it is opened. */
#define TRIES_MAX 16

/* Is the file on another mount than "/"? */
static bool
is_on_own_mount(int fd)
{
	struct statx here, root;

	return (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &here) == 0 &&
	    statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) == 0 &&
	    (here.stx_mask & root.stx_mask & STATX_MNT_ID) != 0 &&
	    here.stx_mnt_id != root.stx_mnt_id);
}

/* Containers mount secrets so that all may read and nobody can write.  The
   person who mounted them decided who else is in the container.  A service of
   systemd may see all of "/" read-only, which decides nothing. */
static bool
is_mounted_secret(const struct stat *st, int fd)
{
	struct statvfs fs;

	return (st->st_uid == 0 && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0 &&
	    is_on_own_mount(fd));
}

static bool
check_socket(struct way *w, const struct stat *st)
{

	if (!S_ISSOCK(st->st_mode))
		return (way_refuse(w, EINVAL, "is not a socket"));
	if (!way_known(w, st->st_uid))
		return (way_refuse(w, EPERM, "belongs to another user"));
	return (true);
}

/* Is the file with the status ${st} trusted?  A secret is open as ${fd}. */
static bool
check_status(struct way *w, int fd, const struct stat *st)
{
	const mode_t m = S_IWGRP | S_IWOTH;

	if (w->use == TRUSTED_CONFIG && S_ISCHR(st->st_mode) &&
	    st->st_rdev == makedev(1, 3))
		return (true);
	if (S_ISLNK(st->st_mode))
		return (way_refuse(w, ELOOP, "is a link"));
	if (w->use == TRUSTED_SOCKET)
		return (check_socket(w, st));
	if (!S_ISREG(st->st_mode))
		return (way_refuse(w, EINVAL, "is not a regular file"));
	if (w->use == TRUSTED_SECRET && (!way_known(w, st->st_uid) ||
	    ((st->st_mode & (m | S_IXGRP | S_IRWXO)) != 0 &&
	    !is_mounted_secret(st, fd))))
		return (way_refuse(w, EPERM, "must belong to root or to this "
		    "user, mode 0600 or 0640"));
	if (!way_known(w, st->st_uid))
		return (way_refuse(w, EPERM, "belongs to another user"));
	if ((st->st_mode & m) != 0)
		return (way_refuse(w, EPERM, "can be written by others"));
	if (w->use == TRUSTED_OWN && st->st_nlink > 1)
		return (way_refuse(w, EPERM, "has a second name"));
	return (true);
}

/* Is the file open as ${fd} trusted? */
static bool
check_file(struct way *w, int fd, struct stat *st)
{

	return (fstat(fd, st) == 0 && check_status(w, fd, st));
}

/* Create the file, owned by the directory's owner. */
static int
make(struct way *w, int flags, struct stat *st)
{
	int fd;

	fd = openat(w->dir, w->name, flags | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd == -1)
		return (-1);
	if ((w->self != 0 || w->st.st_uid == 0 ||
	    fchown(fd, w->st.st_uid, w->st.st_gid) == 0) &&
	    fstat(fd, st) == 0)
		return (fd);
	way_drop(fd);
	return (-1);
}

/* Open the file that was found as ${last} (-1: none).  EAGAIN: the name now
   belongs to another file. */
static int
open_last(struct way *w, int last, int flags, struct stat *st)
{
	struct stat seen;
	int fd;

	if (last == -1) {
		if ((flags & O_CREAT) == 0) {
			errno = ENOENT;
			return (-1);
		}
		fd = make(w, flags & ~O_CREAT, st);
		if (fd == -1 && errno == EEXIST)
			errno = EAGAIN;
		return (fd);
	}

	/* Check twice: a device must not be opened, and a name can change. */
	if (!check_file(w, last, &seen))
		return (-1);
	fd = openat(w->dir, w->name, (flags & ~O_CREAT) | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT || errno == ELOOP)
			errno = EAGAIN;
		return (-1);
	}
	if (fstat(fd, st) != 0 || !check_file(w, fd, st)) {
		way_drop(fd);
		return (-1);
	}
	if (st->st_dev == seen.st_dev && st->st_ino == seen.st_ino)
		return (fd);
	close(fd);
	errno = EAGAIN;
	return (-1);
}

/* Return a copy of a descriptor that the parent passed, as a shell does for
   <(command), or -1.  It is trusted, since the parent could set the
   environment as well. */
static int
handed(const char *path, struct stat *st)
{
	static const char dir[] = "/dev/fd/";
	int64_t n;
	int fd;

	if (strncmp(path, dir, sizeof(dir) - 1) != 0 ||
	    num_parse(path + sizeof(dir) - 1, strlen(path) - sizeof(dir) + 1,
	    0, INT32_MAX, &n) != ERR_OK)
		return (-1);
	fd = fcntl((int)n, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd == -1 || (fstat(fd, st) == 0 && S_ISFIFO(st->st_mode)))
		return (fd);
	close(fd);
	return (-1);
}

int
trusted_open(const char *path, enum trusted_use use, int flags,
    struct stat *st, const char **why)
{
	struct way w;
	int fd, last, tries = 0;

	if (use == TRUSTED_CONFIG && (fd = handed(path, st)) != -1)
		return (fd);
	do {
		fd = -1;
		if (way_begin(&w, path, use) && way_walk(&w, false, &last)) {
			fd = open_last(&w, last, flags, st);
			if (last != -1)
				way_drop(last);
		}
		way_end(&w);
	} while (fd == -1 && errno == EAGAIN && ++tries < TRIES_MAX);
	if (fd == -1)
		way_explain(&w, why);
	return (fd);
}

bool
trusted_look(const char *path, enum trusted_use use, int access,
    struct stat *st, const char **why)
{
	bool good = false;
	struct way w;
	int last = -1;

	if (way_begin(&w, path, use) && way_walk(&w, false, &last)) {
		errno = ENOENT;
		good = last != -1 && check_file(&w, last, st) &&
		    faccessat(w.dir, w.name, access, AT_EACCESS) == 0;
	}
	if (last != -1)
		way_drop(last);
	if (!good)
		way_explain(&w, why);
	way_end(&w);
	return (good);
}

/* Look at one name in the directory that was walked to. */
static bool
look_in(struct way *w, const char *name, struct stat *st)
{

	if (fstatat(w->dir, name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return (way_entry(w, st) && check_status(w, -1, st));
	memset(st, 0, sizeof(*st));
	return (errno == ENOENT);
}

bool
trusted_look_in(const char *directory, const char *const *names, size_t n,
    struct stat *st, const char **why)
{
	bool good = false;
	struct way w;
	size_t i;
	int last;

	if (way_begin(&w, directory, TRUSTED_OWN) &&
	    way_walk(&w, true, &last)) {
		good = true;
		for (i = 0; i < n && good; i++)
			good = look_in(&w, names[i], &st[i]);
	}
	if (!good)
		way_explain(&w, why);
	way_end(&w);
	return (good);
}

int
trusted_directory(const char *path, struct stat *st, const char **why)
{
	struct way w;
	int fd = -1, last;

	if (way_begin(&w, path, TRUSTED_STATE) && way_walk(&w, true, &last)) {
		*st = w.st;
		fd = openat(w.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd == -1)
		way_explain(&w, why);
	way_end(&w);
	return (fd);
}
