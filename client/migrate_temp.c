#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "migrate.h"

#define PART ".part"

/* Another content has another name, so what is there can be continued. */
static void
set_id(struct migrate_one *one)
{
	const struct hub_item *it = one->item;
	char hex[2 * DIGEST_MAX + 1];

	hex_encode(hex, it->id, it->lfs ? DIGEST_SHA256_LEN : DIGEST_SHA1_LEN);
	snprintf(one->id, sizeof(one->id), "%s-%s" PART, it->lfs ? "sha256" :
	    "sha1", hex);
}

/* Return the usual directory, whose parents are made, or NULL. */
static char *
usual(void)
{
	const char *base = getenv("XDG_CACHE_HOME"), *below = "";
	char *path, *at;

	if (base == NULL || base[0] != '/') {
		base = getenv("HOME");
		below = "/.cache";
	}
	if (base == NULL || base[0] != '/')
		return (NULL);
	if (asprintf(&path, "%s%s/foldergate/migrate", base, below) < 0)
		log_die("out_of_memory", "migrate");
	for (at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
	return (path);
}

static int
by_id(const void *a, const void *b)
{

	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* Remove the file ${id}, unless another run has it. */
static void
drop(struct migrate *m, const char *id)
{
	int fd = place_part(&m->place, id);

	if (fd == -1)
		return;
	place_drop(&m->place, id);
	close(fd);
}

/* Name all files.  A run that was killed may have left some that need not be
   loaded any more: remove them.  Those of other data sets may still be
   continued. */
static void
sweep(struct migrate *m)
{
	const char **done, *name;
	size_t i, n = 0;
	struct dirent *e;
	DIR *d;
	int fd;

	if ((done = calloc(m->n + 1, sizeof(*done))) == NULL)
		log_die("out_of_memory", "migrate");
	for (i = 0; i < m->n; i++) {
		set_id(&m->one[i]);
		if (m->one[i].done)
			done[n++] = m->one[i].id;
	}
	qsort(done, n, sizeof(*done), by_id);
	fd = fcntl(m->place.own, F_DUPFD_CLOEXEC, 0);
	if (n > 0 && fd != -1 && (d = fdopendir(fd)) != NULL) {
		rewinddir(d);
		while ((e = readdir(d)) != NULL) {
			name = e->d_name;
			if (bsearch(&name, done, n, sizeof(*done), by_id) !=
			    NULL)
				drop(m, name);
		}
		closedir(d);
	} else if (fd != -1) {
		close(fd);
	}
	free(done);
}

bool
migrate_temp_open(struct migrate *m, const char *dir)
{
	char *own = dir == NULL ? usual() : NULL;
	const char *why;

	if (dir == NULL && own == NULL) {
		command_failed("there is no home directory; name one with "
		    "--temp");
		m->ended = COMMAND_FAILED;
		return (false);
	}
	if (dir == NULL)
		dir = own;
	if ((why = place_open(&m->place, dir)) != NULL) {
		command_failed("%s: %s", dir, why);
		m->ended = COMMAND_FAILED;
	} else {
		sweep(m);
	}
	free(own);
	return (why == NULL);
}

void
migrate_temp_close(struct migrate *m)
{

	if (m->ended == 0 && !service_stopped(m->c->service))
		place_sweep(&m->place, PART, clock_now_ms() / 1000 -
		    PLACE_KEPT_S);
	place_close(&m->place);
}

bool
migrate_temp_begin(struct migrate *m, struct migrate_one *one,
    const char **why)
{
	int error;

	if ((one->fd = place_part(&m->place, one->id)) == -1) {
		error = errno;
	} else if (fallocate(one->fd, FALLOC_FL_KEEP_SIZE, 0,
	    one->item->bytes) != 0 && (errno == ENOSPC || errno == EDQUOT ||
	    errno == EFBIG)) {
		error = errno == EFBIG ? EFBIG : ENOSPC;
		migrate_temp_end(m, one, true);
	} else {
		return (true);
	}
	*why = error == ENOSPC ? "the disk of --temp has no room for it" :
	    place_failed(error);
	errno = error;
	return (false);
}

void
migrate_temp_end(struct migrate *m, struct migrate_one *one, bool keep)
{

	struct stat st;

	if (one->fd == -1)
		return;

	/* To make it as long as it is frees what is reserved after its end. */
	if (!keep || fstat(one->fd, &st) != 0 || st.st_size == 0 ||
	    ftruncate(one->fd, st.st_size) != 0)
		place_drop(&m->place, one->id);
	close(one->fd);
	one->fd = -1;
}
