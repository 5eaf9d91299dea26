#include <arpa/inet.h>

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/num.h"
#include "config/config.h"
#include "config/providers.h"
#include "s3/bucket.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#define LABEL_MAX 63	/* RFC 1123 */

/* The parts of an endpoint.  The texts are the caller's. */
struct endpoint {
	const char *scheme;	/* with "://" */
	const char *host;	/* with its brackets, if it has any */
	size_t host_len;
	int64_t port;		/* 0: the default one */
	bool is_address, is_tls;
};

/* Dot-separated labels of lower-case letters, digits and inner hyphens? */
static bool
is_name(const char *s, size_t len)
{
	size_t n;

	for (;; s += n + 1, len -= n + 1) {
		n = strspn(s, LOWER DIGITS "-");
		if (n > len)
			n = len;
		if (n < 1 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
			return (false);
		if (n == len)
			return (true);
		if (s[n] != '.')
			return (false);
	}
}

static bool
is_ipv4(const char *s, size_t len)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (len >= sizeof(text))
		return (false);
	memcpy(text, s, len);
	text[len] = '\0';
	return (inet_pton(AF_INET, text, &a) == 1);
}

/* An IPv6 address in the one form that a browser writes (RFC 5952)? */
static bool
is_ipv6(const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN], same[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (len >= sizeof(text))
		return (false);
	memcpy(text, s, len);
	text[len] = '\0';
	return (strchr(text, '.') == NULL &&
	    inet_pton(AF_INET6, text, &a) == 1 &&
	    inet_ntop(AF_INET6, &a, same, sizeof(same)) != NULL &&
	    strcmp(text, same) == 0);
}

/* Would a browser read this name as a number, hence as an IPv4 address?
   WHATWG URL, "ends in a number". */
static bool
ends_in_number(const char *s, size_t len)
{
	const char *last = s + len;
	size_t n;

	while (last > s && last[-1] != '.')
		last--;
	n = len - (size_t)(last - s);
	return (strspn(last, DIGITS) >= n || (n >= 2 && last[0] == '0' &&
	    last[1] == 'x' && strspn(last + 2, DIGITS "abcdef") >= n - 2));
}

static enum err
parse_host(struct endpoint *ep)
{

	if (ep->host_len < 1 || ep->host_len > S3_NAME_MAX)
		return (ERR_FORMAT);
	if (ep->host[0] == '[') {
		ep->is_address = true;
		return (is_ipv6(ep->host + 1, ep->host_len - 2) ? ERR_OK :
		    ERR_FORMAT);
	}
	if (ends_in_number(ep->host, ep->host_len)) {
		ep->is_address = true;
		return (is_ipv4(ep->host, ep->host_len) ? ERR_OK : ERR_FORMAT);
	}
	return (is_name(ep->host, ep->host_len) ? ERR_OK : ERR_FORMAT);
}

/* Parse the part after the host: nothing, or a colon and a port. */
static enum err
parse_port(struct endpoint *ep, const char *s)
{

	ep->port = 0;
	if (s[0] == '\0')
		return (ERR_OK);
	if (s[0] != ':' || s[1] < '1' || s[1] > '9' ||
	    num_parse(s + 1, strlen(s + 1), 1, 65535, &ep->port) != ERR_OK)
		return (ERR_FORMAT);
	if (ep->port == (ep->is_tls ? 443 : 80))
		ep->port = 0;
	return (ERR_OK);
}

static enum err
parse_endpoint(struct endpoint *ep, const char *s)
{
	const char *end;

	memset(ep, 0, sizeof(*ep));
	ep->is_tls = strncmp(s, "https://", 8) == 0;
	ep->scheme = ep->is_tls ? "https://" : "http://";
	if (strncmp(s, ep->scheme, strlen(ep->scheme)) != 0)
		return (ERR_FORMAT);
	ep->host = s + strlen(ep->scheme);
	if (ep->host[0] == '[') {
		if ((end = strchr(ep->host, ']')) == NULL)
			return (ERR_FORMAT);
		end++;
	} else {
		end = ep->host + strcspn(ep->host, ":");
	}
	ep->host_len = (size_t)(end - ep->host);
	if (parse_host(ep) != ERR_OK)
		return (ERR_FORMAT);
	return (parse_port(ep, end));
}

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
	    is_name(s, len) && !is_ipv4(s, len));
}

/* Can the bucket be a part of the host? */
static bool
can_be_virtual(const struct endpoint *ep, const char *bucket)
{

	return (!ep->is_address &&
	    strlen(bucket) + 1 + ep->host_len <= S3_NAME_MAX &&
	    !(ep->is_tls && strchr(bucket, '.') != NULL));
}

static enum err
fill(struct s3_bucket *b, const struct endpoint *ep, const char *region,
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
	b->post_policy = true;
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
	struct endpoint ep;

	memset(b, 0, sizeof(*b));
	if (parse_endpoint(&ep, endpoint) != ERR_OK || !is_region(region) ||
	    !is_bucket(bucket))
		return (ERR_FORMAT);
	if (virtual_hosted && !can_be_virtual(&ep, bucket))
		return (ERR_FORMAT);
	return (fill(b, &ep, region, bucket, virtual_hosted));
}

/* --- the bucket that the configuration names ----------------------------- */

struct provider {
	const char *region;		/* "": must be set */
	bool virtual_hosted;
	bool post_policy;
	const char *acl, *storage_class;	/* "": not sent */
};

static const struct provider providers[] = {
#define ROW(NAME, word, ...) [CONFIG_S3_PROVIDER_##NAME] = { __VA_ARGS__ },
	CONFIG_PROVIDERS(ROW)
#undef ROW
};

static const char *
either(const char *set, const char *otherwise)
{

	return (set[0] != '\0' ? set : otherwise);
}

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

static bool
virtual_hosted(const struct config *cfg, const struct provider *p)
{

	return (cfg->s3_addressing == CONFIG_S3_ADDRESSING_DEFAULT ?
	    p->virtual_hosted :
	    cfg->s3_addressing == CONFIG_S3_ADDRESSING_VIRTUAL);
}

static bool
post_policy(const struct config *cfg, const struct provider *p)
{

	return (cfg->s3_post_policy == CONFIG_S3_POST_POLICY_DEFAULT ?
	    p->post_policy :
	    cfg->s3_post_policy == CONFIG_S3_POST_POLICY_YES);
}

/* Every URL contains the id of the key that signs PUTs, and clients search
   the URLs of failed uploads for these digits.  Another key is easily made. */
static enum err
check_put_key(const struct config *cfg)
{

	if (strstr(either(cfg->s3_upload_access_key_id, cfg->s3_access_key_id),
	    "409") == NULL)
		return (ERR_OK);
	LOG(LOG_ERROR, "config_refused", LOG_S("reason", "the access key id "
	    "that signs uploads holds the digits 409, which clients take for a "
	    "status: make another key"));
	return (ERR_FORMAT);
}

enum err
s3_bucket_configure(struct s3_bucket *b, const struct config *cfg,
    const char *endpoint)
{
	const struct provider *p = &providers[cfg->s3_provider];
	const char *region = either(cfg->s3_region, p->region);
	enum err e;

	if (region[0] == '\0') {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason",
		    "s3.region must be given for this s3.provider"));
		return (ERR_FORMAT);
	}
	e = s3_bucket_init(b, endpoint, region, cfg->s3_bucket,
	    virtual_hosted(cfg, p));
	if (e != ERR_OK) {
		LOG(LOG_ERROR, "config_refused", LOG_S("reason", "s3.endpoint, "
		    "s3.region, s3.bucket and s3.addressing do not make a "
		    "valid address"));
		return (e);
	}
	b->post_policy = post_policy(cfg, p);
	b->acl = sent(&cfg->s3_acl, p->acl);
	b->storage_class = sent(&cfg->s3_storage_class, p->storage_class);
	if (cfg->s3_max_ttl_s != 0)
		b->max_ttl_s = cfg->s3_max_ttl_s;
	return (b->post_policy ? ERR_OK : check_put_key(cfg));
}
