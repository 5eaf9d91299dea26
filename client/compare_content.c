#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "compare.h"
#include "net/stream.h"
#include "progress.h"
#include "service_read.h"

/* How often what fails is asked for while nothing else is read, and the first
   wait, which doubles. */
#define ROUNDS 5
#define WAIT_MS 1000

#define LOOK_MS 100

/* The objects whose URLs are asked for at once. */
#define BATCH 500

/* Within this time of its end, or a quarter of a shorter life, a URL is not
   used. */
#define MARGIN_S 60

/* A connection, and the object that it reads. */
struct slot {
	struct compare_read *r;		/* NULL: none */
	struct digest *digest;
	struct stream s;
};

struct load {
	struct compare *p;
	struct stream_set *set;
	struct service_answer urls;
	struct slot *slot;
	unsigned slots;
	size_t first, next, end;	/* of p->read, in this batch */
	int64_t ends_ms;		/* its URLs do, soon after */
};

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct slot *sl = user;

	digest_add(sl->digest, data, len);
	return (true);
}

static void
release(struct load *l, struct slot *sl)
{

	stream_drop(l->set, &sl->s);
	digest_free(sl->digest);
	*sl = (struct slot){ .s = { .fd = -1 } };
}

static void
say(struct load *l, struct compare_read *r, enum compare_result result,
    const char *why)
{

	r->done = true;
	compare_say(l->p, result, r->item->name, r->item->bytes, why);
}

/* The digest that the Hub names: of an LFS file SHA-256; otherwise that of git,
   which puts a head before the content. */
static bool
begin(struct load *l, struct slot *sl, struct compare_read *r)
{
	char head[32];
	int len;

	sl->s.url = service_file_url(&l->urls, r->object->key);
	if (sl->s.url == NULL) {
		say(l, r, COMPARE_UNREAD, "the service gives no download of "
		    "it");
		return (false);
	}
	sl->digest = digest_new(r->item->lfs ? DIGEST_SHA256 : DIGEST_SHA1);
	if (sl->digest == NULL) {
		say(l, r, COMPARE_UNREAD, "the system forbids the digest");
		return (false);
	}
	if (!r->item->lfs) {
		len = snprintf(head, sizeof(head), "blob %lld",
		    (long long)r->item->bytes);
		digest_add(sl->digest, head, (size_t)len + 1);
	}
	sl->r = r;
	sl->s.kind = STREAM_GET;
	sl->s.bytes = r->item->bytes;
	sl->s.piece = on_piece;
	sl->s.user = sl;
	stream_start(l->set, &sl->s);
	return (true);
}

static void
done(struct load *l, struct slot *sl)
{
	const struct stream *s = &sl->s;
	struct compare_read *r = sl->r;
	uint8_t got[DIGEST_MAX];

	if (s->fault == NET_FINE && s->status == 200 &&
	    s->moved == r->item->bytes) {
		digest_end(sl->digest, got);
		l->p->bytes += s->moved;
		if (memcmp(got, r->item->id, DIGEST_MAX) == 0) {
			say(l, r, COMPARE_SAME, NULL);
		} else if (r->other != NULL) {
			r->object = r->other;
			r->other = NULL;
		} else {
			say(l, r, COMPARE_DIFFERS, "the content is another "
			    "one");
		}
	} else if (s->fault == NET_TOO_LARGE ||
	    (s->fault == NET_FINE && s->status == 200)) {
		say(l, r, COMPARE_DIFFERS, "its size is not that of the "
		    "bucket's list");
	} else {
		r->why = s->fault != NET_FINE ? s->failed : s->status >= 500 ||
		    s->status == 429 ? "the store answers that it cannot "
		    "serve now" : "the store refuses the download";
	}
	release(l, sl);
}

/* Give each free connection an object.  Return how many are busy.  Once its
   URLs end soon, the batch ends, but not before one of them was used. */
static unsigned
start(struct load *l)
{
	struct slot *sl;
	unsigned busy = 0;

	if (l->next > l->first && clock_tick_ms() >= l->ends_ms)
		l->end = l->next;
	for (sl = l->slot; sl < l->slot + l->slots; sl++) {
		while (sl->r == NULL && l->next < l->end) {
			if (!l->p->read[l->next].done &&
			    !begin(l, sl, &l->p->read[l->next]))
				release(l, sl);
			l->next++;
		}
		busy += sl->r != NULL;
	}
	return (busy);
}

static void
run(struct load *l)
{
	struct service *service = l->p->c->service;
	struct progress_view v = { .bytes_total = -1, .files_total = -1 };
	struct stream *s;
	struct slot *sl;

	while (!service_stopped(service) && start(l) > 0) {
		v.bytes = l->p->bytes;
		for (sl = l->slot; sl < l->slot + l->slots; sl++)
			v.bytes += sl->r != NULL ? sl->s.moved : 0;
		v.files = (int64_t)l->p->count[COMPARE_SAME];
		progress_show(l->p->progress, &v);
		if ((s = stream_next(l->set, LOOK_MS)) == NULL)
			continue;
		for (sl = l->slot; &sl->s != s; sl++)
			continue;
		done(l, sl);
	}
	for (sl = l->slot; sl < l->slot + l->slots; sl++) {
		if (sl->r != NULL)
			release(l, sl);
	}
}

/* Ask for downloads from ${from} on.  Return false if there are none, or on a
   fault. */
static bool
ask(struct load *l, size_t from)
{
	struct compare *p = l->p;
	const struct service_miner of = miner_of(p->miner);
	const char *keys[BATCH];
	int64_t ttl_s;
	size_t n = 0;

	for (l->first = l->next = l->end = from; l->end < p->reads && n < BATCH;
	    l->end++) {
		if (!p->read[l->end].done)
			keys[n++] = p->read[l->end].object->key;
	}
	if (n == 0)
		return (false);
	if (service_files(p->c->service, &of, keys, n, 0, &l->urls) !=
	    SERVICE_OK) {
		p->ended = service_explain(p->c->service, &l->urls);
		return (false);
	}
	ttl_s = service_files_ttl_s(&l->urls, keys[0]);
	ttl_s -= ttl_s / 4 < MARGIN_S ? ttl_s / 4 : MARGIN_S;
	l->ends_ms = clock_tick_ms() + 1000 * ttl_s;
	return (true);
}

static size_t
left(const struct compare *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->reads; i++)
		n += !p->read[i].done;
	return (n);
}

/* Read until nothing is left, or rounds read nothing.  Return false if the run
   ends. */
static bool
rounds(struct load *l)
{
	struct compare *p = l->p;
	size_t from, n, now = left(p);
	int round = 0;

	while ((n = now) > 0) {
		for (from = 0; ask(l, from); from = l->end) {
			run(l);
			if (service_stopped(p->c->service))
				return (false);
		}
		if (p->ended != 0)
			return (false);
		now = left(p);
		round = now < n ? 0 : round + 1;
		if (round == ROUNDS)
			break;
		if (now > 0 && !service_wait(p->c->service,
		    WAIT_MS << (round > 0 ? round - 1 : 0)))
			return (false);
	}
	return (true);
}

static void
give_up(struct load *l)
{
	struct compare_read *r;

	for (r = l->p->read; r < l->p->read + l->p->reads; r++) {
		if (!r->done)
			say(l, r, COMPARE_UNREAD, r->why != NULL ? r->why :
			    "there was no answer");
	}
}

void
compare_content(struct compare *p)
{
	struct load l = { .p = p };
	unsigned i;

	l.slots = settings_connections(&p->c->set);
	if ((l.slot = calloc(l.slots, sizeof(*l.slot))) == NULL)
		log_die("out_of_memory", "compare");
	for (i = 0; i < l.slots; i++)
		l.slot[i].s.fd = -1;
	l.set = stream_new(connect_stop(), service_ca_file(p->c->service));
	if (rounds(&l))
		give_up(&l);
	stream_free(l.set);
	service_clear(&l.urls);
	free(l.slot);
}
