#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/tao.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/num.h"
#include "crypto/hmac.h"

const char *
tao_name(enum tao_header h)
{
	static const char *const names[TAO_HEADERS] = {
		"X-Tao-Version", "X-Tao-Timestamp", "X-Tao-Nonce",
		"X-Tao-Signed-By", "X-Tao-Signature"
	};

	return (names[h]);
}

bool
tao_present(const struct tao *t)
{
	size_t i;

	for (i = 0; i < TAO_HEADERS; i++) {
		if (t->header[i] != NULL)
			return (true);
	}
	return (false);
}

/* A UUID as RFC 4122 writes it, or the 32 digits alone. */
static bool
is_uuid(const char *s)
{
	size_t i, len = strlen(s);

	if (len != 36 && len != 32)
		return (false);
	for (i = 0; i < len; i++) {
		if (len == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) {
			if (s[i] != '-')
				return (false);
		} else if (hex_digit(s[i]) < 0) {
			return (false);
		}
	}
	return (true);
}

/* The most digits of a time, with some leading zeros. */
#define TIME_MAX 20

static enum err
check_time(const char *s, int64_t now_ms, int64_t *ms)
{

	/* Digits after TIME_MAX would not be signed. */
	if (strlen(s) > TIME_MAX ||
	    num_parse(s, strlen(s), 0, INT64_MAX / 2, ms) != ERR_OK ||
	    *ms > now_ms + TAO_FUTURE_MS)
		return (ERR_TIMESTAMP);
	return (*ms < now_ms - TAO_PAST_MS ? ERR_TAO_OLD : ERR_OK);
}

enum err
tao_read(const struct tao *t, const char *body, size_t len, int64_t now_ms,
    struct hmac *h, struct tao_proof *proof)
{
	const char *nonce = t->header[TAO_NONCE];
	const char *by = t->header[TAO_SIGNED_BY];
	const char *text = t->header[TAO_SIGNATURE];
	char digest[2 * HMAC_LEN + 1];
	struct signed_text *st = &proof->text;
	uint8_t hash[HMAC_LEN];
	enum err e;

	if (strcmp(t->header[TAO_VERSION], "2") != 0)
		return (ERR_TAO_VERSION);
	if ((e = check_time(t->header[TAO_TIMESTAMP], now_ms,
	    &proof->signed_at_ms)) != ERR_OK)
		return (e);
	if (!is_uuid(nonce))
		return (ERR_TAO_NONCE);
	if (ss58_decode(by, strlen(by), proof->hotkey.key) != ERR_OK)
		return (ss58_is_foreign(by, strlen(by)) ? ERR_TAO_NETWORK :
		    ERR_TAO_ENCODING);
	if (base64_decode(proof->sig, sizeof(proof->sig), text,
	    strlen(text)) != ERR_OK)
		return (ERR_TAO_ENCODING);
	ss58_encode(proof->hotkey.key, proof->hotkey.text);

	/* Use the time exactly as sent, since leading zeros were signed,
	   too. */
	hmac_hash(h, body, len, hash);
	hex_encode(digest, hash, sizeof(hash));
	st->len = (size_t)snprintf(st->text, sizeof(st->text),
	    "%s.%s.%s", digest, nonce, t->header[TAO_TIMESTAMP]);
	return (ERR_OK);
}

enum err
tao_error(enum err e)
{

	switch (e) {
	case ERR_NOT_REGISTERED:
	case ERR_NO_VALIDATOR:
		return (ERR_TAO_NOT_REGISTERED);
	case ERR_NO_PERMIT:
		return (ERR_TAO_NO_PERMIT);
	case ERR_LOW_STAKE:
		return (ERR_TAO_LOW_STAKE);
	case ERR_SIGNATURE:
		return (ERR_TAO_MISMATCH);
	default:
		return (e);
	}
}
