#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* OpenSSL 3 deprecates SHA256_Init() and its like, because they fetch nothing
   from a provider.  That is what this file uses them for. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/log.h"
#include "crypto/hmac.h"

#define BLOCK_LEN 64	/* of SHA-256 */

/* RFC 2104, section 2. */
#define IPAD 0x36
#define OPAD 0x5c

/* It holds what depends on a key, so it is not on the stack. */
struct hmac {
	SHA256_CTX ctx;
};

static void
must(int ok, const char *what)
{

	if (!ok)
		log_die("openssl", what);
}

struct hmac *
hmac_new(void)
{
	struct hmac *h;

	if ((h = malloc(sizeof(*h))) == NULL)
		log_die("out_of_memory", "hmac");
	return (h);
}

void
hmac_free(struct hmac *h)
{

	if (h == NULL)
		return;
	explicit_bzero(h, sizeof(*h));
	free(h);
}

/* SHA-256 of two pieces, one after the other.  ${out} may be either. */
static void
hash_two(struct hmac *h, const void *a, size_t a_len, const void *b,
    size_t b_len, uint8_t out[HMAC_LEN])
{

	must(SHA256_Init(&h->ctx) == 1 &&
	    SHA256_Update(&h->ctx, a, a_len) == 1 &&
	    SHA256_Update(&h->ctx, b, b_len) == 1 &&
	    SHA256_Final(out, &h->ctx) == 1, "SHA256");
}

void
hmac_hash(struct hmac *h, const void *data, size_t len, uint8_t out[HMAC_LEN])
{

	hash_two(h, data, len, NULL, 0, out);
}

void
hmac_sha256(struct hmac *h, const void *key, size_t key_len, const void *data,
    size_t len, uint8_t out[HMAC_LEN])
{
	uint8_t pad[BLOCK_LEN] = { 0 };
	size_t i;

	if (key_len > BLOCK_LEN)
		hmac_hash(h, key, key_len, pad);
	else if (key_len > 0)
		memcpy(pad, key, key_len);

	for (i = 0; i < BLOCK_LEN; i++)
		pad[i] ^= IPAD;
	hash_two(h, pad, BLOCK_LEN, data, len, out);
	for (i = 0; i < BLOCK_LEN; i++)
		pad[i] ^= IPAD ^ OPAD;
	hash_two(h, pad, BLOCK_LEN, out, HMAC_LEN, out);
	explicit_bzero(pad, sizeof(pad));
}

static void
pbkdf2(const EVP_MD *digest, const void *pass, size_t pass_len,
    const void *salt, size_t salt_len, unsigned rounds, uint8_t *out,
    size_t out_len)
{

	/* Keep an openssl.cnf from choosing the algorithms.  An implicit fetch
	   is enough for one call in a program's life. */
	must(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1,
	    "OPENSSL_init_crypto");
	must(pass_len <= INT_MAX && salt_len <= INT_MAX && rounds <= INT_MAX &&
	    out_len <= INT_MAX && PKCS5_PBKDF2_HMAC(pass, (int)pass_len, salt,
	    (int)salt_len, (int)rounds, digest, (int)out_len, out) == 1,
	    "PBKDF2");
}

void
hmac_pbkdf2_sha512(const void *pass, size_t pass_len, const void *salt,
    size_t salt_len, unsigned rounds, uint8_t *out, size_t out_len)
{

	pbkdf2(EVP_sha512(), pass, pass_len, salt, salt_len, rounds, out,
	    out_len);
}

void
hmac_pbkdf2_sha256(const void *pass, size_t pass_len, const void *salt,
    size_t salt_len, unsigned rounds, uint8_t *out, size_t out_len)
{

	pbkdf2(EVP_sha256(), pass, pass_len, salt, salt_len, rounds, out,
	    out_len);
}
