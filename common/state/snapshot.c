#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/trusted.h"
#include "state/snapshot.h"

void
snapshot_path(const char *directory, const char *name, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", directory, name);

	if (n < 0 || n >= PATH_MAX)
		path[0] = '\0';
}

/* The file cannot be inspected, or is not trusted.  Log that once. */
static void
missing(struct snapshot *s, int reason, const char *why)
{

	if (reason == s->unseen)
		return;
	s->unseen = reason;
	if (reason == ENOENT && s->optional)
		return;
	LOG(reason == ENOENT ? LOG_INFO : LOG_ERROR, "snapshot_missing",
	    LOG_S("path", s->path), LOG_S("reason", why));
}

/* There is no file.  If a user who is not trusted may write the directory,
   that is the reason to report. */
static void
not_seen(struct snapshot *s, int reason)
{
	const char *why = strerror(reason);
	struct stat st;

	if (reason == ENOENT && reason != s->unseen && !trusted_look(s->path,
	    TRUSTED_STATE, R_OK, &st, &why) && errno == EPERM)
		reason = EPERM;
	missing(s, reason, why);
}

void
snapshot_refresh(struct snapshot *s, size_t max_bytes,
    const char *(*check)(const struct file_map *map, void *user), void *user)
{
	const char *wrong;
	struct file_map map;
	struct stat st;
	enum err e;

	if (stat(s->path, &st) != 0) {
		not_seen(s, errno);
		return;
	}
	if (file_same(&st, &s->seen)) {
		s->unseen = 0;
		return;
	}

	/* A file that cannot be read or trusted now may be usable the next
	   time. */
	errno = 0;
	e = file_map_open(s->path, max_bytes, &map, &wrong);
	if (e == ERR_IO || e == ERR_UNSAFE) {
		missing(s, errno != 0 ? errno : EIO, wrong);
		return;
	}
	s->unseen = 0;
	s->seen = e == ERR_OK ? map.st : st;
	if (e == ERR_OK)
		wrong = check(&map, user);
	if (wrong == NULL) {
		file_map_close(&s->map);
		s->map = map;
	} else {
		file_map_close(&map);
		LOG(LOG_ERROR, "snapshot_refused", LOG_S("path", s->path),
		    LOG_S("reason", wrong));
	}
}
