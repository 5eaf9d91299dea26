/* Rows of foldergate check-store: what the two keys may do. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "s3/probe.h"
#include "store_keys.h"
#include "store_look.h"
#include "store_rights.h"
#include "store_sign.h"
#include "store_start.h"
#include "store_trial.h"

#define FIRST STORE_START_FIRST

/* --- the duplicate check of get-file-upload-url -------------------------- */

static enum store_trial_result
duplicate(struct store *s, char *note)
{
	const struct store_key there = store_key(s, FIRST),
	    absent = store_key(s, "own/absent");
	struct probe p = {
		.cfg = s->cfg, .hmac = s->hmac,
		.key = &s->role[KEYRING_READ].key, .now_ms = clock_now_ms,
		.asker = s->asker
	};
	const bool was = log_quiet(true);
	const enum err a = probe_new_key(&p, there.text),
	    b = probe_new_key(&p, absent.text);
	const char *why = log_replace();

	if (a != ERR_EXISTS)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "a file that is there "
		    "%s (at s3.endpoint)", a == ERR_OK ? "is not found" :
		    why != NULL ? why : "");
	else if (b != ERR_OK)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "a file that is not "
		    "there gives no 404 (%s); may the read key list?", b ==
		    ERR_EXISTS ? "it is found" : why != NULL ? why : "");
	(void)log_quiet(was);
	return (a == ERR_EXISTS && b == ERR_OK ? STORE_TRIAL_OK :
	    STORE_TRIAL_FAILED);
}

/* --- how narrow the keys are --------------------------------------------- */

/* Write what the key of ${role} can do that no grant needs. */
static enum store_trial_result
narrow(struct store *s, enum keyring_role_name role, char *note)
{
	const struct store_right *r;
	bool lost = false;
	size_t at = 0;

	store_start_again(s);
	for (r = store_rights; r->name != NULL; r++) {
		if (r->role != role || r->needed)
			continue;
		if (store_rights_try(s, r) == STORE_RIGHTS_ALLOWED)
			at += (size_t)snprintf(note + at, STORE_TRIAL_NOTE_MAX +
			    1 - at, "%s%s", at == 0 ? "it can " : ", ",
			    r->verb);
		lost |= s->lost;
	}
	store_look_again(s);
	if (lost || s->lost)
		return (STORE_TRIAL_UNKNOWN);
	return (at == 0 ? STORE_TRIAL_OK : STORE_TRIAL_WIDE);
}

static enum store_trial_result
upload_key(struct store *s, char *note)
{

	return (narrow(s, KEYRING_UPLOAD, note));
}

static enum store_trial_result
read_key(struct store *s, char *note)
{

	return (narrow(s, KEYRING_READ, note));
}

const struct store_trial store_keys_trials[] = {
	{ "duplicate", STORE_TRIAL_ASK,
	    "HEAD finds a file that is there, and 404 says that one is not",
	    "get-file-upload-url answers 503, or lets a file be replaced",
	    duplicate },
	{ "upload-key", 0, "the upload key can do nothing but put", "",
	    upload_key },
	{ "read-key", 0, "the read key can do nothing but get and list", "",
	    read_key },
	{ 0 }
};

/* --- cleaning up --------------------------------------------------------- */

static bool
delete(struct store *s, enum keyring_role_name role, const char *name)
{
	const struct store_sign_url u = { role, PRESIGN_DELETE, name, NULL, 0 };
	char url[PRESIGN_OBJECT_MAX + 1];

	store_sign_url(s, &u, url);
	return (store_send(s, "DELETE", url, NULL, NULL, 0) / 100 == 2);
}

static void
remove_by_any(struct store *s, const char *name)
{

	if (!delete(s, KEYRING_UPLOAD, name) && !keyring_shared(s->cfg))
		(void)delete(s, KEYRING_READ, name);
}

bool
store_keys_clean(struct store *s)
{
	char name[STORE_OBJECTS_MAX][STORE_NAME_MAX + 1];
	const size_t n = s->n;
	size_t i;

	/* The time for tries may be over, but not for this. */
	s->end_ms = clock_tick_ms() + STORE_TOTAL_MS;
	s->lost = false;
	for (i = 0; i < n; i++)
		memcpy(name[i], s->object[i].name, sizeof(name[i]));
	for (i = 0; i < n; i++)
		remove_by_any(s, name[i]);
	store_look_again(s);
	return (!s->lost);
}
