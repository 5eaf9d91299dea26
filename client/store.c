#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "net/asker.h"
#include "net/http.h"
#include "store.h"

/* So many requests in a row without an answer, and the store counts as down. */
#define SILENT_MAX 3

#define ANSWER_MAX (1024 * 1024)

enum err
store_open(struct store *s, const struct config *cfg, bool internal)
{
	uint8_t random[8];
	char id[2 * sizeof(random) + 1];
	int role;
	enum err e;

	memset(s, 0, sizeof(*s));
	s->cfg = cfg;
	s->asker = asker_new(false, &s->asker_lost);
	s->hmac = hmac_new();
	s->http = http_new(NULL);
	s->endpoint = internal ? cfg->s3_endpoint : cfg->s3_public_endpoint;
	s->end_ms = clock_tick_ms() + STORE_TOTAL_MS;
	s->next_size = STORE_MIN_BYTES;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		log_die("no_randomness", "getrandom");
	hex_encode(id, random, sizeof(random));
	layout_scratch(id, s->folder);
	if ((e = keyring_init(&s->keyring)) != ERR_OK ||
	    (e = s3_bucket_configure(&s->bucket, cfg, s->endpoint)) != ERR_OK)
		return (e);
	for (role = 0; role < KEYRING_ROLES; role++) {
		if ((e = keyring_load(&s->keyring, cfg,
		    (enum keyring_role_name)role, s->hmac, &s->bucket,
		    &s->role[role])) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

void
store_close(struct store *s)
{
	int role;

	for (role = 0; role < KEYRING_ROLES; role++)
		sigv4_key_wipe(&s->role[role].key);
	keyring_free(&s->keyring);
	http_free(s->http);
	asker_free(s->asker);
	hmac_free(s->hmac);
}

const char *
store_reason(const struct store *s)
{

	if (clock_tick_ms() >= s->end_ms)
		return ("the time for all tries is over");
	if (s->silent >= SILENT_MAX)
		return ("several requests had no answer");
	return (http_reason(s->http));
}

static int
send_once(struct store *s, const struct http_request *r)
{
	static const struct http_limits limits = {
		.total_s = STORE_WAIT_S, .max_bytes = ANSWER_MAX
	};
	bool etag;

	if (strcmp(r->method, "HEAD") == 0) {
		if (http_head(s->http, r->url, &limits, &s->status, &etag) !=
		    ERR_OK)
			s->status = 0;
	} else if (http_send(s->http, r, &limits, &s->answer, &s->answer_len,
	    &s->status) != ERR_OK)
		s->status = 0;
	return (s->status);
}

int
store_send(struct store *s, const char *method, const char *url,
    const char *const *headers, const char *body, size_t len)
{
	const struct http_request r = { method, url, headers, body, len };

	s->status = 0;
	s->answer = "";
	s->answer_len = 0;
	if (s->silent >= SILENT_MAX || clock_tick_ms() >= s->end_ms) {
		s->lost = true;
		return (0);
	}
	send_once(s, &r);
	if (s->status == 503 || s->status == 429)
		send_once(s, &r);
	s->silent = s->status == 0 ? s->silent + 1 : 0;
	if (s->status == 0 || s->status == 503 || s->status == 429)
		s->lost = true;
	return (s->status);
}

struct store_key
store_key(const struct store *s, const char *name)
{
	struct store_key k;
	struct buf b;

	buf_init(&b, k.text, sizeof(k.text));
	buf_str(&b, s->folder);
	buf_str(&b, name);
	if (buf_end(&b) != ERR_OK)
		log_die("check_store", "a name is too long");
	k.len = b.len;
	return (k);
}

size_t
store_size(struct store *s)
{

	if (++s->next_size >= STORE_MAX_BYTES)
		log_die("check_store", "too many files");
	return (s->next_size);
}

void
store_fill(char *data, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		data[i] = (char)('!' + (i + bytes) % 89);
}
