#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/log.h"
#include "crypto/aes.h"

/* Return the length without the padding, or 0. */
static size_t
unpadded(const uint8_t *data, size_t len)
{
	const size_t n = data[len - 1];
	size_t i;

	if (n == 0 || n > AES_BLOCK_LEN)
		return (0);
	for (i = 1; i <= n; i++) {
		if (data[len - i] != n)
			return (0);
	}
	return (len - n);
}

enum err
aes_decrypt(enum aes_mode mode, const uint8_t *key,
    const uint8_t iv[AES_BLOCK_LEN], const uint8_t *in, size_t len,
    uint8_t *out, size_t *out_len)
{
	EVP_CIPHER_CTX *ctx;
	int n = 0, rest = 0, ok;

	if (len == 0 || len % AES_BLOCK_LEN != 0 || len > INT_MAX)
		return (ERR_FORMAT);

	/* Keep an openssl.cnf from choosing the algorithms. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL)
		log_die("out_of_memory", "aes");
	ok = EVP_DecryptInit_ex(ctx, mode == AES_128_CBC ? EVP_aes_128_cbc() :
	    EVP_aes_256_ctr(), NULL, key, iv) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &n, in, (int)len) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + n, &rest) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok || (size_t)n + (size_t)rest != len)
		log_die("openssl", "EVP_Decrypt");
	if ((*out_len = unpadded(out, len)) > 0)
		return (ERR_OK);
	explicit_bzero(out, len);
	return (ERR_FORMAT);
}
