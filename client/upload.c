/* foldergate upload: files into the own folder of the store. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "names.h"
#include "progress.h"
#include "upload.h"

/* How often what was damaged on the way is sent. */
#define ROUNDS 3
#define DAMAGED "sent files have another checksum in the store; they were " \
    "damaged on the way, and are sent again"

static void
on_wrong(void *user, const char *path, const char *why)
{

	upload_say(user, path, UPLOAD_FAILED, -1, why);
}

/* Leave out files that the store would refuse. */
static void
keep_sizes(struct upload *u)
{
	struct files *f = &u->files;
	char least[PROGRESS_WORD_MAX + 1], most[PROGRESS_WORD_MAX + 1];
	char why[100];
	size_t i, n = 0;

	progress_size(u->limits.min_bytes, least);
	progress_size(u->limits.max_bytes, most);
	for (i = 0; i < f->n; i++) {
		if (f->file[i].st.st_size >= u->limits.min_bytes &&
		    f->file[i].st.st_size <= u->limits.max_bytes) {
			f->file[n++] = f->file[i];
			continue;
		}
		snprintf(why, sizeof(why), "it has %lld bytes; %s to %s may "
		    "be stored", (long long)f->file[i].st.st_size, least,
		    most);
		on_wrong(u, f->file[i].path, why);
		free(f->file[i].name);
		free(f->file[i].path);
	}
	f->n = n;
}

void
upload_whole(struct upload *u)
{
	struct files_one *one;
	unsigned rounds = 0;
	size_t damaged;

	do {
		upload_send(u);
		if ((damaged = upload_confirm(u)) > 0)
			progress_say(u->progress, true, "foldergate: %zu %s",
			    damaged, DAMAGED);
	} while (damaged > 0 && ++rounds < ROUNDS);
	for (one = u->files.file; damaged > 0 && one < u->files.file +
	    u->files.n; one++) {
		if (one->state != FILES_NEW)
			continue;
		one->state = FILES_FAILED;
		upload_say(u, one->path, UPLOAD_UNREACHABLE, one->st.st_size,
		    "the store's checksum is not that of the file: it was "
		    "damaged on the way, or the store needs --no-checksum");
	}
}

/* Send what is not there, or say so. */
static void
send_others(struct upload *u)
{
	struct files_one *one;

	for (one = u->files.file; one < u->files.file + u->files.n; one++) {
		if (one->state == FILES_NEW)
			u->bytes_total += one->st.st_size;
	}
	if (u->ended == 0 && !u->dry_run)
		upload_whole(u);
	for (one = u->files.file; one < u->files.file + u->files.n; one++) {
		if (one->state != FILES_NEW)
			continue;
		if (u->ended == 0 && u->dry_run)
			upload_say(u, one->path, UPLOAD_WOULD_SEND,
			    one->st.st_size, NULL);
		else
			u->count[UPLOAD_LEFT]++;
	}
}

static int
upload(struct upload *u, const char *const *paths, int n)
{
	struct service_answer a = { .result = SERVICE_OK };
	char shown[NAMES_SHOWN_MAX + 1];
	const char *again;
	int i;

	if (service_limits(u->c->service, &u->limits, &a) != SERVICE_OK) {
		i = service_explain(u->c->service, &a);
		service_clear(&a);
		return (i);
	}
	service_clear(&a);
	for (i = 0; i < n; i++)
		files_add(&u->files, paths[i], u->prefix);
	if (!files_sort(&u->files, &again)) {
		names_show(again, strlen(again), shown);
		return (command_failed("two files would have the name \"%s\" "
		    "in the folder", shown));
	}
	keep_sizes(u);
	upload_there(u);
	send_others(u);
	progress_free(u->progress);
	u->progress = NULL;
	return (upload_sum(u));
}

int
command_upload(int argc, char **argv)
{
	static struct connect c;
	static struct upload u = { .c = &c };
	const char *job = NULL, **paths;
	char prefix[UPLOAD_PREFIX_MAX + 1];
	const struct option_spec options[] = {
		{ "job", &job, NULL },
		{ "dry-run", NULL, &u.dry_run },
		{ "no-checksum", NULL, &u.no_checksum },
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), SETTINGS_SOURCE(&c.set),
		SETTINGS_CONNECTIONS(&c.set), { NULL, NULL, NULL }
	};
	int n, status;

	if ((paths = calloc((size_t)argc + 1, sizeof(*paths))) == NULL)
		log_die("out_of_memory", "upload");
	if ((n = command_options(argc, argv, options, paths, argc)) < 0)
		status = COMMAND_USAGE;
	else if (n == 0)
		status = command_wrong("FILE is missing");
	else if (!upload_prefix(job, prefix))
		status = command_wrong(UPLOAD_JOB_WRONG);
	else
		status = connect_open(&c, CONNECT_COLDKEY);
	if (status == COMMAND_OK) {
		u.source = c.set.value[SETTING_SOURCE];
		u.prefix = prefix;
		u.files.wrong = on_wrong;
		u.files.user = &u;
		u.progress = progress_new(&c.set, "upload");
		status = upload(&u, paths, n);
		progress_free(u.progress);
	}
	upload_grant_drop(u.grants);
	upload_grant_drop(u.list);
	files_free(&u.files);
	connect_close(&c);
	free(paths);
	return (status);
}
