#include <ctype.h>
#include <string.h>

#include "auth/btauth.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/num.h"
#include "crypto/ed25519.h"
#include "crypto/hmac.h"

static const char *const cryptos[] = {
	[BTAUTH_SR25519] = "sr25519", [BTAUTH_ED25519] = "ed25519"
};

const char *
btauth_name(enum btauth_header h)
{
	static const char *const names[BTAUTH_HEADERS] = {
		"X-Bittensor-Version", "X-Bittensor-Hotkey",
		"X-Bittensor-Receiver", "X-Bittensor-Nonce",
		"X-Bittensor-Crypto", "X-Bittensor-Signature"
	};

	return (names[h]);
}

bool
btauth_present(const struct btauth *b)
{
	size_t i;

	for (i = 0; i < BTAUTH_HEADERS; i++) {
		if (b->header[i] != NULL)
			return (true);
	}
	return (false);
}

/* A line feed in a target would move the lines after it. */
static bool
good_target(const char *s)
{
	size_t i;

	if (s == NULL || s[0] != '/')
		return (false);
	for (i = 0; s[i] != '\0'; i++) {
		if (i >= BTAUTH_TARGET_MAX || s[i] <= ' ' || s[i] > '~')
			return (false);
	}
	return (true);
}

enum err
btauth_text(const struct btauth_request *r, enum btauth_crypto crypto,
    const char *hotkey, int64_t nonce_ns, struct hmac *h,
    struct btauth_text *t)
{
	char digest[2 * HMAC_LEN + 1];
	uint8_t hash[HMAC_LEN];
	struct buf b;
	const char *c;

	if (!good_target(r->target) || strlen(r->method) > BTAUTH_METHOD_MAX)
		return (ERR_BTAUTH_TARGET);
	hmac_hash(h, r->body, r->len, hash);
	hex_encode(digest, hash, sizeof(hash));
	buf_init(&b, t->text, sizeof(t->text));
	buf_fmt(&b, "btauth/1\n%s\n", cryptos[crypto]);
	for (c = r->method; *c != '\0'; c++)
		buf_char(&b, (char)toupper((unsigned char)*c));
	buf_fmt(&b, "\n%s\n%s\n%lld\n%s\n%s", r->target, digest,
	    (long long)nonce_ns, hotkey, r->receiver);
	t->len = b.len;
	return (buf_end(&b));
}

/* The digits as Python's str() writes a number, because the number is
   signed. */
static enum err
read_nonce(const char *s, int64_t *ns)
{
	size_t len;

	if (s == NULL || (len = strlen(s)) < 1 || len > BTAUTH_NONCE_MAX ||
	    !isdigit((unsigned char)s[0]) || (s[0] == '0' && len > 1) ||
	    num_parse(s, len, 0, INT64_MAX, ns) != ERR_OK)
		return (ERR_BTAUTH_NONCE);
	return (ERR_OK);
}

static enum err
read_crypto(const char *s, enum btauth_crypto *crypto)
{

	if (s == NULL || strcmp(s, cryptos[BTAUTH_SR25519]) == 0)
		*crypto = BTAUTH_SR25519;
	else if (strcmp(s, cryptos[BTAUTH_ED25519]) == 0)
		*crypto = BTAUTH_ED25519;
	else
		return (ERR_BTAUTH_CRYPTO);
	return (ERR_OK);
}

static enum err
read_signature(const char *s, uint8_t sig[BTAUTH_SIGNATURE_LEN])
{

	if (s == NULL)
		return (ERR_BTAUTH_ENCODING);
	if (s[0] == '0' && s[1] == 'x')
		s += 2;
	return (hex_decode(sig, BTAUTH_SIGNATURE_LEN, s, strlen(s)) == ERR_OK ?
	    ERR_OK : ERR_BTAUTH_ENCODING);
}

/* The form of each header, in the SDK's order. */
static enum err
read_headers(const struct btauth *b, struct btauth_proof *p)
{
	const char *version = b->header[BTAUTH_VERSION];
	const char *by = b->header[BTAUTH_HOTKEY];
	enum err e;

	if (version == NULL || strcmp(version, "1") != 0)
		return (ERR_BTAUTH_VERSION);
	if (by == NULL || ss58_decode(by, strlen(by), p->hotkey.key) != ERR_OK)
		return (by != NULL && ss58_is_foreign(by, strlen(by)) ?
		    ERR_BTAUTH_NETWORK : ERR_BTAUTH_HOTKEY);
	ss58_encode(p->hotkey.key, p->hotkey.text);
	if ((e = read_nonce(b->header[BTAUTH_NONCE], &p->nonce_ns)) != ERR_OK)
		return (e);
	if ((e = read_crypto(b->header[BTAUTH_CRYPTO], &p->crypto)) != ERR_OK)
		return (e);
	return (read_signature(b->header[BTAUTH_SIGNATURE], p->sig));
}

enum err
btauth_read(const struct btauth *b, const struct btauth_request *r,
    int64_t now_ns, struct hmac *h, struct btauth_proof *p)
{
	const char *receiver = b->header[BTAUTH_RECEIVER];
	enum err e;

	if ((e = read_headers(b, p)) != ERR_OK)
		return (e);
	if (receiver == NULL || strcmp(receiver, r->receiver) != 0)
		return (ERR_BTAUTH_RECEIVER);

	/* Neither is negative, so no difference overflows. */
	if (now_ns - p->nonce_ns > BTAUTH_PAST_NS)
		return (ERR_BTAUTH_OLD);
	if (p->nonce_ns - now_ns > BTAUTH_FUTURE_NS)
		return (ERR_BTAUTH_EARLY);
	return (btauth_text(r, p->crypto, p->hotkey.text, p->nonce_ns, h,
	    &p->text));
}

enum err
btauth_verify(const struct btauth_proof *p, const uint8_t key[SS58_KEY_LEN])
{
	const uint8_t *text = (const uint8_t *)p->text.text;

	return (p->crypto == BTAUTH_ED25519 ?
	    ed25519_verify(key, text, p->text.len, p->sig) :
	    sr25519_verify(key, text, p->text.len, p->sig));
}
