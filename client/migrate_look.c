#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "migrate.h"

/* Names in one page of a list. */
#define PAGE 1000

#define NO_MD5 "the folder has an object of this name and size whose MD5 is " \
    "not known; --no-checksum compares sizes alone"

static int
by_name(const void *a, const void *b)
{
	const struct migrate_one *x = *(struct migrate_one *const *)a;
	const struct migrate_one *y = *(struct migrate_one *const *)b;
	const int order = strcmp(x->name, y->name);

	return (order != 0 ? order : x->item < y->item ? -1 : x->item >
	    y->item);
}

static char *
copy(const char *s)
{
	char *text = strdup(s);

	if (text == NULL)
		log_die("out_of_memory", "migrate");
	return (text);
}

void
migrate_files(struct migrate *m, struct migrate_one **ones, size_t n)
{
	char shown[HUB_LIST_SHOWN_MAX + 1];
	struct files *f = &m->u.files;
	struct files_one *file;
	size_t i;

	files_free(f);
	qsort(ones, n, sizeof(*ones), by_name);
	if ((f->file = calloc(n + 1, sizeof(*f->file))) == NULL)
		log_die("out_of_memory", "migrate");
	for (i = 0; i < n; i++) {
		file = &f->file[i];
		hub_list_shown(&m->list, ones[i]->item, shown);
		file->name = copy(ones[i]->name);
		file->path = copy(shown);
		file->below = ones[i]->id;
		file->dir = m->place.own;
		if (ones[i]->fd == -1 || fstat(ones[i]->fd, &file->st) != 0)
			file->st.st_size = ones[i]->item->bytes;
	}
	f->n = f->size = n;
	m->now = ones;
}

int64_t
migrate_list_ms(const struct migrate *m)
{

	return (m->u.list != NULL ? m->u.list_ms : -1);
}

void
migrate_list_note(struct migrate *m, int64_t before_ms,
    const struct migrate_one *first)
{

	if (m->u.list == NULL || m->u.list_ms == before_ms)
		return;
	free(m->list_from);
	m->list_from = copy(first->name);
	m->list_item = first->item;
}

static void
drop_list(struct migrate *m)
{

	upload_grant_drop(m->u.list);
	m->u.list = NULL;
}

/* Does the list begin after these names, or end before them?  What was sent is
   in it, and more may be. */
static bool
is_elsewhere(const struct migrate *m, struct migrate_one **ones, size_t n)
{

	return (strcmp(ones[0]->name, m->list_from) < 0 ||
	    ones[n - 1]->item - m->list_item >= PAGE);
}

/* Two files of the plan would have one name: names that are made up can be
   those of others. */
static void
say_twice(struct migrate *m, struct migrate_one **ones, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (strcmp(ones[i - 1]->name, ones[i]->name) == 0)
			migrate_say(m, ones[i], MIGRATE_CONFLICT, "another "
			    "file would get the same name");
	}
}

/* Ask what is there.  A list that was given earlier may end before these names,
   because others are between; then it is of no use for the next names. */
static void
ask(struct migrate *m, struct migrate_one **ones, size_t n)
{
	struct upload *u = &m->u;
	int64_t before_ms;
	unsigned batches;
	size_t i;

	for (i = 0; i < n; i++)
		ones[i]->there = false;
	migrate_files(m, ones, n);
	before_ms = migrate_list_ms(m);
	batches = u->batches;
	upload_there(u);
	if (migrate_list_ms(m) == before_ms && u->batches != batches)
		drop_list(m);
	migrate_list_note(m, before_ms, ones[0]);
}

bool
migrate_look(struct migrate *m, struct migrate_one **ones, size_t n)
{
	struct upload *u = &m->u;
	size_t i;

	qsort(ones, n, sizeof(*ones), by_name);
	say_twice(m, ones, n);
	if (n == 0)
		return (true);
	if (u->list != NULL && is_elsewhere(m, ones, n))
		drop_list(m);
	ask(m, ones, n);
	if (u->ended != 0) {
		m->ended = u->ended;
		return (false);
	}
	for (i = 0; i < n && u->blind; i++) {
		if (!ones[i]->there && !ones[i]->done)
			migrate_say(m, ones[i], MIGRATE_FAILED, "the service "
			    "lists only a part of the folder, so nobody can "
			    "see whether the name is taken");
	}
	return (!service_stopped(m->c->service));
}

static int
to_item(const void *key, const void *member)
{
	const struct hub_item *it = member;

	return (strcmp(key, it->name));
}

/* Give it another name, unless that is another file's. */
static bool
rename_one(struct migrate *m, struct migrate_one *one)
{
	char name[HUB_LIST_NAME_MAX + 1];

	hub_list_other(one->item, name);
	if (one->renamed || bsearch(name, m->list.item, m->list.n,
	    sizeof(*m->list.item), to_item) != NULL)
		return (false);
	free(one->name);
	one->name = copy(name);
	one->renamed = true;
	one->there = one->compare = false;
	return (true);
}

static enum migrate_verdict
conflict(struct migrate *m, struct migrate_one *one, bool last,
    const char *why)
{

	if (m->conflict == MIGRATE_RENAME && !last && rename_one(m, one))
		return (MIGRATE_OTHER);
	migrate_say(m, one, m->conflict == MIGRATE_SKIP ? MIGRATE_SKIPPED :
	    MIGRATE_CONFLICT, why);
	return (MIGRATE_DONE);
}

enum migrate_verdict
migrate_judge(struct migrate *m, struct migrate_one *one, bool last)
{
	bool same;

	if (!one->there)
		return (MIGRATE_FREE);
	if (one->there_bytes != one->item->bytes)
		return (conflict(m, one, last, "the folder has an object of "
		    "this name with another size"));
	if (m->u.no_checksum) {
		same = true;
	} else if (!one->there_has_md5) {
		return (conflict(m, one, last, NO_MD5));
	} else if (one->has_md5 ||
	    known_find(m->known, one->item, one->md5)) {
		one->has_md5 = true;
		same = memcmp(one->md5, one->there_md5, MD5_LEN) == 0;
	} else if (one->fd != -1) {
		return (conflict(m, one, last, NO_MD5));
	} else {
		one->compare = true;
		return (MIGRATE_COMPARE);
	}
	if (!same)
		return (conflict(m, one, last, "the folder has an object of "
		    "this name with another content"));
	migrate_say(m, one, MIGRATE_SAME, NULL);
	return (MIGRATE_DONE);
}
