#include <string.h>

#include "base/text.h"
#include "config/hosts.h"

#define AWS CONFIG_S3_PROVIDER_AWS
#define SPACES CONFIG_S3_PROVIDER_SPACES
#define R2 CONFIG_S3_PROVIDER_R2
#define OTHER CONFIG_S3_PROVIDER_GENERIC

#define AWS_FORM "https://s3.REGION.amazonaws.com"
#define R2_FORM "https://ACCOUNT.r2.cloudflarestorage.com, or " \
	"https://ACCOUNT.eu.r2.cloudflarestorage.com"

/*
 * A host is LEAD REGION TAIL.  A store is known by its tail, so the longest
 * tail comes first.  Ceph's stores take the default region for any.
 */
static const struct host {
	const char *lead, *tail, *form;
	enum config_s3_provider provider;
	enum { LOOSE, STRICT, ACCOUNT } region;
	bool takes_forms;
} hosts[] = {
	{ "s3.", ".amazonaws.com.cn", AWS_FORM ".cn", AWS, STRICT, true },
	{ "s3.dualstack.", ".amazonaws.com", AWS_FORM, AWS, STRICT, true },
	{ "s3-fips.dualstack.", ".amazonaws.com", AWS_FORM, AWS, STRICT, true },
	{ "s3-fips.", ".amazonaws.com", AWS_FORM, AWS, STRICT, true },
	{ "s3.", ".amazonaws.com", AWS_FORM, AWS, STRICT, true },
	{ "s3-", ".amazonaws.com", AWS_FORM, AWS, STRICT, true },
	{ "", ".digitaloceanspaces.com",
	    "https://REGION.digitaloceanspaces.com", SPACES, LOOSE, true },
	{ "", ".eu.r2.cloudflarestorage.com", R2_FORM, R2, ACCOUNT, false },
	{ "", ".fedramp.r2.cloudflarestorage.com", R2_FORM, R2, ACCOUNT,
	    false },
	{ "", ".r2.cloudflarestorage.com", R2_FORM, R2, ACCOUNT, false },
	{ "s3.", ".backblazeb2.com", "https://s3.REGION.backblazeb2.com",
	    OTHER, STRICT, false },
	{ "s3.", ".wasabisys.com", "https://s3.REGION.wasabisys.com", OTHER,
	    STRICT, true },
	{ "", ".your-objectstorage.com",
	    "https://LOCATION.your-objectstorage.com", OTHER, LOOSE, true },
	{ "s3.", ".scw.cloud", "https://s3.REGION.scw.cloud", OTHER, STRICT,
	    true },
	{ "", ".linodeobjects.com", "https://REGION.linodeobjects.com", OTHER,
	    LOOSE, true },
	{ "", ".vultrobjects.com", "https://REGION.vultrobjects.com", OTHER,
	    LOOSE, true },
	{ "s3.", ".io.cloud.ovh.net", "https://s3.REGION.io.cloud.ovh.net",
	    OTHER, STRICT, true },
};

/* Hosts without a region, which mean the oldest one. */
static const char *const oldest[] = { "s3.amazonaws.com", "s3.wasabisys.com" };

static bool
ends(const char *s, size_t len, const char *with)
{
	const size_t n = strlen(with);

	return (len >= n && memcmp(s + len - n, with, n) == 0);
}

static bool
begins(const char *s, size_t len, const char *with)
{
	const size_t n = strlen(with);

	return (len >= n && memcmp(s, with, n) == 0);
}

static bool
holds(const char *s, size_t len, const char *what)
{
	const size_t n = strlen(what);
	size_t i;

	for (i = 0; i + n <= len; i++) {
		if (memcmp(s + i, what, n) == 0)
			return (true);
	}
	return (false);
}

const char *
hosts_elsewhere(const char *host, size_t len)
{
	static const char *const consoles[] = { "cloud.digitalocean.com",
	    "dash.cloudflare.com", "secure.backblaze.com", "cloud.linode.com",
	    "my.vultr.com", "app.wasabi.com", "www.ovh.com" };
	size_t i;

	for (i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++) {
		if (text_equal(host, len, consoles[i]))
			return ("is a web console, not an S3 endpoint");
	}
	if (begins(host, len, "console.") || holds(host, len, ".console."))
		return ("is a web console, not an S3 endpoint");
	if (ends(host, len, ".cdn.digitaloceanspaces.com") ||
	    ends(host, len, ".cloudfront.net"))
		return ("is a CDN, which takes no uploads and no listings: "
		    "write the origin's endpoint, without the bucket");
	if (ends(host, len, ".r2.dev"))
		return ("is the public address of an R2 bucket, which takes no "
		    "signatures: write " R2_FORM);
	if (holds(host, len, "s3-website"))
		return ("is a website endpoint, which takes no signatures: "
		    "write " AWS_FORM);
	if (holds(host, len, "s3-accelerate"))
		return ("is for accelerated transfers, and has no listings: "
		    "write " AWS_FORM);
	if (holds(host, len, "s3-accesspoint"))
		return ("is an access point: write " AWS_FORM);
	return (NULL);
}

/* Does the host have that tail, or is it the tail without a region? */
static bool
is_of(const struct host *h, const char *host, size_t len)
{

	return (ends(host, len, h->tail) || text_equal(host, len, h->tail + 1));
}

static bool
is_oldest(const char *host, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(oldest) / sizeof(oldest[0]); i++) {
		if (text_equal(host, len, oldest[i]))
			return (true);
	}
	return (false);
}

/* Set the region of ${known} if the host has exactly the form of ${h}. */
static bool
take_region(const struct host *h, const char *host, size_t len,
    struct hosts_known *known)
{
	const size_t lead = strlen(h->lead), tail = strlen(h->tail);

	if (len <= lead + tail || !begins(host, len, h->lead) ||
	    !ends(host, len, h->tail) ||
	    memchr(host + lead, '.', len - lead - tail) != NULL)
		return (false);
	known->region = h->region == ACCOUNT ? "" : host + lead;
	known->region_len = h->region == ACCOUNT ? 0 : len - lead - tail;
	return (true);
}

bool
hosts_find(const char *host, size_t len, struct hosts_known *known)
{
	const struct host *h, *end = hosts + sizeof(hosts) / sizeof(hosts[0]);
	bool found = false;

	/* A private endpoint in a VPC may begin with the word bucket. */
	if (ends(host, len, ".vpce.amazonaws.com"))
		return (false);
	for (h = hosts; h < end; h++) {
		if (!is_of(h, host, len))
			continue;
		if (!found) {
			found = true;
			*known = (struct hosts_known){ .form = h->form,
			    .provider = h->provider,
			    .strict = h->region == STRICT,
			    .takes_forms = h->takes_forms };
		}
		if (take_region(h, host, len, known))
			return (true);
	}
	if (found && is_oldest(host, len)) {
		known->region = "us-east-1";
		known->region_len = strlen(known->region);
	}
	return (found);
}
