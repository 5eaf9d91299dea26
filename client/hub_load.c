#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "hub_get.h"
#include "hub_load.h"

#define LOOK_MS 50

/* Files in a row that the Hub may refuse. */
#define REFUSED_MAX 8

#define READ_BYTES ((size_t)256 << 10)

enum slot_state { SLOT_IDLE, SLOT_WAITS, SLOT_LOADS };

/* A connection, and the file that it loads. */
struct slot {
	struct run *of;
	enum slot_state state;
	struct hub_load *l;
	struct md5 *md5;		/* of what the file has */
	struct digest *digest;
	int64_t has;			/* bytes, when the request began */
	unsigned tries;
	unsigned whole_before;		/* run.whole when it began */
	int64_t wake_ms;
	struct hub_get get;
};

struct run {
	struct hub *h;
	struct hub_load *load;
	size_t n, next;
	struct slot *slot;
	unsigned slots, whole, refused_row;
	int64_t done_bytes;
	void *buf;
	int ended;
};

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct slot *sl = user;

	if (sl->md5 != NULL)
		md5_add(sl->md5, data, len);
	digest_add(sl->digest, data, len);
	return (true);
}

/* Begin the digests.  Git puts a head before the content. */
static void
begin_digests(struct slot *sl)
{
	const struct hub_item *it = sl->l->item;
	char head[32];
	int len;

	md5_free(sl->md5);
	digest_free(sl->digest);
	sl->md5 = md5_new();
	sl->digest = digest_new(it->lfs ? DIGEST_SHA256 : DIGEST_SHA1);
	if (sl->digest == NULL)
		log_die("openssl", "digest");
	if (it->lfs)
		return;
	len = snprintf(head, sizeof(head), "blob %lld", (long long)it->bytes);
	digest_add(sl->digest, head, (size_t)len + 1);
}

static void
end(struct slot *sl, enum hub_load_result result, const char *why)
{
	struct hub_load *l = sl->l;

	stream_drop(sl->of->h->set, &sl->get.s);
	md5_free(sl->md5);
	digest_free(sl->digest);
	sl->md5 = NULL;
	sl->digest = NULL;
	sl->state = SLOT_IDLE;
	l->result = result;
	snprintf(l->why, sizeof(l->why), "%s", why != NULL ? why : "");
	sl->of->whole += result == HUB_LOAD_WHOLE;
	sl->of->refused_row = result == HUB_LOAD_REFUSED ?
	    sl->of->refused_row + 1 : 0;
	if (sl->of->refused_row == REFUSED_MAX)
		sl->of->ended = COMMAND_REFUSED;
	if (result == HUB_LOAD_WHOLE)
		sl->of->done_bytes += l->item->bytes;
}

/* Read what the file has already. */
static bool
read_back(struct slot *sl, int64_t bytes)
{
	struct service *service = sl->of->h->c->service;
	ssize_t got;

	sl->has = 0;
	while (sl->has < bytes && !service_stopped(service)) {
		got = pread(sl->l->fd, sl->of->buf, bytes - sl->has <
		    (int64_t)READ_BYTES ? (size_t)(bytes - sl->has) :
		    READ_BYTES, sl->has);
		if (got <= 0)
			return (false);
		(void)on_piece(sl, sl->of->buf, (size_t)got);
		sl->has += got;
	}
	return (true);
}

static void
ask(struct slot *sl)
{
	struct hub *h = sl->of->h;
	char url[HUB_URL_MAX + 1];

	if (!hub_url(h, sl->l->repo, sl->l->item->path, url)) {
		end(sl, HUB_LOAD_FAILED, "its address is too long");
		return;
	}
	sl->get.hub = h;
	sl->get.piece = on_piece;
	sl->get.user = sl;
	sl->get.s.fd = sl->l->fd;
	sl->get.s.offset = sl->has;
	sl->get.s.bytes = sl->l->item->bytes - sl->has;
	sl->state = SLOT_LOADS;
	sl->tries++;
	hub_get_start(&sl->get, url);
}

/* Throw away what the file has. */
static bool
empty(struct slot *sl)
{

	begin_digests(sl);
	sl->has = 0;
	if (ftruncate(sl->l->fd, 0) == 0)
		return (true);
	end(sl, HUB_LOAD_FAILED, strerror(errno));
	return (false);
}

static void
again(struct slot *sl, const char *why, long least_ms)
{
	struct run *r = sl->of;
	long ms = HUB_WAIT_MS << (sl->tries - 1);

	if (sl->tries == HUB_TRIES) {
		end(sl, HUB_LOAD_UNREACHABLE, why);
		if (sl->whole_before == r->whole)
			r->ended = COMMAND_UNREACHABLE;
		return;
	}
	if (ms < least_ms)
		ms = least_ms;
	hub_say(r->h, why, ms);
	sl->wake_ms = clock_tick_ms() + ms;
	sl->state = SLOT_WAITS;
}

/* The file has all bytes. */
static void
check(struct slot *sl)
{
	struct hub_load *l = sl->l;
	uint8_t got[DIGEST_MAX];

	digest_end(sl->digest, got);
	if (memcmp(got, l->item->id, DIGEST_MAX) != 0) {
		if (empty(sl))
			again(sl, "its digest is not the one that the Hub "
			    "names: it was damaged on the way", 0);
		return;
	}
	l->has_md5 = sl->md5 != NULL;
	if (l->has_md5)
		md5_end(sl->md5, l->md5);
	end(sl, HUB_LOAD_WHOLE, NULL);
}

static void
begin(struct slot *sl, struct hub_load *l)
{
	struct stat st;

	sl->l = l;
	sl->tries = 0;
	sl->whole_before = sl->of->whole;
	begin_digests(sl);
	if (fstat(l->fd, &st) != 0) {
		end(sl, HUB_LOAD_FAILED, strerror(errno));
	} else if (st.st_size > l->item->bytes) {
		if (empty(sl))
			ask(sl);
	} else if (!read_back(sl, st.st_size)) {
		end(sl, HUB_LOAD_FAILED, "what was loaded earlier cannot be "
		    "read");
	} else if (sl->has == l->item->bytes) {
		sl->tries = 1;
		check(sl);
	} else {
		ask(sl);
	}
}

/* Does the Hub lead to the content that its list has? */
static bool
is_linked(const struct slot *sl)
{
	const struct hub_item *it = sl->l->item;
	char id[2 * DIGEST_MAX + 1];

	hex_encode(id, it->id, it->lfs ? DIGEST_SHA256_LEN : DIGEST_SHA1_LEN);
	return ((sl->get.linked[0] == '\0' ||
	    strcasecmp(sl->get.linked, id) == 0) &&
	    (sl->get.linked_bytes == -1 || sl->get.linked_bytes == it->bytes));
}

static void
done(struct slot *sl)
{
	struct hub_get *g = &sl->get;
	const int64_t moved = g->s.moved;
	const enum hub_step step = hub_get_done(g);

	if ((step == HUB_MORE || step == HUB_WHOLE) && !is_linked(sl)) {
		end(sl, HUB_LOAD_UNREACHABLE, "the Hub leads to another "
		    "content than its list");
		return;
	}
	if (step == HUB_MORE)
		return;
	sl->has += moved;
	if (step == HUB_WHOLE && sl->has == sl->l->item->bytes)
		check(sl);
	else if (step == HUB_WHOLE)
		again(sl, "it is smaller than the Hub's list says", 0);
	else if (step == HUB_AGAIN)
		again(sl, g->why, g->wait_ms);
	else if (step == HUB_FAILED)
		end(sl, g->status == COMMAND_REFUSED ? HUB_LOAD_REFUSED :
		    g->status == COMMAND_UNREACHABLE ? HUB_LOAD_UNREACHABLE :
		    HUB_LOAD_FAILED, g->why);
	else if (empty(sl))
		again(sl, g->why, 0);
}

/* Begin and go on.  Return how many connections have a file. */
static unsigned
start(struct run *r)
{
	const bool paused = hub_pause_ms(r->h) > 0;
	struct slot *sl;
	unsigned busy = 0;

	for (sl = r->slot; sl < r->slot + r->slots; sl++) {
		if (sl->state == SLOT_WAITS && !paused &&
		    clock_tick_ms() >= sl->wake_ms)
			ask(sl);
		while (sl->state == SLOT_IDLE && !paused && r->ended == 0 &&
		    r->next < r->n)
			begin(sl, &r->load[r->next++]);
		busy += sl->state != SLOT_IDLE;
	}
	return (busy + (r->ended == 0 && r->next < r->n));
}

static int64_t
bytes_now(const struct run *r)
{
	int64_t bytes = r->done_bytes;
	unsigned i;

	for (i = 0; i < r->slots; i++) {
		if (r->slot[i].state != SLOT_IDLE)
			bytes += r->slot[i].has +
			    (r->slot[i].state == SLOT_LOADS ?
			    r->slot[i].get.s.moved : 0);
	}
	return (bytes);
}

int
hub_load_all(struct hub *h, struct hub_load *load, size_t n,
    void (*shown)(void *user, int64_t bytes), void *user)
{
	struct run r = { .h = h, .load = load, .n = n };
	struct service *service = h->c->service;
	struct stream *s;
	struct slot *sl;
	size_t i;

	for (i = 0; i < n; i++)
		load[i].result = HUB_LOAD_LEFT;
	r.slots = settings_connections(&h->c->set);
	r.slot = calloc(r.slots, sizeof(*r.slot));
	r.buf = malloc(READ_BYTES);
	if (r.slot == NULL || r.buf == NULL)
		log_die("out_of_memory", "hub");
	for (sl = r.slot; sl < r.slot + r.slots; sl++)
		sl->of = &r;
	while (!service_stopped(service) && start(&r) > 0) {
		shown(user, bytes_now(&r));
		if (stream_running(h->set) == 0) {
			service_wait(service, LOOK_MS);
			continue;
		}
		if ((s = stream_next(h->set, LOOK_MS)) == NULL)
			continue;
		for (sl = r.slot; &sl->get.s != s; sl++)
			continue;
		if (!service_stopped(service))
			done(sl);
	}
	for (sl = r.slot; sl < r.slot + r.slots; sl++) {
		if (sl->state != SLOT_IDLE)
			end(sl, HUB_LOAD_LEFT, "stopped");
	}
	free(r.slot);
	free(r.buf);
	return (r.ended);
}
