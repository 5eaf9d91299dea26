#ifndef S3_LISTING_BLANK_H_
#define S3_LISTING_BLANK_H_

#include <stddef.h>

/*
 * A page of a listing that no XML parser accepts, because a store wrote bytes
 * of a key into it that XML does not have.  The elements with such bytes are
 * overwritten with white space, so that the rest can be parsed.
 */

/**
 * listing_blank_items(xml, len):
 * Overwrite each Contents and each CommonPrefixes element in the ${len} bytes
 * at ${xml} that cannot be parsed: it is not UTF-8, or has a control byte, or
 * a reference that XML does not know.  Return how many there were.
 */
size_t listing_blank_items(char *xml, size_t len);

/**
 * listing_blank_tokens(xml, len):
 * Overwrite the elements in which a store repeats raw bytes of a key:
 * NextContinuationToken, ContinuationToken, StartAfter.
 */
void listing_blank_tokens(char *xml, size_t len);

#endif /* !S3_LISTING_BLANK_H_ */
