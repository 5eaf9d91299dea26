#include <stdbool.h>

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
