/* foldergate audit search: print the entries that an operator asks for. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "audit/chain.h"
#include "audit_files.h"
#include "audit_search.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "crypto/ss58.h"
#include "json/document.h"
#include "log_read.h"

#define MS_MAX (TIMEFMT_S_MAX * 1000 + 999)

struct search {
	const struct audit_search *o;
	struct address_range range;
	int64_t since_ms, until_ms, most;

	/* Results. */
	int64_t found, looked, damaged;
};

/* Read a number of ${n} digits. */
static bool
digits(const char *s, size_t n, int64_t min, int64_t max, int64_t *out)
{

	return (strspn(s, "0123456789") >= n &&
	    num_parse(s, n, min, max, out) == ERR_OK);
}

static int64_t
days_of(int64_t year, int64_t month)
{

	if (month == 12)
		return (31);
	return (timefmt_days(year, month + 1, 1) -
	    timefmt_days(year, month, 1));
}

/* 2026-11-28, 2026-11-28T09:51:08Z or 2026-11-28T09:51:08.275Z */
static bool
parse_iso(const char *s, int64_t *ms)
{
	int64_t year, month, day, h = 0, m = 0, sec = 0, part = 0;
	const size_t len = strlen(s);

	if ((len != 10 && len != 20 && len != 24) ||
	    !digits(s, 4, 1970, 9999, &year) || s[4] != '-' ||
	    !digits(s + 5, 2, 1, 12, &month) || s[7] != '-' ||
	    !digits(s + 8, 2, 1, days_of(year, month), &day))
		return (false);
	if (len > 10 && (s[10] != 'T' || !digits(s + 11, 2, 0, 23, &h) ||
	    s[13] != ':' || !digits(s + 14, 2, 0, 59, &m) || s[16] != ':' ||
	    !digits(s + 17, 2, 0, 59, &sec) || s[len - 1] != 'Z'))
		return (false);
	if (len == 24 && (s[19] != '.' || !digits(s + 20, 3, 0, 999, &part)))
		return (false);
	*ms = (((timefmt_days(year, month, day) * 24 + h) * 60 + m) * 60 +
	    sec) * 1000 + part;
	return (true);
}

/* A time ago, a Unix time or a date. */
static bool
parse_time(const char *s, int64_t *ms)
{
	int64_t n;

	if (s == NULL || parse_iso(s, ms))
		return (true);
	if (command_duration(s, &n))
		*ms = clock_now_ms() - n * 1000;
	else if (digits(s, strlen(s), 0, TIMEFMT_S_MAX, &n))
		*ms = n * 1000;
	else
		return (false);
	return (true);
}

/* Check the options. */
static int
check(struct search *s)
{
	uint8_t key[SS58_KEY_LEN];

	s->until_ms = MS_MAX + 1;
	s->most = INT64_MAX;
	if (s->o->hotkey != NULL &&
	    ss58_decode(s->o->hotkey, strlen(s->o->hotkey), key) != ERR_OK)
		return (command_wrong("--hotkey %s", ss58_wrong(s->o->hotkey,
		    strlen(s->o->hotkey))));
	if (s->o->coldkey != NULL &&
	    ss58_decode(s->o->coldkey, strlen(s->o->coldkey), key) != ERR_OK)
		return (command_wrong("--coldkey %s", ss58_wrong(s->o->coldkey,
		    strlen(s->o->coldkey))));
	if (s->o->address != NULL && address_range_parse(s->o->address,
	    strlen(s->o->address), &s->range) != ERR_OK)
		return (command_wrong("--address needs an address or a range "
		    "such as 192.0.2.0/24"));
	if (!parse_time(s->o->since, &s->since_ms) ||
	    !parse_time(s->o->until, &s->until_ms))
		return (command_wrong("--since and --until need a time ago "
		    "such as 30m, 12h or 7d, a Unix time, or "
		    "2026-11-28T09:51:08Z"));
	if (s->o->limit != NULL && num_parse(s->o->limit,
	    strlen(s->o->limit), 1, INT64_MAX, &s->most) != ERR_OK)
		return (command_wrong("--limit needs a number from 1"));
	return (COMMAND_OK);
}

/* Return a string member, or NULL.  A NUL in it would hide its end. */
static const char *
member(struct json_object *o, const char *name)
{
	struct json_object *v;
	const char *s;

	if (!json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_string))
		return (NULL);
	s = json_object_get_string(v);
	return (strlen(s) == (size_t)json_object_get_string_len(v) ? s : NULL);
}

static bool
is(struct json_object *o, const char *name, const char *wanted)
{
	const char *s = member(o, name);

	return (wanted == NULL || (s != NULL && strcmp(s, wanted) == 0));
}

static bool
is_from(const struct search *s, struct json_object *o)
{
	const char *text = member(o, "address");
	struct address a;

	return (s->o->address == NULL || (text != NULL &&
	    address_parse(text, strlen(text), &a) == ERR_OK &&
	    address_in(&s->range, &a)));
}

static bool
matches(const struct search *s, struct json_object *o, int64_t ms)
{

	return (ms >= s->since_ms && ms < s->until_ms &&
	    is(o, "hotkey", s->o->hotkey) && is(o, "coldkey", s->o->coldkey) &&
	    is(o, "kind", s->o->kind) && is(o, "code", s->o->code) &&
	    (is(o, "request_id", s->o->id) || is(o, "given_id", s->o->id)) &&
	    is_from(s, o));
}

/* Print the members that an operator looks for first. */
static void
print_entry(struct json_object *o)
{
	const char *kind = member(o, "kind"), *s;
	const char *const columns[] = { member(o, "time"),
	    kind != NULL ? kind : member(o, "code"), member(o, "hotkey"),
	    member(o, "scope"), member(o, "address") };
	char until[TIMEFMT_ZULU_MAX + 1] = "-";
	struct json_object *v;
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		s = columns[i];
		log_read_print_word(s == NULL ? "-" : s);
		putchar(' ');
	}
	if (json_object_object_get_ex(o, "until", &v) &&
	    json_object_is_type(v, json_type_int))
		timefmt_zulu(json_object_get_int64(v), until);
	printf("%s\n", until);
}

/* Look at a line.  Those about the log itself have an event, not a decision,
   and are for audit verify. */
static void
look(struct search *s, const char *line, size_t len)
{
	struct json_object *o = NULL;
	const char *time;
	int64_t ms;

	s->looked++;
	if (len >= AUDIT_CHAIN_LINE_MAX ||
	    document_parse(line, len, DOCUMENT_ANY, &o) != NULL) {
		s->damaged++;
		return;
	}
	if (!json_object_is_type(o, json_type_object) ||
	    (time = member(o, "time")) == NULL || !parse_iso(time, &ms)) {
		s->damaged++;
	} else if (member(o, "decision") != NULL && matches(s, o, ms)) {
		s->found++;
		if (s->o->json) {
			fwrite(line, 1, len, stdout);
			putchar('\n');
		} else {
			print_entry(o);
		}
	}
	json_object_put(o);
}

static void
search_file(struct search *s, FILE *f, int64_t size)
{
	static char line[AUDIT_CHAIN_LINE_MAX];
	size_t len = 0;
	int c;

	for (; size != 0 && s->found < s->most &&
	    (c = getc_unlocked(f)) != EOF; size--) {
		if (c == '\n') {
			look(s, line, len);
			len = 0;
		} else if (len < sizeof(line)) {
			/* A longer line is damaged: keep no more of it. */
			line[len++] = (char)c;
		}
	}
	if (len > 0 && s->found < s->most)
		look(s, line, len);
}

static int
search_all(struct search *s, const struct audit_files *fs)
{
	bool good = true;
	int64_t size;
	size_t i;
	FILE *f;

	for (i = 0; i < fs->n && s->found < s->most; i++) {
		if ((f = audit_files_open(fs, i, &size)) == NULL) {
			good = false;
			continue;
		}
		search_file(s, f, size);
		good &= audit_files_close(fs, i, f);
	}
	fflush(stdout);
	fprintf(stderr, "foldergate: found %" PRId64 " of %" PRId64 " lines; "
	    "damaged lines: %" PRId64 "; nothing was verified: see audit "
	    "verify\n", s->found, s->looked, s->damaged);
	return (good && s->found > 0 ? COMMAND_OK : COMMAND_FAILED);
}

int
audit_search(const struct audit_search *options, const char *path,
    struct audit_files *fs)
{
	struct search s = { .o = options };
	struct config cfg;
	int status;

	if ((status = check(&s)) != COMMAND_OK)
		return (status);
	if (fs->n == 0 && path == NULL) {
		if (!command_config(&cfg))
			return (COMMAND_FAILED);
		path = cfg.audit_file;
	}
	if (fs->n == 0 && !audit_files_find(fs, path, NULL))
		return (COMMAND_FAILED);
	return (search_all(&s, fs));
}
