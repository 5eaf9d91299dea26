#ifndef CLIENT_PROOF_H_
#define CLIENT_PROOF_H_

#include <stddef.h>
#include <stdint.h>

#include "auth/btauth.h"
#include "auth/signed_text.h"
#include "base/err.h"
#include "crypto/sr25519.h"

struct wallet;

/*
 * What proves that a request is its sender's: a signature in the body, or
 * header lines.  It can be used once, so each request is signed again.
 */
#define PROOF_HEX_LEN (2 * SR25519_SIGNATURE_LEN)
#define PROOF_LINES_MAX 6
#define PROOF_LINE_MAX 180

/* "Name: value" each. */
struct proof_lines {
	char line[PROOF_LINES_MAX][PROOF_LINE_MAX + 1];
	size_t n;
};

/**
 * proof_text(w, kind, parts, hex):
 * Write the signature of that text as hex digits.
 *   Errors  those of wallet_sign()
 */
CHECKED enum err proof_text(const struct wallet *w, enum signed_text_kind kind,
    const struct signed_parts *parts, char hex[PROOF_HEX_LEN + 1]);

/**
 * proof_tao(w, body, len, now_ms, out):
 * Write the X-Tao headers, version 2, for the ${len} bytes at ${body}.
 *   Errors  ERR_IO the system gives no random numbers; as wallet_sign()
 */
CHECKED enum err proof_tao(const struct wallet *w, const void *body,
    size_t len, int64_t now_ms, struct proof_lines *out);

/**
 * proof_btauth(w, r, nonce_ns, out):
 * Write the X-Bittensor headers for ${r}.
 *   Errors  ERR_BTAUTH_TARGET as btauth_text(); as wallet_sign()
 */
CHECKED enum err proof_btauth(const struct wallet *w,
    const struct btauth_request *r, int64_t nonce_ns,
    struct proof_lines *out);

/**
 * proof_nonce(now_ms, nonce_ns):
 * Set ${nonce_ns} to that time with random digits below a millisecond, because
 * two requests of one millisecond must have different times.
 *   Errors  ERR_IO the system gives no random numbers
 */
CHECKED enum err proof_nonce(int64_t now_ms, int64_t *nonce_ns);

#endif /* !CLIENT_PROOF_H_ */
