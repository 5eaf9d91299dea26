/*
 * Signs any bytes for the tests.  Each line on standard input is a mini secret
 * and a message, both in hex, with a space between; the answer is a line with
 * the public key and the signature.  "ed25519 " before them asks for that
 * scheme, whose seed the mini secret then is.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "crypto/sr25519.h"

#define MESSAGE_MAX 4096

static int
make_sr25519(const uint8_t *mini, const uint8_t *message, size_t n,
    uint8_t *pub, uint8_t *sig)
{
	uint8_t secret[SR25519_SECRET_LEN];

	sr25519_expand(mini, secret);
	return (sr25519_public(secret, pub) == ERR_OK &&
	    sr25519_sign(secret, pub, message, n, sig) == ERR_OK ? 0 : -1);
}

static int
make_ed25519(const uint8_t *seed, const uint8_t *message, size_t n,
    uint8_t *pub, uint8_t *sig)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(pub, secret, seed);
	return (crypto_sign_detached(sig, NULL, message, n, secret));
}

static int
answer(const char *line, size_t len)
{
	static const char ed25519[] = "ed25519 ";
	const size_t skip = sizeof(ed25519) - 1;
	const bool ed = strncmp(line, ed25519, skip) == 0;
	uint8_t mini[SR25519_MINI_LEN];
	uint8_t pub[SR25519_PUBLIC_LEN], sig[SR25519_SIGNATURE_LEN];
	char pub_hex[2 * sizeof(pub) + 1], sig_hex[2 * sizeof(sig) + 1];
	uint8_t message[MESSAGE_MAX];
	const size_t at = 2 * sizeof(mini);
	size_t n;

	line += ed ? skip : 0;
	len -= ed ? skip : 0;
	if (len <= at || line[at] != ' ' || (n = (len - at - 1) / 2) >
	    sizeof(message) || hex_decode(mini, sizeof(mini), line, at) !=
	    ERR_OK || hex_decode(message, n, line + at + 1, len - at - 1) !=
	    ERR_OK)
		return (-1);
	if ((ed ? make_ed25519 : make_sr25519)(mini, message, n, pub, sig) != 0)
		return (-1);
	hex_encode(pub_hex, pub, sizeof(pub));
	hex_encode(sig_hex, sig, sizeof(sig));
	printf("%s %s\n", pub_hex, sig_hex);
	return (fflush(stdout));
}

int
main(void)
{
	char line[2 * (SR25519_MINI_LEN + MESSAGE_MAX) + 16];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (answer(line, strcspn(line, "\n")) != 0) {
			fprintf(stderr, "signer: MINI MESSAGE, both in hex\n");
			return (1);
		}
	}
	return (0);
}
