#include "crypto/hmac.h"
#include "web/need.h"
#include "web/web.h"

struct hmac *
need_hmac(struct web *w)
{

	if (w->hmac == NULL) {
		w->hmac = hmac_new();

		/* Called through a pointer, so that a program that never
		   hashes does not link OpenSSL only to free nothing. */
		w->hmac_free = hmac_free;
	}
	return (w->hmac);
}
