#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "state/snapshot.h"

void
snapshot_path(const char *directory, const char *name, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", directory, name);

	if (n < 0 || n >= PATH_MAX)
		path[0] = '\0';
}

/* It cannot be looked at: log that once. */
static void
missing(struct snapshot *s, int reason)
{

	if (reason == s->unseen)
		return;
	s->unseen = reason;
	if (reason == ENOENT && s->optional)
		return;
	LOG(reason == ENOENT ? LOG_INFO : LOG_ERROR, "snapshot_missing",
	    LOG_S("path", s->path), LOG_S("reason", strerror(reason)));
}

void
snapshot_refresh(struct snapshot *s, size_t max_bytes,
    const char *(*check)(const struct file_map *map, void *user), void *user)
{
	const char *wrong = "empty, too long, or no file";
	struct file_map map;
	struct stat st;
	enum err e;

	if (stat(s->path, &st) != 0) {
		missing(s, errno);
		return;
	}
	if (file_same(&st, &s->seen)) {
		s->unseen = 0;
		return;
	}

	/* What cannot be read now may be readable the next time. */
	errno = 0;
	if ((e = file_map_open(s->path, max_bytes, &map)) == ERR_IO) {
		missing(s, errno != 0 ? errno : EIO);
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
