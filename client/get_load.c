#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "filesum.h"
#include "get.h"
#include "net/stream.h"
#include "progress.h"

/* How often what fails is asked for, and the first wait, which doubles. */
#define ROUNDS 5
#define WAIT_MS 1000

#define LOOK_MS 100

/* Within this time of its end, or a quarter of a shorter life, a URL is not
   used. */
#define MARGIN_S 60

/* A connection, and the object that it loads. */
struct slot {
	struct load *of;
	struct get_want *want;		/* NULL: none */
	struct filesum *digest;		/* of the file so far; or NULL */
	int64_t there;			/* bytes of it */
	char etag[2 * MD5_LEN + 3];
	struct text_pair match;
	struct stream s;
};

struct load {
	struct get *g;
	struct stream_set *set;
	struct service_answer urls;
	struct slot *slot;
	unsigned slots;
	size_t next;			/* of g->want, in this batch */
	size_t end;
	size_t first;			/* of the batch */
	int64_t ends_ms;		/* its URLs do, soon after */
};

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct slot *sl = user;

	(void)data;
	sl->there += (int64_t)len;
	if (sl->digest != NULL)
		filesum_to(sl->digest, sl->there);
	return (true);
}

static void
release(struct slot *sl)
{

	if (sl->s.own != NULL)
		stream_drop(sl->of->set, &sl->s);
	filesum_free(sl->digest);
	sl->digest = NULL;
	if (sl->s.fd != -1)
		close(sl->s.fd);
	sl->want = NULL;
	sl->s = (struct stream){ .fd = -1 };
}

static void
end(struct slot *sl, enum get_result result, const char *why)
{
	struct get_want *w = sl->want;
	struct get *g = sl->of->g;

	w->done = true;
	if (result == GET_GOT)
		g->bytes += w->item->bytes;
	get_say(g, w->path, strlen(w->path), result, w->item->bytes, why);
	release(sl);
}

/* Leave the object for the next round. */
static void
again(struct slot *sl, const char *why)
{

	sl->want->why = why;
	release(sl);
}

/* Throw away what there is of it. */
static void
anew(struct slot *sl, const char *why)
{

	if (ftruncate(sl->s.fd, 0) != 0)
		end(sl, GET_FAILED, strerror(errno));
	else
		again(sl, why);
}

/* The file has all bytes.  Check them, and give it its name. */
static void
whole(struct slot *sl)
{
	const struct get_want *w = sl->want;
	const struct place *place = &sl->of->g->place;
	const struct timespec when[2] = {
		{ .tv_nsec = UTIME_OMIT }, { .tv_sec = w->item->modified_s }
	};
	uint8_t got[MD5_LEN];

	if (sl->digest != NULL) {
		if (!filesum_end(sl->digest, w->item->bytes, got)) {
			again(sl, "what was loaded cannot be read again");
			return;
		}
		if (memcmp(got, w->item->md5, MD5_LEN) != 0) {
			anew(sl, "its checksum is not the one of the list: it "
			    "was damaged on the way");
			return;
		}
	}
	if (w->item->modified_s >= 0)
		(void)futimens(sl->s.fd, when);
	if (place_take(place, w->id, w->path))
		end(sl, GET_GOT, NULL);
	else
		end(sl, GET_FAILED, place_failed(errno));
}

/* Go on where an earlier run ended.  What cannot be checked is loaded from its
   beginning. */
static bool
resume(struct slot *sl)
{
	const struct listing_item *it = sl->want->item;
	struct stat st;

	if (fstat(sl->s.fd, &st) != 0)
		return (false);
	sl->there = st.st_size;
	if (sl->digest == NULL || st.st_size > it->bytes)
		sl->there = 0;

	/* A file system may write the whole file to the disk at its close, if
	   it was made empty once. */
	if (sl->there != st.st_size && ftruncate(sl->s.fd, sl->there) != 0)
		return (false);
	if (sl->digest != NULL)
		filesum_to(sl->digest, sl->there);
	sl->s.offset = sl->there;
	return (true);
}

static void
begin(struct slot *sl, struct get_want *w)
{
	struct load *l = sl->of;

	sl->want = w;
	if ((sl->s.fd = place_part(&l->g->place, w->id)) == -1) {
		end(sl, GET_FAILED, place_failed(errno));
		return;
	}
	sl->s.url = service_file_url(&l->urls, w->item->key);
	if (sl->s.url == NULL) {
		end(sl, GET_REFUSED, "the service gives no download of it");
		return;
	}
	if (w->item->has_md5) {
		sl->digest = filesum_new(sl->s.fd, connect_stop());
		sl->etag[0] = '"';
		hex_encode(sl->etag + 1, w->item->md5, MD5_LEN);
		sl->etag[2 * MD5_LEN + 1] = '"';
		sl->etag[2 * MD5_LEN + 2] = '\0';
		sl->match = (struct text_pair){ "If-Match", sl->etag };
		sl->s.headers = &sl->match;
		sl->s.n_headers = 1;
	}
	if (!resume(sl)) {
		end(sl, GET_FAILED, strerror(errno));
		return;
	}
	sl->s.kind = STREAM_GET;
	sl->s.bytes = w->item->bytes - sl->s.offset;
	sl->s.piece = on_piece;
	sl->s.user = sl;
	if (sl->s.bytes == 0 && sl->s.offset > 0)
		whole(sl);
	else
		stream_start(l->set, &sl->s);
}

static void
no_answer(struct slot *sl)
{
	struct get *g = sl->of->g;
	const struct stream *s = &sl->s;

	if (s->file_errno != 0) {
		if (s->file_errno == ENOSPC || s->file_errno == EDQUOT)
			g->ended = COMMAND_FAILED;
		end(sl, GET_FAILED, strerror(s->file_errno));
	} else if (s->no_range) {
		anew(sl, "the store does not send parts of it");
	} else if (s->fault == NET_TOO_LARGE) {
		place_drop(&g->place, sl->want->id);
		end(sl, GET_FAILED, "it is larger than the list says; run "
		    "this again");
	} else {
		again(sl, s->failed);
	}
}

static void
refused(struct slot *sl)
{
	const int status = sl->s.status;

	if (status == 412 || status == 404) {
		place_drop(&sl->of->g->place, sl->want->id);
		end(sl, GET_FAILED, status == 404 ? "it was removed after it "
		    "was listed" : "it changed after it was listed; run this "
		    "again");
	} else if (status == 416) {
		anew(sl, "the store does not send this part of it");
	} else if (status >= 500 || status == 429 || status == 408) {
		again(sl, "the store answers that it cannot serve now");
	} else if (!sl->want->refused) {
		/* The URL may have expired. */
		sl->want->refused = true;
		again(sl, "the store refuses the download");
	} else {
		end(sl, GET_REFUSED, "the store refuses the download");
	}
}

static void
done(struct slot *sl)
{

	if (sl->s.fault != NET_FINE)
		no_answer(sl);
	else if (sl->s.status != 200 && sl->s.status != 206)
		refused(sl);
	else if (sl->s.moved < sl->s.bytes)
		anew(sl, "it is smaller than the list says");
	else
		whole(sl);
}

/* Give each free connection an object.  Return how many are busy.  Once its
   URLs end soon, the batch ends, but not before one of them was used. */
static unsigned
start(struct load *l)
{
	struct get_want *w;
	struct slot *sl;
	unsigned busy = 0;

	if (l->next > l->first && clock_tick_ms() >= l->ends_ms)
		l->end = l->next;
	for (sl = l->slot; sl < l->slot + l->slots; sl++) {
		while (sl->want == NULL && l->next < l->end &&
		    l->g->ended == 0 &&
		    !service_stopped(l->g->c->service)) {
			w = &l->g->want[l->next++];
			if (!w->done)
				begin(sl, w);
		}
		busy += sl->want != NULL;
	}
	return (busy);
}

static void
watch(const struct load *l)
{
	struct progress_view v = {
		.bytes = l->g->bytes, .bytes_total = -1,
		.files = (int64_t)l->g->count[GET_GOT], .files_total = -1
	};
	unsigned i;

	for (i = 0; i < l->slots; i++) {
		if (l->slot[i].want != NULL)
			v.bytes += l->slot[i].s.offset + l->slot[i].s.moved;
	}
	progress_show(l->g->progress, &v);
}

/* Load the batch whose URLs there are. */
static void
run(struct load *l)
{
	struct service *service = l->g->c->service;
	struct stream *s;
	struct slot *sl;

	while (start(l) > 0 && !service_stopped(service)) {
		watch(l);
		if ((s = stream_next(l->set, LOOK_MS)) == NULL)
			continue;
		for (sl = l->slot; &sl->s != s; sl++)
			continue;
		if (!service_stopped(service))
			done(sl);
	}
	for (sl = l->slot; sl < l->slot + l->slots; sl++) {
		if (sl->want != NULL)
			release(sl);
	}
}

/* Ask for downloads of objects from ${from} on, as many as one request takes.
   Set l->next and l->end.  Return false if there are none, or on a fault. */
static bool
ask(struct load *l, size_t from)
{
	struct get *g = l->g;
	const struct service_miner of = miner_of(g->miner);
	const char *keys[SERVICE_KEYS_MAX];
	size_t n = 0, bytes = 0;
	int64_t ttl_s;

	l->first = l->next = l->end = from;
	while (l->end < g->n && n < SERVICE_KEYS_MAX &&
	    bytes < (size_t)512 << 10) {
		if (!g->want[l->end].done) {
			keys[n] = g->want[l->end].item->key;
			bytes += strlen(keys[n++]);
		}
		l->end++;
	}
	if (n == 0)
		return (false);
	if (service_files(g->c->service, &of, keys, n, 0, &l->urls) !=
	    SERVICE_OK) {
		g->ended = service_explain(g->c->service, &l->urls);
		return (false);
	}
	ttl_s = service_files_ttl_s(&l->urls, keys[0]);
	ttl_s -= ttl_s / 4 < MARGIN_S ? ttl_s / 4 : MARGIN_S;
	l->ends_ms = clock_tick_ms() + 1000 * ttl_s;
	return (true);
}

static void
rounds(struct load *l)
{
	struct get *g = l->g;
	size_t from;
	int round;

	for (round = 0; round < ROUNDS && get_left(g) > 0; round++) {
		if (round > 0 && !service_wait(g->c->service,
		    WAIT_MS << (round - 1)))
			return;
		for (from = 0; g->ended == 0 && ask(l, from); from = l->end) {
			run(l);
			if (service_stopped(g->c->service))
				return;
		}
		if (g->ended != 0)
			return;
	}
}

void
get_page(struct get *g)
{
	struct load l = { .g = g };
	unsigned i;

	if (g->n == 0)
		return;
	l.slots = settings_connections(&g->c->set);
	l.slot = calloc(l.slots, sizeof(*l.slot));
	if (l.slot == NULL)
		log_die("out_of_memory", "get");
	for (i = 0; i < l.slots; i++)
		l.slot[i] = (struct slot){ .of = &l, .s = { .fd = -1 } };
	l.set = stream_new(connect_stop(), service_ca_file(g->c->service));
	rounds(&l);
	get_give_up(g);
	stream_free(l.set);
	service_clear(&l.urls);
	free(l.slot);
}
