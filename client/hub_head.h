#ifndef CLIENT_HUB_HEAD_H_
#define CLIENT_HUB_HEAD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the head of an answer of the Hub says.  Every header is a stranger's:
 * one that is too long, or of another form, counts as absent.
 */

#define HUB_URL_MAX 8191
#define HUB_CODE_MAX 40
#define HUB_ID_MAX 64

/* The longest time that an answer may ask to wait. */
#define HUB_WAIT_MAX_S 600

struct hub_head {
	char code[HUB_CODE_MAX + 1];	/* X-Error-Code: letters; "": none */
	char linked[HUB_ID_MAX + 1];	/* X-Linked-ETag: hex digits; "" */
	int64_t linked_bytes;		/* X-Linked-Size; -1: none */
	char location[HUB_URL_MAX + 1];	/* Location, as it was sent; "" */
	char next[HUB_URL_MAX + 1];	/* Link with rel="next"; "" */
	long wait_s;			/* RateLimit; 0: none */
};

/**
 * hub_head_clear(h), hub_head_line(h, line, len):
 * Begin with no header.  Read one line of a head; a status line begins again.
 *   Shape   RateLimit: "api";r=0;t=SECONDS, of which t counts, at most
 *	     HUB_WAIT_MAX_S
 *   Source  RFC 8288 for Link; draft-ietf-httpapi-ratelimit-headers; the
 *	     Hub's pages on rate limits
 */
void hub_head_clear(struct hub_head *h);
void hub_head_line(struct hub_head *h, const char *line, size_t len);

/**
 * hub_head_origin(url):
 * Return the length of scheme, host and port of ${url}, or 0 if it is no URL of
 * http or https that may be asked.
 *   Shape   printable ASCII without blanks, quotes, angle brackets and the
 *	     backslash, without "@" in the host
 */
size_t hub_head_origin(const char *url);

/**
 * hub_head_join(base, to, out):
 * Write the URL that ${to} means in an answer to ${base}: itself, or a path of
 * the same origin.  Return false if it is neither, or leads from https to http.
 */
bool hub_head_join(const char *base, const char *to,
    char out[HUB_URL_MAX + 1]);

/**
 * hub_head_same(a, b):
 * Have these two URLs the same origin?
 */
bool hub_head_same(const char *a, const char *b);

#endif /* !CLIENT_HUB_HEAD_H_ */
