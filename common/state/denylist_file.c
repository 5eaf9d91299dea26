#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/trusted.h"
#include "state/denylist.h"
#include "state/denylist_file.h"
#include "state/snapshot.h"

#define LOCK "denylist.lock"

/* A temporary file of this age belongs to a writer that was killed. */
#define LEFT_BEHIND_S 60

enum err
denylist_file_read(const char *directory, struct denylist_file *f)
{
	char path[PATH_MAX];
	const char *wrong;
	enum err e;

	memset(f, 0, sizeof(*f));
	snapshot_path(directory, DENYLIST_FILE, path);
	e = file_map_open(path, DENYLIST_BYTES_MAX, &f->map, &wrong);
	if (e == ERR_IO && path[0] != '\0' && errno == ENOENT) {
		f->entry = denylist_entry_new(1);
		return (ERR_OK);
	}
	if (e == ERR_OK && (wrong = denylist_entry_parse(f->map.data,
	    f->map.len, &f->entry, &f->n)) == NULL)
		return (ERR_OK);
	LOG(LOG_ERROR, "denylist_refused", LOG_S("path", path),
	    LOG_S("reason", wrong));
	denylist_file_free(f);
	return (ERR_LEDGER);
}

void
denylist_file_free(struct denylist_file *f)
{

	free(f->entry);
	file_map_close(&f->map);
	memset(f, 0, sizeof(*f));
}

/* Wait until no other process changes the list.  Only the directory's owner
   can open the lock, and so hold it. */
static int
lock(const char *directory)
{
	char path[PATH_MAX];
	const char *why;
	struct stat st;
	int fd;

	snapshot_path(directory, LOCK, path);
	fd = trusted_open(path, TRUSTED_OWN, O_RDWR | O_CREAT, &st, &why);
	if (fd == -1)
		goto err0;
	while (flock(fd, LOCK_EX) != 0) {
		if (errno != EINTR)
			goto err1;
	}
	return (fd);

err1:
	why = strerror(errno);
	close(fd);
err0:
	LOG(LOG_ERROR, "not_locked", LOG_S("path", path),
	    LOG_S("reason", why));
	return (-1);
}

/* Drop the entries that deny the same as ${gone}.  Return whether there
   were any. */
static bool
drop_same(struct denylist_file *f, const struct denylist_entry *gone)
{
	size_t i, n = 0, before = f->n;

	for (i = 0; i < before; i++) {
		if (!denylist_entry_same(&f->entry[i], gone))
			f->entry[n++] = f->entry[i];
	}
	f->n = n;
	return (n < before);
}

static void
drop_ended(struct denylist_file *f, int64_t now_s)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++) {
		if (f->entry[i].end_s > now_s)
			f->entry[n++] = f->entry[i];
	}
	f->n = n;
}

/* Replace the file by the content of ${f}.  The caller holds the lock. */
static enum err
replace(const char *directory, const struct denylist_file *f, int64_t now_s)
{
	char path[PATH_MAX];
	struct buf b;
	enum err e;

	snapshot_path(directory, DENYLIST_FILE, path);
	file_sweep(path, now_s - LEFT_BEHIND_S);
	buf_init_growing(&b, 4096, DENYLIST_BYTES_MAX);
	denylist_entry_write(f->entry, f->n, &b);
	if ((e = buf_end(&b)) == ERR_OK)
		e = file_replace(path, b.data, b.len, 0640);
	buf_free(&b);
	return (e);
}

enum err
denylist_file_add(const char *directory,
    const struct denylist_entry *entry, int64_t now_s, bool *replaced)
{
	struct denylist_file f;
	enum err e;
	int fd;

	if (!denylist_entry_reason(entry->reason, entry->reason_len) ||
	    entry->end_s < 0 || (entry->end_s > TIMEFMT_S_MAX &&
	    entry->end_s != DENYLIST_NEVER))
		return (ERR_FORMAT);
	if ((fd = lock(directory)) == -1)
		return (ERR_IO);
	if ((e = denylist_file_read(directory, &f)) != ERR_OK)
		goto err1;
	*replaced = drop_same(&f, entry);
	if (f.n == DENYLIST_ENTRIES_MAX)
		drop_ended(&f, now_s);
	e = ERR_RANGE;
	if (f.n == DENYLIST_ENTRIES_MAX)
		goto err2;
	f.entry[f.n++] = *entry;
	e = replace(directory, &f, now_s);

err2:
	denylist_file_free(&f);
err1:
	close(fd);
	return (e);
}

enum err
denylist_file_remove(const char *directory,
    const struct denylist_entry *entry, int64_t now_s, bool *found)
{
	struct denylist_file f;
	enum err e;
	int fd;

	if ((fd = lock(directory)) == -1)
		return (ERR_IO);
	if ((e = denylist_file_read(directory, &f)) == ERR_OK) {
		*found = drop_same(&f, entry);
		if (*found)
			e = replace(directory, &f, now_s);
		denylist_file_free(&f);
	}
	close(fd);
	return (e);
}
