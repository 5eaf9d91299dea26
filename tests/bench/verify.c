/*
 * What one verification and one HMAC cost, beside what the libraries offer for
 * the same message, in the same run; best of ROUNDS.  Not a test.
 *
 *	cc -std=c11 -D_GNU_SOURCE -Icommon -O2 tests/bench/verify.c \
 *	    common/base/[a-z]*.c common/crypto/[a-z]*.c -lsodium -lcrypto
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "crypto/hmac.h"
#include "crypto/sr25519.h"

#define ROUNDS 20
#define VERIFY_CALLS 200
#define HMAC_CALLS 20000

static uint8_t msg[115], key[32], out[HMAC_LEN];
static uint8_t sr_pub[SR25519_PUBLIC_LEN], sr_sig[SR25519_SIGNATURE_LEN];
static uint8_t ed_pub[crypto_sign_PUBLICKEYBYTES], ed_sig[crypto_sign_BYTES];
static struct hmac *hmac;

static void
must(int ok)
{

	if (!ok)
		abort();
}

static void
ours_verify(void)
{

	must(sr25519_verify(sr_pub, msg, sizeof(msg), sr_sig) == ERR_OK);
}

static void
sodium_verify(void)
{

	must(crypto_sign_verify_detached(ed_sig, msg, sizeof(msg),
	    ed_pub) == 0);
}

static void
ours_hmac(void)
{

	hmac_sha256(hmac, key, sizeof(key), msg, 100, out);
}

static void
naive_hmac(void)
{

	must(HMAC(EVP_sha256(), key, sizeof(key), msg, 100, out, NULL) != NULL);
}

static double
measure_us(void (*f)(void), int calls)
{
	struct timespec a, b;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < calls; i++)
		f();
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (((double)(b.tv_sec - a.tv_sec) * 1e6 +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e3) / calls);
}

/* In turns, so that both meet the same weather. */
static void
compare(const char *name, void (*ours)(void), void (*theirs)(void), int calls)
{
	double best_ours = 1e9, best_theirs = 1e9, t;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if ((t = measure_us(ours, calls)) < best_ours)
			best_ours = t;
		if ((t = measure_us(theirs, calls)) < best_theirs)
			best_theirs = t;
	}
	printf("%s: ours %.2f us, theirs %.2f us, ratio %.2f\n", name,
	    best_ours, best_theirs, best_ours / best_theirs);
}

int
main(void)
{
	uint8_t secret[SR25519_SECRET_LEN], ed_key[crypto_sign_SECRETKEYBYTES];

	must(sodium_init() >= 0);
	hmac = hmac_new();
	sr25519_expand(key, secret);
	must(sr25519_public(secret, sr_pub) == ERR_OK);
	must(sr25519_sign(secret, sr_pub, msg, sizeof(msg), sr_sig) == ERR_OK);
	crypto_sign_keypair(ed_pub, ed_key);
	crypto_sign_detached(ed_sig, NULL, msg, sizeof(msg), ed_key);

	compare("sr25519 against libsodium's Ed25519, 115 bytes", ours_verify,
	    sodium_verify, VERIFY_CALLS);
	compare("HMAC-SHA256 against HMAC(EVP_sha256()), 100 bytes", ours_hmac,
	    naive_hmac, HMAC_CALLS);
	hmac_free(hmac);
	return (0);
}
