#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "crypto/merlin.h"
#include "crypto/sr25519.h"

#define POINT_LEN crypto_core_ristretto255_BYTES
#define SCALAR_LEN crypto_core_ristretto255_SCALARBYTES
#define WIDE_LEN crypto_core_ristretto255_NONREDUCEDSCALARBYTES

/* Marks the last byte of a signature by schnorrkel, unlike one by Ed25519. */
#define MARKER 0x80

/* Is ${s} below the group order 2^252 + 27742317777372353535851937790883648493
   (RFC 9496, section 4.4)?  In constant time.  libsodium only reduces. */
static bool
scalar_is_canonical(const uint8_t s[SCALAR_LEN])
{
	static const uint8_t order[SCALAR_LEN] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10
	};
	unsigned borrow = 0;
	size_t i;

	for (i = 0; i < SCALAR_LEN; i++)
		borrow = ((unsigned)s[i] - order[i] - borrow) >> 8 & 1;
	return (borrow == 1);
}

/*
 * libsodium reports an identity result as a failure, like a point that does
 * not decode.  The order is prime, so a scalar below it and a point other than
 * the identity give the identity only if the scalar is zero.
 */
static bool
multiply(uint8_t out[POINT_LEN], const uint8_t scalar[SCALAR_LEN],
    const uint8_t point[POINT_LEN])
{

	if (!sodium_is_zero(scalar, SCALAR_LEN))
		return (crypto_scalarmult_ristretto255(out, scalar,
		    point) == 0);
	memset(out, 0, POINT_LEN);
	return (crypto_core_ristretto255_is_valid_point(point) == 1);
}

static bool
multiply_base(uint8_t out[POINT_LEN], const uint8_t scalar[SCALAR_LEN])
{

	if (!sodium_is_zero(scalar, SCALAR_LEN))
		return (crypto_scalarmult_ristretto255_base(out, scalar) == 0);
	memset(out, 0, POINT_LEN);
	return (true);
}

/* Append what is signed, up to the point where a signer chooses its nonce. */
static void
transcript_init(struct merlin *m, const uint8_t pub[POINT_LEN],
    const uint8_t *msg, size_t len)
{
	static const char proto[] = "Schnorr-sig";

	*m = merlin_substrate;
	merlin_append(m, "sign-bytes", msg, len);
	merlin_append(m, "proto-name", proto, sizeof(proto) - 1);
	merlin_append(m, "sign:pk", pub, POINT_LEN);
}

/* Compute the challenge k, once the nonce's point R is known. */
static void
transcript_challenge(struct merlin *m, const uint8_t r_point[POINT_LEN],
    uint8_t k[SCALAR_LEN])
{
	uint8_t wide[WIDE_LEN];

	merlin_append(m, "sign:R", r_point, POINT_LEN);
	merlin_challenge(m, "sign:c", wide, sizeof(wide));
	crypto_core_ristretto255_scalar_reduce(k, wide);
}

enum err
sr25519_verify(const uint8_t pub[SR25519_PUBLIC_LEN], const uint8_t *msg,
    size_t len, const uint8_t sig[SR25519_SIGNATURE_LEN])
{
	struct merlin m;
	uint8_t s[SCALAR_LEN], k[SCALAR_LEN];
	uint8_t sb[POINT_LEN], ka[POINT_LEN], r_point[POINT_LEN];

	/* Refuse the identity key here, although its product is refused
	   below, too.  The check must not depend on libsodium alone. */
	memcpy(s, sig + POINT_LEN, sizeof(s));
	s[SCALAR_LEN - 1] &= (uint8_t)~MARKER;
	if ((sig[SR25519_SIGNATURE_LEN - 1] & MARKER) == 0 ||
	    !scalar_is_canonical(s) || sodium_is_zero(pub, POINT_LEN) ||
	    len > UINT32_MAX)
		return (ERR_SIGNATURE);

	transcript_init(&m, pub, msg, len);
	transcript_challenge(&m, sig, k);

	/* Is R the encoding of s*B - k*A?  The product refuses a key that
	   does not decode.  R is compared without being decoded. */
	if (!multiply(ka, k, pub) || !multiply_base(sb, s) ||
	    crypto_core_ristretto255_sub(r_point, sb, ka) != 0 ||
	    memcmp(r_point, sig, POINT_LEN) != 0)
		return (ERR_SIGNATURE);
	return (ERR_OK);
}

/* Make a fresh secret nonce r != 0, as schnorrkel's witness_scalar(), and
   r*B. */
static void
choose_nonce(const struct merlin *m, const uint8_t *seed, size_t seed_len,
    uint8_t r[SCALAR_LEN], uint8_t r_point[POINT_LEN])
{
	uint8_t random[MERLIN_RANDOM_LEN], wide[WIDE_LEN];

	if (sodium_init() < 0)
		log_die("sodium", "init");
	do {
		randombytes_buf(random, sizeof(random));
		merlin_witness(m, "signing", seed, seed_len, random, wide,
		    sizeof(wide));
		crypto_core_ristretto255_scalar_reduce(r, wide);
	} while (crypto_scalarmult_ristretto255_base(r_point, r) != 0);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(wide, sizeof(wide));
}

bool
sr25519_is_public(const uint8_t pub[SR25519_PUBLIC_LEN])
{

	return (!sodium_is_zero(pub, POINT_LEN) &&
	    crypto_core_ristretto255_is_valid_point(pub) == 1);
}

enum err
sr25519_sign(const uint8_t secret[SR25519_SECRET_LEN],
    const uint8_t pub[SR25519_PUBLIC_LEN], const uint8_t *msg, size_t len,
    uint8_t sig[SR25519_SIGNATURE_LEN])
{
	struct merlin m;
	uint8_t k[SCALAR_LEN], r[SCALAR_LEN], kx[SCALAR_LEN];

	if (!scalar_is_canonical(secret) ||
	    sodium_is_zero(secret, SCALAR_LEN) || len > UINT32_MAX)
		return (ERR_FORMAT);

	transcript_init(&m, pub, msg, len);
	choose_nonce(&m, secret + SCALAR_LEN, SR25519_SECRET_LEN - SCALAR_LEN,
	    r, sig);
	transcript_challenge(&m, sig, k);

	/* s = k*x + r */
	crypto_core_ristretto255_scalar_mul(kx, k, secret);
	crypto_core_ristretto255_scalar_add(sig + POINT_LEN, kx, r);
	sig[SR25519_SIGNATURE_LEN - 1] |= MARKER;
	sodium_memzero(r, sizeof(r));
	sodium_memzero(kx, sizeof(kx));
	return (ERR_OK);
}

void
sr25519_expand(const uint8_t mini[SR25519_MINI_LEN],
    uint8_t secret[SR25519_SECRET_LEN])
{
	size_t i;

	crypto_hash_sha512(secret, mini, SR25519_MINI_LEN);

	/* The clamp of RFC 8032, section 5.1.5.  The shift drops its three
	   low zero bits. */
	secret[31] = (uint8_t)((secret[31] & 63) | 64);
	for (i = 0; i < SCALAR_LEN - 1; i++)
		secret[i] = (uint8_t)(secret[i] >> 3 | secret[i + 1] << 5);
	secret[SCALAR_LEN - 1] >>= 3;
}

enum err
sr25519_public(const uint8_t secret[SR25519_SECRET_LEN],
    uint8_t pub[SR25519_PUBLIC_LEN])
{

	if (!scalar_is_canonical(secret) ||
	    crypto_scalarmult_ristretto255_base(pub, secret) != 0)
		return (ERR_FORMAT);
	return (ERR_OK);
}
