#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/hosts.h"
#include "config/key.h"
#include "config/providers.h"
#include "config/store.h"
#include "config/store_url.h"

static const struct store_provider providers[] = {
#define ROW(NAME, word, ...) [CONFIG_S3_PROVIDER_##NAME] = { __VA_ARGS__ },
	CONFIG_PROVIDERS(ROW)
#undef ROW
};

const struct store_provider *
store_provider(const struct config *cfg)
{

	return (&providers[cfg->s3_provider]);
}

const char *
store_region(const struct config *cfg)
{

	return (cfg->s3_region[0] != '\0' ? cfg->s3_region :
	    store_provider(cfg)->region);
}

bool
store_virtual_hosted(const struct config *cfg)
{

	return (cfg->s3_addressing == CONFIG_S3_ADDRESSING_DEFAULT ?
	    store_provider(cfg)->virtual_hosted :
	    cfg->s3_addressing == CONFIG_S3_ADDRESSING_VIRTUAL);
}

bool
store_post_policy(const struct config *cfg)
{

	return (cfg->s3_post_policy == CONFIG_S3_POST_POLICY_DEFAULT ?
	    store_provider(cfg)->post_policy :
	    cfg->s3_post_policy == CONFIG_S3_POST_POLICY_YES);
}

/* --- faults -------------------------------------------------------------- */

/* Clients of the replaced service search texts of failed uploads for these
   digits, and then delete their file. */
#define STATUS "409"
#define IS_STATUS "holds the digits 409, which clients take for the status " \
	"\"exists\": they would delete files that were not stored"

static bool fault(struct store_fault *, size_t, const char *, ...)
    PRINTF_LIKE(3, 4);

static bool
fault(struct store_fault *f, size_t key, const char *fmt, ...)
{
	va_list ap;

	f->key = key;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return (true);
}

static bool
bucket_wrong(const struct config *cfg, struct store_fault *f)
{
	const char *b = cfg->s3_bucket;

	if (store_url_is_ipv4(b, strlen(b)))
		return (fault(f, KEY_s3_bucket, "has the form of an IPv4 "
		    "address, which no store accepts"));
	if (!store_url_is_name(b, strlen(b)))
		return (fault(f, KEY_s3_bucket, "has two dots together, or a "
		    "dash beside a dot"));
	if (strstr(b, STATUS) != NULL)
		return (fault(f, KEY_s3_bucket, IS_STATUS ": use another "
		    "bucket"));
	return (false);
}

/* us-east-1a, eu-central-1b, ap-southeast-2c */
static bool
is_zone(const char *s)
{
	const size_t n = strlen(s);

	return (n > 4 && s[n - 1] >= 'a' && s[n - 1] <= 'f' &&
	    isdigit((unsigned char)s[n - 2]) && s[n - 3] == '-' &&
	    strcspn(s, "-") == 2);
}

static bool
region_wrong(const struct config *cfg, struct store_fault *f)
{
	const char *region = store_region(cfg);

	if (region[0] == '\0')
		return (fault(f, KEY_s3_region, "must be given, since this "
		    "s3.provider has no region of its own: take the one that "
		    "the store's console shows, such as eu-central-1"));
	if (is_zone(region))
		return (fault(f, KEY_s3_region, "is an availability zone: "
		    "leave its last letter out"));
	if (strstr(region, STATUS) != NULL)
		return (fault(f, KEY_s3_region, IS_STATUS));
	return (false);
}

const char *
store_key_id_wrong(const char *id)
{

	if (strstr(id, STATUS) != NULL)
		return (IS_STATUS ": make another key");
	if (strncmp(id, "ASIA", 4) == 0 && strlen(id) == 20)
		return ("is a temporary key of AWS, which needs a session "
		    "token: make a key of an IAM user (AKIA...)");
	return (NULL);
}

static bool
key_wrong_id(const struct config *cfg, struct store_fault *f)
{
	const bool own = cfg->s3_upload_access_key_id[0] != '\0';
	const size_t key = own ? KEY_s3_upload_access_key_id :
	    KEY_s3_access_key_id;
	const char *why = store_key_id_wrong(own ?
	    cfg->s3_upload_access_key_id : cfg->s3_access_key_id);

	return (why != NULL && fault(f, key, "%s", why));
}

static bool
sources_wrong(const struct config *cfg, struct store_fault *f)
{
	size_t i;

	for (i = 0; i < cfg->access_sources.n; i++) {
		if (strstr(cfg->access_sources.item[i], STATUS) != NULL)
			return (fault(f, KEY_access_sources, IS_STATUS));
	}
	return (false);
}

/* --- an endpoint --------------------------------------------------------- */

/* Is ${region} one that a store at ${h} has?  Ceph's stores accept their
   default for any, and R2 has names of its own. */
static bool
good_region(const struct hosts_known *h, const char *region)
{
	static const char *const r2[] = { "auto", "us-east-1", "wnam", "enam",
	    "weur", "eeur", "apac", "oc" };
	size_t i;

	if (h->provider != CONFIG_S3_PROVIDER_R2)
		return (text_equal(h->region, h->region_len, region) ||
		    (!h->strict && strcmp(region, "us-east-1") == 0));
	for (i = 0; i < sizeof(r2) / sizeof(r2[0]); i++) {
		if (strcmp(region, r2[i]) == 0)
			return (true);
	}
	return (false);
}

/* s3.amazonaws.com leads to the bucket's region by its name. */
static bool
is_found_by_name(const struct config *cfg, const struct store_url *u)
{

	return (text_equal(u->host, u->host_len, "s3.amazonaws.com") &&
	    store_virtual_hosted(cfg));
}

/* Does the provider of a well-known host differ from s3.provider? */
static bool
provider_wrong(const struct config *cfg, const struct hosts_known *h)
{

	switch (h->provider) {
	case CONFIG_S3_PROVIDER_AWS:
	case CONFIG_S3_PROVIDER_R2:
		return (cfg->s3_provider != h->provider);
	case CONFIG_S3_PROVIDER_SPACES:
		return (cfg->s3_provider == CONFIG_S3_PROVIDER_AWS ||
		    cfg->s3_provider == CONFIG_S3_PROVIDER_R2);
	default:
		return (cfg->s3_provider == CONFIG_S3_PROVIDER_R2);
	}
}

static bool
known_wrong(const struct config *cfg, const struct store_url *u, size_t key,
    const struct hosts_known *h, struct store_fault *f)
{

	if (h->region == NULL)
		return (fault(f, key, "is not an endpoint of this store: it "
		    "has the form %s, without the bucket", h->form));
	if (provider_wrong(cfg, h))
		return (fault(f, KEY_s3_provider, "is not the kind of store "
		    "that %s names: set it to %s", key_table[key].name,
		    h->provider == CONFIG_S3_PROVIDER_AWS ? "aws" :
		    h->provider == CONFIG_S3_PROVIDER_R2 ? "r2" :
		    h->provider == CONFIG_S3_PROVIDER_SPACES ? "spaces" :
		    "generic"));
	if (!good_region(h, store_region(cfg)) && !is_found_by_name(cfg, u))
		return (fault(f, KEY_s3_region, "contradicts %s, %s",
		    key_table[key].name, h->provider == CONFIG_S3_PROVIDER_R2 ?
		    "where it must be auto, or left out" :
		    "whose host names another region"));
	if (store_post_policy(cfg) && !h->takes_forms)
		return (fault(f, KEY_s3_post_policy, "must be no: the store "
		    "that %s names takes no upload forms",
		    key_table[key].name));
	return (false);
}

static bool
virtual_wrong(const struct config *cfg, const struct store_url *u,
    struct store_fault *f)
{

	if (!store_virtual_hosted(cfg))
		return (false);
	if (u->is_address)
		return (fault(f, KEY_s3_addressing, "must be path: the bucket "
		    "cannot stand before an IP address, as in bucket.192.0.2.1"
		    ));
	if (u->is_tls && strchr(cfg->s3_bucket, '.') != NULL)
		return (fault(f, KEY_s3_addressing, "must be path, or the "
		    "bucket one without a dot: no certificate covers "
		    "a.b.host"));
	if (strlen(cfg->s3_bucket) + 1 + u->host_len > STORE_URL_NAME_MAX)
		return (fault(f, KEY_s3_addressing, "must be path: the host "
		    "with the bucket before it is too long"));
	return (false);
}

static bool
endpoint_wrong(const struct config *cfg, const char *url, size_t key,
    struct store_fault *f)
{
	const size_t n = strlen(cfg->s3_bucket);
	struct hosts_known h;
	struct store_url u;
	const char *why;
	bool is_known;

	if ((why = store_url_parse(&u, url)) != NULL ||
	    (why = hosts_elsewhere(u.host, u.host_len)) != NULL)
		return (fault(f, key, "%s", why));
	is_known = hosts_find(u.host, u.host_len, &h);
	if ((!is_known || h.region == NULL) && u.host_len > n &&
	    u.host[n] == '.' && memcmp(u.host, cfg->s3_bucket, n) == 0)
		return (fault(f, key, "begins with the bucket: write it "
		    "without \"BUCKET.\", since s3.addressing decides where "
		    "the bucket stands"));
	if (is_known && known_wrong(cfg, &u, key, &h, f))
		return (true);
	return (virtual_wrong(cfg, &u, f));
}

bool
store_wrong(const struct config *cfg, struct store_fault *f)
{
	const bool one = strcmp(cfg->s3_public_endpoint, cfg->s3_endpoint) == 0;
	const size_t public = one ? KEY_s3_endpoint : KEY_s3_public_endpoint;

	if (bucket_wrong(cfg, f) || region_wrong(cfg, f) ||
	    endpoint_wrong(cfg, cfg->s3_endpoint, KEY_s3_endpoint, f) ||
	    (!one && endpoint_wrong(cfg, cfg->s3_public_endpoint, public, f)))
		return (true);

	/* Clients never see an endpoint that only we use. */
	if (strstr(cfg->s3_public_endpoint, STATUS) != NULL)
		return (fault(f, public, IS_STATUS ": use another name or "
		    "port"));
	return (key_wrong_id(cfg, f) || sources_wrong(cfg, f));
}
