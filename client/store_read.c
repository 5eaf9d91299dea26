/* Rows of foldergate check-store: what listings and downloads allow. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "store_look.h"
#include "store_sign.h"
#include "store_start.h"
#include "store_trial.h"

#define OWN STORE_START_OWN
#define FIRST STORE_START_FIRST

static enum store_trial_result
result(struct store *s, bool good)
{

	if (s->lost)
		return (STORE_TRIAL_UNKNOWN);
	return (good ? STORE_TRIAL_OK : STORE_TRIAL_FAILED);
}

/* Does the last answer list the other miner's folder?  Only what follows the
   folder's "=" is looked for, since a store may encode that and the slashes. */
static bool
shows_other(const struct store *s)
{
	static const char *const forms[] = {
		"%.*s/other/", "%.*s%%2Fother%%2F"
	};
	const char *id = strchr(s->folder, '=') + 1;
	char text[LAYOUT_FOLDER_MAX + 16];
	size_t i;

	for (i = 0; s->status == 200 && i < 2; i++) {
		snprintf(text, sizeof(text), forms[i], (int)strcspn(id, "/"),
		    id);
		if (memmem(s->answer, s->answer_len, text, strlen(text)) !=
		    NULL)
			return (true);
	}
	return (false);
}

/* --- listings ------------------------------------------------------------ */

static enum store_trial_result
list(struct store *s, char *note)
{
	struct listing l;
	size_t i, found = 0;

	if (store_look_list(s, &l)) {
		for (i = 0; i < l.n; i++) {
			if (store_look_is(&l.item[i], s, FIRST) ||
			    store_look_is(&l.item[i], s, STORE_LOOK_VICTIM))
				found += l.item[i].bytes >= STORE_MIN_BYTES;
		}
	} else {
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "status %d: %s",
		    s->status, store_reason(s));
	}
	listing_free(&l);
	return (result(s, found == 2));
}

/* A key that needs encoding.  The store says that it has encoded. */
static enum store_trial_result
encoding(struct store *s, char *note)
{
	struct listing l;
	bool good;

	(void)store_start_file(s, OWN, STORE_LOOK_ODD);
	good = store_look_list(s, &l) && s->encodes && memmem(s->answer,
	    s->answer_len, "b%2Bc%2541%26d", 14) != NULL;
	listing_free(&l);
	store_look_again(s);
	if (!good)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "one miner's odd file "
		    "name can break a listing for whoever reads it");
	return (s->lost ? STORE_TRIAL_UNKNOWN : good ? STORE_TRIAL_OK :
	    STORE_TRIAL_ABSENT);
}

/* Count the objects on pages of two.  Return 0 if the pages have no end. */
static size_t
count_by_pages(struct store *s)
{
	struct presign_list want = {
		.prefix = text_span(s->folder), .max_keys = 2
	};
	char url[PRESIGN_LIST_MAX + 1], token[PRESIGN_TOKEN_MAX + 1];
	struct listing l;
	size_t pages, n = 0;
	bool more = true;

	for (pages = 0; more && pages < STORE_OBJECTS_MAX; pages++) {
		store_sign_list(s, KEYRING_READ, &want, url);
		listing_init(&l);
		more = store_send(s, "GET", url, NULL, NULL, 0) == 200 &&
		    listing_parse(&l, s->answer, s->answer_len) == ERR_OK &&
		    l.truncated && l.token_len > 0;
		n += l.n;
		memcpy(token, l.token, sizeof(token));
		want.continuation_token = (struct text_span){
			token, l.token_len
		};
		listing_free(&l);
	}
	return (more ? 0 : n);
}

static enum store_trial_result
paging(struct store *s, char *note)
{
	struct listing l;
	size_t n = 0, paged;

	if (store_look_list(s, &l))
		n = l.n;
	listing_free(&l);
	paged = count_by_pages(s);
	if (paged != n)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, paged == 0 ?
		    "the pages have no end" : "%zu of %zu files were listed",
		    paged, n);
	return (result(s, paged == n && n > 2));
}

/* Replace the first ${from} in ${url} by ${to}. */
static void
replace(char url[PRESIGN_LIST_MAX + 1], const char *from, const char *to)
{
	char changed[PRESIGN_LIST_MAX + 1];
	const char *at = strstr(url, from);
	struct buf b;

	if (at == NULL)
		log_die("check_store", "a listing's URL is not as expected");
	buf_init(&b, changed, sizeof(changed));
	buf_add(&b, url, (size_t)(at - url));
	buf_str(&b, to);
	buf_str(&b, at + strlen(from));
	if (buf_end(&b) != ERR_OK)
		log_die("check_store", "a URL is too long");
	memcpy(url, changed, b.len + 1);
}

static enum store_trial_result
list_prefix(struct store *s, char *note)
{
	const struct store_key own = store_key(s, OWN);
	const struct presign_list want = {
		.prefix = { own.text, own.len }
	};
	static const char *const changes[][2] = {
		{ "own%2F", "other%2F" }, { "own%2F", "" },
		{ "?", "?prefix=data%2F&" }, { "&X-Amz-Algorithm",
		    "&prefix=data%2F&X-Amz-Algorithm" },
	};
	char url[PRESIGN_LIST_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		store_sign_list(s, KEYRING_READ, &want, url);
		replace(url, changes[i][0], changes[i][1]);
		store_send(s, "GET", url, NULL, NULL, 0);
		if (shows_other(s)) {
			snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
			    "the other folder was listed");
			return (result(s, false));
		}
	}
	return (result(s, true));
}

/* --- downloads ----------------------------------------------------------- */

static enum store_trial_result
get_key(struct store *s, char *note)
{
	const struct store_sign_url other = {
		KEYRING_READ, PRESIGN_GET, FIRST, STORE_LOOK_VICTIM, 0
	};
	const struct store_sign_url own = {
		KEYRING_READ, PRESIGN_GET, FIRST, NULL, 0
	};
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES];
	struct store_look_effect e;
	const size_t bytes = store_size(s);
	bool got;

	store_sign_url(s, &other, url);
	got = store_send(s, "GET", url, NULL, NULL, 0) == 200;
	store_fill(data, bytes);
	store_sign_url(s, &own, url);
	store_send(s, "PUT", url, NULL, data, bytes);
	store_send(s, "DELETE", url, NULL, NULL, 0);
	store_look_effect(s, FIRST, FIRST, bytes, &e);
	if (e.stored || e.escaped)
		store_start_again(s);
	if (got || e.stored || e.escaped)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, got ?
		    "another file was served" :
		    "the URL of a GET stores or deletes");
	return (result(s, !got && !e.stored && !e.escaped));
}

/* What everybody can do, without a signature. */
static enum store_trial_result
public(struct store *s, char *note)
{
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES];
	struct store_look_effect e;
	const size_t bytes = store_size(s);
	struct buf b;
	bool got, listed;

	store_sign_plain(s, FIRST, url);
	got = store_send(s, "GET", url, NULL, NULL, 0) == 200;
	store_fill(data, bytes);
	store_send(s, "PUT", url, NULL, data, bytes);
	store_send(s, "DELETE", url, NULL, NULL, 0);
	buf_init(&b, url, sizeof(url));
	buf_fmt(&b, "%s%s?list-type=2&prefix=data%%2FCHECK-STORE",
	    s->bucket.url, s->bucket.prefix_len == 0 ? "/" : "");
	store_send(s, "GET", url, NULL, NULL, 0);
	listed = shows_other(s);
	store_look_effect(s, FIRST, FIRST, bytes, &e);
	if (e.stored || e.escaped) {
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
		    "everybody can write or delete");
		store_start_again(s);
	} else if (got || listed)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "everybody can %s",
		    got ? "read" : "list");
	return (result(s, !got && !listed && !e.stored && !e.escaped));
}

const struct store_trial store_read_trials[] = {
	{ "list", STORE_TRIAL_ALL, "the read key lists what was stored",
	    "validators and bucket-sync see nothing", list },
	{ "paging", STORE_TRIAL_ALL, "a listing goes on page by page",
	    "validators see only the first files of a miner", paging },
	{ "encoding", 0, "listings apply encoding-type=url", "", encoding },
	{ "list-prefix", STORE_TRIAL_ALL,
	    "a listing's URL is refused for another folder",
	    "a miner can list the files of every other miner", list_prefix },
	{ "get-key", STORE_TRIAL_ALL,
	    "a download's URL is refused for another file, PUT and DELETE",
	    "a client that has one URL can read every file", get_key },
	{ "public", STORE_TRIAL_ALL, "without a signature nothing is allowed",
	    "everybody can read, list or change the bucket", public },
	{ 0 }
};
