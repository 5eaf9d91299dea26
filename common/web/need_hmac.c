#include "crypto/hmac.h"
#include "web/need.h"
#include "web/web.h"

struct hmac *
need_hmac(struct web *w)
{

	if (w->hmac == NULL) {
		w->hmac = hmac_new();

		/* The program calls this through a pointer.  So a program
		   that does not hash does not link OpenSSL. */
		w->hmac_free = hmac_free;
	}
	return (w->hmac);
}
