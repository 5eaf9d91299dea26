#include <arpa/inet.h>
#include <sys/socket.h>

#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/num.h"

/* RFC 4291, section 2.5.5.2: an IPv4 address as an IPv6 one. */
#define MAPPED_LEN 12
static const uint8_t mapped[MAPPED_LEN] = { [10] = 0xff, [11] = 0xff };

_Static_assert(ADDRESS_TEXT_MAX + 1 == INET6_ADDRSTRLEN, "as inet_ntop's");

enum err
address_parse(const char *text, size_t len, struct address *a)
{
	char s[ADDRESS_TEXT_MAX + 1];

	if (len == 0 || len > ADDRESS_TEXT_MAX ||
	    memchr(text, '\0', len) != NULL)
		return (ERR_FORMAT);
	memcpy(s, text, len);
	s[len] = '\0';
	if (inet_pton(AF_INET, s, a->byte + MAPPED_LEN) == 1)
		memcpy(a->byte, mapped, MAPPED_LEN);
	else if (inet_pton(AF_INET6, s, a->byte) != 1)
		return (ERR_FORMAT);
	a->is_v4 = memcmp(a->byte, mapped, MAPPED_LEN) == 0;
	return (ERR_OK);
}

void
address_text(const struct address *a, char out[ADDRESS_TEXT_MAX + 1])
{

	/* Neither call fails, because the families are known and out is
	   large enough. */
	if (a->is_v4)
		inet_ntop(AF_INET, a->byte + MAPPED_LEN, out,
		    ADDRESS_TEXT_MAX + 1);
	else
		inet_ntop(AF_INET6, a->byte, out, ADDRESS_TEXT_MAX + 1);
}

struct address
address_prefix(const struct address *a, int bits)
{
	struct address p = *a;
	int i, keep;

	if (a->is_v4)
		bits += 8 * MAPPED_LEN;
	for (i = 0; i < 16; i++) {
		keep = bits - 8 * i;
		if (keep <= 0)
			p.byte[i] = 0;
		else if (keep < 8)
			p.byte[i] &= (uint8_t)(0xff << (8 - keep));
	}
	return (p);
}

enum err
address_range_parse(const char *text, size_t len, struct address_range *range)
{
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash == NULL ? len : (size_t)(slash - text);
	size_t bits_len = slash == NULL ? 0 : len - address_len - 1;
	uint64_t most, bits;
	struct address p;
	enum err e;

	if ((e = address_parse(text, address_len, &range->base)) != ERR_OK)
		return (e);
	most = range->base.is_v4 ? 32 : 128;
	range->bits = (int)most;
	if (slash == NULL)
		return (ERR_OK);

	if (range->base.is_v4 && memchr(text, ':', address_len) != NULL)
		return (ERR_FORMAT);
	if ((bits_len > 1 && slash[1] == '0') ||
	    num_parse_u64(slash + 1, bits_len, most, &bits) != ERR_OK)
		return (ERR_FORMAT);
	range->bits = (int)bits;
	p = address_prefix(&range->base, range->bits);
	return (memcmp(p.byte, range->base.byte, 16) == 0 ? ERR_OK :
	    ERR_FORMAT);
}

void
address_range_text(const struct address_range *range,
    char out[ADDRESS_RANGE_TEXT_MAX + 1])
{
	size_t len;
	struct buf b;

	address_text(&range->base, out);
	len = strlen(out);
	buf_init(&b, out + len, ADDRESS_RANGE_TEXT_MAX + 1 - len);
	buf_fmt(&b, "/%d", range->bits);
}

bool
address_in(const struct address_range *range, const struct address *a)
{
	struct address p;

	if (a->is_v4 != range->base.is_v4)
		return (false);
	p = address_prefix(a, range->bits);
	return (memcmp(p.byte, range->base.byte, 16) == 0);
}

bool
address_near(const struct address *a)
{
	static const char *const near[] = { "127.0.0.0/8", "10.0.0.0/8",
	    "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
	    "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10" };
	struct address_range range;
	size_t i;

	for (i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		if (address_range_parse(near[i], strlen(near[i]), &range) ==
		    ERR_OK && address_in(&range, a))
			return (true);
	}
	return (false);
}
