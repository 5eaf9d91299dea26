#ifndef NET_STREAM_HEAD_H_
#define NET_STREAM_HEAD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/stream.h"

/* What the headers of an answer tell of a file. */
struct stream_head {
	char etag[STREAM_ETAG_MAX + 1];	/* "": none, or too long */
	int64_t length;		/* Content-Length; -1: none */
	int64_t first, whole;	/* Content-Range: the first byte, and the bytes
				   of the whole; -1: not told */
	size_t bytes;		/* of all lines so far */
};

/**
 * stream_head_clear(h):
 * Begin with no line.
 */
void stream_head_clear(struct stream_head *h);

/**
 * stream_head_line(h, line, n):
 * Read one of the lines, with its end.  A status line begins anew.  Return
 * false if all lines together are too long.
 *   Shape   Content-Range: bytes FIRST-LAST/WHOLE, where WHOLE may be "*".
 *	     A header that is repeated or of another form counts as absent
 *   Source  RFC 9110, sections 8.6, 8.8.3 and 14.4
 */
bool stream_head_line(struct stream_head *h, const char *line, size_t n);

/**
 * stream_head_is(line, n, name, value, len):
 * Is the ${line} of ${n} bytes the header ${name}, in lower case or not?  If
 * so, set ${value} and ${len} to its value without the blanks around it.
 */
bool stream_head_is(const char *line, size_t n, const char *name,
    const char **value, size_t *len);

#endif /* !NET_STREAM_HEAD_H_ */
