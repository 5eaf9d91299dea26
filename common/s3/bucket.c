#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "config/config.h"
#include "config/store.h"
#include "config/store_url.h"
#include "s3/bucket.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool
is_region(const char *s)
{
	size_t len = strlen(s);

	return (len >= 1 && len <= SIGV4_REGION_MAX &&
	    strspn(s, UPPER LOWER DIGITS "-._") == len);
}

static bool
is_bucket(const char *s)
{
	size_t len = strlen(s);

	return (len >= S3_BUCKET_MIN && len <= S3_BUCKET_MAX &&
	    store_url_is_name(s, len) && !store_url_is_ipv4(s, len));
}

/* Can the bucket be a part of the host? */
static bool
can_be_virtual(const struct store_url *ep, const char *bucket)
{

	return (!ep->is_address &&
	    strlen(bucket) + 1 + ep->host_len <= S3_NAME_MAX &&
	    !(ep->is_tls && strchr(bucket, '.') != NULL));
}

static enum err
fill(struct s3_bucket *b, const struct store_url *ep, const char *region,
    const char *bucket, bool virtual_hosted)
{
	struct buf host, url;

	memcpy(b->region, region, strlen(region) + 1);
	memcpy(b->name, bucket, strlen(bucket) + 1);
	buf_init(&host, b->host, sizeof(b->host));
	if (virtual_hosted) {
		buf_str(&host, bucket);
		buf_char(&host, '.');
	} else {
		b->prefix[0] = '/';
		memcpy(b->prefix + 1, bucket, strlen(bucket) + 1);
	}
	buf_add(&host, ep->host, ep->host_len);
	if (ep->port != 0) {
		buf_char(&host, ':');
		buf_int(&host, ep->port);
	}
	buf_init(&url, b->url, sizeof(b->url));
	buf_str(&url, ep->scheme);
	buf_str(&url, b->host);
	buf_str(&url, b->prefix);
	b->prefix_len = strlen(b->prefix);
	b->url_len = url.len;
	b->post_policy = b->folder_forms = true;
	b->acl = S3_ACL;
	b->storage_class = S3_STORAGE_CLASS;
	b->max_ttl_s = SIGV4_TTL_S_MAX;
	if (buf_end(&host) == ERR_OK && buf_end(&url) == ERR_OK)
		return (ERR_OK);
	memset(b, 0, sizeof(*b));
	return (ERR_FORMAT);
}

enum err
s3_bucket_init(struct s3_bucket *b, const char *endpoint, const char *region,
    const char *bucket, bool virtual_hosted)
{
	struct store_url ep;

	memset(b, 0, sizeof(*b));
	if (store_url_parse(&ep, endpoint) != NULL || !is_region(region) ||
	    !is_bucket(bucket))
		return (ERR_FORMAT);
	if (virtual_hosted && !can_be_virtual(&ep, bucket))
		return (ERR_FORMAT);
	return (fill(b, &ep, region, bucket, virtual_hosted));
}

/* --- the bucket that the configuration names ----------------------------- */

static const char *
sent(const struct config_maybe *set, const char *otherwise)
{

	switch (set->is) {
	case CONFIG_MAYBE_GIVEN:
		return (set->text);
	case CONFIG_MAYBE_NONE:
		return ("");
	case CONFIG_MAYBE_DEFAULT:
		break;
	}
	return (otherwise);
}

enum err
s3_bucket_configure(struct s3_bucket *b, const struct config *cfg,
    const char *endpoint)
{
	const struct store_provider *p = store_provider(cfg);
	const char *region = store_region(cfg);
	enum err e;

	if (region[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "s3.region must be given for this s3.provider"));
		return (ERR_FORMAT);
	}
	e = s3_bucket_init(b, endpoint, region, cfg->s3_bucket,
	    store_virtual_hosted(cfg));
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", "s3.endpoint, "
		    "s3.region, s3.bucket and s3.addressing do not make a "
		    "valid address"));
		return (e);
	}
	b->post_policy = store_post_policy(cfg);
	b->folder_forms = b->post_policy && !cfg->access_per_file_only;
	b->acl = sent(&cfg->s3_acl, p->acl);
	b->storage_class = sent(&cfg->s3_storage_class, p->storage_class);
	if (cfg->s3_max_ttl_s != 0)
		b->max_ttl_s = cfg->s3_max_ttl_s;
	return (ERR_OK);
}
