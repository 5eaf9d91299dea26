/*
 * foldergate check-store: try the configured store with what foldergate vends.
 * Each row tries to do what a grant does not allow, and reads back what
 * happened.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "paper.h"
#include "store.h"
#include "store_advice.h"
#include "store_keys.h"
#include "store_start.h"
#include "store_trial.h"

#define ROWS_MAX 48

static const struct store_trial *const lists[] = {
	store_form_trials, store_put_trials, store_read_trials,
	store_keys_trials
};

static const char *
word(enum store_trial_result result)
{
	static const char *const words[] = {
		[STORE_TRIAL_OK] = "ok",
		[STORE_TRIAL_FAILED] = "FAILED",
		[STORE_TRIAL_ABSENT] = "not supported",
		[STORE_TRIAL_WIDE] = "wide",
		[STORE_TRIAL_UNKNOWN] = "no answer",
	};

	return (words[result]);
}

static void
print_row(const struct store_advice_row *r, unsigned uses)
{
	const bool matters = (r->trial->used_by & uses) != 0;

	paper(29, "%-13s  %-12s  %s%s", r->trial->name, word(r->result),
	    r->trial->tries, matters || r->result == STORE_TRIAL_OK ||
	    r->result == STORE_TRIAL_WIDE ? "" :
	    " (not relied on with these settings)");
	if (r->note[0] != '\0')
		paper(31, "%29s%s", "", r->note);
	(void)fflush(stdout);
}

/* Run all rows.  Return their number. */
static size_t
run(struct store *s, struct store_advice_row *rows)
{
	const unsigned uses = store_advice_uses(s);
	const struct store_trial *t;
	struct store_advice_row *r;
	size_t i, n = 0;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (t = lists[i]; t->name != NULL; t++) {
			if (n == ROWS_MAX)
				log_die("check_store", "too many rows");
			r = &rows[n++];
			r->trial = t;
			r->note[0] = '\0';
			s->lost = false;
			r->result = t->run(s, r->note);
			print_row(r, uses);
		}
	}
	return (n);
}

static void
clean(struct store *s)
{
	size_t i;

	if (!store_keys_clean(s))
		paper(2, "\nWhat is left in the scratch folder is not known: "
		    "the store did not answer.");
	else if (s->n > 0)
		paper(2, "\nNeither key may delete these files (%zu). Delete "
		    "them as the bucket's owner:", s->n);
	for (i = 0; i < s->n; i++)
		printf("  %s%s\n", s->folder, s->object[i].name);
}

static bool
check(struct store *s)
{
	char note[STORE_START_NOTE_MAX + 1] = "";
	struct store_advice_row *rows;
	bool good = false;

	printf("store: %s\nscratch folder: %s\n\n", s->bucket.url, s->folder);
	(void)fflush(stdout);
	if ((rows = calloc(ROWS_MAX, sizeof(*rows))) == NULL)
		log_die("out_of_memory", "check-store");
	if (!store_start(s, note))
		command_failed("%s", note);
	else
		good = store_advice_verdict(s, rows, run(s, rows));
	clean(s);
	free(rows);
	return (good);
}

int
command_check_store(int argc, char **argv)
{
	bool internal = false, good;
	const struct option_spec options[] = {
		{ "internal", NULL, &internal }, { NULL, NULL, NULL }
	};
	struct config cfg;
	struct store *s;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (!command_config(&cfg))
		return (COMMAND_FAILED);
	if ((s = malloc(sizeof(*s))) == NULL)
		log_die("out_of_memory", "check-store");
	good = store_open(s, &cfg, internal) == ERR_OK && check(s);
	store_close(s);
	free(s);
	return (good ? COMMAND_OK : COMMAND_FAILED);
}
