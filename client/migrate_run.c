#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "hub_load.h"
#include "migrate.h"
#include "progress.h"
#include "s3/listing.h"

/* A batch has as many files as there are connections.  Small ones are more, so
   that they do not cost a look at the folder each. */
#define SMALL_BYTES ((int64_t)64 << 20)
#define BATCH_MAX 256

/* The files that are loaded, and then sent, at once. */
struct batch {
	struct migrate *m;
	struct migrate_one *one[BATCH_MAX];
	size_t n;
	struct hub_load load[BATCH_MAX];
};

static void
finish(struct batch *b, struct migrate_one *one, enum migrate_result result,
    const char *why)
{

	migrate_temp_end(b->m, one, result == MIGRATE_LEFT ||
	    result == MIGRATE_UNREACHABLE);
	if (!one->done)
		migrate_say(b->m, one, result, why);
}

/* Keep those that have no result yet. */
static void
keep(struct batch *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->n; i++) {
		if (b->one[i]->done)
			migrate_temp_end(b->m, b->one[i], false);
		else
			b->one[n++] = b->one[i];
	}
	b->n = n;
}

/* The Hub may claim sizes whose sum is too large. */
static void
add_bytes(int64_t *sum, int64_t bytes)
{

	if (__builtin_add_overflow(*sum, bytes, sum))
		*sum = INT64_MAX;
}

/* Choose the files of the next batch.  Return false if there are none. */
static bool
fill(struct batch *b)
{
	struct migrate *m = b->m;
	const size_t usual = settings_connections(&m->c->set);
	struct migrate_one *one;
	const char *why;
	int64_t bytes = 0;

	for (b->n = 0; m->next < m->n && b->n < BATCH_MAX; m->next++) {
		one = &m->one[m->next];
		if (one->done)
			continue;
		if (b->n >= usual && one->item->bytes > SMALL_BYTES - bytes)
			break;
		if (!migrate_temp_begin(m, one, &why)) {
			/* It may be free when these are gone. */
			if (b->n > 0 && (errno == EWOULDBLOCK ||
			    errno == ENOSPC))
				break;
			migrate_say(m, one, MIGRATE_FAILED, why);
			continue;
		}
		add_bytes(&bytes, one->item->bytes);
		b->one[b->n++] = one;
	}
	return (b->n > 0);
}

static void
on_loaded(void *user, int64_t bytes)
{
	struct migrate *m = user;
	const struct progress_view v = {
		.bytes = m->u.bytes_sent + m->loaded + bytes,
		.bytes_total = m->u.bytes_total,
		.files = (int64_t)(m->count[MIGRATE_SENT] +
		    m->count[MIGRATE_RENAMED]), .files_total = -1
	};

	progress_show(m->progress, &v);
}

static void
take_loaded(struct batch *b, struct migrate_one *one,
    const struct hub_load *l)
{
	static const enum migrate_result results[] = {
		[HUB_LOAD_LEFT] = MIGRATE_LEFT,
		[HUB_LOAD_FAILED] = MIGRATE_FAILED,
		[HUB_LOAD_REFUSED] = MIGRATE_REFUSED,
		[HUB_LOAD_UNREACHABLE] = MIGRATE_UNREACHABLE,
	};
	struct migrate *m = b->m;
	uint8_t md5[MD5_LEN];

	if (l->result != HUB_LOAD_WHOLE) {
		finish(b, one, results[l->result], l->why[0] != '\0' ? l->why :
		    "the run ended before it was loaded");
		return;
	}
	m->loaded += one->item->bytes;
	one->has_md5 = l->has_md5;
	memcpy(one->md5, l->md5, MD5_LEN);
	if (one->has_md5 && !known_find(m->known, one->item, md5))
		known_add(m->known, one->item, one->md5);
}

static int
load(struct batch *b)
{
	struct migrate *m = b->m;
	size_t i;
	int ended;

	for (i = 0; i < b->n; i++)
		b->load[i] = (struct hub_load){ .item = b->one[i]->item,
		    .repo = &m->list.repo[b->one[i]->item->repo],
		    .fd = b->one[i]->fd };
	ended = hub_load_all(m->hub, b->load, b->n, on_loaded, m);
	for (i = 0; i < b->n; i++)
		take_loaded(b, b->one[i], &b->load[i]);
	m->u.bytes_loaded = m->loaded;
	keep(b);
	return (ended);
}

/* Decide about those that had to be loaded for that, and look again at what the
   folder has, now that all of them are here. */
static void
judge(struct batch *b)
{
	struct migrate *m = b->m;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->one[i]->compare)
			(void)migrate_judge(m, b->one[i], false);
	}
	keep(b);
	if (service_stopped(m->c->service) ||
	    !migrate_look(m, b->one, b->n)) {
		for (i = 0; i < b->n; i++)
			finish(b, b->one[i], MIGRATE_LEFT,
			    "the run ended before it was sent");
		b->n = 0;
		return;
	}
	for (i = 0; i < b->n; i++) {
		if (!b->one[i]->done)
			(void)migrate_judge(m, b->one[i], true);
	}
	keep(b);
}

static void
send(struct batch *b)
{
	struct migrate *m = b->m;
	const int64_t before_ms = migrate_list_ms(m);
	struct migrate_one *one;
	size_t i;

	if (b->n == 0)
		return;
	for (i = 0; i < b->n; i++)
		b->one[i]->result = MIGRATE_LEFT;
	migrate_files(m, b->one, b->n);
	upload_whole(&m->u);
	migrate_list_note(m, before_ms, b->one[0]);
	if (m->ended == 0)
		m->ended = m->u.ended;
	for (i = 0; i < b->n; i++) {
		one = b->one[i];

		/* It was sent, but damaged, and the run ended before it was
		   sent again. */
		if (m->u.files.file[i].state == FILES_NEW)
			one->result = MIGRATE_LEFT;
		finish(b, one, one->result, one->why != NULL ? one->why :
		    one->result == MIGRATE_LEFT ?
		    "the run ended before it was sent" : NULL);
		free(one->why);
		one->why = NULL;
	}
}

/* What client/upload.h reports.  A file that was damaged on the way is reported
   again. */
static void
on_said(void *user, const char *path, enum upload_result result,
    const char *why)
{
	static const enum migrate_result results[UPLOAD_RESULTS] = {
		[UPLOAD_SENT] = MIGRATE_SENT, [UPLOAD_SAME] = MIGRATE_SAME,
		[UPLOAD_WOULD_SEND] = MIGRATE_LEFT,
		[UPLOAD_FAILED] = MIGRATE_FAILED,
		[UPLOAD_REFUSED] = MIGRATE_REFUSED,
		[UPLOAD_UNREACHABLE] = MIGRATE_UNREACHABLE,
		[UPLOAD_LEFT] = MIGRATE_LEFT,
	};
	struct migrate *m = user;
	struct migrate_one *one;
	size_t i;

	for (i = 0; m->u.files.file[i].path != path; i++)
		continue;
	one = m->now[i];
	one->result = results[result];
	free(one->why);
	one->why = why != NULL ? strdup(why) : NULL;
}

static void
on_found(void *user, struct files_one *file, const struct listing_item *it)
{
	struct migrate *m = user;
	struct migrate_one *one = m->now[file - m->u.files.file];

	file->state = FILES_SAME;
	one->there = true;
	one->there_bytes = it->bytes;
	one->there_has_md5 = it->has_md5;
	memcpy(one->there_md5, it->md5, MD5_LEN);
}

void
migrate_hooks(struct migrate *m)
{

	m->u.said = on_said;
	m->u.found = on_found;
	m->u.user = m;
}

/* Set how much must be loaded and sent. */
static void
set_total(struct migrate *m)
{
	const struct migrate_one *one;

	for (one = m->one; one < m->one + m->n; one++) {
		if (one->done)
			continue;
		add_bytes(&m->u.bytes_total, one->item->bytes);
		if (!one->compare)
			add_bytes(&m->u.bytes_total, one->item->bytes);
	}
}

void
migrate_run(struct migrate *m)
{
	struct batch *b = calloc(1, sizeof(*b));
	int ended;

	if (b == NULL)
		log_die("out_of_memory", "migrate");
	b->m = m;
	set_total(m);
	while (m->ended == 0 && !service_stopped(m->c->service) && fill(b)) {
		ended = load(b);
		judge(b);
		send(b);
		if (m->ended == 0)
			m->ended = ended;
	}
	free(b);
}
