/* foldergate selftest: what grants allow, tried from outside. */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "command.h"
#include "selftest.h"
#include "selftest_cross.h"

#define LEFT_MAX 1400

/* All options of all forms. */
struct selftest {
	struct connect own, other, validator;
	const char *other_wallet, *other_hotkey, *other_coldkey;
	const char *reader;	/* a wallet, or with a slash a hotkey file */
	const char *another, *kind, *junit;
	const char *form;
};

/* Another person's keys, asked for with the same service and options. */
static void
prepare(struct connect *c, const struct connect *own, const char *wallet,
    const char *hotkey, const char *coldkey)
{
	static const enum setting same[] = {
		SETTING_URL, SETTING_WALLET_PATH, SETTING_PASSWORD_FILE,
		SETTING_SCHEME, SETTING_RECEIVER, SETTING_CA_FILE
	};
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		c->set.option[same[i]] = own->set.option[same[i]];
	c->set.config = own->set.config;
	c->set.option[SETTING_WALLET] = wallet;
	c->set.option[SETTING_HOTKEY] = hotkey != NULL ? hotkey : "default";
	c->set.option[SETTING_COLDKEY] = coldkey;
	c->set.json = own->set.json;
	c->set.quiet = own->set.quiet;
	c->second = true;
}

static int
open_all(struct selftest *s, bool *validator)
{
	int status;

	prepare(&s->other, &s->own, s->other_wallet, s->other_hotkey,
	    s->other_coldkey);
	if ((*validator = s->reader != NULL))
		prepare(&s->validator, &s->own,
		    strchr(s->reader, '/') != NULL ? NULL : s->reader,
		    strchr(s->reader, '/') != NULL ? s->reader : NULL, NULL);
	if ((status = connect_open(&s->own, CONNECT_COLDKEY)) == COMMAND_OK)
		status = connect_open(&s->other, CONNECT_COLDKEY);
	if (status == COMMAND_OK && *validator)
		status = connect_open(&s->validator, CONNECT_HOTKEY);
	return (status);
}

static int
cross_folder(struct selftest *s, struct selftest_report *r)
{
	static struct selftest_cross x;
	char left[LEFT_MAX] = "";
	bool validator;
	int status;

	r->ways = true;
	if ((status = open_all(s, &validator)) == COMMAND_OK) {
		x.own.c = &s->own;
		x.other.c = &s->other;
		x.validator = validator ? &s->validator : NULL;
		x.source = s->own.set.value[SETTING_SOURCE];
		x.another = s->another;
		x.kind = s->kind;
		x.report = r;
		if ((status = selftest_start(&x)) == COMMAND_OK) {
			r->home = x.own.folder.folder;
			status = selftest_cross_run(&x);
		}
		if (x.job[0] != '\0')
			snprintf(left, sizeof(left), "%zu files stay below %s "
			    "and one below the other's folder, because a miner "
			    "cannot delete.%s", x.own.look.was.n > x.before ?
			    x.own.look.was.n - x.before : 0,
			    x.own.folder.folder,
			    x.bucket.begun ? "" : " The bucket outside both "
			    "folders was not looked at; see "
			    "--validator.");
		selftest_start_free(&x);
	}
	return (selftest_report_close(r, left, status));
}

static int
one_wallet(struct selftest *s, struct selftest_report *r, bool upload)
{
	char left[LEFT_MAX] = "";
	int status;

	if ((status = connect_open(&s->own, upload ? CONNECT_COLDKEY :
	    CONNECT_HOTKEY)) == COMMAND_OK)
		status = upload ? selftest_upload(&s->own, r, left,
		    sizeof(left)) : selftest_download(&s->own, r);
	return (selftest_report_close(r, left, status));
}

static int
run(struct selftest *s)
{
	struct selftest_report r = { .name = s->form, .junit = s->junit,
	    .json = s->own.set.json, .quiet = s->own.set.quiet };
	const bool cross = strcmp(s->form, "cross-folder") == 0;
	int status;

	if (cross && s->other_wallet == NULL && s->other_hotkey == NULL)
		return (command_wrong("--other-wallet is missing"));
	if (cross && s->kind != NULL && !selftest_cross_knows(s->kind))
		return (command_wrong("there is no kind \"%s\"", s->kind));
	if (!cross && (s->other_wallet != NULL || s->other_hotkey != NULL ||
	    s->other_coldkey != NULL || s->reader != NULL ||
	    s->another != NULL || s->kind != NULL))
		return (command_wrong("--other-..., --validator and --kind are "
		    "for cross-folder"));
	if ((status = selftest_report_open(&r)) != COMMAND_OK)
		return (status);
	status = cross ? cross_folder(s, &r) : one_wallet(s, &r,
	    strcmp(s->form, "upload") == 0);
	connect_close(&s->own);
	connect_close(&s->other);
	connect_close(&s->validator);
	return (status);
}

int
command_selftest(int argc, char **argv)
{
	static struct selftest s;
	const struct option_spec options[] = {
		{ "other-wallet", &s.other_wallet, NULL },
		{ "other-hotkey", &s.other_hotkey, NULL },
		{ "other-coldkey", &s.other_coldkey, NULL },
		{ "validator", &s.reader, NULL },
		{ "other-bucket", &s.another, NULL },
		{ "kind", &s.kind, NULL }, { "junit", &s.junit, NULL },
		SETTINGS_LOOK(&s.own.set), SETTINGS_SERVICE(&s.own.set),
		SETTINGS_KEYS(&s.own.set), SETTINGS_SOURCE(&s.own.set),
		{ NULL, NULL, NULL }
	};

	if (command_options(argc, argv, options, &s.form, 1) < 0)
		return (COMMAND_USAGE);
	if (s.form == NULL)
		return (command_wrong("cross-folder, upload or download is "
		    "missing"));
	if (strcmp(s.form, "cross-folder") != 0 &&
	    strcmp(s.form, "upload") != 0 && strcmp(s.form, "download") != 0)
		return (command_wrong("unexpected argument \"%s\"", s.form));
	return (run(&s));
}
