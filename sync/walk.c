#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/log.h"
#include "base/skew.h"
#include "crypto/hmac.h"
#include "crypto/ss58.h"
#include "s3/layout.h"
#include "s3/listing.h"
#include "s3/presign.h"
#include "walk.h"

/* The most pages of one listing: a million folders, or ten thousand jobs
   with as many objects beside them. */
#define LEVEL_PAGES_MAX (BUCKET_INDEX_ENTRIES_MAX / PRESIGN_KEYS_MAX)
#define MINER_PAGES_MAX 32

/* After so many failures the store is down.  Do not ask for every miner. */
#define LOST_MAX 3

/* The root of every listing. */
#define ROOT "<ListBucketResult"

/* Sorts after every name that begins as the last one does. */
#define HIGHEST "\xf4\x8f\xbf\xbf"
#define HIGHEST_LEN 4

/* Keys found by a level across miners. */
struct found {
	uint8_t key[SS58_KEY_LEN];
	bool damaged;
};

/* One listing with a delimiter, over all its pages. */
struct level {
	struct walk *w;
	char prefix[LAYOUT_FOLDER_MAX + 1];
	size_t prefix_len;
	unsigned pages_max;
	void (*name)(struct level *, const char *, size_t);

	/* The last name, in the order of the bytes. */
	char last[LISTING_KEY_MAX];
	size_t last_len;
	bool last_is_prefix;
	bool damaged;		/* a page could not be parsed */
	bool full;		/* enough was seen */

	struct found *found;	/* across miners */
	size_t n, size;
};

/* The start of the next page: a token, a name, or the beginning. */
struct place {
	char token[PRESIGN_TOKEN_MAX + 1], after[S3_KEY_MAX + 1];
	size_t token_len, after_len;
};

static void
level_init(struct level *lv, struct walk *w, const char *prefix,
    unsigned pages_max,
    void (*name)(struct level *, const char *, size_t))
{

	memset(lv, 0, sizeof(*lv));
	lv->w = w;
	lv->prefix_len = strlen(prefix);
	memcpy(lv->prefix, prefix, lv->prefix_len + 1);
	lv->pages_max = pages_max;
	lv->name = name;
}

/* Ask for a page.  ERR_FORMAT: it cannot be parsed, or is incomplete. */
static enum err
page(struct level *lv, const struct place *at, struct listing *l)
{
	struct walk *w = lv->w;
	const struct presign_list list = {
		.prefix = { lv->prefix, lv->prefix_len },
		.delimiter = { "/", 1 },
		.continuation_token = { at->token_len > 0 ? at->token : NULL,
		    at->token_len },
		.start_after = { at->after_len > 0 ? at->after : NULL,
		    at->after_len } };
	const char *answer;
	size_t len;
	enum err e;

	l->n = 0;
	if ((e = ask(w, &list, &answer, &len)) != ERR_OK)
		return (e);
	if ((e = listing_parse(l, answer, len)) == ERR_OK) {
		w->pages++;
	} else {
		if (listing_salvage(l, answer, len) != ERR_OK)
			l->truncated = true;
		w->pages += l->n > 0 || !l->truncated;
		w->strange |= memmem(answer, len, ROOT, strlen(ROOT)) == NULL;
	}
	w->ignored += (uint32_t)l->dropped;
	return (e);
}

/* Take the names of a page.  Was there one after all earlier names? */
static bool
take(struct level *lv, const struct listing *l)
{
	const struct listing_item *it;
	bool moved = false;
	size_t i, len;
	int c;

	for (i = 0; i < l->n && !lv->full; i++) {
		it = &l->item[i];
		if (it->key_len < lv->prefix_len ||
		    memcmp(it->key, lv->prefix, lv->prefix_len) != 0) {
			lv->w->ignored++;
			continue;
		}
		len = it->key_len < lv->last_len ? it->key_len : lv->last_len;
		c = memcmp(it->key, lv->last, len);
		if (c > 0 || (c == 0 && it->key_len > lv->last_len)) {
			memcpy(lv->last, it->key, it->key_len);
			lv->last_len = it->key_len;
			lv->last_is_prefix = it->is_prefix;
			moved = true;
		}
		if (it->is_prefix && it->key_len > lv->prefix_len &&
		    it->key[it->key_len - 1] == '/')
			lv->name(lv, it->key + lv->prefix_len,
			    it->key_len - lv->prefix_len - 1);
	}
	return (moved);
}

/* The place just after the last name.  A NUL cannot be sent, so use the
   place after all names that begin as the name does up to there. */
static void
behind(const struct level *lv, struct place *at)
{
	const char *nul = memchr(lv->last, '\0', lv->last_len);
	size_t len = nul != NULL ? (size_t)(nul - lv->last) : lv->last_len;
	bool whole = nul == NULL && !lv->last_is_prefix;

	if (len > S3_KEY_MAX - HIGHEST_LEN) {
		len = S3_KEY_MAX - HIGHEST_LEN;
		whole = false;
	}
	memset(at, 0, sizeof(*at));
	memcpy(at->after, lv->last, len);
	at->after_len = len;
	if (nul != NULL && nul == lv->last + len) {
		at->after[at->after_len++] = '\x01';
	} else if (!whole) {
		memcpy(at->after + len, HIGHEST, HIGHEST_LEN);
		at->after_len += HIGHEST_LEN;
	}
}

/* Find where the page after this one begins. */
static enum err
next(struct level *lv, const struct listing *l, bool moved, uint8_t *tokens,
    unsigned n, struct place *at)
{
	uint8_t *sum = tokens + (size_t)n * HMAC_LEN;
	unsigned i;

	memset(sum, 0, HMAC_LEN);
	if (l->token_len > 0) {
		memset(at, 0, sizeof(*at));
		memcpy(at->token, l->token, l->token_len);
		at->token_len = l->token_len;
		hmac_hash(lv->w->signer->hmac, l->token, l->token_len, sum);
		for (i = 0; i < n; i++) {
			if (memcmp(tokens + (size_t)i * HMAC_LEN, sum,
			    HMAC_LEN) != 0)
				continue;
			lv->w->reason = "a continuation token twice";
			return (ERR_FORMAT);
		}
		return (ERR_OK);
	}
	if (!moved) {
		lv->w->reason = "an answer that cannot be parsed";
		return (ERR_FORMAT);
	}
	behind(lv, at);
	return (ERR_OK);
}

/* Walk the level.  Return ERR_OK iff it was seen to its end, or enough of
   it. */
static enum err
level_walk(struct level *lv)
{
	struct place at = { .token_len = 0, .after_len = 0 };
	uint8_t *tokens;
	struct listing l;
	bool moved;
	size_t before;
	unsigned i;
	enum err e = ERR_OK;

	if ((tokens = calloc(lv->pages_max, HMAC_LEN)) == NULL)
		log_die("out_of_memory", "walk");
	listing_init(&l);
	for (i = 0; i < lv->pages_max && !lv->full; i++) {
		e = page(lv, &at, &l);
		before = lv->n;
		if (e != ERR_OK && e != ERR_FORMAT)
			break;
		moved = take(lv, &l);

		/* The page broke at its last name, so the fault belongs to
		   that one. */
		if (e == ERR_FORMAT) {
			lv->damaged = true;
			if (lv->n > before)
				lv->found[lv->n - 1].damaged = true;
		}
		e = ERR_OK;
		if (!l.truncated ||
		    (e = next(lv, &l, moved, tokens, i, &at)) != ERR_OK)
			break;
	}
	if (e == ERR_OK && i == lv->pages_max) {
		lv->w->reason = "too many pages";
		e = ERR_RANGE;
	}
	listing_free(&l);
	free(tokens);
	return (e);
}

/* --- across miners ------------------------------------------------------- */

static void
on_address(struct level *lv, const char *name, size_t len)
{
	uint8_t key[SS58_KEY_LEN];
	struct found *f;

	if (ss58_decode(name, len, key) != ERR_OK) {
		lv->w->ignored++;
		return;
	}
	if (lv->n == lv->size) {
		lv->size = lv->size == 0 ? 1024 : lv->size * 2;
		f = reallocarray(lv->found, lv->size, sizeof(*f));
		if (f == NULL)
			log_die("out_of_memory", "walk");
		lv->found = f;
	}
	f = &lv->found[lv->n++];
	memcpy(f->key, key, sizeof(key));
	f->damaged = false;
	lv->full = lv->n == BUCKET_INDEX_ENTRIES_MAX;
}

static int
by_key(const void *a, const void *b)
{

	return (memcmp(a, b, SS58_KEY_LEN));
}

/* Sort the found keys, and keep each once. */
static void
settle(struct level *lv)
{
	size_t i, n = 0;

	if (lv->n > 0)
		qsort(lv->found, lv->n, sizeof(*lv->found), by_key);
	for (i = 0; i < lv->n; i++) {
		if (n > 0 && by_key(&lv->found[n - 1], &lv->found[i]) == 0)
			lv->found[n - 1].damaged |= lv->found[i].damaged;
		else
			lv->found[n++] = lv->found[i];
	}
	lv->n = n;
}

static bool
was_found(const struct level *lv, const uint8_t key[SS58_KEY_LEN])
{

	return (lv->n > 0 && bsearch(key, lv->found, lv->n,
	    sizeof(*lv->found), by_key) != NULL);
}

/* --- the coldkey layout -------------------------------------------------- */

/* Keep what a source's level could not see this time. */
static void
keep_folders(struct walk *w, const struct level *lv, const char *source)
{
	const uint32_t n = w->former == NULL ? 0 :
	    bucket_index_info(w->former)->folders;
	const struct bucket_index_folder *f;
	uint32_t i;

	for (i = 0; i < n; i++) {
		f = bucket_index_folder(w->former, i);
		if (strcmp(f->source, source) == 0 &&
		    !was_found(lv, f->coldkey) && bucket_draft_add_folder(
		    w->draft, f->coldkey, source, f->last_seen_s, f->flags) !=
		    ERR_OK)
			w->reason = "too many folders";
	}
}

static void
walk_source(struct walk *w, const char *source)
{
	char prefix[LAYOUT_FOLDER_MAX + 1];
	struct level lv;
	enum err e;
	size_t i;

	layout_source_prefix(source, prefix);
	level_init(&lv, w, prefix, LEVEL_PAGES_MAX, on_address);
	e = level_walk(&lv);
	settle(&lv);
	for (i = 0; i < lv.n; i++) {
		w->damaged += lv.found[i].damaged;
		if (bucket_draft_add_folder(w->draft, lv.found[i].key, source,
		    w->started_s, lv.found[i].damaged ? BUCKET_INDEX_DAMAGED :
		    0) != ERR_OK)
			w->reason = "too many folders";
	}
	if (e != ERR_OK)
		keep_folders(w, &lv, source);
	free(lv.found);
}

/* --- the hotkey layout --------------------------------------------------- */

static void
on_job(struct level *lv, const char *name, size_t len)
{

	/* A folder whose listing cannot be requested cannot be granted. */
	if (lv->prefix_len + len + 1 > S3_KEY_MAX) {
		lv->damaged = true;
		return;
	}
	switch (bucket_draft_add_job(lv->w->draft, name, len)) {
	case ERR_OK:
		break;
	case ERR_RANGE:
		lv->full = true;
		break;
	default:
		lv->damaged = true;
		break;
	}
}

/* Add the former index's data of a miner to the one added last. */
static void
keep_jobs(struct walk *w, const struct bucket_index_miner *m)
{
	const char *id;
	uint32_t j;
	size_t len;

	for (j = 0; j < m->jobs; j++) {
		id = bucket_index_job(w->former, m, j, &len);
		if (bucket_draft_add_job(w->draft, id, len) != ERR_OK)
			break;
	}
}

static enum err
add_miner(struct walk *w, const uint8_t key[SS58_KEY_LEN], int64_t seen_s,
    uint32_t flags)
{
	enum err e;

	e = bucket_draft_add_miner(w->draft, key, seen_s, flags);
	if (e != ERR_OK)
		w->reason = "too many miners";
	return (e);
}

static void
walk_miner(struct walk *w, const struct found *f)
{
	const struct bucket_index_miner *old = NULL;
	const char *reason = w->reason;
	char hotkey[SS58_MAX + 1], prefix[LAYOUT_FOLDER_MAX + 1];
	struct level lv;
	enum err e = ERR_IO;

	if (w->former != NULL)
		old = bucket_index_find(w->former, f->key);
	if (add_miner(w, f->key, w->started_s, 0) != ERR_OK)
		return;
	ss58_encode(f->key, hotkey);
	layout_jobs_prefix(hotkey, prefix);
	level_init(&lv, w, prefix, MINER_PAGES_MAX, on_job);
	if (w->lost < LOST_MAX)
		e = level_walk(&lv);
	if (e != ERR_OK && old != NULL)
		keep_jobs(w, old);
	if (e != ERR_OK || lv.damaged || f->damaged) {
		w->damaged++;
		bucket_draft_mark(w->draft, BUCKET_INDEX_DAMAGED);
	}

	/* A fault of one miner does not make the walk incomplete. */
	if (e != ERR_IO)
		w->reason = reason;
}

static void
keep_miners(struct walk *w, const struct level *lv)
{
	const uint32_t n = w->former == NULL ? 0 :
	    bucket_index_info(w->former)->miners;
	const struct bucket_index_miner *m;
	uint32_t i;

	for (i = 0; i < n; i++) {
		m = bucket_index_miner(w->former, i);
		if (was_found(lv, m->hotkey))
			continue;
		if (add_miner(w, m->hotkey, m->last_seen_s, m->flags) != ERR_OK)
			return;
		keep_jobs(w, m);
	}
}

static void
walk_hotkeys(struct walk *w)
{
	struct level lv;
	enum err e;
	size_t i;

	level_init(&lv, w, LAYOUT_HOTKEY_PREFIX, LEVEL_PAGES_MAX, on_address);
	e = level_walk(&lv);
	settle(&lv);
	for (i = 0; i < lv.n && !http_stopped(w->http); i++)
		walk_miner(w, &lv.found[i]);
	if (e != ERR_OK)
		keep_miners(w, &lv);
	free(lv.found);
}

enum err
walk_bucket(struct walk *w)
{
	const struct config *c = w->cfg;
	size_t i;

	w->started_s = w->now_ms() / 1000;
	w->damaged = w->ignored = 0;
	w->pages = w->lost = 0;
	w->reason = NULL;
	w->skew_ms = SKEW_UNKNOWN;
	w->strange = false;
	if (c->access_layouts.coldkey) {
		for (i = 0; i < c->access_sources.n; i++)
			walk_source(w, c->access_sources.item[i]);
	}
	if (c->access_layouts.hotkey)
		walk_hotkeys(w);
	if (w->pages == 0 && w->strange && ask_fault(w) == NULL)
		ask_blame(w, s3_fault_of_status(200), NULL);
	return (w->pages == 0 || http_stopped(w->http) ? ERR_IO : ERR_OK);
}
