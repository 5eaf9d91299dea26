#include <sys/random.h>

#include <inttypes.h>
#include <stdio.h>

#include "auth/tao.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/hex.h"
#include "crypto/hmac.h"
#include "proof.h"
#include "wallet.h"

#define UUID_LEN 36

enum err
proof_text(const struct wallet *w, enum signed_text_kind kind,
    const struct signed_parts *parts, char hex[PROOF_HEX_LEN + 1])
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	struct signed_text t;
	enum err e;

	signed_text_make(kind, parts, &t);
	if ((e = wallet_sign(w, t.text, t.len, sig)) == ERR_OK)
		hex_encode(hex, sig, sizeof(sig));
	return (e);
}

/* Append "NAME: VALUE". */
static void
add(struct proof_lines *out, const char *name, const char *value)
{

	snprintf(out->line[out->n++], PROOF_LINE_MAX + 1, "%s: %s", name,
	    value);
}

static void
add_int(struct proof_lines *out, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	add(out, name, text);
}

/* A random UUID, RFC 4122 section 4.4. */
static enum err
make_uuid(char out[UUID_LEN + 1])
{
	uint8_t r[16];
	char hex[2 * sizeof(r) + 1];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return (ERR_IO);
	r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
	r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
	hex_encode(hex, r, sizeof(r));
	snprintf(out, UUID_LEN + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
	return (ERR_OK);
}

enum err
proof_tao(const struct wallet *w, const void *body, size_t len, int64_t now_ms,
    struct proof_lines *out)
{
	char digest[2 * HMAC_LEN + 1], nonce[UUID_LEN + 1], text[160];
	char b64[BASE64_LEN(SR25519_SIGNATURE_LEN) + 1];
	uint8_t hash[HMAC_LEN], sig[SR25519_SIGNATURE_LEN];
	struct hmac *h;
	enum err e;
	int n;

	h = hmac_new();
	hmac_hash(h, body, len, hash);
	hmac_free(h);
	hex_encode(digest, hash, sizeof(hash));
	if ((e = make_uuid(nonce)) != ERR_OK)
		return (e);
	n = snprintf(text, sizeof(text), "%s.%s.%" PRId64, digest, nonce,
	    now_ms);
	if ((e = wallet_sign(w, text, (size_t)n, sig)) != ERR_OK)
		return (e);
	base64_encode(b64, sig, sizeof(sig));
	out->n = 0;
	add(out, tao_name(TAO_VERSION), "2");
	add_int(out, tao_name(TAO_TIMESTAMP), now_ms);
	add(out, tao_name(TAO_NONCE), nonce);
	add(out, tao_name(TAO_SIGNED_BY), w->ss58);
	add(out, tao_name(TAO_SIGNATURE), b64);
	return (ERR_OK);
}

enum err
proof_btauth(const struct wallet *w, const struct btauth_request *r,
    int64_t nonce_ns, struct proof_lines *out)
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	char hex[2 + PROOF_HEX_LEN + 1] = "0x";
	struct hmac *h = hmac_new();
	struct btauth_text t;
	enum err e;

	e = btauth_text(r, BTAUTH_SR25519, w->ss58, nonce_ns, h, &t);
	hmac_free(h);
	if (e != ERR_OK ||
	    (e = wallet_sign(w, t.text, t.len, sig)) != ERR_OK)
		return (e);
	hex_encode(hex + 2, sig, sizeof(sig));
	out->n = 0;
	add(out, btauth_name(BTAUTH_VERSION), "1");
	add(out, btauth_name(BTAUTH_HOTKEY), w->ss58);
	add(out, btauth_name(BTAUTH_RECEIVER), r->receiver);
	add_int(out, btauth_name(BTAUTH_NONCE), nonce_ns);
	add(out, btauth_name(BTAUTH_SIGNATURE), hex);
	return (ERR_OK);
}

enum err
proof_nonce(int64_t now_ms, int64_t *nonce_ns)
{
	uint32_t r;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return (ERR_IO);
	*nonce_ns = now_ms * 1000000 + r % 1000000;
	return (ERR_OK);
}
