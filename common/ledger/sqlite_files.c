#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/trusted.h"
#include "ledger/lock.h"
#include "ledger/sqlite_files.h"

#define DATABASE "store.sqlite"

/* The longest suffix that SQLite adds to the database's name. */
#define BESIDE_SIZE sizeof("-journal")

const char *
sqlite_files_network(uint64_t f_type)
{
	static const struct {
		uint64_t type;
		const char *name;
	} known[] = {
		{ NFS_SUPER_MAGIC, "NFS" }, { SMB_SUPER_MAGIC, "SMB" },
		{ CIFS_SUPER_MAGIC, "CIFS" }, { SMB2_SUPER_MAGIC, "SMB2" },
		{ FUSE_SUPER_MAGIC, "FUSE" }, { V9FS_MAGIC, "9P" },
		{ CEPH_SUPER_MAGIC, "Ceph" }, { AFS_SUPER_MAGIC, "AFS" },
	};
	size_t i;

	/* If f_type is a signed int, the value for SMB2 is sign-extended. */
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if ((f_type & UINT32_MAX) == known[i].type)
			return (known[i].name);
	}
	return (NULL);
}

static const char *
refused(const struct sqlite_files *f)
{
	struct statfs fs;

	if (f->allow_network_fs || statfs(f->directory, &fs) != 0)
		return (NULL);
	return (sqlite_files_network((uint64_t)fs.f_type));
}

static enum err
name(char **path, const char *directory, const char *file)
{
	const size_t size = strlen(directory) + strlen(file) + 1;

	if (directory[0] == '\0' || size > PATH_MAX - BESIDE_SIZE)
		return (ERR_FORMAT);
	if ((*path = malloc(size)) == NULL)
		log_die("out_of_memory", "ledger");
	snprintf(*path, size, "%s%s", directory, file);
	return (ERR_OK);
}

enum err
sqlite_files_init(struct sqlite_files *f, const struct ledger_options *o)
{
	const char *fs;

	memset(f, 0, sizeof(*f));
	f->allow_network_fs = o->allow_network_fs;
	f->wait_ms = o->wait_ms;
	f->fd = -1;
	if (name(&f->directory, o->directory, "") != ERR_OK ||
	    name(&f->database, o->directory, "/" DATABASE) != ERR_OK ||
	    name(&f->turn, o->directory, "/store.lock") != ERR_OK) {
		LOG(LOG_ERROR, "ledger_refused",
		    LOG_S("reason", "no directory, or its name is too long"));
		sqlite_files_free(f);
		return (ERR_FORMAT);
	}
	if ((fs = refused(f)) != NULL) {
		LOG(LOG_ERROR, "ledger_refused", LOG_S("path", f->directory),
		    LOG_S("reason", "on a network file system"),
		    LOG_S("type", fs), LOG_S("advice", "locks cannot be relied "
		    "on there: take a local disk, or Redis"));
		sqlite_files_free(f);
		return (ERR_UNSAFE);
	}
	ledger_lock_init();
	return (ERR_OK);
}

static enum err
trouble(const char **reason)
{

	*reason = errno == ENOSPC ? "no room on the disk" :
	    errno == ENOENT ? "no such directory" :
	    errno == EPERM || errno == ELOOP || errno == EINVAL ?
	    "files not to be believed: their owner, mode, links, or the way "
	    "to them" : "files not accessible";
	return (ERR_LEDGER);
}

/* Is the locked file still the one that others will lock? */
static bool
still_there(const struct sqlite_files *f)
{
	struct stat ours, there;

	return (fstat(f->fd, &ours) == 0 && stat(f->turn, &there) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino);
}

/* Close the lock file. */
static void
drop(struct sqlite_files *f)
{

	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

enum err
sqlite_files_take(struct sqlite_files *f, const char **reason)
{
	const char *why;
	struct stat st;
	int tries;
	enum err e;

	/* A user who removes the database removes this file with it, and
	   may do so again during the wait, but not forever. */
	for (tries = 0; tries < 3; tries++) {
		if (f->fd == -1 && (f->fd = trusted_open(f->turn, TRUSTED_OWN,
		    O_RDWR | O_CREAT, &st, &why)) == -1)
			return (trouble(reason));
		if ((e = ledger_lock(f->fd, f->wait_ms)) == ERR_IO)
			return (trouble(reason));
		if (e != ERR_OK)
			break;
		if (still_there(f))
			return (ERR_OK);
		drop(f);
	}
	*reason = "busy";
	return (ERR_LEDGER);
}

void
sqlite_files_leave(struct sqlite_files *f)
{

	ledger_lock_leave(f->fd);
}

enum err
sqlite_files_writable(const struct sqlite_files *f, const char **reason)
{

	return (faccessat(AT_FDCWD, f->directory, W_OK | X_OK, AT_EACCESS) ==
	    0 ? ERR_OK : trouble(reason));
}

/* Check the files that SQLite opens by name: none may be a link, and each must
   have only one name. */
enum err
sqlite_files_look(const struct sqlite_files *f, struct stat *st,
    const char **reason)
{
	static const char *const names[] = { DATABASE, DATABASE "-wal",
	    DATABASE "-shm", DATABASE "-journal" };
	struct stat all[sizeof(names) / sizeof(names[0])];
	const char *why;

	if (!trusted_look_in(f->directory, names,
	    sizeof(names) / sizeof(names[0]), all, &why))
		return (trouble(reason));
	*st = all[0];
	errno = ENOENT;
	return (st->st_nlink == 0 ? trouble(reason) : ERR_OK);
}

/*
 * Remove the files that a deleted database left.  SQLite would use them for
 * the new one, and a process that still has the old one open would share them.
 */
enum err
sqlite_files_create(struct sqlite_files *f, const char **reason)
{
	static const char *const left[] = { "-wal", "-shm" };
	char path[PATH_MAX];
	const char *why;
	struct stat st;
	struct buf b;
	size_t i;
	int fd;

	/* The directory may have been created or mounted since it was
	   named. */
	if (refused(f) != NULL) {
		*reason = "on a network file system";
		return (ERR_LEDGER);
	}
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		buf_init(&b, path, sizeof(path));
		buf_fmt(&b, "%s%s", f->database, left[i]);
		if (unlink(path) != 0 && errno != ENOENT)
			return (trouble(reason));
	}
	fd = trusted_open(f->database, TRUSTED_OWN, O_RDWR | O_CREAT, &st,
	    &why);
	if (fd == -1)
		return (trouble(reason));
	close(fd);
	return (ERR_OK);
}

void
sqlite_files_free(struct sqlite_files *f)
{

	drop(f);
	free(f->directory);
	free(f->database);
	free(f->turn);
	f->directory = f->database = f->turn = NULL;
}
