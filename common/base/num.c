#include <stdbool.h>
#include <string.h>

#include "base/num.h"

enum err
num_parse_u64(const char *s, size_t len, uint64_t max, uint64_t *out)
{
	bool range = false;
	uint64_t v = 0;
	unsigned d;
	size_t i;

	if (len == 0)
		return (ERR_FORMAT);
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return (ERR_FORMAT);
		d = (unsigned)(s[i] - '0');
		if (range || d > max || v > (max - d) / 10)
			range = true;
		else
			v = v * 10 + d;
	}
	*out = v;
	return (range ? ERR_RANGE : ERR_OK);
}

enum err
num_parse(const char *s, size_t len, int64_t min, int64_t max, int64_t *out)
{
	size_t negative = len > 0 && s[0] == '-';
	const uint64_t most = (uint64_t)INT64_MAX + negative;
	uint64_t v;
	enum err e;

	if ((e = num_parse_u64(s + negative, len - negative, most, &v)) !=
	    ERR_OK)
		return (e);
	if (!negative)
		*out = (int64_t)v;
	else
		*out = v == most ? INT64_MIN : -(int64_t)v;
	return (*out < min || *out > max ? ERR_RANGE : ERR_OK);
}

/* A number in the notation of JSON, in its parts. */
struct notation {
	const char *whole, *part;	/* digits before and after the point */
	size_t whole_len, part_len;
	bool negative;
	int64_t exponent;
};

/* No exponent beyond this matters: no text has so many digits. */
#define EXPONENT_MAX INT64_C(1000000000)

static size_t
digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return (n);
}

static bool
read_exponent(const char *s, size_t len, int64_t *exponent)
{
	const size_t plus = len > 0 && s[0] == '+';
	enum err e;

	e = num_parse(s + plus, len - plus, -EXPONENT_MAX, EXPONENT_MAX,
	    exponent);
	if (e == ERR_RANGE)
		*exponent = s[0] == '-' ? -EXPONENT_MAX : EXPONENT_MAX;
	return (e != ERR_FORMAT && !(plus && s[1] == '-'));
}

static bool
read_notation(const char *s, size_t len, struct notation *n)
{
	const char *const end = s + len;

	memset(n, 0, sizeof(*n));
	n->negative = len > 0 && s[0] == '-';
	n->whole = s + n->negative;
	n->whole_len = digits(n->whole, (size_t)(end - n->whole));
	s = n->part = n->whole + n->whole_len;
	if (s < end && *s == '.') {
		n->part = s + 1;
		n->part_len = digits(n->part, (size_t)(end - n->part));
		if (n->part_len == 0)
			return (false);
		s = n->part + n->part_len;
	}
	if (n->whole_len == 0)
		return (false);
	if (s == end)
		return (true);
	return ((*s == 'e' || *s == 'E') && read_exponent(s + 1,
	    (size_t)(end - s) - 1, &n->exponent));
}

static char
digit_at(const struct notation *n, size_t i)
{

	return (i < n->whole_len ? n->whole[i] : n->part[i - n->whole_len]);
}

/* Append a digit to ${v}, up to a value that no int64_t holds. */
static uint64_t
append(uint64_t v, char digit)
{

	return (v > (uint64_t)INT64_MAX / 10 ? (uint64_t)INT64_MAX + 1 :
	    v * 10 + (uint64_t)(digit - '0'));
}

enum err
num_parse_whole(const char *s, size_t len, int64_t min, int64_t max,
    int64_t *out)
{
	struct notation n;
	uint64_t v = 0;
	int64_t i, have, want;

	if (!read_notation(s, len, &n))
		return (ERR_FORMAT);

	/* The digits before the point, once the exponent has moved it. */
	have = (int64_t)(n.whole_len + n.part_len);
	want = (int64_t)n.whole_len + n.exponent;
	for (i = 0; i < have; i++) {
		if (i < want)
			v = append(v, digit_at(&n, (size_t)i));
		else if (digit_at(&n, (size_t)i) != '0')
			return (ERR_FORMAT);
	}
	for (; i < want && v != 0 && v <= INT64_MAX; i++)
		v = append(v, '0');
	if (v > (uint64_t)INT64_MAX)
		return (ERR_RANGE);
	*out = n.negative ? -(int64_t)v : (int64_t)v;
	return (*out < min || *out > max ? ERR_RANGE : ERR_OK);
}
