/* Rows of foldergate check-store: what a form allows. */

#include <stdio.h>
#include <string.h>

#include "store_look.h"
#include "store_sign.h"
#include "store_start.h"
#include "store_trial.h"

#define OWN STORE_START_OWN

struct try {
	struct store_sign_form form;
	size_t bytes;		/* 0: any that the form accepts */
};

/* What may happen besides a refusal. */
enum may { NOTHING, STORED, STORED_OR_MOVED };

/* One try is enough to fail. */
static enum store_trial_result
try_one(struct store *s, const struct try *t, enum may may, char *note)
{
	const size_t bytes = t->bytes != 0 ? t->bytes : store_size(s);
	const int status = store_sign_form(s, &t->form, bytes, "file");
	struct store_look_effect e;

	store_look_effect(s, t->form.sent, t->form.granted, bytes, &e);
	if (e.escaped || (e.moved && may != STORED_OR_MOVED)) {
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
		    "the key %s (status %d) changed %s", t->form.sent, status,
		    e.where);
		if (e.escaped)
			store_start_again(s);
		return (STORE_TRIAL_FAILED);
	}
	if (e.stored && may == NOTHING) {
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1,
		    "%zu bytes were stored as %s (status %d)", bytes,
		    t->form.sent, status);
		store_start_again(s);
		return (STORE_TRIAL_FAILED);
	}
	return (s->lost ? STORE_TRIAL_UNKNOWN : STORE_TRIAL_OK);
}

static enum store_trial_result
try_all(struct store *s, const struct try *t, size_t n, enum may may,
    char *note)
{
	enum store_trial_result r = STORE_TRIAL_OK;
	size_t i;

	if (!s->forms)
		return (STORE_TRIAL_ABSENT);
	for (i = 0; i < n && r == STORE_TRIAL_OK; i++)
		r = try_one(s, &t[i], may, note);
	return (r);
}

#define FORM(of, name, key) {						\
	.kind = POST_POLICY_##of, .granted = (name), .sent = (key)	\
}
#define FOLDER(key)	FORM(FOLDER, OWN, key)
#define EXACT(key)	FORM(EXACT, "own/exact", key)
#define SAME(key)	FORM(EXACT, key, key)
#define CHANGED(name, new_field, new_value) {				\
	.kind = POST_POLICY_FOLDER, .granted = OWN, .sent = (name),	\
	.field = (new_field), .value = (new_value)			\
}
#define TRY_ALL(tries, may)						\
	try_all(s, (tries), sizeof(tries) / sizeof((tries)[0]), (may), note)

/* --- rows ---------------------------------------------------------------- */

static enum store_trial_result
form(struct store *s, char *note)
{

	if (!s->forms)
		return (STORE_TRIAL_ABSENT);
	if (s->no_acl || s->no_class)
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "only without %s%s%s",
		    s->no_acl ? "an ACL" : "", s->no_acl && s->no_class ?
		    " and " : "", s->no_class ? "a storage class" : "");
	return (STORE_TRIAL_OK);
}

static enum store_trial_result
file_name(struct store *s, char *note)
{
	const struct store_sign_form f = FOLDER(OWN "${filename}");
	const size_t bytes = store_size(s);
	bool replaced;

	(void)note;
	if (!s->forms)
		return (STORE_TRIAL_ABSENT);
	store_sign_form(s, &f, bytes, "named");
	replaced = store_look_holds(s, OWN "named", bytes);
	store_look_again(s);
	if (s->lost)
		return (STORE_TRIAL_UNKNOWN);
	return (replaced ? STORE_TRIAL_OK : STORE_TRIAL_ABSENT);
}

static enum store_trial_result
other_folder(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ FOLDER(STORE_LOOK_VICTIM), 0 }, { FOLDER("other/new"), 0 },
		{ FOLDER("new"), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
sibling(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ FOLDER("own-2/new"), 0 }, { FOLDER("own.new"), 0 },
		{ FOLDER("owner"), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
dots(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ FOLDER(OWN "../" STORE_LOOK_VICTIM), 0 },
		{ FOLDER(OWN "../other/new"), 0 },
		{ FOLDER(OWN "%2e%2e/other/p1"), 0 },
		{ FOLDER(OWN "%2e%2e%2fother%2fp2"), 0 },
		{ FOLDER(OWN "..\\other\\victim"), 0 },
		{ FOLDER(OWN "..\\" STORE_LOOK_VICTIM), 0 },
		{ FOLDER(OWN "/../" STORE_LOOK_VICTIM), 0 },
		{ FOLDER(OWN "a/../../" STORE_LOOK_VICTIM), 0 },
		{ FOLDER(OWN "./../" STORE_LOOK_VICTIM), 0 },
	};

	return (TRY_ALL(tries, STORED_OR_MOVED));
}

/* Harmless to others, but a miner's file is not where it should be. */
static enum store_trial_result
same_name(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ FOLDER(OWN "/slash"), 0 }, { FOLDER(OWN "b//c"), 0 },
		{ FOLDER(OWN "./dot"), 0 }, { FOLDER(OWN "d/../e"), 0 },
		{ FOLDER(OWN "f%2fg"), 0 }, { FOLDER(OWN "h\\i"), 0 },
	};

	return (TRY_ALL(tries, STORED));
}

static enum store_trial_result
size(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ FOLDER(OWN "small"), STORE_MIN_BYTES - 1 },
		{ FOLDER(OWN "large"), STORE_MAX_BYTES + 1 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
acl(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ CHANGED(OWN "acl", "acl", "public-read"), 0 },
		{ CHANGED(OWN "x-acl", "x-amz-acl", "public-read"), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
extra(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ CHANGED(OWN "meta", "x-amz-meta-a", "b"), 0 },
		{ CHANGED(OWN "redirect", "x-amz-website-redirect-location",
		    "http://192.0.2.1/"), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
any_extra(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ CHANGED(OWN "type", "Content-Type", "text/html"), 0 },
		{ CHANGED(OWN "cache", "Cache-Control", "public"), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

/* One that ended minutes ago, so that a clock which is a little off proves
   nothing wrong. */
static enum store_trial_result
expired(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ { .kind = POST_POLICY_FOLDER, .granted = OWN,
		    .sent = OWN "late", .age_s = 600 + STORE_TTL_S }, 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
signature(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ CHANGED(OWN "forged", "x-amz-signature", "00000000000000000"
		    "00000000000000000000000000000000000000000000000"), 0 },
		{ CHANGED(OWN "no-policy", "policy", ""), 0 },
	};

	return (TRY_ALL(tries, NOTHING));
}

static enum store_trial_result
exact(struct store *s, char *note)
{
	static const struct store_sign_form good = EXACT("own/exact");
	static const struct try tries[] = {
		{ EXACT("own/exact-2"), 0 }, { EXACT("own/other"), 0 },
		{ EXACT("own/exac"), 0 }, { EXACT(STORE_LOOK_VICTIM), 0 },
		{ EXACT("own/exact/../../" STORE_LOOK_VICTIM), 0 },
	};
	const size_t bytes = store_size(s);

	if (!s->forms)
		return (STORE_TRIAL_ABSENT);
	if (store_sign_form(s, &good, bytes, "file") / 100 != 2 ||
	    !store_look_holds(s, good.sent, bytes)) {
		snprintf(note, STORE_TRIAL_NOTE_MAX + 1, "the form for one "
		    "file does not store that file");
		return (s->lost ? STORE_TRIAL_UNKNOWN : STORE_TRIAL_FAILED);
	}
	store_look_again(s);
	return (TRY_ALL(tries, NOTHING));
}

/* A miner chooses the names of the files that it is granted.  These are names
   that foldergate grants. */
static enum store_trial_result
odd_exact(struct store *s, char *note)
{
	static const struct try tries[] = {
		{ SAME(OWN "%2e%2e/other/p3"), 0 },
		{ SAME(OWN "%2e%2e%2fother%2fp4"), 0 },
		{ SAME(OWN "..\\other\\victim"), 0 },
	};

	return (TRY_ALL(tries, STORED));
}

#define FORMS (STORE_TRIAL_FOLDER | STORE_TRIAL_FILE)

const struct store_trial store_form_trials[] = {
	{ "form", FORMS, "a form stores a file in its folder",
	    "no miner can upload by form", form },
	{ "filename", 0, "${filename} in a form is replaced", "", file_name },
	{ "other-folder", STORE_TRIAL_FOLDER,
	    "a form is refused for another folder",
	    "a miner can overwrite the files of every other miner",
	    other_folder },
	{ "sibling", STORE_TRIAL_FOLDER,
	    "a form is refused for a folder with the same prefix",
	    "a miner can write beside its folder", sibling },
	{ "dots", STORE_TRIAL_FOLDER,
	    "\"..\" in a form's key leads to no other folder",
	    "a miner can overwrite the files of every other miner", dots },
	{ "same-name", 0, "a file is stored under exactly the key of the form",
	    "", same_name },
	{ "size", FORMS, "files below and above the limits are refused",
	    "a miner can fill the bucket with files of any size", size },
	{ "acl", FORMS, "a form is refused with another ACL",
	    "a miner can make its files readable for everybody", acl },
	{ "extra-amz", FORMS, "a form is refused with an extra x-amz- field",
	    "a miner can set redirects, tags and locks on its files", extra },
	{ "extra-field", 0, "a form is refused with any other extra field", "",
	    any_extra },
	{ "expired", FORMS, "a form that has expired is refused",
	    "a grant that leaked can be used forever", expired },
	{ "signature", FORMS, "a form without a valid signature is refused",
	    "everybody can write every file", signature },
	{ "exact", FORMS, "a form for one file is refused for any other",
	    "a miner can overwrite the files of every other miner", exact },
	{ "exact-name", STORE_TRIAL_FILE,
	    "a form for one file with an odd name reaches no other",
	    "a miner can overwrite the files of every other miner", odd_exact },
	{ 0 }
};
