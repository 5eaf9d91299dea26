/* foldergate credentials check: what the two keys may do at the store. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "credentials.h"
#include "paper.h"
#include "store.h"
#include "store_keys.h"
#include "store_look.h"
#include "store_rights.h"
#include "store_start.h"

/* The keys work, but a key may do more than it needs to. */
#define WIDE COMMAND_PARTLY

static const char *const roles[] = {
	[KEYRING_UPLOAD] = "upload", [KEYRING_READ] = "read"
};

static const char *const words[] = {
	[STORE_RIGHTS_DENIED] = "denied",
	[STORE_RIGHTS_ALLOWED] = "allowed",
	[STORE_RIGHTS_UNTRIED] = "not tried",
	[STORE_RIGHTS_SILENT] = "no answer",
};

/* Return what a row means for the exit status. */
static int
weigh(const struct store_right *r, enum store_rights_found found)
{

	if (found == STORE_RIGHTS_SILENT)
		return (COMMAND_UNREACHABLE);
	if (r->needed && found != STORE_RIGHTS_ALLOWED)
		return (COMMAND_REFUSED);
	if (!r->needed && found == STORE_RIGHTS_ALLOWED)
		return (WIDE);
	return (COMMAND_OK);
}

/* Of two statuses, return the worse one. */
static int
worse(int a, int b)
{
	static const int order[] = { COMMAND_REFUSED, COMMAND_UNREACHABLE,
	    WIDE };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i] || b == order[i])
			return (order[i]);
	}
	return (COMMAND_OK);
}

static void
print_right(const struct store *s, const struct store_right *r,
    enum store_rights_found found, bool json, bool first)
{
	const char *expected = words[r->needed ? STORE_RIGHTS_ALLOWED :
	    STORE_RIGHTS_DENIED];
	const int wrong = weigh(r, found);

	if (json)
		printf("%s\n{\"key\":\"%s\",\"action\":\"%s\",\"expected\":"
		    "\"%s\",\"found\":\"%s\",\"status\":%d,\"ok\":%s}",
		    first ? "" : ",", roles[r->role], r->name, expected,
		    words[found], s->status, wrong == COMMAND_OK ? "true" :
		    "false");
	else
		printf("%-7s %-13s %-9s %-9s %s\n", roles[r->role], r->name,
		    expected, words[found], wrong == COMMAND_OK ? "" :
		    wrong == WIDE ? "WIDE" : "WRONG");
	(void)fflush(stdout);
}

static int
print_rights(struct store *s, bool json)
{
	const struct store_right *r;
	enum store_rights_found found;
	int status = COMMAND_OK;

	if (!json)
		printf("%-7s %-13s %-9s %-9s\n", "key", "action", "expected",
		    "found");
	for (r = store_rights; r->name != NULL; r++) {
		found = store_rights_try(s, r);
		print_right(s, r, found, json, r == store_rights);
		status = worse(status, weigh(r, found));
	}
	return (status);
}

/* Delete what was stored, and print what is left. */
static void
clean(struct store *s, bool json)
{
	bool known;
	size_t i;

	store_look_again(s);
	known = store_keys_clean(s);
	if (json)
		printf("],\n\"left_is_known\":%s,\"left\":[", known ? "true" :
		    "false");
	else if (!known)
		paper(2, "\nWhat is left in %s is not known: the store did not "
		    "answer.", s->folder);
	else if (s->n > 0 || s->left_elsewhere)
		paper(2, "\nNeither key may delete these files. Delete them as "
		    "the bucket's owner:");
	for (i = 0; i < s->n; i++)
		printf(json ? "%s\"%s%s\"" : "%s  %s%s\n", json && i > 0 ?
		    "," : "", s->folder, s->object[i].name);
	if (s->left_elsewhere)
		printf(json ? "%s\"%s/%s%s\"" : "%s  %s/%s%s\n", json &&
		    s->n > 0 ? "," : "", s->other->url, s->folder,
		    STORE_START_FIRST);
	printf("%s", json ? "]" : "");
}

static int
try_keys(struct store *s, bool json)
{
	char note[STORE_START_NOTE_MAX + 1] = "";
	int status = COMMAND_REFUSED;
	bool started;

	if (json)
		printf("{\"store\":\"%s\",\"folder\":\"%s\",\"rows\":[",
		    s->bucket.url, s->folder);
	else
		printf("store: %s\nscratch folder: %s\n\n", s->bucket.url,
		    s->folder);
	if ((started = store_start(s, note)))
		status = print_rights(s, json);
	else if (s->status == 0 || s->status == 429 || s->status >= 500)
		status = COMMAND_UNREACHABLE;
	clean(s, json);
	if (json)
		printf(",\"status\":%d}\n", status);
	if (!started)
		(void)command_failed("%s", note);
	else if (!json)
		paper(0, "\n%s", status == COMMAND_OK ? "Both keys may do what "
		    "grants need, and nothing else that was tried." :
		    status == WIDE ? "Both keys may do what grants need. See "
		    "WIDE for what they should not, and foldergate credentials "
		    "policy." : status == COMMAND_REFUSED ? "Grants do not "
		    "work: a key may not do what it needs to." :
		    "The store did not answer everything.");
	return (status);
}

int
credentials_check(const struct config *cfg, const char *other_bucket,
    bool internal, bool json)
{
	struct s3_bucket other;
	struct config elsewhere;
	struct store *s;
	int status = COMMAND_FAILED;

	if ((s = malloc(sizeof(*s))) == NULL)
		log_die("out_of_memory", "credentials");
	if (store_open(s, cfg, internal) != ERR_OK)
		goto out;
	if (other_bucket != NULL) {
		elsewhere = *cfg;
		snprintf(elsewhere.s3_bucket, sizeof(elsewhere.s3_bucket), "%s",
		    other_bucket);
		if (strcmp(other_bucket, cfg->s3_bucket) == 0 ||
		    s3_bucket_configure(&other, &elsewhere, s->endpoint) !=
		    ERR_OK) {
			status = command_wrong("--other-bucket needs the name "
			    "of another bucket");
			goto out;
		}
		s->other = &other;
	}
	status = try_keys(s, json);
out:
	store_close(s);
	free(s);
	return (status);
}
