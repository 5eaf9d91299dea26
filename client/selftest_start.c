#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "json/document.h"
#include "selftest_cross.h"
#include "service_read.h"

/* A folder with more objects is looked at from the run's job on. */
#define FEW 800

/* How long the grant lives that the run waits for. */
#define LATE_S 2

static void
make_token(char out[SELFTEST_TOKEN_LEN + 1])
{
	uint8_t random[SELFTEST_TOKEN_LEN / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		log_die("no_randomness", "getrandom");
	hex_encode(out, random, sizeof(random));
}

/* Write ${s} to ${out} of ${size} bytes.  No folder, host or bucket of a
   service is so long that it would be cut. */
static void
set(char *out, size_t size, const char *s, size_t len)
{

	if (len >= size)
		len = size - 1;
	memcpy(out, s, len);
	out[len] = '\0';
}

/* --- grants -------------------------------------------------------------- */

static int
ask_folder(struct selftest_cross *x, struct selftest_miner *m,
    const char *name, const char *after)
{
	const struct service_file file = { name, x->grants.min_bytes };
	struct service_answer a = { .result = SERVICE_OK };
	int status = COMMAND_OK;

	if (service_folder(m->c->service, x->source, &file,
	    x->limits.folder_forms ? 0 : 1, after, &m->folder, &a) !=
	    SERVICE_OK)
		status = service_explain(m->c->service, &a);
	service_clear(&a);
	if (status == COMMAND_OK && (m->folder.list_url == NULL ||
	    !selftest_draft_is_url(m->folder.list_url)))
		status = command_failed("the service gives no list of a "
		    "folder, so nothing can be seen");
	m->look.service = m->c->service;
	m->look.url = m->folder.list_url;
	return (status);
}

/* Look at the folder; at its end, if there is much in it. */
static int
first_look(struct selftest_cross *x, struct selftest_miner *m,
    const char *name)
{
	char after[64];
	int status;

	if (selftest_look_again(&m->look) == SELFTEST_SAME &&
	    m->look.was.n <= FEW)
		return (COMMAND_OK);
	if (!m->look.begun && !m->look.truncated)
		return (command_failed("the list of a folder cannot be read"),
		    COMMAND_UNREACHABLE);
	snprintf(after, sizeof(after), "job_id=selftest-%s", x->token.run);
	selftest_look_free(&m->look);
	service_folder_free(&m->folder);
	if ((status = ask_folder(x, m, name, after)) != COMMAND_OK)
		return (status);
	m->look.partial = true;
	if (selftest_look_again(&m->look) != SELFTEST_SAME)
		return (command_failed("the folder %s holds too much; use "
		    "another wallet", m->folder.folder));
	return (COMMAND_OK);
}

static struct service_grant
grant_of(const struct service_folder *f, bool put)
{
	const struct service_grant none = { .url = NULL };

	return (f->n > 0 && f->grant[0].put == put &&
	    selftest_draft_is_url(f->grant[0].url) ? f->grant[0] : none);
}

/* The form for one file of a job, in the hotkey layout. */
static void
ask_exact(struct selftest_cross *x)
{
	struct service_answer a = { .result = SERVICE_OK };
	const time_t now = (time_t)(clock_now_ms() / 1000);
	char file[80], job[32], day[32];
	struct tm tm;

	if (!x->limits.file_uploads || x->source != NULL) {
		x->exact_why = NULL;
		return;
	}
	strftime(day, sizeof(day), "%Y%m%d_%H%M%S", gmtime_r(&now, &tm));
	snprintf(file, sizeof(file), "data_%s_1_%s.parquet", day,
	    x->token.run);
	snprintf(job, sizeof(job), "selftest-%s", x->token.run);
	if (service_job_file(x->own.c->service, job, file,
	    x->grants.min_bytes, &x->exact, &a) == SERVICE_OK)
		x->grants.exact = grant_of(&x->exact, false);
	else if (a.result != SERVICE_REFUSED || a.status == 429)
		x->exact_why = "the service gave no form for one file";
	service_clear(&a);
}

/* A grant that ends soon.  A service may give one that lives longer. */
static void
ask_late(struct selftest_cross *x)
{
	struct service_answer a = { .result = SERVICE_OK };

	(void)service_folder_until(x->own.c->service, x->source,
	    clock_now_ms() / 1000 + LATE_S, &x->late, &a);
	service_clear(&a);
}

static void
ask_validator(struct selftest_cross *x)
{

	if (x->validator == NULL ||
	    service_list_all(x->validator->service, &x->lists) != SERVICE_OK)
		return;
	x->bucket.service = x->validator->service;
	x->bucket.url = service_text(service_object(service_object(
	    x->lists.json, "urls"), "global"), "list_all_data");
	x->bucket.except[0] = x->own.folder.folder;
	x->bucket.except[1] = x->other.folder.folder;
	(void)selftest_look_again(&x->bucket);
}

/* --- names --------------------------------------------------------------- */

static const char *
field(const struct service_grant *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->n_fields; i++) {
		if (strcmp(g->fields[i].name, name) == 0)
			return (g->fields[i].value);
	}
	return (NULL);
}

/* The value of a parameter of a URL; "" if there is none. */
static void
parameter(const char *url, const char *name, char *out, size_t size)
{
	const char *s = strstr(url, name);

	set(out, size, s != NULL ? s + strlen(name) : "",
	    s != NULL ? strcspn(s + strlen(name), "&") : 0);
}

/* The store's host, the bucket and its path, from the URL of a list. */
static void
set_place(struct selftest_cross *x)
{
	const char *url = x->own.folder.list_url, *host, *path;
	size_t len;

	host = strstr(url, "://") + 3;
	path = host + strcspn(host, "/?");
	len = *path == '/' ? strcspn(path, "?") : 0;
	while (len > 0 && path[len - 1] == '/')
		len--;
	set(x->host, sizeof(x->host), host, (size_t)(path - host));
	set(x->at, sizeof(x->at), path, len);
	set(x->origin, sizeof(x->origin), url, (size_t)(path - url));
	if (len > 0)
		set(x->bucket_name, sizeof(x->bucket_name), path + 1, len - 1);
	else
		set(x->bucket_name, sizeof(x->bucket_name), host,
		    strcspn(host, ".:/"));
}

/* "data/x/5F.../" is a parent and a name. */
static void
split_folder(const char *folder, char *parent, char *name)
{
	size_t end = strlen(folder) - 1, at = end;

	while (at > 0 && folder[at - 1] != '/')
		at--;
	if (parent != NULL)
		set(parent, SELFTEST_TEXT_MAX + 1, folder, at);
	set(name, SELFTEST_TEXT_MAX + 1, folder + at, end - at);
}

static void
percent(const char *s, char *out, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~/";
	struct buf b;

	buf_init(&b, out, size);
	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			buf_char(&b, *s);
		else
			buf_fmt(&b, "%%%02X", (unsigned char)*s);
	}
}

static void
set_form_names(struct selftest_cross *x)
{
	struct selftest_names *n = &x->names;
	const struct service_grant *g = &x->grants.form;

	n->credential = field(g, "x-amz-credential");
	n->signature = field(g, "x-amz-signature");
	n->date = field(g, "x-amz-date");
	n->policy = field(g, "policy");
	if (n->credential != NULL) {
		set(x->key_id, sizeof(x->key_id), n->credential,
		    strcspn(n->credential, "/"));
		n->key_id = x->key_id;
	}
}

static void
set_names(struct selftest_cross *x)
{
	struct selftest_names *n = &x->names;

	set_place(x);
	split_folder(x->own.folder.folder, x->parent, x->mine);
	split_folder(x->other.folder.folder, NULL, x->name);
	snprintf(x->job, sizeof(x->job), "%.900sjob_id=selftest-%s/",
	    x->own.folder.folder, x->token.run);
	snprintf(x->canary, sizeof(x->canary),
	    "%.900sjob_id=selftest-%s/canary-%s.csv", x->other.folder.folder,
	    x->token.run, x->token.key);
	percent(x->canary, x->tail, sizeof(x->tail));
	snprintf(x->boundary, sizeof(x->boundary), "foldergate%s",
	    x->token.run);
	parameter(x->own.folder.list_url, "X-Amz-Signature=",
	    x->list_signature, sizeof(x->list_signature));
	parameter(x->other.folder.list_url, "X-Amz-Signature=",
	    x->their_signature, sizeof(x->their_signature));
	*n = (struct selftest_names){
		.own = x->own.folder.folder, .job = x->job, .id = x->id,
		.exact = x->grants.exact.key, .other = x->other.folder.folder,
		.name = x->name, .mine = x->mine, .canary = x->canary,
		.bucket = x->bucket_name, .another = x->another,
		.at = x->at, .host = x->host, .tail = x->tail,
		.boundary = x->boundary, .parent = x->parent,
		.list_signature = x->list_signature,
		.their_signature = x->their_signature,
	};
	set_form_names(x);
}

/* --- all of it ----------------------------------------------------------- */

static int
ask_limits(struct selftest_cross *x)
{
	struct service_answer a = { .result = SERVICE_OK };
	int status = COMMAND_OK;

	if (service_limits(x->own.c->service, &x->limits, &a) != SERVICE_OK)
		status = service_explain(x->own.c->service, &a);
	service_clear(&a);
	x->grants.min_bytes = x->limits.min_bytes < 1024 ? 1024 :
	    x->limits.min_bytes;
	x->grants.max_bytes = x->limits.max_bytes;
	if (status == COMMAND_OK && x->grants.min_bytes > SELFTEST_SEND_MAX)
		status = command_failed("the smallest file has %lld bytes; "
		    "that is too large for %s", (long long)
		    x->grants.min_bytes, "this test");
	return (status);
}

/* The folders must be two, of one layout. */
static int
check_folders(const struct selftest_cross *x)
{
	const char *a = x->own.folder.folder, *b = x->other.folder.folder;

	if (strcmp(a, b) == 0)
		return (command_failed("both wallets have the folder %s; "
		    "name another one with --other-wallet", a));
	if (strncmp(a, b, strlen(a)) == 0 || strncmp(b, a, strlen(b)) == 0)
		return (command_failed("one of the folders is in the other"));
	return (COMMAND_OK);
}

int
selftest_start(struct selftest_cross *x)
{
	char put[64], canary[96];
	int status;

	make_token(x->token.run);
	make_token(x->token.key);
	make_token(x->token.content);
	x->arena = arena_new(65536);
	snprintf(put, sizeof(put), "job_id=selftest-%s/put.csv",
	    x->token.run);
	snprintf(canary, sizeof(canary), "job_id=selftest-%s/canary-%s.csv",
	    x->token.run, x->token.key);
	if ((status = ask_limits(x)) != COMMAND_OK ||
	    (status = ask_folder(x, &x->own, put, NULL)) != COMMAND_OK ||
	    (status = ask_folder(x, &x->other, canary, NULL)) != COMMAND_OK ||
	    (status = check_folders(x)) != COMMAND_OK ||
	    (status = first_look(x, &x->own, put)) != COMMAND_OK ||
	    (status = first_look(x, &x->other, canary)) != COMMAND_OK)
		return (status);
	x->before = x->own.look.was.n;
	x->grants.form = grant_of(&x->own.folder, false);
	x->grants.put = grant_of(&x->own.folder, true);
	x->grants.other_form = grant_of(&x->other.folder, false);
	x->grants.list_url = x->own.folder.list_url;
	ask_exact(x);
	ask_late(x);
	ask_validator(x);
	set_names(x);
	return (COMMAND_OK);
}

bool
selftest_start_canary(struct selftest_cross *x, struct wire_answer *answer)
{
	const struct service_grant form = grant_of(&x->other.folder, false);
	const struct selftest_grants grants = {
		.form = form, .put = grant_of(&x->other.folder, true),
		.min_bytes = x->grants.min_bytes,
	};
	const struct selftest_way way = {
		"", "", form.url != NULL ? SELFTEST_FORM : SELFTEST_PUT,
		SELFTEST_INSIDE, { { form.url != NULL ? SELFTEST_KEY :
		    SELFTEST_END, "{canary}", NULL, 0 } }
	};
	struct selftest_names names = x->names;
	struct selftest_sent sent;

	names.id = x->token.content;
	if (selftest_cross_send(x, &way, &grants, &names, answer, &sent) !=
	    NULL)
		return (false);
	(void)selftest_look_again(&x->other.look);
	(void)selftest_look_again(&x->own.look);
	(void)selftest_look_again(&x->bucket);
	return (selftest_look_find(&x->other.look, x->canary) != NULL);
}

void
selftest_start_free(struct selftest_cross *x)
{

	selftest_look_free(&x->own.look);
	selftest_look_free(&x->other.look);
	selftest_look_free(&x->bucket);
	service_folder_free(&x->own.folder);
	service_folder_free(&x->other.folder);
	service_folder_free(&x->exact);
	service_folder_free(&x->late);
	service_clear(&x->lists);
	if (x->arena != NULL)
		arena_free(x->arena);
}
