#ifndef S3_LISTING_H_
#define S3_LISTING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "s3/presign.h"

struct arena;

/*
 * One page of a listing: a store's answer to presign_list(), which asks for
 * encoding-type=url.  Source: Amazon S3 API reference, ListObjectsV2.
 */

/* The longest key after decoding.  It exceeds Amazon's S3_KEY_MAX, because
   Ceph's gateway stores longer keys. */
#define LISTING_KEY_MAX 4096

/* An ETag of 32 digits.  It is the MD5 of an object that was stored in one
   piece, if the store does not encrypt with keys of its own. */
#define LISTING_MD5_LEN 16

struct listing_item {
	char *key;		/* decoded: any bytes, then a NUL */
	size_t key_len;
	bool is_prefix;		/* a common prefix: no size, no time */
	int64_t bytes;		/* -1: not told */
	int64_t modified_s;	/* Unix seconds; -1: not given */
	bool has_md5;		/* the ETag is one, as far as one can see */
	uint8_t md5[LISTING_MD5_LEN];
};

struct listing {
	struct listing_item *item;	/* objects and prefixes in order */
	size_t n;
	size_t dropped;			/* items that cannot be read */
	bool truncated;			/* more pages follow */
	char token[PRESIGN_TOKEN_MAX + 1];	/* requests the next page */
	size_t token_len;		/* 0: none was given */
	size_t size;			/* items that ${item} has room for */
	struct arena *keys;
};

/**
 * listing_init(l), listing_free(l):
 * Make an empty page.  Free what it holds.
 */
void listing_init(struct listing *l);
void listing_free(struct listing *l);

/**
 * listing_md5(etag, len, md5):
 * Read the ${len} bytes of an ETag, with or without quotes.  Return false if it
 * is not 32 hex digits.
 */
bool listing_md5(const char *etag, size_t len,
    uint8_t md5[LISTING_MD5_LEN]);

/**
 * listing_parse(l, xml, len):
 * Parse the ${len} bytes at ${xml} into ${l}, replacing its content.  Memory
 * grows with ${len}, which the caller must limit.
 *   Shape   UTF-8; a ListBucketResult in the namespace
 *	     http://s3.amazonaws.com/doc/2006-03-01/ or in none, with
 *	     IsTruncated and any number of Contents (Key, Size,
 *	     LastModified, ETag) and CommonPrefixes (Prefix); other elements
 *	     are ignored; no DOCTYPE, so no entities; at most 8 elements
 *	     deep; with an EncodingType of "url", keys encoded by percent
 *	     signs, "+" being a blank; without one, or with an empty one, keys
 *	     as they are
 *   Errors  ERR_FORMAT; ${l} then holds the items before the fault, and no
 *	     token
 * An item that cannot be read is left out and counted: its key cannot be
 * decoded, is empty or too long, or has bytes that no XML parser takes.
 */
CHECKED enum err listing_parse(struct listing *l, const char *xml, size_t len);

/**
 * listing_salvage(l, xml, len):
 * The same, without the elements in which a store repeats raw bytes of a key
 * (NextContinuationToken, ContinuationToken, StartAfter).  A control byte in
 * them makes the XML malformed.  The page then has no token, so continue after
 * the last item.
 *   Errors  as listing_parse()
 */
CHECKED enum err listing_salvage(struct listing *l, const char *xml,
    size_t len);

#endif /* !S3_LISTING_H_ */
