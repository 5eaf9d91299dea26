#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/hmac.h"
#include "learn.h"
#include "rpc.h"

/* An endpoint, and what it said when all were asked. */
struct voice {
	char url[CONFIG_TEXT_MAX + 3];	/* https:// for wss:// */
	struct rpc rpc;
	bool out;			/* told no head */
	bool silent;			/* told nothing of the block */
	uint64_t height;		/* of its finalized head */
	struct learn_view view;
	uint8_t digest[HMAC_LEN];	/* of all that has to agree */
};

/* Scheme and host: a path or query may hold a token. */
static void
name_of(const char *url, char out[CONFIG_TEXT_MAX + 1])
{
	const char *host = strstr(url, "://");
	size_t n;

	n = host == NULL ? 0 : (size_t)(host - url) + 3;
	n += strcspn(url + n, "/?#");
	snprintf(out, CONFIG_TEXT_MAX + 1, "%.*s", (int)n, url);
}

static void
blame(struct learn *l, const char *url, const char *reason)
{
	char name[CONFIG_TEXT_MAX + 1];

	l->reason = reason;

	/* No endpoint's fault. */
	if (http_stopped(l->http))
		return;
	name_of(url, name);
	LOG(LOG_WARN, "endpoint_failed", LOG_S("endpoint", name),
	    LOG_S("reason", reason));
}

/* A node's WebSocket port speaks HTTP too. */
static void
endpoint(const struct learn *l, size_t i, struct voice *v)
{
	const char *url = l->cfg->chain_endpoints.item[i];

	memset(v, 0, sizeof(*v));
	if (strncmp(url, "wss://", 6) == 0)
		snprintf(v->url, sizeof(v->url), "https://%s", url + 6);
	else
		snprintf(v->url, sizeof(v->url), "%s", url);
	v->rpc.http = l->http;
	v->rpc.url = v->url;
	v->rpc.limits.total_s = (long)l->cfg->chain_timeout_s;
	v->rpc.limits.max_bytes = (size_t)l->cfg->chain_max_answer_bytes;
}

/* The view of the block that view->block_hash names. */
static enum err
look_at(const struct learn *l, struct rpc *r, struct learn_view *view)
{
	enum err e;

	/* Only told to people: a node that does not say may still be right. */
	if (rpc_spec_version(r, view->block_hash, &view->spec_version) !=
	    ERR_OK)
		view->spec_version = 0;
	e = rpc_metagraph(r, view->block_hash, (uint16_t)l->cfg->chain_netuid,
	    &view->block, &view->neurons, &view->n);
	if (e != ERR_OK)
		return (e);

	/* What could not be written is this endpoint's failure. */
	if ((e = metagraph_sort(view->neurons, view->n)) != ERR_OK) {
		r->reason = "a hotkey is there twice, or a key is all zero";
		learn_free(view);
	}
	return (e);
}

enum err
learn_any(struct learn *l, struct learn_view *v)
{
	struct voice *voice;
	enum err e;
	size_t i;

	memset(v, 0, sizeof(*v));
	l->reason = "no endpoint is configured";
	if ((voice = malloc(sizeof(*voice))) == NULL)
		log_die("out_of_memory", "learn");
	for (i = 0; i < l->cfg->chain_endpoints.n; i++) {
		endpoint(l, i, voice);
		e = rpc_finalized_head(&voice->rpc, voice->view.block_hash);
		if (e == ERR_OK)
			e = look_at(l, &voice->rpc, &voice->view);
		if (e != ERR_OK) {
			blame(l, voice->url, voice->rpc.reason);
			continue;
		}

		/* One that stands still may be cut off: ask the next, too. */
		if (v->neurons == NULL || voice->view.block > v->block) {
			learn_free(v);
			*v = voice->view;
		} else {
			learn_free(&voice->view);
		}
		if (v->block > l->known_block)
			break;
	}
	free(voice);
	return (v->neurons == NULL ? ERR_IO : ERR_OK);
}

static int
by_height(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

/* The heights of those who answered, ascending; how many. */
static size_t
told_heights(const struct voice *voices, size_t n,
    uint64_t heights[CONFIG_ITEMS_MAX])
{
	size_t i, have = 0;

	for (i = 0; i < n; i++) {
		if (!voices[i].out)
			heights[have++] = voices[i].height;
	}
	qsort(heights, have, sizeof(heights[0]), by_height);
	return (have);
}

static enum err
hear_head(struct voice *v)
{
	uint8_t hash[RPC_HASH_LEN];
	enum err e;

	if ((e = rpc_finalized_head(&v->rpc, hash)) != ERR_OK)
		return (e);
	return (rpc_height(&v->rpc, hash, &v->height));
}

/* What it says of the block at ${height}, and the digest of that. */
static enum err
hear_block(struct learn *l, struct voice *v, uint64_t height)
{
	const size_t len = sizeof(v->view.block_hash) + sizeof(uint64_t);
	uint8_t *text;
	size_t bytes;
	enum err e;

	if ((e = rpc_hash_at(&v->rpc, height, v->view.block_hash)) != ERR_OK)
		return (e);
	if ((e = look_at(l, &v->rpc, &v->view)) != ERR_OK)
		return (e);

	/* Neurons are cleared before they are filled: padding is zero. */
	bytes = v->view.n * sizeof(v->view.neurons[0]);
	if ((text = malloc(len + bytes)) == NULL)
		log_die("out_of_memory", "learn");
	memcpy(text, v->view.block_hash, sizeof(v->view.block_hash));
	memcpy(text + sizeof(v->view.block_hash), &v->view.block,
	    sizeof(uint64_t));
	memcpy(text + len, v->view.neurons, bytes);
	hmac_hash(l->hmac, text, len + bytes, v->digest);
	free(text);
	return (ERR_OK);
}

static bool
agree(const struct voice *a, const struct voice *b)
{

	return (!a->out && !b->out && !a->silent && !b->silent &&
	    memcmp(a->digest, b->digest, sizeof(a->digest)) == 0);
}

/* The first voice that more than half of all n agree with; n if there is none.
   No answer counts as not agreeing. */
static size_t
find_majority(const struct voice *voices, size_t n)
{
	size_t i, j, with;

	for (i = 0; i < n; i++) {
		for (with = j = 0; j < n; j++)
			with += agree(&voices[i], &voices[j]);
		if (2 * with > n)
			return (i);
	}
	return (n);
}

/* Ask all of the block at ${height}; the one who speaks for the majority, or
   ${n}. */
static size_t
ask_at(struct learn *l, struct voice *voices, size_t n, uint64_t height)
{
	size_t i;

	for (i = 0; i < n; i++) {
		learn_free(&voices[i].view);
		voices[i].silent = !voices[i].out &&
		    hear_block(l, &voices[i], height) != ERR_OK;
	}
	return (find_majority(voices, n));
}

/* Name those who are not of the majority's mind. */
static void
blame_others(struct learn *l, const struct voice *voices, size_t n,
    size_t winner)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (voices[i].silent)
			blame(l, voices[i].url, voices[i].rpc.reason);
		else if (!voices[i].out && winner < n &&
		    !agree(&voices[i], &voices[winner]))
			blame(l, voices[i].url, "disagrees with the majority");
	}
}

static enum err
vote(struct learn *l, struct voice *voices, size_t n, struct learn_view *v)
{
	uint64_t heights[CONFIG_ITEMS_MAX], last = UINT64_MAX;
	size_t i, k, winner = n;

	for (i = 0; i < n; i++) {
		endpoint(l, i, &voices[i]);
		if (hear_head(&voices[i]) != ERR_OK) {
			voices[i].out = true;
			blame(l, voices[i].url, voices[i].rpc.reason);
		}
	}

	/* From the lower median downwards: one who claims too much must not
	   make the height one that the others do not have yet. */
	if ((k = told_heights(voices, n, heights)) == 0)
		return (ERR_IO);
	for (k = (k + 1) / 2; k > 0 && winner == n; k--) {
		if (heights[k - 1] != last)
			winner = ask_at(l, voices, n, heights[k - 1]);
		last = heights[k - 1];
	}
	blame_others(l, voices, n, winner);
	if (winner == n) {
		l->reason = "no majority of the endpoints agrees";
		return (ERR_FORMAT);
	}
	*v = voices[winner].view;
	memset(&voices[winner].view, 0, sizeof(voices[winner].view));

	/* Not part of what has to agree; told only if nobody differs. */
	for (i = 0; i < n; i++) {
		if (i != winner && agree(&voices[i], &voices[winner]) &&
		    voices[i].view.spec_version != v->spec_version)
			v->spec_version = 0;
	}
	return (ERR_OK);
}

enum err
learn_majority(struct learn *l, struct learn_view *v)
{
	size_t i, n = l->cfg->chain_endpoints.n;
	struct voice *voices;
	enum err e;

	memset(v, 0, sizeof(*v));
	l->reason = "no endpoint is configured";
	if ((voices = calloc(n + 1, sizeof(*voices))) == NULL)
		log_die("out_of_memory", "learn");
	e = vote(l, voices, n, v);
	for (i = 0; i < n; i++)
		learn_free(&voices[i].view);
	free(voices);
	return (e);
}

void
learn_free(struct learn_view *v)
{

	free(v->neurons);
	memset(v, 0, sizeof(*v));
}
