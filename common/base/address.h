#ifndef BASE_ADDRESS_H_
#define BASE_ADDRESS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Addresses of clients.  An IPv4 address is held as ::ffff:a.b.c.d, and an
 * IPv6 address of that form is treated as the IPv4 address.  So each address
 * has one representation.
 */
struct address {
	uint8_t byte[16];
	bool is_v4;
};

struct address_range {
	struct address base;	/* the bits after the first ${bits} are 0 */
	int bits;		/* 0 to 32 for IPv4, 0 to 128 for IPv6 */
};

#define ADDRESS_TEXT_MAX 45	/* RFC 4291, section 2.2: six groups and IPv4 */
#define ADDRESS_RANGE_TEXT_MAX (ADDRESS_TEXT_MAX + 4)	/* and "/128" */

/**
 * address_parse(text, len, a):
 * Set ${a} to the address in the ${len} bytes at ${text}.
 *   Shape   as inet_pton(): four decimal numbers without leading zeros, or RFC
 *	     4291 section 2.2; no zone, brackets, port or space: what others
 *	     write is read by base/address_read.h
 *   Errors  ERR_FORMAT; a is then unspecified
 */
CHECKED enum err address_parse(const char *text, size_t len,
    struct address *a);

/**
 * address_text(a, out):
 * Write ${a} as inet_ntop() does.
 */
void address_text(const struct address *a, char out[ADDRESS_TEXT_MAX + 1]);

/**
 * address_prefix(a, bits):
 * Return a copy of ${a} whose bits after the first ${bits}, of 32 or 128, are
 * 0.
 */
struct address address_prefix(const struct address *a, int bits);

/**
 * address_range_parse(text, len, range):
 * Set ${range} to the range in the ${len} bytes at ${text}.
 *   Shape   ADDRESS, a range of one, or ADDRESS/BITS without a set bit after
 *	     BITS; ::ffff:a.b.c.d with BITS is refused, since BITS could count
 *	     from 32 or from 128
 *   Errors  ERR_FORMAT; range is then unspecified
 */
CHECKED enum err address_range_parse(const char *text, size_t len,
    struct address_range *range);

/**
 * address_range_text(range, out):
 * Write ${range} as ADDRESS/BITS.
 */
void address_range_text(const struct address_range *range,
    char out[ADDRESS_RANGE_TEXT_MAX + 1]);

/**
 * address_in(range, a):
 * Is ${a} in ${range}?  No IPv4 address is in an IPv6 range, ::/0 included.
 */
bool address_in(const struct address_range *range, const struct address *a);

/**
 * address_near(a):
 * Is ${a} on this machine or in a private network?  RFC 1918, 6598, 3927,
 * 4193 and 4291, and loopback.
 */
bool address_near(const struct address *a);

#endif /* !BASE_ADDRESS_H_ */
