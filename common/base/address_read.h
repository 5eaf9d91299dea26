#ifndef BASE_ADDRESS_READ_H_
#define BASE_ADDRESS_READ_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/err.h"

/*
 * Addresses as web servers, gateways and people write them:
 *
 *	192.0.2.1    192.0.2.1:443    "192.0.2.1"    for=192.0.2.1;proto=https
 *	2001:db8::1  [2001:db8::1]    "[2001:db8::1]:443"    fe80::1%eth0
 *
 * with blanks and TABs around.  The port, the zone and parameters after for=
 * are dropped.  A text that has two possible meanings is refused.
 */

/**
 * address_read_one(text, len, a):
 * Set ${a} to the address in the ${len} bytes at ${text}.
 *   Shape   as above; inside, what address_parse() takes; a port has 1 to 5
 *	     digits and is at most 65535; a zone has letters, digits and
 *	     "._~-%"
 *   Errors  ERR_FORMAT; a is then unspecified
 *   Source  RFC 7239, section 6; RFC 3986, section 3.2.2; RFC 4007, section 11
 */
CHECKED enum err address_read_one(const char *text, size_t len,
    struct address *a);

/**
 * address_read_range(text, len, range):
 * Set ${range} to the range in the ${len} bytes at ${text}.
 *   Shape   as above, or with /BITS after the address, in place of the port;
 *	     then as address_range_parse() takes it
 *   Errors  ERR_FORMAT; range is then unspecified
 */
CHECKED enum err address_read_range(const char *text, size_t len,
    struct address_range *range);

/* The proxies whose X-Forwarded-For is believed. */
struct address_read_trusted {
	const struct address_range *range;
	size_t n;
	bool sockets;		/* and every peer on a unix socket */
};

struct address_read_found {
	struct address client;
	bool believed;		/* the peer is trusted */
	const char *unread;	/* the text that is no address; NULL: none */
	size_t unread_len;
	const char *reason;	/* of an error */
};

/**
 * address_read_client(remote_addr, forwarded_for, trusted, found):
 * Find the client's address, given REMOTE_ADDR and X-Forwarded-For (NULL:
 * none).
 *
 * This is ${remote_addr}, unless that peer is ${trusted}.  Then
 * ${forwarded_for}, a list with commas, is read from its right, past trusted
 * addresses, to the first one that is not trusted, or to the leftmost.  Empty
 * entries are skipped.  At an entry that is not an address, which ${found}
 * names, and after ADDRESS_READ_HOPS_MAX entries, the walk ends with the
 * address to the right of it: a proxy answers for entries that it passes on
 * unread.  A peer on a unix socket (no REMOTE_ADDR, "unix:", a path, "@") has
 * no address of its own.
 *   Errors  ERR_FORMAT no address was found, and ${found->reason} says why
 *   Source  RFC 9110, section 5.6.1.2, for empty entries
 */
#define ADDRESS_READ_HOPS_MAX 32
CHECKED enum err address_read_client(const char *remote_addr,
    const char *forwarded_for, const struct address_read_trusted *trusted,
    struct address_read_found *found);

#endif /* !BASE_ADDRESS_READ_H_ */
