/* foldergate selftest upload: small files, with a miner's own grants. */

#include <sys/random.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "crypto/md5.h"
#include "selftest.h"
#include "selftest_cross.h"

#define JOB "job_id=selftest-"

/* A file that is stored, and seen again. */
struct file {
	const char *check, *name;	/* below the job */
};

static const struct file files[] = {
	{ "a file with a plain name", "plain.csv" },
	{ "a file with blanks in its name", "two blanks .csv" },
	{ "a file with letters of other scripts in its name",
	    "gr\u00f6\u00dfe \u2713 \u6570\u636e.csv" },
	{ "a file with signs in its name", "a+b%20&=,;@$'!().csv" },
	{ "a file in folders of the job", "2026/11/28/deep.csv" },
	{ "a file whose name begins with a dot", ".hidden" },
	{ "a file with a long name", "0123456789012345678901234567890123456789"
	    "012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567.csv" },
};

#define FILES (sizeof(files) / sizeof(files[0]))

struct up {
	struct connect *c;
	struct selftest_report *report;
	struct selftest_cross x;	/* for requests to the store alone */
	char name[FILES][256];		/* below the folder */
	size_t stored;
};

/* Report a check.  ${why} is NULL if it is good. */
static bool
check(struct up *u, const char *kind, const char *name, int status,
    const char *why, int64_t begun)
{
	struct selftest_row row = { .kind = kind, .name = name,
	    .status = status, .ms = clock_tick_ms() - begun };

	row.verdict = why != NULL ? SELFTEST_BREACHED : SELFTEST_HELD;
	snprintf(row.why, sizeof(row.why), "%s", why != NULL ? why : "");
	selftest_report_add(u->report, &row);
	return (why == NULL);
}

static void
not_here(struct up *u, const char *kind, const char *name, const char *why)
{
	struct selftest_row row = { .kind = kind, .name = name,
	    .verdict = SELFTEST_ABSENT };

	snprintf(row.why, sizeof(row.why), "%s", why);
	selftest_report_add(u->report, &row);
}

/* --- proofs -------------------------------------------------------------- */

static bool
takes(struct json_object *formats, const char *scheme)
{
	struct json_object *all = service_object(formats, "schemes"), *one;
	size_t i;

	if (!json_object_is_type(all, json_type_array))
		return (strcmp(scheme, "text") == 0);
	for (i = 0; i < json_object_array_length(all); i++) {
		one = json_object_array_get_idx(all, i);
		if (json_object_is_type(one, json_type_string) &&
		    strcmp(json_object_get_string(one), scheme) == 0)
			return (strcmp(scheme, "btauth") != 0 ||
			    service_text(formats, "receiver") != NULL);
	}
	return (false);
}

/* A grant by one scheme.  It becomes the grant of the run. */
static void
prove(struct up *u, enum service_scheme scheme, const char *name)
{
	const struct service_options o = {
		.url = u->c->set.value[SETTING_URL],
		.ca_file = u->c->set.value[SETTING_CA_FILE],
		.hotkey = &u->c->keys.hotkey, .coldkey = &u->c->keys.coldkey,
		.scheme = scheme, .stop = connect_stop(),
		.receiver = u->c->set.value[SETTING_RECEIVER],
	};
	struct service_answer a = { .result = SERVICE_OK };
	struct service_folder f = { .folder = NULL };
	struct service_file wanted[FILES];
	struct service *s = service_new(&o);
	const int64_t begun = clock_tick_ms();
	size_t i;

	for (i = 0; i < FILES; i++)
		wanted[i] = (struct service_file){ u->name[i],
		    u->x.grants.min_bytes };
	(void)service_folder(s, u->c->set.value[SETTING_SOURCE], wanted,
	    u->x.limits.folder_forms ? 0 : FILES, NULL, &f, &a);
	if (check(u, "proofs", name, a.status, a.result == SERVICE_OK ?
	    NULL : a.detail, begun)) {
		service_folder_free(&u->x.own.folder);
		u->x.own.folder = f;
	} else {
		service_folder_free(&f);
	}
	service_clear(&a);
	service_free(s);
}

static void
proofs(struct up *u)
{
	static const struct {
		enum service_scheme scheme;
		const char *word, *name;
	} all[] = {
		{ SERVICE_SCHEME_TEXT, "text",
		    "a folder is granted to a signed text" },
		{ SERVICE_SCHEME_BTAUTH, "btauth",
		    "a folder is granted to X-Bittensor headers" },
	};
	const struct service_request r = { .path = "/commitment-formats",
	    .get = true };
	struct service_answer a = { .result = SERVICE_OK };
	size_t i;

	(void)service_ask(u->c->service, &r, &a);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (takes(a.json, all[i].word))
			prove(u, all[i].scheme, all[i].name);
		else
			not_here(u, "proofs", all[i].name,
			    "the service does not offer it");
	}
	service_clear(&a);
}

/* --- files --------------------------------------------------------------- */

static const char *
other_md5(struct up *u, const struct listing_item *it)
{
	const size_t bytes = (size_t)u->x.grants.min_bytes;
	uint8_t want[MD5_LEN];
	struct md5 *m;
	struct buf b;

	if (!it->has_md5 || (m = md5_new()) == NULL)
		return (NULL);
	buf_init_growing(&b, bytes + 1, bytes + 1);
	selftest_draft_fill(u->x.id, bytes, &b);
	md5_add(m, b.data, b.len);
	md5_end(m, want);
	md5_free(m);
	buf_free(&b);
	return (memcmp(want, it->md5, MD5_LEN) == 0 ? NULL :
	    "the list shows another MD5");
}

/* Send a file by the grant ${g}, and look at the list. */
static void
store(struct up *u, const char *kind, const char *name, const char *key,
    const struct service_grant *g)
{
	const int64_t begun = clock_tick_ms();
	const struct selftest_way w = { "", "", g->put ? SELFTEST_PUT :
	    SELFTEST_FORM, SELFTEST_INSIDE, { { g->put ? SELFTEST_END :
	    SELFTEST_KEY, key, NULL, 0 } } };
	const struct listing_item *it;
	struct wire_answer a;
	const char *why;
	struct selftest_sent sent;

	u->x.grants.form = u->x.grants.put = *g;
	snprintf(u->x.id, sizeof(u->x.id), "%s-%03u", u->x.token.run,
	    ++u->x.ways);
	why = selftest_cross_send(&u->x, &w, &u->x.grants, &u->x.names, &a,
	    &sent);
	if (why == NULL && a.status / 100 != 2)
		why = a.status == 0 ? net_fault_words(a.fault) :
		    "the store did not accept it";
	if (why == NULL) {
		u->stored += selftest_look_find(&u->x.own.look, key) == NULL;
		(void)selftest_look_again(&u->x.own.look);
		it = selftest_look_find(&u->x.own.look, key);
		why = it == NULL ? "the list does not show it" :
		    it->bytes != u->x.grants.min_bytes ? "the list shows "
		    "another size" : other_md5(u, it);
	}
	check(u, kind, name, a.status, why, begun);
	wire_free(&a);
}

static void
store_all(struct up *u)
{
	const struct service_folder *f = &u->x.own.folder;
	char key[SELFTEST_TEXT_MAX + 1];
	size_t i;

	for (i = 0; i < FILES && *connect_stop() == 0; i++) {
		snprintf(key, sizeof(key), "%.700s%s", f->folder, u->name[i]);
		store(u, "files", files[i].check, key, &f->grant[f->any ? 0 :
		    i]);
	}
	snprintf(key, sizeof(key), "%.700s%s", f->folder, u->name[0]);
	store(u, "files", "a file that is stored once more, with other bytes",
	    key, &f->grant[0]);
}

/* A file of a wrong size, by the form. */
static void
refuse_size(struct up *u, const char *name, int n)
{
	const int64_t begun = clock_tick_ms();
	const struct selftest_way w = { "", "", SELFTEST_FORM,
	    SELFTEST_NOTHING, { { SELFTEST_KEY, "{job}size.csv", NULL, 0 },
	    { SELFTEST_BYTES, NULL, NULL, n } } };
	struct wire_answer a;
	const char *why;
	struct selftest_sent sent;

	u->x.grants.form = u->x.own.folder.grant[0];
	why = selftest_cross_send(&u->x, &w, &u->x.grants, &u->x.names, &a,
	    &sent);
	if (why != NULL)
		not_here(u, "sizes", name, why);
	else
		check(u, "sizes", name, a.status, a.status / 100 == 4 ?
		    NULL : "the store did not refuse it", begun);
	wire_free(&a);
}

/* The service refuses it, where the grant is for files of a size. */
static void
refuse_grant(struct up *u, const char *name, int64_t bytes)
{
	const struct service_file file = { u->name[0], bytes };
	struct service_answer a = { .result = SERVICE_OK };
	struct service_folder f = { .folder = NULL };
	const int64_t begun = clock_tick_ms();

	(void)service_folder(u->c->service, u->c->set.value[SETTING_SOURCE],
	    &file, 1, NULL, &f, &a);
	check(u, "sizes", name, a.status, a.result == SERVICE_REFUSED ?
	    NULL : "the service did not refuse it", begun);
	service_folder_free(&f);
	service_clear(&a);
}

static void
sizes(struct up *u)
{
	static const char small[] = "a file that is too small is refused",
	    large[] = "a file that is too large is refused";

	if (u->x.limits.folder_forms) {
		refuse_size(u, small, -1);
		refuse_size(u, large, SELFTEST_OVER);
	} else {
		refuse_grant(u, small, u->x.limits.min_bytes - 1);
		refuse_grant(u, large, u->x.limits.max_bytes + 1);
	}
}

/* --- one file of a job --------------------------------------------------- */

static void
one_file(struct up *u)
{
	static const char grant[] = "a grant for one file of a job",
	    sent[] = "the file of that grant",
	    again[] = "another grant for the same file is refused with 409";
	const time_t now = (time_t)(clock_now_ms() / 1000);
	struct service_answer a = { .result = SERVICE_OK };
	const int64_t begun = clock_tick_ms();
	char name[80], job[48], day[32];
	struct tm tm;

	if (!u->x.limits.file_uploads ||
	    u->c->set.value[SETTING_SOURCE] != NULL) {
		not_here(u, "one file", grant, "the service has none for this "
		    "folder");
		return;
	}
	strftime(day, sizeof(day), "%Y%m%d_%H%M%S", gmtime_r(&now, &tm));
	snprintf(name, sizeof(name), "data_%s_1_%s.parquet", day,
	    u->x.token.run);
	snprintf(job, sizeof(job), "selftest-%s", u->x.token.run);
	(void)service_job_file(u->c->service, job, name,
	    u->x.grants.min_bytes, &u->x.exact, &a);
	if (check(u, "one file", grant, a.status, a.result == SERVICE_OK ?
	    NULL : a.detail, begun)) {
		store(u, "one file", sent, u->x.exact.grant[0].key,
		    &u->x.exact.grant[0]);
		(void)service_job_file(u->c->service, job, name,
		    u->x.grants.min_bytes, &u->x.late, &a);
		check(u, "one file", again, a.status, a.status == 409 ?
		    NULL : "it was not", begun);
	}
	service_clear(&a);
}

/* --- all of it ----------------------------------------------------------- */

/* Everything that requests to the store need. */
static void
set_names(struct up *u)
{
	const char *url = u->x.own.folder.list_url;
	const char *host = strstr(url, "://") + 3;

	snprintf(u->x.origin, sizeof(u->x.origin), "%.*s", (int)(host +
	    strcspn(host, "/?") - url), url);
	snprintf(u->x.job, sizeof(u->x.job), "%.700s" JOB "%s/",
	    u->x.own.folder.folder, u->x.token.run);
	snprintf(u->x.boundary, sizeof(u->x.boundary), "foldergate%s",
	    u->x.token.run);
	u->x.names = (struct selftest_names){ .own = u->x.own.folder.folder,
	    .job = u->x.job, .id = u->x.id, .boundary = u->x.boundary };
	u->x.own.look.url = url;
}

static void
run(struct up *u)
{

	proofs(u);
	if (u->x.own.folder.list_url == NULL || u->x.own.folder.n == 0 ||
	    !selftest_draft_is_url(u->x.own.folder.list_url) ||
	    !selftest_draft_is_url(u->x.own.folder.grant[0].url))
		return;
	set_names(u);
	store_all(u);
	sizes(u);
	one_file(u);
}

static bool
prepare(struct up *u)
{
	struct service_answer a = { .result = SERVICE_OK };
	const int64_t begun = clock_tick_ms();
	uint8_t random[SELFTEST_TOKEN_LEN / 2];
	bool good;
	size_t i;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		log_die("no_randomness", "getrandom");
	hex_encode(u->x.token.run, random, sizeof(random));
	for (i = 0; i < FILES; i++)
		snprintf(u->name[i], sizeof(u->name[i]), JOB "%s/%.200s",
		    u->x.token.run, files[i].name);
	(void)service_limits(u->c->service, &u->x.limits, &a);
	good = check(u, "proofs", "the service tells what uploads must be",
	    a.status, a.result == SERVICE_OK ? NULL : a.detail, begun);
	u->x.grants.min_bytes = u->x.limits.min_bytes < 1024 ? 1024 :
	    u->x.limits.min_bytes;
	u->x.grants.max_bytes = u->x.limits.max_bytes;
	service_clear(&a);
	return (good && u->x.grants.min_bytes <= SELFTEST_SEND_MAX);
}

int
selftest_upload(struct connect *c, struct selftest_report *report, char *left,
    size_t size)
{
	static struct up u;

	u.c = u.x.own.c = c;
	u.report = report;
	u.x.own.look.service = c->service;
	u.x.arena = arena_new(65536);
	if (prepare(&u))
		run(&u);
	if (u.x.job[0] != '\0')
		snprintf(left, size, "%zu files stay below %s, because a miner "
		    "cannot delete.", u.stored, u.x.job);
	selftest_start_free(&u.x);
	return (*connect_stop() != 0 ? COMMAND_STOPPED : COMMAND_OK);
}
