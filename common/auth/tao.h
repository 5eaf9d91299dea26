#ifndef AUTH_TAO_H_
#define AUTH_TAO_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

struct hmac;

/*
 * X-Tao headers, version 2: the proof travels beside the body.  Signed are
 * sha256hex(body) "." nonce "." milliseconds.  Source: the wire contract,
 * section 5.1; the bound on the future is ours, the original had none.
 */
enum tao_header {
	TAO_VERSION, TAO_TIMESTAMP, TAO_NONCE, TAO_SIGNED_BY, TAO_SIGNATURE,
	TAO_HEADERS
};

/* What was sent; NULL what was not. */
struct tao {
	const char *header[TAO_HEADERS];
};

#define TAO_PAST_MS 8000
#define TAO_FUTURE_MS 60000

/* What the headers say: who signed this text when. */
struct tao_proof {
	struct ss58 hotkey;
	uint8_t sig[SR25519_SIGNATURE_LEN];
	struct signed_text text;
	int64_t signed_at_ms;
};

/**
 * tao_name(h):
 * The header's name as a client writes it: X-Tao-Version and so on.
 */
const char *tao_name(enum tao_header h);

/**
 * tao_present(t):
 * Is any of them there?  Then all have to be.
 */
bool tao_present(const struct tao *t);

/**
 * tao_read(t, body, len, now_ms, h, proof):
 * Check the form and time of a complete ${t}, and set ${proof}, which is still
 * to be verified.
 *   Errors  ERR_TAO_VERSION, ERR_TIMESTAMP (no number, or from the future),
 *	     ERR_TAO_OLD, ERR_TAO_NONCE, ERR_TAO_NETWORK an address of another
 *	     network, ERR_TAO_ENCODING; in this order
 */
CHECKED enum err tao_read(const struct tao *t, const char *body, size_t len,
    int64_t now_ms, struct hmac *h, struct tao_proof *proof);

/**
 * tao_error(e):
 * How ${e} is reported to a caller whose proof is in headers of either kind.
 */
enum err tao_error(enum err e);

#endif /* !AUTH_TAO_H_ */
