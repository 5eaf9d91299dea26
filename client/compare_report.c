#include <stdio.h>
#include <string.h>

#include "command.h"
#include "compare.h"
#include "progress.h"
#include "report.h"

static const struct report_result results[COMPARE_RESULTS] = {
	[COMPARE_SAME] = { "same", "same", true, true, COMMAND_OK },
	[COMPARE_SIZE] = { "same size", "same_size", true, true, COMMAND_OK },
	[COMPARE_HUB] = { "only at the Hub", "hub_only", true, false,
	    COMMAND_FAILED },
	[COMPARE_BUCKET] = { "only in the bucket", "bucket_only", true, true,
	    COMMAND_OK },
	[COMPARE_DIFFERS] = { "differs", "differs", true, false,
	    COMMAND_FAILED },
	[COMPARE_ODD] = { "left out", "odd", false, false, COMMAND_PARTLY },
	[COMPARE_UNREAD] = { "not read", "unread", false, false,
	    COMMAND_PARTLY },
};

void
compare_say(struct compare *p, enum compare_result result, const char *name,
    int64_t bytes, const char *why)
{

	p->count[result]++;
	report_file(p->c, p->progress, &results[result], name, strlen(name),
	    bytes, why);
}

static void
sum_text(const struct compare *p)
{

	printf("%zu the same, %zu of the same size, %zu differ, %zu only at "
	    "the Hub, %zu only in the bucket", p->count[COMPARE_SAME],
	    p->count[COMPARE_SIZE], p->count[COMPARE_DIFFERS],
	    p->count[COMPARE_HUB], p->count[COMPARE_BUCKET]);
	if (p->count[COMPARE_ODD] + p->count[COMPARE_UNREAD] > 0)
		printf(", %zu not compared", p->count[COMPARE_ODD] +
		    p->count[COMPARE_UNREAD]);
	if (p->list.left_out > 0)
		printf("; %zu others at the Hub are no data",
		    p->list.left_out);
	printf("\n");
}

int
compare_sum(struct compare *p)
{
	int status = p->ended;
	size_t i;

	/* What differs outweighs what was not compared. */
	for (i = 0; i < COMPARE_RESULTS && p->ended == 0; i++) {
		if (p->count[i] > 0 && results[i].status != COMMAND_OK &&
		    status != COMMAND_FAILED)
			status = results[i].status;
	}
	if (status == COMMAND_OK && (p->blind || p->dropped > 0))
		status = COMMAND_PARTLY;
	if (service_stopped(p->c->service))
		status = COMMAND_STOPPED;
	if (p->c->set.json)
		report_sum(results, COMPARE_RESULTS, p->count, "bytes_read",
		    p->bytes, status);
	else if (!p->c->set.quiet)
		sum_text(p);
	return (status);
}
