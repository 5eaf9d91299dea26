#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hex.h"
#include "crypto/sr25519.h"
#include "proof.h"
#include "selftest_asks.h"
#include "selftest_cross.h"
#include "wallet.h"

/* A request that is being made. */
struct ask {
	struct selftest_cross *x;
	const struct selftest_ask *row;
	struct selftest_names names;
	struct selftest_draft d;	/* for patterns alone */
	char now[24], sig[PROOF_HEX_LEN + 1];
	int64_t now_ms;
	char path[SERVICE_URL_MAX + 128];	/* of the URL */
	struct proof_lines lines;
};

static const struct wallet *
signer(const struct ask *k)
{

	return (service_hotkey(k->x->own.c->service));
}

static struct text_span
text(struct ask *k, const char *pattern)
{

	return (selftest_draft_text(&k->d, pattern));
}

static enum err
sign_text(struct ask *k)
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	struct text_span words;
	enum err e;

	if (k->row->signs == NULL)
		return (ERR_OK);
	words = text(k, k->row->signs);
	if ((e = wallet_sign(signer(k), words.s, words.len, sig)) == ERR_OK)
		hex_encode(k->sig, sig, sizeof(sig));
	return (e);
}

/* Where the path of the service's URL begins. */
static const char *
path_of(const struct ask *k)
{
	const char *host = strstr(service_url(k->x->own.c->service),
	    "://") + 3;

	return (host + strcspn(host, "/"));
}

static enum err
sign_headers(struct ask *k, struct text_span body)
{
	const struct btauth_request r = {
		.method = "POST", .target = k->path, .body = body.s,
		.len = body.len, .receiver = k->names.receiver,
	};
	int64_t nonce_ns;
	enum err e;

	if (k->row->proof == SELFTEST_PROOF_TEXT)
		return (ERR_OK);
	if (k->row->proof == SELFTEST_PROOF_TAO)
		return (proof_tao(signer(k), body.s, body.len, k->now_ms,
		    &k->lines));
	if ((e = proof_nonce(k->now_ms, &nonce_ns)) != ERR_OK)
		return (e);
	return (proof_btauth(signer(k), &r, nonce_ns, &k->lines));
}

/* Is ${line} the header that the row replaces? */
static bool
is_replaced(const struct ask *k, const char *line)
{

	return (k->row->line != NULL && strncasecmp(line, k->row->line,
	    strcspn(k->row->line, ":") + 1) == 0);
}

static enum err
write_request(struct ask *k, struct buf *b)
{
	const struct selftest_ask *row = k->row;
	struct text_span body, line;
	const char *host = strstr(service_url(k->x->own.c->service),
	    "://") + 3;
	enum err e;
	size_t i;

	snprintf(k->path, sizeof(k->path), "%s%s", path_of(k), row->path);
	if ((e = sign_text(k)) != ERR_OK)
		return (e);
	body = text(k, row->body);
	if ((e = sign_headers(k, body)) != ERR_OK)
		return (e);
	if (row->altered != NULL)
		body = text(k, row->altered);
	buf_fmt(b, "POST %s%s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: "
	    "foldergate\r\nContent-Type: application/json\r\n"
	    "Connection: close\r\nContent-Length: %zu\r\n", path_of(k),
	    row->sent_to != NULL ? row->sent_to : row->path,
	    (int)strcspn(host, "/"), host, body.len);
	for (i = 0; i < k->lines.n; i++) {
		if (!is_replaced(k, k->lines.line[i]))
			buf_fmt(b, "%s\r\n", k->lines.line[i]);
	}
	if (row->line != NULL) {
		line = text(k, row->line);
		buf_fmt(b, "%.*s\r\n", (int)line.len, line.s);
	}
	buf_str(b, "\r\n");
	buf_add(b, body.s, body.len);
	return (buf_end(b));
}

static bool
names_other(const struct ask *k, const struct wire_answer *a)
{

	return (strstr(a->bytes, k->names.them) != NULL ||
	    strstr(a->bytes, k->names.their_owner) != NULL);
}

static void
judge(const struct ask *k, const struct wire_answer *a,
    struct selftest_row *row)
{

	row->status = a->status;
	if (a->status / 100 == 2 && (!k->row->may || names_other(k, a))) {
		row->verdict = SELFTEST_BREACHED;
		snprintf(row->why, sizeof(row->why), "it was granted");
	} else if (a->status == 0 || a->status == 429 || a->status >= 500) {
		row->verdict = SELFTEST_NOT_TRIED;
		snprintf(row->why, sizeof(row->why), "%s", a->status == 0 ?
		    net_fault_words(a->fault) : a->status == 429 ?
		    "a limit of the service ended this" :
		    "the service could not decide");
	}
}

static void
send_row(struct ask *k, struct selftest_row *row)
{
	struct wire_request r = { .origin = service_url(
	    k->x->own.c->service), .ca_file = service_ca_file(
	    k->x->own.c->service), .stop = connect_stop() };
	struct wire_answer a = { .status = 0 };
	struct buf b;

	buf_init_growing(&b, 4096, 65536);
	if (write_request(k, &b) != ERR_OK || k->d.missing != NULL) {
		row->verdict = SELFTEST_ABSENT;
		snprintf(row->why, sizeof(row->why), "%s", k->d.missing !=
		    NULL ? k->d.missing : "it cannot be signed");
	} else {
		r.bytes = b.data;
		r.len = b.len;
		wire_send(&r, &a);
		if (k->row->twice && a.status / 100 == 2) {
			wire_free(&a);
			wire_send(&r, &a);
		} else if (k->row->twice) {
			row->verdict = SELFTEST_ABSENT;
			snprintf(row->why, sizeof(row->why), "such a request "
			    "is not granted here");
		}
		if (row->verdict != SELFTEST_ABSENT)
			judge(k, &a, row);
	}
	wire_free(&a);
	buf_free(&b);
}

static void
run_row(struct selftest_cross *x, const struct selftest_ask *w,
    const struct selftest_names *names)
{
	const int64_t begun = clock_tick_ms();
	struct selftest_row row = { .kind = w->kind, .name = w->name };
	struct ask k = { .x = x, .row = w, .names = *names };

	arena_reset(x->arena);
	k.now_ms = clock_now_ms() + 1000 * (int64_t)w->offset_s;
	snprintf(k.now, sizeof(k.now), "%lld", (long long)(k.now_ms / 1000));
	k.names.now = k.now;
	k.names.sig = k.sig;
	k.d.arena = x->arena;
	k.d.names = &k.names;
	if (w->proof == SELFTEST_PROOF_BTAUTH && k.names.receiver == NULL) {
		row.verdict = SELFTEST_ABSENT;
		snprintf(row.why, sizeof(row.why), "the service names no "
		    "receiver for btauth");
	} else {
		send_row(&k, &row);
	}
	row.ms = clock_tick_ms() - begun;
	selftest_report_add(x->report, &row);
}

void
selftest_ask(struct selftest_cross *x)
{
	const struct service_request formats = {
		.path = "/commitment-formats", .get = true
	};
	struct service_answer a = { .result = SERVICE_OK };
	struct selftest_names names = x->names;
	const struct selftest_ask *w;

	names.me = x->own.c->keys.hotkey.ss58;
	names.owner = x->own.c->keys.coldkey.text;
	names.them = x->other.c->keys.hotkey.ss58;
	names.their_owner = x->other.c->keys.coldkey.text;
	names.source = x->source != NULL ? x->source : "x";
	if (service_ask(x->own.c->service, &formats, &a) == SERVICE_OK)
		names.receiver = service_text(a.json, "receiver");
	for (w = selftest_asks; w->name != NULL && *connect_stop() == 0;
	    w++) {
		if (selftest_cross_takes(x, w->kind))
			run_row(x, w, &names);
	}
	service_clear(&a);
}
