#include <openssl/evp.h>

#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"

/* An EVP_MD_CTX. */
struct digest;

static EVP_MD_CTX *
context(struct digest *d)
{

	return ((EVP_MD_CTX *)(void *)d);
}

struct digest *
digest_new(enum digest_kind kind)
{
	EVP_MD_CTX *ctx;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		log_die("out_of_memory", "digest");
	if (EVP_DigestInit_ex(ctx, kind == DIGEST_SHA256 ? EVP_sha256() :
	    EVP_sha1(), NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		return (NULL);
	}
	return ((struct digest *)(void *)ctx);
}

void
digest_free(struct digest *d)
{

	EVP_MD_CTX_free(context(d));
}

void
digest_add(struct digest *d, const void *data, size_t len)
{

	if (EVP_DigestUpdate(context(d), data, len) != 1)
		log_die("openssl", "digest");
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_MAX])
{

	memset(out, 0, DIGEST_MAX);
	if (EVP_DigestFinal_ex(context(d), out, NULL) != 1)
		log_die("openssl", "digest");
}
