/* foldergate logs: what the logs say about one request. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "audit/audit.h"
#include "base/err.h"
#include "base/log.h"
#include "command.h"
#include "config/config.h"
#include "json/document.h"
#include "log_read.h"

#define ID_MAX 64

/* More lines than this are no way to understand a request. */
#define LINES_MAX 1000

/* Where a line was found, in the order of two lines of one second: the audit
   log is written first. */
enum source { AUDIT, SAMPLE, LOG_FILE };

struct line {
	enum source source;
	size_t order;
	struct json_object *o;
};

struct search {
	const char *id;
	size_t id_len;
	enum source source;		/* being read */
	size_t n;
	bool more;			/* there are more than LINES_MAX */
	struct line line[LINES_MAX];
};

/* What an operator can do about a refusal or a failure. */
static const struct {
	const char *code, *advice;
} advices[] = {
	{ "address_limit", "this address sent too many requests that proved "
	    "nothing: see docs/limits.md" },
	{ "audit_unavailable", "foldergate check-config says what is wrong" },
	{ "coldkey_limit", "foldergate usage SS58 prints the counts" },
	{ "coldkey_mismatch", "the chain names another owner: see foldergate "
	    "explain SS58" },
	{ "daily_limit", "foldergate usage SS58 prints the counts" },
	{ "denied", "foldergate deny list prints who is denied, and why" },
	{ "global_limit", "foldergate usage prints the counts" },
	{ "hotkey_kind", "this key can sign X-Bittensor headers only: see "
	    "docs/chain.md" },
	{ "internal", "the line of the log with this id names the error" },
	{ "invalid_signature", "the key did not sign this text: another key, "
	    "or other fields than those that were sent" },
	{ "invalid_timestamp", "compare the client's clock with this "
	    "machine's" },
	{ "ledger_unavailable", "foldergate check-config says what is wrong" },
	{ "low_stake", "foldergate explain SS58 prints the stake" },
	{ "no_client_address", "the web server passes no address of the "
	    "client: see docs/servers.md" },
	{ "no_identity", "chain-sync has not written a snapshot: see its log" },
	{ "no_index", "bucket-sync has not written an index: see its log" },
	{ "no_permit", "foldergate explain SS58 prints whether it has a "
	    "permit" },
	{ "not_registered", "the snapshot does not have this hotkey: see "
	    "foldergate explain SS58" },
	{ "origin_not_allowed", "cors.origins does not have this origin" },
	{ "replay_detected", "this signature has been used: a client must sign "
	    "each request" },
	{ "request_too_old", "compare the client's clock with this "
	    "machine's" },
	{ "signed_too_early", "this signature may be older than the ledger: "
	    "the client must sign again" },
	{ "stale", "the snapshot is too old: see the log of chain-sync" },
	{ "store_unreachable", "bucket-sync.status and "
	    "foldergate check-config have the reason" },
};

/* Return a string member, or NULL. */
static const char *
member(struct json_object *o, const char *name)
{
	struct json_object *v;

	return (json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_string) ?
	    json_object_get_string(v) : NULL);
}

static const char *
or_empty(const char *s)
{

	return (s != NULL ? s : "");
}

static bool
has_id(const struct search *s, const char *line, size_t len)
{

	return (len <= LOG_READ_LINE_MAX &&
	    memmem(line, len, s->id, s->id_len) != NULL);
}

/* Keep a line that has the id as one of its two.  A daemon may have written
   something before the object. */
static void
read_line(void *with, const char *line, size_t len)
{
	struct search *s = with;
	struct json_object *o = NULL;
	const char *from;

	if (!has_id(s, line, len) || (from = memchr(line, '{', len)) == NULL ||
	    document_parse(from, len - (size_t)(from - line), DOCUMENT_ANY,
	    &o) != NULL)
		return;
	if (!json_object_is_type(o, json_type_object) ||
	    (strcmp(or_empty(member(o, "request_id")), s->id) != 0 &&
	    strcmp(or_empty(member(o, "given_id")), s->id) != 0)) {
		json_object_put(o);
		return;
	}
	if (s->n == LINES_MAX) {
		s->more = true;
		json_object_put(o);
		return;
	}
	s->line[s->n] = (struct line){ s->source, s->n, o };
	s->n++;
}

/* By time to the second, because the log has no smaller part. */
#define SECOND_LEN 19

static int
by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	const int c = strncmp(or_empty(member(x->o, "time")),
	    or_empty(member(y->o, "time")), SECOND_LEN);

	if (c != 0)
		return (c);
	if (x->source != y->source)
		return (x->source < y->source ? -1 : 1);
	return (x->order < y->order ? -1 : 1);
}

/* Set the status and the public text of a code.  Errors that share a code may
   differ in them: then 0 and NULL. */
static void
look_up(const char *code, int *status, const char **detail)
{
	bool any = false;
	enum err e;

	*status = 0;
	*detail = NULL;
	for (e = ERR_OK; e < ERR_COUNT; e++) {
		if (strcmp(err_code(e), code) != 0)
			continue;
		if (!any || *status == err_status(e))
			*status = err_status(e);
		else
			*status = 0;
		if (!any || strcmp(or_empty(*detail), err_detail(e)) == 0)
			*detail = err_detail(e);
		else
			*detail = NULL;
		any = true;
	}
}

/* The code of a line, in words. */
static void
print_code(struct json_object *o)
{
	const char *code = member(o, "code"), *detail;
	size_t i;
	int status;

	if (code == NULL || strcmp(code, "ok") == 0)
		return;
	look_up(code, &status, &detail);
	if (status != 0)
		printf("    answered with %d %s%s%s%s\n", status, code,
		    detail != NULL ? ", \"" : "", or_empty(detail),
		    detail != NULL ? "\"" : "");
	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (strcmp(advices[i].code, code) == 0)
			printf("    %s\n", advices[i].advice);
	}
}

/* Print all members that the headline does not have. */
static void
print_rest(struct json_object *o)
{
	static const char *const shown[] = { "time", "seq", "mac", "level",
	    "request_id", "given_id", "endpoint", "program", "event",
	    "decision" };
	const char *between = "    ";
	size_t i;

	json_object_object_foreach(o, name, v) {
		for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
			if (strcmp(shown[i], name) == 0)
				break;
		}
		if (i < sizeof(shown) / sizeof(shown[0]))
			continue;
		printf("%s", between);
		between = ", ";
		log_read_print_word(name);
		putchar(' ');
		if (json_object_is_type(v, json_type_string))
			log_read_print_word(json_object_get_string(v));
		else if (json_object_is_type(v, json_type_int))
			printf("%lld", (long long)json_object_get_int64(v));
		else
			printf("...");
	}
	if (between[0] == ',')
		putchar('\n');
}

static void
print_line(const struct line *l)
{
	static const char *const names[] = { "audit log", "refusals", "log" };
	const char *what = member(l->o, l->source == LOG_FILE ? "event" :
	    "decision");
	const char *program = member(l->o, l->source == LOG_FILE ? "program" :
	    "endpoint");

	printf("  ");
	log_read_print_word(or_empty(member(l->o, "time")));
	printf(" %s: ", names[l->source]);
	log_read_print_word(or_empty(program));
	putchar(' ');
	log_read_print_word(or_empty(what));
	putchar('\n');
	print_rest(l->o);
	print_code(l->o);
}

/* Print the lines of the request that line ${i} is the first of. */
static void
print_request(struct search *s, size_t i)
{
	const char *id = or_empty(member(s->line[i].o, "request_id"));
	const char *given = or_empty(member(s->line[i].o, "given_id"));

	printf("request ");
	log_read_print_word(id);
	if (given[0] != '\0') {
		printf(", sent with the X-Request-ID ");
		log_read_print_word(given);
	}
	putchar('\n');
	for (; i < s->n; i++) {
		if (strcmp(or_empty(member(s->line[i].o, "request_id")), id) ==
		    0)
			print_line(&s->line[i]);
	}
}

static bool
is_first(const struct search *s, size_t i)
{
	const char *id = or_empty(member(s->line[i].o, "request_id"));
	size_t j;

	for (j = 0; j < i; j++) {
		if (strcmp(or_empty(member(s->line[j].o, "request_id")), id) ==
		    0)
			return (false);
	}
	return (true);
}

static int
print_all(struct search *s)
{
	size_t i;

	if (s->n == 0)
		return (command_failed("no line that was read has this id"));
	qsort(s->line, s->n, sizeof(s->line[0]), by_time);
	for (i = 0; i < s->n; i++) {
		if (is_first(s, i))
			print_request(s, i);
	}
	if (s->more)
		printf("there are more than %d lines\n", LINES_MAX);
	return (COMMAND_OK);
}

static void
read_logs(struct search *s, const struct config *cfg, const char *const *files,
    int n)
{
	struct log_read audit = { .line = read_line, .with = s };
	struct log_read sampled = audit, log = audit;
	char old[CONFIG_TEXT_MAX + sizeof(AUDIT_OLD)];
	int i;

	s->source = AUDIT;
	log_read_all(&audit, cfg->audit_file);
	s->source = SAMPLE;
	log_read_file(&sampled, cfg->audit_refusals_file);
	snprintf(old, sizeof(old), "%s" AUDIT_OLD, cfg->audit_refusals_file);
	sampled.files = 0;
	log_read_file(&sampled, old);
	s->source = LOG_FILE;
	if (n == 0 && cfg->log_to[0] == '/')
		log_read_all(&log, cfg->log_to);
	for (i = 0; i < n; i++, log.files = 0) {
		if (strcmp(files[i], "-") == 0)
			log_read_stream(&log, stdin);
		else
			log_read_file(&log, files[i]);
	}
}

/* explain ID */
static const char *
wrong_words(const char *const *words, int n)
{

	if (n < 1 || strcmp(words[0], "explain") != 0)
		return ("explain is missing");
	if (n < 2)
		return ("ID is missing");
	if (words[1][0] == '\0' || strlen(words[1]) > ID_MAX)
		return ("ID must have 1 to 64 characters");
	return (NULL);
}

int
command_logs(int argc, char **argv)
{
	const struct option_spec none[] = { { NULL, NULL, NULL } };
	const char **words, *wrong;
	struct search *s;
	struct config cfg;
	int n, status = COMMAND_USAGE;
	size_t i;

	if ((words = calloc((size_t)argc + 1, sizeof(*words))) == NULL ||
	    (s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "logs");
	n = command_options(argc, argv, none, words, argc);
	if (n >= 0 && (wrong = wrong_words(words, n)) != NULL)
		(void)command_wrong("%s", wrong);
	else if (n >= 0 && !command_config(&cfg))
		status = COMMAND_FAILED;
	else if (n >= 0) {
		s->id = words[1];
		s->id_len = strlen(words[1]);
		read_logs(s, &cfg, words + 2, n - 2);
		status = print_all(s);
	}
	for (i = 0; i < s->n; i++)
		json_object_put(s->line[i].o);
	free(s);
	free(words);
	return (status);
}
