/* foldergate selftest download: what a validator lists and loads. */

#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "crypto/md5.h"
#include "miner.h"
#include "net/wire.h"
#include "selftest.h"
#include "selftest_draft.h"

/* Pages of one folder, and the largest file that is loaded. */
#define PAGES_MAX 20
#define FILE_MAX ((int64_t)2 << 20)

/* A small file that somebody stored. */
struct object {
	char key[LISTING_KEY_MAX + 1];
	int64_t bytes;
	bool has_md5;
	uint8_t md5[MD5_LEN];
};

struct down {
	struct connect *c;
	struct selftest_report *report;
	struct miner miner[2];	/* one with a small file, and another one */
	size_t miners;
	struct object object;	/* of miner[0] */
	char *list_url, *url;	/* of its folder, and of the object */
	char *absent_url;	/* of a key beside it, without an object */
};

static void
check(struct down *d, const char *kind, const char *name, int status,
    const char *why, int64_t begun)
{
	struct selftest_row row = { .kind = kind, .name = name,
	    .status = status, .ms = clock_tick_ms() - begun };

	row.verdict = why != NULL ? SELFTEST_BREACHED : SELFTEST_HELD;
	snprintf(row.why, sizeof(row.why), "%s", why != NULL ? why : "");
	selftest_report_add(d->report, &row);
}

static void
not_here(struct down *d, const char *kind, const char *name, const char *why)
{
	struct selftest_row row = { .kind = kind, .name = name,
	    .verdict = SELFTEST_ABSENT };

	snprintf(row.why, sizeof(row.why), "%s", why);
	selftest_report_add(d->report, &row);
}

/* ${url} with ${more} after it, or its parameter ${name} with another value. */
static char *
changed(const char *url, const char *name, const char *more)
{
	const char *at = name != NULL ? strstr(url, name) : NULL;
	char *out;
	int n;

	if (at != NULL)
		n = asprintf(&out, "%.*s%s%s", (int)(at - url), url, more,
		    at + strcspn(at + 1, "&") + 1);
	else
		n = asprintf(&out, "%s%s", url, more);
	if (n < 0)
		log_die("out_of_memory", "selftest");
	return (out);
}

/* --- lists --------------------------------------------------------------- */

/* Take the object ${name} of a folder, if it could be loaded whole.  Services
   grant no odd names. */
static void
take(struct down *d, const struct listing_item *it, const char *name,
    size_t len)
{

	if (it->is_prefix || it->bytes <= 0 || it->bytes > FILE_MAX ||
	    it->key_len > S3_KEY_MAX || names_odd(name, len) != NULL ||
	    strlen(it->key) != it->key_len)
		return;
	memcpy(d->object.key, it->key, it->key_len + 1);
	d->object.bytes = it->bytes;
	if ((d->object.has_md5 = it->has_md5))
		memcpy(d->object.md5, it->md5, MD5_LEN);
}

/* Read the pages of ${m}.  Return the number of keys, and -1 after a fault.
   ${outside} counts those that are not below the folder. */
static int64_t
read_pages(struct down *d, const struct miner *m, size_t *outside)
{
	struct miner_folder f = { .service = d->c->service, .miner = m };
	size_t i, len, pages = 0;
	const char *name;
	int64_t keys = 0;

	while (pages++ < PAGES_MAX && miner_next(&f)) {
		for (i = 0; i < f.page.n; i++, keys++) {
			name = miner_below(&f, &f.page.item[i], &len);
			if (name == NULL)
				++*outside;
			else if (d->object.key[0] == '\0')
				take(d, &f.page.item[i], name, len);
		}
	}
	if (f.status != COMMAND_OK)
		keys = -1;
	miner_free(&f);
	return (keys);
}

/* Remember up to two miners, the first one with a file that can be loaded. */
static bool
on_miner(void *user, const struct miner *m)
{
	struct down *d = user;
	size_t outside = 0;
	int64_t keys;

	if (*connect_stop() != 0)
		return (false);
	if (d->object.key[0] != '\0') {
		d->miner[1] = *m;
		d->miners = 2;
		return (false);
	}
	keys = read_pages(d, m, &outside);
	d->miner[d->object.key[0] != '\0' ? 0 : 1] = *m;
	d->miners += d->miners < 2;
	return (keys >= 0);
}

static int
lists(struct down *d)
{
	const int64_t begun = clock_tick_ms();
	struct service_answer a = { .result = SERVICE_OK };
	size_t outside = 0;
	const char *url;
	int status;

	status = miner_each(d->c->service, on_miner, d);
	if (status != COMMAND_OK && status != COMMAND_PARTLY)
		return (status);
	check(d, "lists", "the service lists the miners", 0, NULL, begun);
	if (d->object.key[0] == '\0') {
		not_here(d, "lists", "a miner's folder, page by page",
		    "no miner has stored a small file");
		return (COMMAND_OK);
	}
	check(d, "lists", "a miner's folder, page by page, with keys of this "
	    "folder alone", 0, read_pages(d, &d->miner[0], &outside) < 0 ?
	    "a page cannot be read" : outside > 0 ? "it has others" : NULL,
	    begun);
	(void)service_list(d->c->service, &(struct service_miner){
	    &d->miner[0].key, d->miner[0].source[0] != '\0',
	    d->miner[0].source[0] != '\0' ? d->miner[0].source : NULL },
	    NULL, &a, &url);
	if (a.result == SERVICE_OK && selftest_draft_is_url(url))
		d->list_url = changed(url, NULL, "");
	service_clear(&a);
	return (COMMAND_OK);
}

/* --- one request to the store -------------------------------------------- */

/* Send a request to ${url}, with ${line} as one more header. */
static void
send_to(const struct down *d, const char *method, const char *url,
    const char *line, const char *body, struct wire_answer *a)
{
	const char *host = strstr(url, "://") + 3;
	const int host_len = (int)strcspn(host, "/?");
	struct wire_request r = { .origin = url, .ca_file = service_ca_file(
	    d->c->service), .bare = strcmp(method, "HEAD") == 0,
	    .stop = connect_stop() };
	struct buf b;

	buf_init_growing(&b, 4096, 65536);
	buf_fmt(&b, "%s %s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: foldergate"
	    "\r\nConnection: close\r\n%s", method, host[host_len] == '/' ?
	    host + host_len : "/", host_len, host, line);
	if (body != NULL)
		buf_fmt(&b, "Content-Length: %zu\r\n", strlen(body));
	buf_fmt(&b, "\r\n%s", body != NULL ? body : "");
	if (buf_end(&b) != ERR_OK)
		log_die("selftest", "a URL is too long");
	r.bytes = b.data;
	r.len = b.len;
	wire_send(&r, a);
	buf_free(&b);
}

static const char *
wrong_content(const struct down *d, const struct wire_answer *a)
{
	uint8_t got[MD5_LEN];
	struct md5 *m;

	if (a->status != 200)
		return (a->status == 0 ? net_fault_words(a->fault) :
		    "the store did not send it");
	if ((int64_t)(a->len - a->body) != d->object.bytes)
		return ("it has another size than the list shows");
	if (!d->object.has_md5 || (m = md5_new()) == NULL)
		return (NULL);
	md5_add(m, a->bytes + a->body, a->len - a->body);
	md5_end(m, got);
	md5_free(m);
	return (memcmp(got, d->object.md5, MD5_LEN) == 0 ? NULL :
	    "it has another MD5 than the list shows");
}

static void
load(struct down *d)
{
	const int64_t begun = clock_tick_ms();
	struct wire_answer a;

	send_to(d, "GET", d->url, "", NULL, &a);
	check(d, "downloads", "a small file, with the size and MD5 of the list",
	    a.status, wrong_content(d, &a), begun);
	wire_free(&a);
	send_to(d, "GET", d->url, "Range: bytes=0-9\r\n", NULL, &a);
	check(d, "downloads", "its first bytes alone", a.status,
	    a.status == 206 && a.len - a.body == (d->object.bytes < 10 ?
	    (size_t)d->object.bytes : 10) ? NULL : "the store did not send "
	    "10 bytes", begun);
	wire_free(&a);
}

/* --- what must be refused ------------------------------------------------ */

static void
refuse(struct down *d, const char *name, const char *method, const char *url)
{
	const int64_t begun = clock_tick_ms();
	struct wire_answer a;

	send_to(d, method, url, "", NULL, &a);
	check(d, "refusals", name, a.status, a.status / 100 == 4 ? NULL :
	    a.status == 0 ? net_fault_words(a.fault) : "it was not refused",
	    begun);
	wire_free(&a);
}

/* A method that the URL does not sign.  Any refusal but that of the signature
   comes from a store that would have obeyed. */
static void
refuse_method(struct down *d, const char *name, const char *method,
    const char *url, const char *line, const char *body)
{
	const int64_t begun = clock_tick_ms();
	struct wire_answer a;

	send_to(d, method, url, line, body, &a);
	check(d, "refusals", name, a.status, a.status == 401 ||
	    a.status == 403 || a.status == 405 ? NULL : a.status == 0 ?
	    net_fault_words(a.fault) : "the method was accepted", begun);
	wire_free(&a);
}

/* The files are other people's.  So these go to a key without an object, where
   a DELETE removes nothing; and the MD5 is that of no bytes, so that a store
   which takes a PUT refuses what it is sent. */
static void
refuse_changes(struct down *d)
{
	static const char put[] = "PUT with the URL of a file's GET",
	    del[] = "DELETE with the URL of a file's GET",
	    why[] = "the service grants no file that is not there";

	if (d->absent_url == NULL) {
		not_here(d, "refusals", put, why);
		not_here(d, "refusals", del, why);
		return;
	}
	refuse_method(d, put, "PUT", d->absent_url, "Content-MD5: "
	    "1B2M2Y8AsgTpgAmY7PhCfg==\r\n", "foldergate selftest");
	refuse_method(d, del, "DELETE", d->absent_url, "", NULL);
}

static void
refuse_changed(struct down *d, const char *name, const char *url,
    const char *parameter, const char *more)
{
	char *other = changed(url, parameter, more);

	refuse(d, name, "GET", other);
	free(other);
}

static void
refusals(struct down *d)
{
	char *plain;

	if (d->list_url != NULL) {
		refuse_changed(d, "a list of everything by the URL of one "
		    "folder", d->list_url, "prefix=", "prefix=");
		refuse_changed(d, "one more parameter on the URL of a list",
		    d->list_url, NULL, "&max-keys=1");

		/* No store deletes a bucket that has objects. */
		refuse_method(d, "DELETE with the URL of a list", "DELETE",
		    d->list_url, "", NULL);
	}
	refuse(d, "HEAD with the URL of a file", "HEAD", d->url);
	refuse_changes(d);
	refuse_changed(d, "a longer life of the URL of a file", d->url,
	    "X-Amz-Expires=", "X-Amz-Expires=604800");
	refuse_changed(d, "the ACL of a file by its URL", d->url, NULL,
	    "&acl");
	plain = changed(d->url, NULL, "");
	plain[strcspn(plain, "?")] = '\0';
	refuse(d, "the file without a signature", "GET", plain);
	free(plain);
}

/* The keys of another folder are not granted for this miner. */
static void
other_key(struct down *d)
{
	static const char name[] = "a key that is not the miner's is not "
	    "granted for it";
	const struct service_miner of = miner_of(&d->miner[1]);
	struct service_answer a = { .result = SERVICE_OK };
	const int64_t begun = clock_tick_ms();
	const char *key = d->object.key;

	if (d->miners < 2) {
		not_here(d, "refusals", name, "there is no second miner");
		return;
	}
	(void)service_files(d->c->service, &of, &key, 1, 0, &a);
	check(d, "refusals", name, a.status, a.result == SERVICE_REFUSED ||
	    (a.result == SERVICE_OK && service_file_url(&a, key) == NULL) ?
	    NULL : "it was granted", begun);
	service_clear(&a);
}

static void
ask_absent_url(struct down *d)
{
	const struct service_miner of = miner_of(&d->miner[0]);
	struct service_answer a = { .result = SERVICE_OK };
	char key[LISTING_KEY_MAX + 64], hex[2 * 8 + 1];
	const char *asked = key, *url = NULL;
	uint8_t random[8];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		log_die("no_randomness", "getrandom");
	hex_encode(hex, random, sizeof(random));
	snprintf(key, sizeof(key), "%s.selftest-%s", d->object.key, hex);
	(void)service_files(d->c->service, &of, &asked, 1, 0, &a);
	if (a.result == SERVICE_OK)
		url = service_file_url(&a, key);
	if (url != NULL && selftest_draft_is_url(url))
		d->absent_url = changed(url, NULL, "");
	service_clear(&a);
}

static void
ask_url(struct down *d)
{
	const struct service_miner of = miner_of(&d->miner[0]);
	struct service_answer a = { .result = SERVICE_OK };
	const int64_t begun = clock_tick_ms();
	const char *key = d->object.key, *url = NULL;

	(void)service_files(d->c->service, &of, &key, 1, 0, &a);
	if (a.result == SERVICE_OK)
		url = service_file_url(&a, key);
	if (url != NULL && selftest_draft_is_url(url))
		d->url = changed(url, NULL, "");
	check(d, "downloads", "the service grants a file of the list",
	    a.status, a.result != SERVICE_OK ? a.detail : d->url == NULL ?
	    "the answer has no URL of it" : NULL, begun);
	service_clear(&a);
}

int
selftest_download(struct connect *c, struct selftest_report *report)
{
	static struct down d;
	int status;

	d.c = c;
	d.report = report;
	status = lists(&d);
	if (status == COMMAND_OK && d.object.key[0] != '\0') {
		ask_url(&d);
		if (d.url != NULL) {
			load(&d);
			ask_absent_url(&d);
			refusals(&d);
			other_key(&d);
		}
	}
	free(d.url);
	free(d.absent_url);
	free(d.list_url);
	return (*connect_stop() != 0 ? COMMAND_STOPPED : status);
}
