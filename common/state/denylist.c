#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "state/denylist.h"
#include "state/denylist_entry.h"
#include "state/snapshot.h"

struct key {
	uint8_t key[SS58_KEY_LEN];
	int64_t end_s;
};

struct range {
	struct address_range range;
	int64_t end_s;
};

/* One version of the file, arranged for look-ups. */
struct table {
	struct key *hotkey, *coldkey;	/* ascending, without repeats */
	struct range *range;
	size_t hotkeys, coldkeys, ranges;
};

struct denylist {
	struct snapshot file;
	struct table *table;		/* NULL: never read */
};

struct denylist *
denylist_new(const char *directory)
{
	struct denylist *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		log_die("out_of_memory", "denylist");
	snapshot_path(directory, DENYLIST_FILE, d->file.path);
	return (d);
}

static void
table_free(struct table *t)
{

	if (t == NULL)
		return;
	free(t->hotkey);
	free(t->coldkey);
	free(t->range);
	free(t);
}

void
denylist_free(struct denylist *d)
{

	if (d == NULL)
		return;
	file_map_close(&d->file.map);
	table_free(d->table);
	free(d);
}

static int
by_key(const void *a, const void *b)
{

	return (memcmp(((const struct key *)a)->key,
	    ((const struct key *)b)->key, SS58_KEY_LEN));
}

/* Sort.  If a key is there twice, its later end counts. */
static size_t
settle(struct key *key, size_t n)
{
	size_t i, kept = 0;

	qsort(key, n, sizeof(*key), by_key);
	for (i = 0; i < n; i++) {
		if (kept == 0 || by_key(&key[kept - 1], &key[i]) != 0)
			key[kept++] = key[i];
		else if (key[kept - 1].end_s < key[i].end_s)
			key[kept - 1].end_s = key[i].end_s;
	}
	return (kept);
}

static void
add_key(struct key *key, const struct denylist_entry *e)
{

	memcpy(key->key, e->key, sizeof(key->key));
	key->end_s = e->end_s;
}

/* An empty list also gets a table with room: n + 1. */
static struct table *
table_new(const struct denylist_entry *e, size_t n)
{
	struct table *t;
	size_t i;

	if ((t = calloc(1, sizeof(*t))) == NULL ||
	    (t->hotkey = calloc(n + 1, sizeof(*t->hotkey))) == NULL ||
	    (t->coldkey = calloc(n + 1, sizeof(*t->coldkey))) == NULL ||
	    (t->range = calloc(n + 1, sizeof(*t->range))) == NULL)
		log_die("out_of_memory", "denylist");
	for (i = 0; i < n; i++) {
		switch (e[i].kind) {
		case DENYLIST_ENTRY_HOTKEY:
			add_key(&t->hotkey[t->hotkeys++], &e[i]);
			break;
		case DENYLIST_ENTRY_COLDKEY:
			add_key(&t->coldkey[t->coldkeys++], &e[i]);
			break;
		case DENYLIST_ENTRY_ADDRESS:
			t->range[t->ranges].range = e[i].range;
			t->range[t->ranges++].end_s = e[i].end_s;
			break;
		}
	}
	t->hotkeys = settle(t->hotkey, t->hotkeys);
	t->coldkeys = settle(t->coldkey, t->coldkeys);
	return (t);
}

static const char *
check(const struct file_map *map, void *user)
{
	struct denylist_entry *entry;
	struct denylist *d = user;
	const char *wrong;
	size_t n;

	if ((wrong = denylist_entry_parse(map->data, map->len, &entry, &n)) !=
	    NULL)
		return (wrong);
	table_free(d->table);
	d->table = table_new(entry, n);
	free(entry);
	return (NULL);
}

/* Without a table, nobody is denied only if there is no file.  A path that
   is too long means unknown. */
static enum err
state(const struct denylist *d)
{

	if (d->table != NULL)
		return (ERR_OK);
	return (d->file.unseen == ENOENT && d->file.path[0] != '\0' ? ERR_OK :
	    ERR_LEDGER);
}

enum err
denylist_refresh(struct denylist *d)
{

	/* A missing file is logged only if there was one before. */
	d->file.optional = d->table == NULL;
	snapshot_refresh(&d->file, DENYLIST_BYTES_MAX, check, d);

	/* The table holds everything that is needed. */
	if (d->file.map.data != NULL)
		file_map_close(&d->file.map);
	return (state(d));
}

enum err
denylist_address(const struct denylist *d, const struct address *a,
    int64_t now_s)
{
	const struct table *t = d->table;
	size_t i;

	for (i = 0; t != NULL && i < t->ranges; i++) {
		if (t->range[i].end_s > now_s &&
		    address_in(&t->range[i].range, a))
			return (ERR_DENIED);
	}
	return (state(d));
}

static bool
holds(const struct key *key, size_t n, const uint8_t wanted[SS58_KEY_LEN],
    int64_t now_s)
{
	struct key k;
	const struct key *found;

	memcpy(k.key, wanted, sizeof(k.key));
	found = bsearch(&k, key, n, sizeof(*key), by_key);
	return (found != NULL && found->end_s > now_s);
}

enum err
denylist_key(const struct denylist *d, const uint8_t hotkey[32],
    const uint8_t coldkey[32], int64_t now_s)
{
	const struct table *t = d->table;

	if (t != NULL && (holds(t->hotkey, t->hotkeys, hotkey, now_s) ||
	    holds(t->coldkey, t->coldkeys, coldkey, now_s)))
		return (ERR_DENIED);
	return (state(d));
}
