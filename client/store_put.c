/* Rows of foldergate check-store: what a presigned PUT allows. */

#include <stdio.h>
#include <string.h>

#include "store_look.h"
#include "store_sign.h"
#include "store_start.h"
#include "store_trial.h"

#define OWN STORE_START_OWN

/* A PUT by a URL that was signed for a name and a length (-1: any). */
struct put {
	const char *name, *path;	/* signed; in its place, or NULL */
	int64_t signed_bytes;
	size_t bytes;
	const char *header;		/* added; NULL: none */
};

static int
send_put(struct store *s, const struct put *p)
{
	const struct store_sign_url u = {
		KEYRING_UPLOAD, PRESIGN_PUT, p->name, p->path, p->signed_bytes
	};
	const char *const headers[] = { p->header, NULL };
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES + 2];

	store_fill(data, p->bytes);
	store_sign_url(s, &u, url);
	return (store_send(s, "PUT", url, headers, data, p->bytes));
}

/* Without a query, hence without a signature. */
static bool
everybody_reads(struct store *s, const char *name)
{
	char url[PRESIGN_OBJECT_MAX + 1];

	store_sign_plain(s, name, url);
	return (store_send(s, "GET", url, NULL, NULL, 0) == 200);
}

static enum store_trial_result
result(struct store *s, bool good)
{

	store_look_again(s);
	if (s->lost)
		return (STORE_TRIAL_UNKNOWN);
	return (good ? STORE_TRIAL_OK : STORE_TRIAL_FAILED);
}

static enum store_trial_result
put(struct store *s, char *note)
{
	const size_t a = store_size(s), b = store_size(s);
	const struct put sized = { OWN "put", NULL, (int64_t)a, a, NULL };
	const struct put any = { OWN "put-any", NULL, PRESIGN_ANY_SIZE, b,
	    NULL };
	int status;

	status = send_put(s, &sized);
	if (store_look_holds(s, sized.name, a)) {
		status = send_put(s, &any);
		s->puts = store_look_holds(s, any.name, b);
		if (s->puts)
			return (result(s, true));
	}
	snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "status %d", status);
	return (s->lost ? STORE_TRIAL_UNKNOWN : STORE_TRIAL_ABSENT);
}

static enum store_trial_result
put_size(struct store *s, char *note)
{
	const size_t bytes = store_size(s);
	const struct put p = { OWN "longer", NULL, STORE_MIN_BYTES, bytes,
	    NULL };
	struct store_look_effect e;
	int status;

	if (!s->puts)
		return (STORE_TRIAL_ABSENT);
	status = send_put(s, &p);
	store_look_effect(s, p.name, p.name, bytes, &e);
	if (e.stored || e.moved || e.escaped)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "%zu bytes were stored"
		    " where %d were signed (status %d)", bytes,
		    STORE_MIN_BYTES, status);
	return (result(s, !e.stored && !e.moved && !e.escaped));
}

/* The URL with the path of another object; and with another method. */
static enum store_trial_result
put_key(struct store *s, char *note)
{
	const size_t bytes = store_size(s);
	const struct put p = { OWN "mine", STORE_LOOK_VICTIM,
	    PRESIGN_ANY_SIZE, bytes, NULL };
	const struct store_sign_url kept = {
		KEYRING_UPLOAD, PRESIGN_PUT, STORE_START_FIRST, NULL,
		PRESIGN_ANY_SIZE
	};
	char url[PRESIGN_OBJECT_MAX + 1];
	struct store_look_effect e, gone;

	if (!s->puts)
		return (STORE_TRIAL_ABSENT);
	send_put(s, &p);
	store_look_effect(s, p.path, p.name, bytes, &e);
	store_sign_url(s, &kept, url);
	store_send(s, "DELETE", url, NULL, NULL, 0);
	store_look_effect(s, OWN "mine", OWN "mine", bytes, &gone);
	if (gone.escaped)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
		    "the URL of a PUT deletes");
	if (gone.escaped || e.stored || e.escaped)
		store_start_again(s);
	return (result(s, !e.stored && !e.escaped && !gone.escaped));
}

/* A miner chooses the names of the files that it is granted.  These are names
   that foldergate grants. */
static enum store_trial_result
put_name(struct store *s, char *note)
{
	static const char *const names[] = {
		OWN "%2e%2e/other/p5", OWN "%2e%2e%2fother%2fp6",
		OWN "..\\other\\victim"
	};
	struct put p = { NULL, NULL, PRESIGN_ANY_SIZE, 0, NULL };
	struct store_look_effect e;
	size_t i;

	if (!s->puts)
		return (STORE_TRIAL_ABSENT);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		p.name = names[i];
		p.bytes = store_size(s);
		send_put(s, &p);
		store_look_effect(s, p.name, p.name, p.bytes, &e);
		if (e.moved || e.escaped) {
			snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
			    "the key %s changed %s", p.name, e.where);
			store_start_again(s);
			return (result(s, false));
		}
	}
	return (result(s, true));
}

/* Copy the other miner's file into the own folder. */
static enum store_trial_result
put_copy(struct store *s, char *note)
{
	const struct store_key victim = store_key(s, STORE_LOOK_VICTIM);
	char header[320], data[STORE_MAX_BYTES];
	const struct put any = {
		OWN "copy", NULL, PRESIGN_ANY_SIZE, 0, header
	};
	const struct put sized = { OWN "copy-0", NULL, 0, 0, header };
	const struct put *puts[] = { &any, &sized };
	size_t i, bytes = 0;

	if (!s->puts)
		return (STORE_TRIAL_ABSENT);
	for (i = 0; i < s->n; i++) {
		if (strcmp(s->object[i].name, STORE_LOOK_VICTIM) == 0)
			bytes = (size_t)s->object[i].bytes;
	}
	if (bytes == 0 || bytes > sizeof(data))
		return (STORE_TRIAL_UNKNOWN);
	store_fill(data, bytes);
	snprintf(header, sizeof(header), "x-amz-copy-source: /%s/%s",
	    s->bucket.name, victim.text);
	for (i = 0; i < 2; i++) {
		send_put(s, puts[i]);
		if (store_look_holds(s, puts[i]->name, bytes)) {
			snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
			    "the header x-amz-copy-source is obeyed");
			return (result(s, false));
		}
	}
	return (result(s, true));
}

static enum store_trial_result
put_acl(struct store *s, char *note)
{
	static const char grant[] = "x-amz-grant-read: uri=\"http://"
	    "acs.amazonaws.com/groups/global/AllUsers\"";
	const char *const lines[] = {
		"x-amz-acl: public-read", "x-amz-acl: public-read-write",
		grant,
	};
	struct put p = { OWN "public", NULL, PRESIGN_ANY_SIZE, 0, NULL };
	size_t i;

	if (!s->puts)
		return (STORE_TRIAL_ABSENT);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		p.bytes = store_size(s);
		p.header = lines[i];
		send_put(s, &p);
		if (everybody_reads(s, p.name)) {
			snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
			    "the header %.*s is obeyed",
			    (int)strcspn(lines[i], ":"), lines[i]);
			return (result(s, false));
		}
	}
	return (result(s, true));
}

const struct store_trial store_put_trials[] = {
	{ "put", STORE_TRIAL_PUT, "a presigned PUT stores its file",
	    "no miner can upload by PUT", put },
	{ "put-size", STORE_TRIAL_PUT,
	    "a PUT with a signed length is refused with another",
	    "a miner can fill the bucket with files of any size", put_size },
	{ "put-key", STORE_TRIAL_PUT,
	    "a PUT's URL is refused for another file, and for DELETE",
	    "a miner can overwrite the files of every other miner", put_key },
	{ "put-name", STORE_TRIAL_PUT,
	    "a PUT of a file with an odd name reaches no other",
	    "a miner can overwrite the files of every other miner", put_name },
	{ "put-copy", STORE_TRIAL_PUT,
	    "x-amz-copy-source on a PUT copies no other file",
	    "a miner can read the files of every other miner", put_copy },
	{ "put-acl", STORE_TRIAL_PUT,
	    "x-amz-acl and x-amz-grant-read on a PUT make nothing public",
	    "a miner can make its files readable for everybody", put_acl },
	{ 0 }
};
