#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "known.h"

/* "sha256:" or "sha1:", an id, a blank, an MD5, a line feed. */
#define LINE_MAX_LEN 120

struct row {
	bool lfs;
	uint8_t id[DIGEST_MAX], md5[MD5_LEN];
};

struct known {
	struct row *row;
	size_t n, size;
	char *path;		/* NULL: no home */
	int fd;			/* to append to; -1: not open */
	bool failed;
};

/* Return the path of the file, or NULL. */
static char *
path_of(void)
{
	const char *base = getenv("XDG_STATE_HOME"), *below = "";
	char *path;

	if (base == NULL || base[0] != '/') {
		base = getenv("HOME");
		below = "/.local/state";
	}
	if (base == NULL || base[0] != '/')
		return (NULL);
	if (asprintf(&path, "%s%s/foldergate/hub-md5", base, below) < 0)
		log_die("out_of_memory", "known");
	return (path);
}

/* Open the file, and make the directories on the way to it. */
static int
open_file(char *path)
{
	char *at;

	for (at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
	return (open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY, 0600));
}

static int
in_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->lfs != y->lfs ? (x->lfs ? 1 : -1) :
	    memcmp(x->id, y->id, DIGEST_MAX));
}

static bool
read_row(const char *line, struct row *r)
{
	const char *colon = strchr(line, ':'), *blank = strchr(line, ' ');
	size_t len;

	memset(r, 0, sizeof(*r));
	if (colon == NULL || blank == NULL || blank < colon)
		return (false);
	r->lfs = strncmp(line, "sha256:", 7) == 0;
	if (!r->lfs && strncmp(line, "sha1:", 5) != 0)
		return (false);
	len = strcspn(blank + 1, "\n");
	return (blank[1 + len] == '\n' &&
	    hex_decode(r->id, r->lfs ? DIGEST_SHA256_LEN : DIGEST_SHA1_LEN,
	    colon + 1, (size_t)(blank - colon - 1)) == ERR_OK &&
	    hex_decode(r->md5, MD5_LEN, blank + 1, len) == ERR_OK);
}

static void
load(struct known *k)
{
	char line[LINE_MAX_LEN + 2];
	struct row *all, r;
	FILE *f;

	if ((f = fopen(k->path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (!read_row(line, &r))
			continue;
		if (k->n == k->size) {
			k->size = k->size == 0 ? 1000 : 2 * k->size;
			all = reallocarray(k->row, k->size, sizeof(*all));
			if (all == NULL)
				log_die("out_of_memory", "known");
			k->row = all;
		}
		k->row[k->n++] = r;
	}
	fclose(f);
	if (k->n > 0)
		qsort(k->row, k->n, sizeof(*k->row), in_order);
}

struct known *
known_open(void)
{
	struct known *k = calloc(1, sizeof(*k));

	if (k == NULL)
		log_die("out_of_memory", "known");
	k->path = path_of();
	k->fd = -1;
	if (k->path != NULL)
		load(k);
	return (k);
}

void
known_close(struct known *k)
{

	if (k == NULL)
		return;
	if (k->fd != -1)
		close(k->fd);
	free(k->path);
	free(k->row);
	free(k);
}

bool
known_find(const struct known *k, const struct hub_item *item,
    uint8_t md5[MD5_LEN])
{
	struct row key = { .lfs = item->lfs };
	const struct row *found;

	memcpy(key.id, item->id, sizeof(key.id));
	found = k->n == 0 ? NULL : bsearch(&key, k->row, k->n, sizeof(key),
	    in_order);
	if (found == NULL)
		return (false);
	memcpy(md5, found->md5, MD5_LEN);
	return (true);
}

static bool
append(struct known *k, const struct hub_item *item,
    const uint8_t md5[MD5_LEN])
{
	char id[2 * DIGEST_MAX + 1], sum[2 * MD5_LEN + 1];
	char line[LINE_MAX_LEN + 1];
	int len;

	if (k->path == NULL)
		return (errno = ENOENT, false);
	if (k->fd == -1 && (k->fd = open_file(k->path)) == -1)
		return (false);
	hex_encode(id, item->id, item->lfs ? DIGEST_SHA256_LEN :
	    DIGEST_SHA1_LEN);
	hex_encode(sum, md5, MD5_LEN);
	len = snprintf(line, sizeof(line), "%s:%s %s\n", item->lfs ?
	    "sha256" : "sha1", id, sum);
	return (write(k->fd, line, (size_t)len) == len);
}

void
known_add(struct known *k, const struct hub_item *item,
    const uint8_t md5[MD5_LEN])
{

	if (append(k, item, md5) || k->failed)
		return;
	k->failed = true;
	fprintf(stderr, "foldergate: %s: %s; a later run loads these files "
	    "again\n", k->path != NULL ? k->path : "no home directory",
	    strerror(errno));
}
