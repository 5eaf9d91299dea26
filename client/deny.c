/* foldergate deny: manage the keys and addresses that are denied, each with
   an end and a reason. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "grants.h"
#include "state/denylist.h"
#include "state/denylist_file.h"

enum verb { ADD, REMOVE, LIST, VERBS };

struct arguments {
	enum verb verb;
	const char *value[3];	/* by kind */
	const char *until, *period, *reason;
	bool json;
};

/* Return NULL, or the fault. */
static const char *
parse_end(const struct arguments *a, int64_t now_s, int64_t *end_s)
{

	*end_s = DENYLIST_NEVER;
	if (a->until != NULL && a->period != NULL)
		return ("--until and --for exclude each other");
	if (a->until != NULL) {
		if (num_parse(a->until, strlen(a->until), now_s + 1,
		    TIMEFMT_S_MAX, end_s) != ERR_OK)
			return ("--until needs a Unix time in the future");
	} else if (a->period != NULL) {
		if (!command_duration(a->period, end_s) ||
		    *end_s > TIMEFMT_S_MAX - now_s)
			return ("--for needs a time such as 30m, 12h or 7d");
		*end_s += now_s;
	}
	return (NULL);
}

/* Read the one selector.  Return NULL, or the fault. */
static const char *
parse_value(const struct arguments *a, struct denylist_entry *e)
{
	const char *value = NULL;
	enum denylist_entry_kind kind = DENYLIST_ENTRY_HOTKEY;
	size_t i, given = 0;

	for (i = 0; i < 3; i++) {
		if (a->value[i] == NULL)
			continue;
		kind = (enum denylist_entry_kind)i;
		value = a->value[i];
		given++;
	}
	if (given != 1)
		return ("one of --hotkey, --coldkey and --address is "
		    "needed");
	if (denylist_entry_set(e, kind, value, strlen(value)) == ERR_OK)
		return (NULL);
	if (kind == DENYLIST_ENTRY_ADDRESS)
		return ("--address needs an address, or a range such as "
		    "192.0.2.0/24 whose other bits are zero");
	return (ss58_is_foreign(value, strlen(value)) ? "--hotkey and "
	    "--coldkey need an SS58 address of Bittensor (prefix 42): this is "
	    "an address of another network" :
	    "--hotkey and --coldkey need an SS58 address");
}

static void
print_end(int64_t end_s, int64_t now_s)
{
	char when[TIMEFMT_ISO_MAX + 1];

	if (end_s == DENYLIST_NEVER) {
		printf("without end");
		return;
	}
	timefmt_iso(end_s, when);
	printf("%s %s", end_s > now_s ? "until" : "ended", when);
}

static int
failed(const struct config *cfg, enum err e)
{
	const char *why = log_replace();

	if (e == ERR_RANGE)
		return (command_failed("the denylist is full: %d entries",
		    DENYLIST_ENTRIES_MAX));
	return (command_failed("%s/%s cannot be changed%s%s",
	    cfg->state_directory, DENYLIST_FILE, why != NULL ? ": " : "",
	    why != NULL ? why : ""));
}

static int
add(const struct config *cfg, const struct denylist_entry *entry,
    int64_t now_s)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1];
	struct grants_of of = { denylist_entry_kind(entry->kind), value };
	bool replaced;
	enum err e;

	if ((e = denylist_file_add(cfg->state_directory, entry, now_s,
	    &replaced)) != ERR_OK)
		return (failed(cfg, e));
	denylist_entry_value(entry, value);
	printf("%s %s is denied ", of.member, value);
	print_end(entry->end_s, now_s);
	printf("%s\n", replaced ? "; it was denied before" : "");
	if (entry->kind == DENYLIST_ENTRY_ADDRESS)
		return (COMMAND_OK);

	/* Earlier grants stay valid.  Print that while it matters. */
	fflush(stdout);
	grants_print(cfg->audit_file, &of, now_s);
	return (COMMAND_OK);
}

static int
take_away(const struct config *cfg, const struct denylist_entry *entry,
    int64_t now_s)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1];
	bool found;
	enum err e;

	if ((e = denylist_file_remove(cfg->state_directory, entry, now_s,
	    &found)) != ERR_OK)
		return (failed(cfg, e));
	denylist_entry_value(entry, value);
	if (!found)
		return (command_failed("there is no entry %s %s",
		    denylist_entry_kind(entry->kind), value));
	printf("entry %s %s is removed\n", denylist_entry_kind(entry->kind),
	    value);
	return (COMMAND_OK);
}

static void
list_json(const struct denylist_file *f)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1], text[1024 +
	    TEXT_ESCAPE_MAX * DENYLIST_REASON_MAX];
	const struct denylist_entry *e;
	struct buf b;

	printf("{\"denied\":[");
	for (e = f->entry; e < f->entry + f->n; e++) {
		denylist_entry_value(e, value);
		printf("%s\n{\"kind\":\"%s\",\"value\":\"%s\",\"until\":",
		    e > f->entry ? "," : "", denylist_entry_kind(e->kind),
		    value);
		if (e->end_s == DENYLIST_NEVER)
			printf("null");
		else
			printf("%" PRId64, e->end_s);
		buf_init(&b, text, sizeof(text));
		buf_json(&b, e->reason, e->reason_len);
		printf(",\"reason\":%s}", text);
	}
	printf("\n]}\n");
}

/* A reason has no control characters, since the reader refuses them. */
static void
list_text(const struct denylist_file *f, int64_t now_s)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1];
	const struct denylist_entry *e;

	for (e = f->entry; e < f->entry + f->n; e++) {
		denylist_entry_value(e, value);
		printf("%-7s %s ", denylist_entry_kind(e->kind), value);
		print_end(e->end_s, now_s);
		printf(": %.*s\n", (int)e->reason_len, e->reason);
	}
}

static int
list(const struct config *cfg, bool json, int64_t now_s)
{
	struct denylist_file f;

	if (denylist_file_read(cfg->state_directory, &f) != ERR_OK)
		return (COMMAND_FAILED);
	if (json)
		list_json(&f);
	else
		list_text(&f, now_s);
	denylist_file_free(&f);
	return (COMMAND_OK);
}

static enum verb
parse_verb(const char *word)
{
	static const char *const words[] = { "add", "remove", "list" };
	int i;

	for (i = ADD; word != NULL && i < VERBS; i++) {
		if (strcmp(word, words[i]) == 0)
			return ((enum verb)i);
	}
	return (VERBS);
}

/* Return NULL, or the fault. */
static const char *
parse(const struct arguments *a, int64_t now_s, struct denylist_entry *e)
{
	const char *wrong;

	if (a->verb == VERBS)
		return ("add, remove or list is missing");
	if (a->json && a->verb != LIST)
		return ("--json is for deny list");
	if (a->verb != ADD && (a->until != NULL || a->period != NULL ||
	    a->reason != NULL))
		return ("--until, --for and --reason are for deny add");
	if (a->verb == LIST)
		return (a->value[0] == NULL && a->value[1] == NULL &&
		    a->value[2] == NULL ? NULL : "deny list takes no selector");
	if ((wrong = parse_value(a, e)) != NULL || a->verb == REMOVE)
		return (wrong);
	if (a->reason == NULL ||
	    !denylist_entry_reason(a->reason, strlen(a->reason)))
		return ("--reason needs 1 to 200 bytes of UTF-8 without "
		    "control characters");
	e->reason = a->reason;
	e->reason_len = strlen(a->reason);
	return (parse_end(a, now_s, &e->end_s));
}

int
command_deny(int argc, char **argv)
{
	struct arguments a = { 0 };
	const struct option_spec options[] = {
		{ "hotkey", &a.value[DENYLIST_ENTRY_HOTKEY], NULL },
		{ "coldkey", &a.value[DENYLIST_ENTRY_COLDKEY], NULL },
		{ "address", &a.value[DENYLIST_ENTRY_ADDRESS], NULL },
		{ "until", &a.until, NULL },
		{ "for", &a.period, NULL },
		{ "reason", &a.reason, NULL },
		{ "json", NULL, &a.json },
		{ NULL, NULL, NULL }
	};
	struct denylist_entry entry = { 0 };
	const int64_t now_s = clock_now_ms() / 1000;
	const char *verb = NULL, *wrong;
	struct config cfg;

	if (command_options(argc, argv, options, &verb, 1) < 0)
		return (COMMAND_USAGE);
	a.verb = parse_verb(verb);
	if (a.verb == VERBS && verb != NULL)
		return (command_wrong("unexpected argument \"%s\"", verb));
	if ((wrong = parse(&a, now_s, &entry)) != NULL)
		return (command_wrong("%s", wrong));
	if (!command_config(&cfg))
		return (COMMAND_FAILED);
	if (a.verb == LIST)
		return (list(&cfg, a.json, now_s));
	return (a.verb == ADD ? add(&cfg, &entry, now_s) :
	    take_away(&cfg, &entry, now_s));
}
