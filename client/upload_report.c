#include <stdio.h>
#include <string.h>

#include "command.h"
#include "progress.h"
#include "report.h"
#include "upload.h"

static const struct report_result results[UPLOAD_RESULTS] = {
	[UPLOAD_SENT] = { "sent", "sent", true, false, COMMAND_OK },
	[UPLOAD_SAME] = { "same", "same", true, true, COMMAND_OK },
	[UPLOAD_WOULD_SEND] = { "would send", "would_send", true,
	    false, COMMAND_OK },
	[UPLOAD_FAILED] = { "not sent", "failed", false, false,
	    COMMAND_FAILED },
	[UPLOAD_REFUSED] = { "refused", "refused", false, false,
	    COMMAND_REFUSED },
	[UPLOAD_UNREACHABLE] = { "not sent", "unreachable", false, false,
	    COMMAND_UNREACHABLE },
	[UPLOAD_LEFT] = { "left", "left", false, false, COMMAND_FAILED },
};

void
upload_say(struct upload *u, const char *path, enum upload_result result,
    int64_t bytes, const char *why)
{

	u->count[result]++;
	if (u->said != NULL)
		u->said(u->user, path, result, why);
	else
		report_file(u->c, u->progress, &results[result], path,
		    strlen(path), bytes, why);
}

void
upload_end(struct upload *u, int status, const char *why)
{

	if (u->ended != 0)
		return;
	u->ended = status;
	progress_say(u->progress, true, "foldergate: %s", why);
}

static void
sum_text(const struct upload *u, size_t bad)
{
	char size[PROGRESS_WORD_MAX + 1];

	progress_size(u->bytes_sent, size);
	printf("%zu %s (%s), %zu the same", u->dry_run ?
	    u->count[UPLOAD_WOULD_SEND] : u->count[UPLOAD_SENT],
	    u->dry_run ? "would be sent" : "sent", size,
	    u->count[UPLOAD_SAME]);
	if (bad > 0)
		printf(", %zu not sent", bad);
	printf("\n");
}

int
upload_sum(struct upload *u)
{
	size_t i, bad = 0, good = 0;
	int status = u->ended;

	for (i = 0; i < UPLOAD_RESULTS; i++) {
		*(results[i].good ? &good : &bad) += u->count[i];
		if (status == COMMAND_OK && u->count[i] > 0)
			status = results[i].status;
	}
	if (status != COMMAND_OK && good > 0)
		status = COMMAND_PARTLY;
	if (service_stopped(u->c->service))
		status = COMMAND_STOPPED;
	if (u->c->set.json)
		report_sum(results, UPLOAD_RESULTS, u->count, "bytes_sent",
		    u->bytes_sent, status);
	else if (!u->c->set.quiet)
		sum_text(u, bad);
	return (status);
}
