#include "s3/bucket.h"
#include "web/need.h"
#include "web/web.h"

/* Cap the lifetimes, so that an answer reports the signed lifetime. */
static void
cap_lifetimes(struct config *c, int64_t max_s)
{
	int64_t *const ttl_s[] = { &c->access_ttl_s, &c->access_list_ttl_s,
	    &c->access_validator_ttl_s, &c->access_file_ttl_s };
	size_t i;

	for (i = 0; i < sizeof(ttl_s) / sizeof(ttl_s[0]); i++) {
		if (*ttl_s[i] > max_s)
			*ttl_s[i] = max_s;
	}
}

static enum err
open_bucket(struct web *w)
{
	enum err e;

	e = s3_bucket_configure(&w->bucket, &w->cfg, w->cfg.s3_public_endpoint);
	if (e == ERR_OK)
		cap_lifetimes(&w->cfg, w->bucket.max_ttl_s);
	return (e);
}

const struct need need_bucket = {
	"bucket", false, 0, open_bucket, NULL, NULL, NULL
};
