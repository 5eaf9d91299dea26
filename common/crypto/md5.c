#include <openssl/evp.h>

#include "base/log.h"
#include "crypto/md5.h"

/* An EVP_MD_CTX. */
struct md5;

static EVP_MD_CTX *
context(struct md5 *m)
{

	return ((EVP_MD_CTX *)(void *)m);
}

struct md5 *
md5_new(void)
{
	EVP_MD_CTX *ctx;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		log_die("out_of_memory", "md5");
	if (EVP_DigestInit_ex(ctx, EVP_md5(), NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		return (NULL);
	}
	return ((struct md5 *)(void *)ctx);
}

void
md5_free(struct md5 *m)
{

	EVP_MD_CTX_free(context(m));
}

void
md5_add(struct md5 *m, const void *data, size_t len)
{

	if (EVP_DigestUpdate(context(m), data, len) != 1)
		log_die("openssl", "md5");
}

void
md5_end(struct md5 *m, uint8_t out[MD5_LEN])
{

	if (EVP_DigestFinal_ex(context(m), out, NULL) != 1)
		log_die("openssl", "md5");
}
