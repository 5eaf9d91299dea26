#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "s3/key.h"
#include "s3/layout.h"
#include "upload.h"

#define JOB_MAX 128

/* A grant that ends within this time, or within a quarter of a shorter
   lifetime, is not used for another file. */
#define MARGIN_MS 60000

/* New grants in a row that the store may refuse. */
#define FRUITLESS_MAX 2

bool
upload_prefix(const char *job, char prefix[UPLOAD_PREFIX_MAX + 1])
{

	prefix[0] = '\0';
	if (job == NULL)
		return (true);
	if (!key_is_job(job) || strlen(job) > JOB_MAX)
		return (false);
	snprintf(prefix, UPLOAD_PREFIX_MAX + 1, LAYOUT_JOB "%s/", job);
	return (true);
}

void
upload_grant_drop(struct upload_grants *g)
{

	if (g == NULL || --g->users > 0)
		return;
	service_folder_free(&g->folder);
	free(g);
}

static int64_t
time_left(const struct upload_grants *g)
{

	return (g->folder.ends_ms - clock_tick_ms());
}

bool
upload_grant_ask(struct upload *u, struct files_one *const *named, size_t n,
    const char *after)
{
	struct service_answer a = { .result = SERVICE_OK };
	struct upload_grants *g = calloc(1, sizeof(*g));
	struct service_file *file = calloc(n + 1, sizeof(*file));
	size_t i;

	if (g == NULL || file == NULL)
		log_die("out_of_memory", "grants");
	for (i = 0; i < n && !u->limits.folder_forms; i++)
		file[i] = (struct service_file){ named[i]->name,
		    named[i]->st.st_size };
	g->users = 1;
	if (service_folder(u->c->service, u->source, file, i, after,
	    &g->folder, &a) != SERVICE_OK) {
		u->ended = service_explain(u->c->service, &a);
		upload_grant_drop(g);
		g = NULL;
	}
	service_clear(&a);
	free(file);
	if (g == NULL)
		return (false);
	g->batch = ++u->batches;
	for (i = 0; i < n; i++) {
		named[i]->grant = u->limits.folder_forms ? 0 : i;
		named[i]->batch = g->batch;
	}
	g->margin_ms = time_left(g) / 4 < MARGIN_MS ? time_left(g) / 4 :
	    MARGIN_MS;
	upload_grant_drop(u->grants);
	u->grants = g;
	return (true);
}

/* Ask for grants for file ${i} and the next ones that must be sent. */
static bool
ask_for(struct upload *u, size_t i)
{
	struct files_one **named;
	size_t n = 0;
	bool ok;

	if ((named = calloc(SERVICE_FILES_MAX, sizeof(*named))) == NULL)
		log_die("out_of_memory", "grants");
	for (; i < u->files.n && n < SERVICE_FILES_MAX &&
	    (n == 0 || !u->limits.folder_forms); i++) {
		if (u->files.file[i].state == FILES_NEW)
			named[n++] = &u->files.file[i];
	}
	ok = upload_grant_ask(u, named, n, NULL);
	free(named);
	return (ok);
}

struct upload_grants *
upload_grant_for(struct upload *u, size_t i)
{
	struct files_one *one = &u->files.file[i];
	struct upload_grants *g = u->grants;

	if (g == NULL || time_left(g) < g->margin_ms ||
	    (!g->folder.any && one->batch != g->batch)) {
		if (!ask_for(u, i))
			return (NULL);
		g = u->grants;
	}
	if (g->folder.any)
		one->grant = 0;
	g->users++;
	return (g);
}

void
upload_grant_refused(struct upload *u, struct upload_grants *g)
{

	if (g != u->grants || u->fruitless == FRUITLESS_MAX)
		return;
	u->fruitless++;
	upload_grant_drop(u->grants);
	u->grants = NULL;
}

struct text_pair *
upload_fields(const struct service_grant *g, const char *key, size_t *n)
{
	struct text_pair *all;
	size_t i;

	if ((all = calloc(g->n_fields + 1, sizeof(*all))) == NULL)
		log_die("out_of_memory", "form");
	*n = 0;
	all[(*n)++] = (struct text_pair){ "key", key };
	for (i = 0; i < g->n_fields; i++) {
		if (strcmp(g->fields[i].name, "key") != 0)
			all[(*n)++] = g->fields[i];
	}
	return (all);
}
