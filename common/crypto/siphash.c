#include <sodium.h>

#include "crypto/siphash.h"

_Static_assert(SIPHASH_KEY_LEN == crypto_shorthash_siphash24_KEYBYTES, "key");

uint64_t
siphash_24(const uint8_t key[SIPHASH_KEY_LEN], const void *data, size_t len)
{
	uint8_t out[crypto_shorthash_siphash24_BYTES];
	uint64_t hash = 0;
	size_t i;

	crypto_shorthash_siphash24(out, data, len, key);
	for (i = 0; i < sizeof(out); i++)
		hash |= (uint64_t)out[i] << 8 * i;
	return (hash);
}
