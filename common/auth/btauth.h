#ifndef AUTH_BTAUTH_H_
#define AUTH_BTAUTH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

struct hmac;

/*
 * X-Bittensor headers: btauth/1, signed requests.  The proof is bound to the
 * method, the target, the body, the time and the receiving service.  Source:
 * bittensor SDK 11.3, module http_auth; tests/vectors/btauth.
 */
enum btauth_header {
	BTAUTH_VERSION, BTAUTH_HOTKEY, BTAUTH_RECEIVER, BTAUTH_NONCE,
	BTAUTH_CRYPTO, BTAUTH_SIGNATURE,
	BTAUTH_HEADERS
};

/* The headers of a request; NULL for each that was not sent. */
struct btauth {
	const char *header[BTAUTH_HEADERS];
};

/* The longest time that a signed time may be in the past, and in the
   future, edges included. */
#define BTAUTH_PAST_NS INT64_C(10000000000)
#define BTAUTH_FUTURE_NS INT64_C(2000000000)

#define BTAUTH_SIGNATURE_LEN 64	/* of either scheme */

/* foldergate's own bound on the target, because the text is built on the
   stack.  The standard has no bound. */
#define BTAUTH_TARGET_MAX 1024
#define BTAUTH_METHOD_MAX 16
#define BTAUTH_NONCE_MAX 19	/* digits of INT64_MAX */
#define BTAUTH_TEXT_MAX (8 + 7 + BTAUTH_METHOD_MAX + BTAUTH_TARGET_MAX + 64 + \
    BTAUTH_NONCE_MAX + 2 * SS58_MAX + 7)

enum btauth_crypto { BTAUTH_SR25519, BTAUTH_ED25519 };

/* The signed text: eight lines, joined by line feeds. */
struct btauth_text {
	char text[BTAUTH_TEXT_MAX + 1];
	size_t len;
};

/* The request that was signed, as received. */
struct btauth_request {
	const char *method;
	const char *target;	/* path and query as sent: /a?b=%2F */
	const char *body;
	size_t len;
	const char *receiver;	/* the service's own hotkey, SS58 */
};

/* The claims of the headers: the signer of this text, and the time. */
struct btauth_proof {
	struct ss58 hotkey;
	enum btauth_crypto crypto;
	uint8_t sig[BTAUTH_SIGNATURE_LEN];
	struct btauth_text text;
	int64_t nonce_ns;
};

/**
 * btauth_name(h):
 * Return the header's name as a client writes it: X-Bittensor-Version and so
 * on.
 */
const char *btauth_name(enum btauth_header h);

/**
 * btauth_present(b):
 * Was any of the headers sent?
 */
bool btauth_present(const struct btauth *b);

/**
 * btauth_text(r, crypto, hotkey, nonce_ns, h, t):
 * Write the text that ${hotkey} signs to send ${r} at ${nonce_ns}.
 *   Shape   target: a slash, then printable ASCII without blanks, 1,024 bytes
 *	     at most; method: 16 bytes at most; nonce_ns >= 0
 *   Errors  ERR_BTAUTH_TARGET
 */
CHECKED enum err btauth_text(const struct btauth_request *r,
    enum btauth_crypto crypto, const char *hotkey, int64_t nonce_ns,
    struct hmac *h, struct btauth_text *t);

/**
 * btauth_read(b, r, now_ns, h, proof):
 * Check the form, the receiver and the time of ${b}, in this order, and set
 * ${proof}. btauth_verify() must verify it.
 *   Shape   as the SDK writes them: version 1; a nonce of digits without sign
 *	     and leading zeros; crypto sr25519, ed25519 or absent, which means
 *	     sr25519; 128 hex digits of either case, 0x before them is optional
 *   Errors  ERR_BTAUTH_VERSION, ERR_BTAUTH_HOTKEY (ERR_BTAUTH_NETWORK if it
 *	     is an address of another network), ERR_BTAUTH_NONCE,
 *	     ERR_BTAUTH_CRYPTO, ERR_BTAUTH_ENCODING (of the signature): that
 *	     header is missing or malformed; ERR_BTAUTH_RECEIVER missing, or
 *	     another service; ERR_BTAUTH_OLD, ERR_BTAUTH_EARLY;
 *	     ERR_BTAUTH_TARGET
 */
CHECKED enum err btauth_read(const struct btauth *b,
    const struct btauth_request *r, int64_t now_ns, struct hmac *h,
    struct btauth_proof *proof);

/**
 * btauth_verify(proof, key):
 * Check that ${key} signed the text of ${proof} under the scheme that the
 * proof names.  The text is verified as it is.  This standard has no <Bytes>
 * of wallets.
 *   Errors  ERR_SIGNATURE
 */
CHECKED enum err btauth_verify(const struct btauth_proof *proof,
    const uint8_t key[SS58_KEY_LEN]);

#endif /* !AUTH_BTAUTH_H_ */
