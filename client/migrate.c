/* foldergate migrate: data sets of the Hub into the own folder of the store. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "migrate.h"
#include "progress.h"

static void
on_odd(void *user, const char *path, int64_t bytes, const char *why)
{

	migrate_say_odd(user, path, bytes, why);
}

/* What the plan leaves to do would be done. */
static void
say_plan(struct migrate *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!m->one[i].done)
			migrate_say(m, &m->one[i], m->one[i].compare ?
			    MIGRATE_WOULD_READ : MIGRATE_WOULD_SEND, NULL);
	}
}

static void
count_left(struct migrate *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		m->count[MIGRATE_LEFT] += !m->one[i].done;
}

/* List both sides.  Return the exit status. */
static int
look(struct migrate *m)
{
	int status;

	if ((m->hub = hub_new(m->c, m->progress)) == NULL)
		return (COMMAND_FAILED);
	status = hub_list_fill(&m->list, m->hub);
	if (status == COMMAND_OK) {
		migrate_card(m);
		m->known = known_open();
		status = migrate_plan(m);
	}
	return (service_stopped(m->c->service) ? COMMAND_STOPPED : status);
}

static int
migrate(struct migrate *m, const char *temp)
{
	const int status = look(m);

	if (status != COMMAND_OK)
		return (status);
	migrate_print_plan(m);
	if (m->dry_run) {
		say_plan(m);
	} else if (migrate_temp_open(m, temp)) {
		migrate_run(m);
		migrate_temp_close(m);
	}
	count_left(m);
	progress_free(m->progress);
	m->progress = NULL;
	return (migrate_sum(m));
}

static void
forget(struct migrate *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->one[i].name);
	free(m->one);
	free(m->list_from);
	upload_grant_drop(m->u.grants);
	upload_grant_drop(m->u.list);
	files_free(&m->u.files);
	known_close(m->known);
	hub_free(m->hub);
	hub_list_free(&m->list);
	progress_free(m->progress);
}

static bool
read_conflict(const char *word, enum migrate_conflict *out)
{
	static const char *const words[] = {
		[MIGRATE_FAIL] = "fail", [MIGRATE_SKIP] = "skip",
		[MIGRATE_RENAME] = "rename",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word != NULL && strcmp(word, words[i]) == 0) {
			*out = (enum migrate_conflict)i;
			return (true);
		}
	}
	return (word == NULL);
}

int
command_migrate(int argc, char **argv)
{
	static struct connect c;
	static struct migrate m = { .c = &c, .place = { -1, -1 } };
	const char *file = NULL, *temp = NULL, *on_conflict = NULL, **word;
	const struct option_spec options[] = {
		{ "list", &file, NULL },
		{ "on-conflict", &on_conflict, NULL },
		{ "temp", &temp, NULL },
		{ "dry-run", NULL, &m.dry_run },
		{ "no-checksum", NULL, &m.u.no_checksum },
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), SETTINGS_SOURCE(&c.set),
		SETTINGS_CONNECTIONS(&c.set), { NULL, NULL, NULL }
	};
	int n, at, status;

	if ((word = calloc((size_t)argc + 1, sizeof(*word))) == NULL)
		log_die("out_of_memory", "migrate");
	n = command_options(argc, argv, options, word, argc);
	at = file == NULL ? 1 : 0;
	if (n < 0)
		status = COMMAND_USAGE;
	else if (n < at)
		status = command_wrong("HUB is missing");
	else if (!read_conflict(on_conflict, &m.conflict))
		status = command_wrong("--on-conflict is fail, skip or "
		    "rename");
	else if ((status = hub_list_read(&m.list, at == 1 ? word[0] : NULL,
	    file)) == COMMAND_OK)
		status = connect_open(&c, CONNECT_COLDKEY);
	if (status == COMMAND_OK) {
		m.list.pattern = word + at;
		m.list.patterns = n - at;
		m.list.odd = on_odd;
		m.list.user = &m;
		m.progress = progress_new(&c.set, "migrate");
		m.u.c = &c;
		m.u.source = c.set.value[SETTING_SOURCE];
		m.u.progress = m.progress;
		migrate_hooks(&m);
		status = migrate(&m, temp);
	}
	forget(&m);
	connect_close(&c);
	free(word);
	return (status);
}
