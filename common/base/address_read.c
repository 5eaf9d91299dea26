#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/address_read.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"

#define PORT_DIGITS_MAX 5
#define PORT_MAX 65535
#define ZONE_MAX 64

static struct text_span
span(const char *s, const char *end)
{

	return ((struct text_span){ s, (size_t)(end - s) });
}

static struct text_span
trim(struct text_span t)
{

	for (; t.len > 0 && (*t.s == ' ' || *t.s == '\t'); t.s++)
		t.len--;
	while (t.len > 0 && (t.s[t.len - 1] == ' ' || t.s[t.len - 1] == '\t'))
		t.len--;
	return (t);
}

/* Drop blanks, "for=" with the parameters that follow, and quotes. */
static struct text_span
unwrap(struct text_span t)
{
	const char *semicolon;

	t = trim(t);
	if (t.len >= 4 && strncasecmp(t.s, "for=", 4) == 0) {
		t = span(t.s + 4, t.s + t.len);
		if ((semicolon = memchr(t.s, ';', t.len)) != NULL)
			t = trim(span(t.s, semicolon));
	}
	if (t.len >= 2 && t.s[0] == '"' && t.s[t.len - 1] == '"')
		t = span(t.s + 1, t.s + t.len - 1);
	return (t);
}

/* ":" and a port? */
static bool
is_port(struct text_span t)
{
	uint64_t port;

	return (t.len >= 2 && t.len <= PORT_DIGITS_MAX + 1 && t.s[0] == ':' &&
	    num_parse_u64(t.s + 1, t.len - 1, PORT_MAX, &port) == ERR_OK);
}

/* Drop the zone of an IPv6 address. */
static enum err
unzone(struct text_span *t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-%";
	const char *percent = memchr(t->s, '%', t->len), *end = t->s + t->len;
	const char *p;

	if (percent == NULL)
		return (ERR_OK);
	if (end - percent < 2 || end - percent > ZONE_MAX ||
	    memchr(t->s, ':', (size_t)(percent - t->s)) == NULL)
		return (ERR_FORMAT);
	for (p = percent; p < end; p++) {
		if (memchr(allowed, *p, sizeof(allowed) - 1) == NULL)
			return (ERR_FORMAT);
	}
	*t = span(t->s, percent);
	return (ERR_OK);
}

/* Set ${host} to the address in a text without wrapping, and ${has_port}.
   Only IPv6 has brackets.  Only IPv4 has a port without them, because there it
   would look like a group of IPv6. */
static enum err
unport(struct text_span t, struct text_span *host, bool *has_port)
{
	const char *end = t.s + t.len, *close, *colon;
	struct text_span rest;

	*host = t;
	*has_port = false;
	if (t.len == 0)
		return (ERR_FORMAT);
	if (t.s[0] == '[') {
		if ((close = memchr(t.s, ']', t.len)) == NULL)
			return (ERR_FORMAT);
		*host = span(t.s + 1, close);
		rest = span(close + 1, end);
		*has_port = rest.len > 0;
		if ((*has_port && !is_port(rest)) ||
		    memchr(host->s, ':', host->len) == NULL)
			return (ERR_FORMAT);
	} else if ((colon = memchr(t.s, ':', t.len)) != NULL &&
	    memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL) {
		*host = span(t.s, colon);
		*has_port = true;
		if (!is_port(span(colon, end)))
			return (ERR_FORMAT);
	}
	return (unzone(host));
}

enum err
address_read_one(const char *text, size_t len, struct address *a)
{
	struct text_span host;
	bool has_port;
	enum err e;

	if ((e = unport(unwrap((struct text_span){ text, len }), &host,
	    &has_port)) != ERR_OK)
		return (e);
	return (address_parse(host.s, host.len, a));
}

enum err
address_read_range(const char *text, size_t len, struct address_range *range)
{
	struct text_span t = unwrap((struct text_span){ text, len }), host;
	const char *slash = memchr(t.s, '/', t.len);
	char plain[ADDRESS_RANGE_TEXT_MAX + 1];
	bool has_port;
	struct buf b;
	enum err e;

	if ((e = unport(slash != NULL ? span(t.s, slash) : t, &host,
	    &has_port)) != ERR_OK)
		return (e);
	if (slash == NULL)
		return (address_range_parse(host.s, host.len, range));
	if (has_port)
		return (ERR_FORMAT);
	buf_init(&b, plain, sizeof(plain));
	buf_add(&b, host.s, host.len);
	buf_add(&b, slash, (size_t)(t.s + t.len - slash));
	if (buf_end(&b) != ERR_OK)
		return (ERR_FORMAT);
	return (address_range_parse(plain, b.len, range));
}

static bool
is_trusted(const struct address_read_trusted *t, const struct address *a)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (address_in(&t->range[i], a))
			return (true);
	return (false);
}

/* Web servers pass no address, "unix:", the path or "@". */
static bool
is_socket(struct text_span t)
{

	return (t.len == 0 || t.s[0] == '/' || t.s[0] == '@' ||
	    (t.len >= 5 && memcmp(t.s, "unix:", 5) == 0));
}

static enum err
unknown(struct address_read_found *found, const char *reason)
{

	found->reason = reason;
	return (ERR_FORMAT);
}

/* Is the address known before X-Forwarded-For is looked at, and is the peer
   believed about that? */
static enum err
read_peer(struct text_span peer, const struct address_read_trusted *trusted,
    struct address_read_found *found, bool *known)
{

	*known = false;
	if (is_socket(peer)) {
		found->believed = trusted->sockets;
		return (found->believed ? ERR_OK : unknown(found,
		    "REMOTE_ADDR is that of a unix socket, which "
		    "web.trusted_proxies does not name (unix)"));
	}
	if (address_read_one(peer.s, peer.len, &found->client) != ERR_OK) {
		found->unread = peer.s;
		found->unread_len = peer.len;
		return (unknown(found, "REMOTE_ADDR is not an address"));
	}
	*known = true;
	found->believed = is_trusted(trusted, &found->client);
	return (ERR_OK);
}

/* Cut the last entry off the list.  Clear the list if it was the first. */
static struct text_span
last_entry(struct text_span *list)
{
	const char *comma = memrchr(list->s, ',', list->len);
	const char *end = list->s + list->len;
	const struct text_span entry = trim(span(comma == NULL ? list->s :
	    comma + 1, end));

	*list = comma == NULL ? (struct text_span){ NULL, 0 } :
	    span(list->s, comma);
	return (entry);
}

enum err
address_read_client(const char *remote_addr, const char *forwarded_for,
    const struct address_read_trusted *trusted,
    struct address_read_found *found)
{
	struct text_span list = text_span(forwarded_for), entry;
	struct address hop;
	bool known;
	enum err e;
	int hops;

	memset(found, 0, sizeof(*found));
	if ((e = read_peer(trim(text_span(remote_addr)), trusted, found,
	    &known)) != ERR_OK)
		return (e);

	/* Only a trusted proxy is believed about the address to its left. */
	for (hops = 0; hops < ADDRESS_READ_HOPS_MAX && found->believed &&
	    list.s != NULL && (!known || is_trusted(trusted, &found->client));
	    hops++) {
		entry = last_entry(&list);
		if (entry.len == 0)
			continue;
		if (address_read_one(entry.s, entry.len, &hop) != ERR_OK) {
			found->unread = entry.s;
			found->unread_len = entry.len;
			break;
		}
		found->client = hop;
		known = true;
	}
	return (known ? ERR_OK : unknown(found, "the peer is a unix socket, "
	    "and X-Forwarded-For names no address"));
}
