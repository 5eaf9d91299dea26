#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3/listing.h"

#include "fuzz.h"

/*
 * A page of a listing, of any bytes.  What must hold: every item has a key of a
 * length that is allowed, with a NUL after it, and a size and a time that are
 * not below -1; and a page that is refused or salvaged has no token, since a
 * reader would go on with it.
 */
#define S3 "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define END "</ListBucketResult>"
#define WHOLE "<IsTruncated>false</IsTruncated>"

const char *const fuzz_seeds[] = {
	S3 WHOLE "<Contents><Key>data/a%20b</Key><Size>1024</Size>"
	    "<LastModified>2026-11-22T15:17:11.123Z</LastModified>"
	    "<ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag>"
	    "</Contents><EncodingType>url</EncodingType>" END,
	"<ListBucketResult><IsTruncated>true</IsTruncated>"
	    "<NextContinuationToken>abc</NextContinuationToken>"
	    "<CommonPrefixes><Prefix>data/x/</Prefix></CommonPrefixes>" END,
	S3 WHOLE "<Contents><Key>a\x01</Key></Contents><Contents><Key>b</Key>"
	    "<Size>9</Size></Contents>" END,
	S3 WHOLE END,
	NULL
};

const char *const fuzz_words[] = {
	S3, END, WHOLE, "<Contents>", "</Contents>", "<CommonPrefixes>",
	"</CommonPrefixes>", "<Key>", "</Key>", "<Prefix>", "</Prefix>",
	"<Key/>", "<Key>k</Key>", "<Size>", "-1", "9223372036854775808",
	"</Size>", "<EncodingType>url</EncodingType>", "<EncodingType/>",
	"%", "%2", "%00", "%ff", "+", "&amp;", "&#1;", "&#0;", "&x;",
	"<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE a>", "<?x?>", "\x01",
	"\xff", "\xc2", "<StartAfter>", "</StartAfter>",
	"<IsTruncated>true</IsTruncated>", "<NextContinuationToken>",
	"</NextContinuationToken>", "1970-01-01T00:00:00Z",
	"2026-02-30T23:59:60Z", "<a>", "</a>", NULL
};

static void
must(bool holds, const char *what)
{

	if (!holds) {
		fprintf(stderr, "listing: %s\n", what);
		abort();
	}
}

static void
check(const struct listing *l, enum err e)
{
	const struct listing_item *it;
	size_t i;

	must(e == ERR_OK || e == ERR_FORMAT, "an error of another kind");
	must(l->token_len <= PRESIGN_TOKEN_MAX &&
	    strlen(l->token) <= l->token_len, "a token without an end");
	must(e == ERR_OK || l->token_len == 0, "refused, with a token");
	for (i = 0; i < l->n; i++) {
		it = &l->item[i];
		must(it->key_len >= 1 && it->key_len <= LISTING_KEY_MAX &&
		    it->key[it->key_len] == '\0', "a key of no form");
		must(it->bytes >= -1 && it->modified_s >= -1,
		    "a size or a time below -1");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct listing l;	/* one page after the other, as in use */

	if (l.keys == NULL)
		listing_init(&l);
	check(&l, listing_parse(&l, (const char *)data, len));
	check(&l, listing_salvage(&l, (const char *)data, len));
	must(l.token_len == 0, "salvaged, with a token");
	return (0);
}
