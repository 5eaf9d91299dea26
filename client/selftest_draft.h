#ifndef CLIENT_SELFTEST_DRAFT_H_
#define CLIENT_SELFTEST_DRAFT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "selftest_way.h"
#include "service_upload.h"

struct arena;

/* What the patterns of a way stand for.  NULL: there is no such thing here. */
struct selftest_names {
	const char *own, *job, *id, *exact, *other, *name, *mine, *canary;
	const char *bucket, *another, *at, *host, *tail;
	const char *boundary, *parent;
	const char *credential, *key_id, *signature, *date, *policy;
	const char *list_signature, *their_signature;

	/* Of requests to the service: selftest_ask.c. */
	const char *me, *owner, *them, *their_owner, *source, *receiver;
	const char *now, *sig;
};

/* The grants that ways begin with.  A grant without a url is absent. */
struct selftest_grants {
	struct service_grant form, other_form, exact, put;
	const char *list_url;
	int64_t min_bytes, max_bytes;
};

/* A file that is too large is sent if the limit is at most this. */
#define SELFTEST_SEND_MAX ((int64_t)8 << 20)

#define SELFTEST_PARTS 48
#define SELFTEST_HEADERS 12

struct selftest_part {
	struct text_span name, value;
	struct text_span head;		/* in place of the usual header */
	bool after;			/* it follows the file */
};

/* A request that is not sent yet. */
struct selftest_draft {
	struct arena *arena;
	const struct selftest_names *names;
	const struct selftest_grants *grants;
	const char *origin;		/* the URL of the connection */
	struct text_span method, path, query, host;
	struct text_span header[SELFTEST_HEADERS];
	size_t n_headers;
	bool form;
	struct selftest_part part[SELFTEST_PARTS];
	size_t n_parts;
	struct text_span file_name, file_head, preamble, epilogue, type;
	struct text_span body;		/* without a form; NULL: none */
	size_t bytes;			/* of the file */
	struct text_span length;	/* what Content-Length says */
	bool lies, chunked, no_length;
	struct text_span tail;
	const char *missing;		/* why it cannot be made, or NULL */
};

/**
 * selftest_draft_make(d, arena, names, grants, way):
 * Make the request of ${way}.  It is valid until ${arena} is reset.  Return
 * NULL, or why it does not apply here.
 */
const char *selftest_draft_make(struct selftest_draft *d, struct arena *arena,
    const struct selftest_names *names, const struct selftest_grants *grants,
    const struct selftest_way *way);

/**
 * selftest_draft_text(d, pattern):
 * Return the text of a pattern; d->missing is set if it has a name without a
 * value.
 */
struct text_span selftest_draft_text(struct selftest_draft *d,
    const char *pattern);

/**
 * selftest_draft_is_url(url):
 * Can ${url} stand in the first line of a request?
 *   Shape   http:// or https://, a host; printable ASCII without blanks
 */
bool selftest_draft_is_url(const char *url);

/**
 * selftest_draft_fill(id, bytes, out):
 * Append the content of the file ${id}, of ${bytes} bytes.
 */
void selftest_draft_fill(const char *id, size_t bytes, struct buf *out);

/**
 * selftest_draft_write(d, out):
 * Append the bytes of the request: selftest_bytes.c.
 */
void selftest_draft_write(const struct selftest_draft *d, struct buf *out);

#endif /* !CLIENT_SELFTEST_DRAFT_H_ */
