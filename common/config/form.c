#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "base/paste.h"
#include "base/text.h"
#include "config/config.h"
#include "config/form.h"
#include "config/hosts.h"
#include "config/store_url.h"

static bool
all_of(const char *s, size_t len, const char *more)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)s[i]) &&
		    (s[i] == '\0' || strchr(more, s[i]) == NULL))
			return (false);
	}
	return (len > 0);
}

static bool
no_upper(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (isupper((unsigned char)s[i]))
			return (false);
	}
	return (true);
}

static bool
starts(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return (len > n && memcmp(s, with, n) == 0);
}

static const char *
url_wrong(const char *s, size_t len)
{
	char text[CONFIG_TEXT_MAX + 1];
	struct store_url u;

	if (len > CONFIG_TEXT_MAX)
		return ("is too long");
	memcpy(text, s, len);
	text[len] = '\0';
	return (store_url_parse(&u, text));
}

static bool
good_url(const char *s, size_t len)
{

	return (url_wrong(s, len) == NULL);
}

/* The rules for bucket names that all stores share. */
static bool
good_bucket(const char *s, size_t len)
{
	struct hosts_known h;

	return (len >= 3 && len <= 63 && no_upper(s, len) &&
	    all_of(s, len, ".-") && isalnum((unsigned char)s[0]) &&
	    isalnum((unsigned char)s[len - 1]) && !hosts_find(s, len, &h));
}

static const char *
bucket_wrong(const char *s, size_t len)
{
	struct hosts_known h;

	if (starts(s, len, "arn:"))
		return ("is an ARN: write only the name after the last colon");
	if (starts(s, len, "s3://") || starts(s, len, "https://") ||
	    starts(s, len, "http://"))
		return ("is a URL: write only the bucket's name");
	if (memchr(s, '/', len) != NULL)
		return ("holds a slash: write only the bucket's name, without "
		    "a folder");
	if (hosts_find(s, len, &h))
		return ("is a host: write only the bucket's name");
	if (!no_upper(s, len))
		return ("has capitals");
	if (memchr(s, '_', len) != NULL)
		return ("has an underscore, which stores refuse in a host");
	return (NULL);
}

static bool
good_chain_url(const char *s, size_t len)
{

	return ((starts(s, len, "http://") || starts(s, len, "https://") ||
	    starts(s, len, "wss://") || starts(s, len, "ws://")) &&
	    all_of(s, len, ":/.-[]_~%?=&"));
}

static const char *
chain_url_wrong(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i + 3 <= len; i++) {
		if (memcmp(s + i, "://", 3) == 0)
			return (NULL);
	}
	return ("has no scheme: write wss:// or https:// before it");
}

static bool
good_block_hash(const char *s, size_t len)
{
	size_t i;

	for (i = 2; i < len && isxdigit((unsigned char)s[i]); i++)
		;
	return (starts(s, len, "0x") && len == 66 && i == len);
}

static bool
good_name(const char *s, size_t len)
{

	return (len <= 63 && all_of(s, len, ".-_"));
}

static const char *
region_wrong(const char *s, size_t len)
{

	if (memchr(s, ' ', len) != NULL || memchr(s, '(', len) != NULL)
		return ("is a name for people: write the code, such as "
		    "us-east-1");
	return (NULL);
}

static bool
good_key_id(const char *s, size_t len)
{

	/* No slash: it would end the key id inside a credential scope. */
	return (len <= 128 && all_of(s, len, "._-+=") &&
	    !paste_has_name(s, len));
}

static const char *
key_id_wrong(const char *s, size_t len)
{

	if (paste_has_name(s, len))
		return ("has a name before it: write only the id");
	if (memchr(s, '/', len) != NULL)
		return ("holds a slash: is it the secret?");
	return (NULL);
}

/* No name of a file ends with such a character, but a copy does. */
static bool
ends_oddly(const char *s, size_t len)
{
	static const char *const odd[] = { "\xc2\xa0", "\xe2\x80\x8b",
	    "\xe2\x80\x99", "\xe2\x80\x9d", "\xef\xbb\xbf", "\"", "'" };
	size_t i, n;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		n = strlen(odd[i]);
		if (len >= n && memcmp(s + len - n, odd[i], n) == 0)
			return (true);
	}
	return (false);
}

static bool
good_path(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (iscntrl((unsigned char)s[i]))
			return (false);
	}
	return (len > 1 && s[0] == '/' && !ends_oddly(s, len));
}

static bool
good_log_to(const char *s, size_t len)
{

	return (text_equal(s, len, FORM_LOG_STDERR) ||
	    text_equal(s, len, FORM_LOG_SYSLOG) || good_path(s, len));
}

/* A canned ACL or a storage class. */
static bool
good_sent(const char *s, size_t len)
{

	return (len <= 63 && all_of(s, len, "-_"));
}

/* A range that is too wide would defeat the address limits, or let in
   everybody.  fc00::/7 is allowed (RFC 4193). */
static bool
good_network(const char *s, size_t len)
{
	struct address_range r;

	return (address_range_parse(s, len, &r) == ERR_OK &&
	    (r.bits >= (r.base.is_v4 ? 8 : 16) ||
	    (!r.base.is_v4 && r.bits >= 7 && (r.base.byte[0] & 0xfe) == 0xfc)));
}

static bool
good_range(const char *s, size_t len)
{

	return (text_equal(s, len, FORM_RANGE_SOCKETS) ||
	    good_network(s, len));
}

/* ledger/ledger checks the part after the scheme, and refuses rediss because
   there is no TLS. */
static bool
good_redis_url(const char *s, size_t len)
{

	return ((starts(s, len, "redis://") || starts(s, len, "rediss://") ||
	    starts(s, len, "unix://")) &&
	    all_of(s, len, ":/.-[]_~%?=&@+!$*"));
}

/* An origin as browsers write it: scheme, host, and a port that is not the
   scheme's own (RFC 6454). */
static const char *
origin_wrong(const char *s, size_t len)
{
	char text[CONFIG_TEXT_MAX + 1];
	struct store_url u;
	const char *wrong;

	if (text_equal(s, len, FORM_ORIGIN_ANY))
		return (NULL);
	if (text_equal(s, len, "null"))
		return ("is what browsers send for pages without an origin: "
		    "every page can be one");
	if (!starts(s, len, "https://") && !starts(s, len, "http://"))
		return ("does not begin with https:// or http://");
	if (len > CONFIG_TEXT_MAX)
		return ("is too long");
	memcpy(text, s, len);
	text[len] = '\0';
	if (strpbrk(strchr(text, '/') + 2, "/?#@") != NULL)
		return ("has more than scheme, host and port: an origin ends "
		    "there, without a slash");
	if ((wrong = store_url_parse(&u, text)) != NULL)
		return (wrong);
	return (u.port == 0 && u.host + u.host_len != text + len ?
	    "has the port of its scheme, which browsers leave out" : NULL);
}

static bool
good_origin(const char *s, size_t len)
{

	return (origin_wrong(s, len) == NULL);
}

/* ledger/ledger checks the parts. */
static bool
good_host_port(const char *s, size_t len)
{

	return (len > 0 && all_of(s, len, ":.-[]_%"));
}

/* The names that Sentinel allows. */
static bool
good_redis_master(const char *s, size_t len)
{

	return (len > 0 && len <= 63 && all_of(s, len, ".-_"));
}

/* Base58, with the length of every address of prefix 42.  The code that uses
   the address checks its checksum. */
static bool
good_address(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (strchr("0OIl", s[i]) != NULL)
			return (false);
	}
	return (len == 48 && s[0] == '5' && all_of(s, len, ""));
}

static const char *
address_wrong(const char *s, size_t len)
{

	return (len >= 46 && len <= 50 && s[0] != '5' && all_of(s, len, "") ?
	    "looks like an address of another network" : NULL);
}

const struct form form_address = {
	good_address,
	"an SS58 address, 48 letters and digits that begin with 5",
	address_wrong
};

const struct form form_url = {
	good_url,
	"http://host[:port] or https://host[:port]",
	url_wrong
};

const struct form form_bucket = {
	good_bucket,
	"3 to 63 of a-z, 0-9, dot and dash, a letter or digit at both "
	    "ends",
	bucket_wrong
};

const struct form form_chain_url = {
	good_chain_url,
	"an http, https or wss URL, or a ws one (not encrypted)",
	chain_url_wrong
};

const struct form form_block_hash = {
	good_block_hash,
	"0x and 64 hexadecimal digits",
	NULL
};

const struct form form_name = {
	good_name,
	"1 to 63 letters, digits, dots and dashes",
	NULL
};

const struct form form_region = {
	good_name,
	"1 to 63 letters, digits, dots and dashes",
	region_wrong
};

const struct form form_key_id = {
	good_key_id,
	"an access key id",
	key_id_wrong
};

const struct form form_path = { good_path, "an absolute path", NULL };

const struct form form_log_to = {
	good_log_to,
	"stderr, syslog, or an absolute path",
	NULL
};

const struct form form_source = {
	text_is_name,
	"1 to 32 of a-z, 0-9, underscore and dash",
	NULL
};

const struct form form_sent = {
	good_sent,
	"1 to 63 letters, digits, dashes and underscores",
	NULL
};

const struct form form_network = {
	good_network,
	"an address, or ADDRESS/BITS with nothing set behind the bits, 8 of "
	    "them at least (16 of IPv6)",
	NULL
};

const struct form form_range = {
	good_range,
	"an address, or ADDRESS/BITS with nothing set behind the bits, 8 of "
	    "them at least (16 of IPv6); or unix",
	NULL
};

const struct form form_origin = {
	good_origin,
	"https://host[:port] or http://host[:port] as browsers send it; or *",
	origin_wrong
};

const struct form form_host_port = {
	good_host_port,
	"host:port or [IPv6 address]:port",
	NULL
};

const struct form form_redis_master = {
	good_redis_master,
	"1 to 63 letters, digits, dots, dashes and underscores",
	NULL
};

const struct form form_redis_url = {
	good_redis_url,
	"redis://[user@]host[:port][/db] or unix:///path[?db=N]",
	NULL
};
