#include "test.h"

#include <stdbool.h>

#include "s3/listing.h"

#define NS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define PAGE(inside) HEAD "<ListBucketResult" NS ">" inside "</ListBucketResult>"
#define NO "<IsTruncated>false</IsTruncated>"
#define YES "<IsTruncated>true</IsTruncated>"
#define URLS "<EncodingType>url</EncodingType>"
#define KEYED(k) "<Contents><Key>" k "</Key></Contents>"
#define TOKEN(t) "<NextContinuationToken>" t "</NextContinuationToken>"

static struct listing l;

static int
setup(void **state)
{

	(void)state;
	listing_init(&l);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	listing_free(&l);
	return (0);
}

static enum err
parse(const char *xml)
{

	return (listing_parse(&l, xml, strlen(xml)));
}

static void
is_item(size_t i, const char *key, size_t len, bool is_prefix, int64_t bytes,
    int64_t modified_s)
{

	assert_true(i < l.n);
	assert_int_equal(l.item[i].key_len, len);
	assert_memory_equal(l.item[i].key, key, len + 1);
	assert_int_equal(l.item[i].is_prefix, is_prefix);
	assert_int_equal(l.item[i].bytes, bytes);
	assert_int_equal(l.item[i].modified_s, modified_s);
}

/* As Ceph's gateway and as Amazon write it. */
static void
pages_of_ceph_and_amazon_are_read(void **state)
{
	static const char *const pages[] = {
		PAGE("<EncodingType>url</EncodingType><Name>b</Name>"
		    "<Prefix>p</Prefix><MaxKeys>3</MaxKeys>"
		    "<Delimiter>/</Delimiter>" YES "<Contents>"
		    "<Key>data%2Fa%20b+c%2B%00%ff</Key><LastModified>"
		    "2026-11-22T15:17:11.123Z</LastModified><ETag>&quot;9&quot;"
		    "</ETag><Size>5368709120</Size><Owner><ID>x</ID></Owner>"
		    "</Contents><CommonPrefixes><Prefix>data/h%3D/</Prefix>"
		    "</CommonPrefixes>" TOKEN("a &amp;&#x0d;b")
		    "<KeyCount>2</KeyCount>"),
		"<ListBucketResult>\n " TOKEN("a &amp;&#13;b") "\n " YES
		    "<Contents>\n<Size>5368709120</Size><StorageClass/>"
		    "<LastModified>2026-11-22T15:17:11Z</LastModified>"
		    "<Key>data/a+b%20c%2b%00%FF</Key></Contents>"
		    "<CommonPrefixes><Prefix>data%2Fh=/</Prefix>"
		    "</CommonPrefixes><Key>no</Key><EncodingType>url"
		    "</EncodingType></ListBucketResult>\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(parse(pages[i]), ERR_OK);
		assert_int_equal(l.n, 2);
		is_item(0, "data/a b c+\0\xff", 13, false, 5368709120,
		    1795360631);
		is_item(1, "data/h=/", 8, true, -1, -1);
		assert_true(l.truncated);
		assert_int_equal(l.token_len, 5);
		assert_string_equal(l.token, "a &\rb");
	}

	/* What was there is gone. */
	assert_int_equal(parse(PAGE(NO)), ERR_OK);
	assert_int_equal(l.n, 0);
	assert_int_equal(l.token_len, 0);
	assert_false(l.truncated);
}

static void
an_etag_of_32_digits_is_an_md5_and_no_other_is(void **state)
{
	static const struct { const char *etag; bool has; } tags[] = {
		{ "&quot;9e107d9d372bb6826bd81d3542a419d6&quot;", true },
		{ "9E107D9D372BB6826BD81D3542A419D6", true },
		{ "&quot;9e107d9d372bb6826bd81d3542a419d6-2&quot;", false },
		{ "&quot;9e107d9d372bb6826bd81d3542a419d&quot;", false },
		{ "&quot;9e107d9d372bb6826bd81d3542a419dx&quot;", false },
		{ "", false }, { "&quot;", false }, { "&quot;&quot;", false },
	};
	char xml[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		snprintf(xml, sizeof(xml), PAGE(NO "<Contents><Key>k</Key>"
		    "<ETag>%s</ETag></Contents>" KEYED("no")), tags[i].etag);
		assert_int_equal(parse(xml), ERR_OK);
		assert_int_equal(l.n, 2);
		assert_int_equal(l.item[0].has_md5, tags[i].has);
		assert_false(l.item[1].has_md5);
		if (tags[i].has)
			assert_memory_equal(l.item[0].md5,
			    "\x9e\x10\x7d\x9d\x37\x2b\xb6\x82"
			    "\x6b\xd8\x1d\x35\x42\xa4\x19\xd6", 16);
	}
}

static void
malformed_pages_are_refused(void **state)
{
	static const char *const pages[] = {
		"", " ", "no", "<html></html>", "<ListBucketResult>",
		"<ListBucketResult/>", PAGE(""), PAGE(NO) "x",
		PAGE(NO) PAGE(NO),
		"<ListBucketResult xmlns=\"urn:x\">" NO "</ListBucketResult>",
		"<ListAllMyBucketsResult" NS ">" NO "</ListAllMyBucketsResult>",
		PAGE("<IsTruncated>maybe</IsTruncated>"),
		PAGE("<IsTruncated xmlns=\"urn:x\">true</IsTruncated>"),
		PAGE(NO NO), PAGE(NO "<Key>\x01</Key>"),
		PAGE(NO "<EncodingType>base64</EncodingType>"),
		PAGE(NO "<EncodingType>url </EncodingType>"),
		PAGE(NO "<EncodingType>url</EncodingType><EncodingType/>"),
		PAGE(NO "<EncodingType/><EncodingType/>"),
		PAGE(NO "<Contents><Key>a</Contents></Key>"),
		PAGE(YES TOKEN("&#x01;")), PAGE(YES TOKEN("a") TOKEN("b")),
		PAGE(NO "<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a>"
		    "</a>"),
		"<!DOCTYPE ListBucketResult>" "<ListBucketResult>" NO
		    "</ListBucketResult>",
		"<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
		    "\"&a;&a;&a;&a;&a;&a;&a;&a;\">]><ListBucketResult>" NO
		    KEYED("&b;") "</ListBucketResult>",
		"<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><ListBucketResult>"
		    NO "</ListBucketResult>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (parse(pages[i]) != ERR_FORMAT)
			fail_msg("taken: %s", pages[i]);
		assert_int_equal(l.token_len, 0);
	}
	assert_int_equal(listing_parse(&l, PAGE(NO) "\0", sizeof(PAGE(NO))),
	    ERR_FORMAT);
}

/* expat calls the handler of an element's end after that of its start has
   stopped it, if the element is empty. */
static void
an_empty_element_that_stops_the_parser_does_no_harm(void **state)
{
	static const char *const pages[] = {
		"<a/>", "<a x=\"1\"/>", "<a></a>", "<a>x</a>",
		"<ListBucketResult xmlns=\"urn:x\"/>",
		PAGE(NO "<a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a>"),
		PAGE(NO "<a><a><a><a><a><a><a><a>x</a></a></a></a></a></a></a>"
		    "</a>"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_int_equal(parse(pages[i]), ERR_FORMAT);
}

/* Each cut of a good page, and each byte of it changed: never a crash. */
static void
a_page_cut_or_changed_anywhere_does_no_harm(void **state)
{
	static const char page[] = PAGE(KEYED("a%2Fb") YES TOKEN("t"));
	char copy[sizeof(page)];
	size_t i, b;

	(void)state;
	for (i = 0; i < sizeof(page) - 1; i++)
		assert_int_equal(listing_parse(&l, page, i), ERR_FORMAT);
	for (i = 0; i < sizeof(page) - 1; i++) {
		for (b = 0; b < 256; b++) {
			memcpy(copy, page, sizeof(page));
			copy[i] = (char)b;
			if (listing_parse(&l, copy, sizeof(page) - 1) == ERR_OK)
				assert_true(l.n <= 1);
		}
	}
}

static void
keys_and_tokens_are_read_up_to_their_length(void **state)
{
	static char page[6 * LISTING_KEY_MAX];
	static const struct {
		const char *before, *after;
		size_t most;
		const char *unit;
	} rows[] = {
		{ "<ListBucketResult>" NO "<Contents><Key>", "</Key></Contents>"
		    URLS "</ListBucketResult>", LISTING_KEY_MAX, "%01" },
		{ "<ListBucketResult>" YES "<NextContinuationToken>",
		    "</NextContinuationToken></ListBucketResult>",
		    PRESIGN_TOKEN_MAX, "t" },
	};
	size_t i, n, j, more;

	(void)state;
	for (i = 0; i < 2; i++) {
		for (more = 0; more < 2; more++) {
			strcpy(page, rows[i].before);
			n = strlen(page);
			for (j = 0; j < rows[i].most + more; j++) {
				memcpy(page + n, rows[i].unit,
				    strlen(rows[i].unit));
				n += strlen(rows[i].unit);
			}
			strcpy(page + n, rows[i].after);

			/* A key that is too long costs itself. */
			assert_int_equal(parse(page), more && i == 1 ?
			    ERR_FORMAT : ERR_OK);
			assert_int_equal(l.n, i == 0 && !more ? 1 : 0);
			assert_int_equal(l.dropped, i == 0 && more ? 1 : 0);
		}
	}
}

/* Each of these stands between two that are read. */
static void
an_item_that_cannot_be_read_costs_that_item_alone(void **state)
{
	static const char *const items[] = {
		"<Contents/>", "<CommonPrefixes></CommonPrefixes>", KEYED(""),
		KEYED("%"), KEYED("a%4"), KEYED("%zz"), KEYED("a%4%41"),
		KEYED("a</Key><Key>b"), KEYED("\x01"), KEYED("&#x01;"),
		KEYED("&#1;"), KEYED("&#xd800;"), KEYED("&#x110000;"),
		KEYED("&#99999999999999999999;"), KEYED("&#;"), KEYED("&#x;"),
		KEYED("&#xg;"), KEYED("&;"), KEYED("&"), KEYED("&amp"),
		KEYED("\xff"), KEYED("\xc3"), KEYED("\xed\xa0\x80"),
		KEYED("\xef\xbf\xbf"), KEYED("&#xfffe;"), KEYED("&nosuch;"),
		KEYED("a</Key><Size>-1</Size><Key>"),
		KEYED("a</Key><Size>1x</Size><Key>b"),
		"<Contents><Key>a</Key><Size>1x</Size></Contents>",
		"<Contents><Key>a</Key><LastModified>2026-11-22"
		    "</LastModified></Contents>",
		"<Contents><Key>a</Key><LastModified>2026-13-22T15:17:11"
		    "Z</LastModified></Contents>",
		"<CommonPrefixes><Prefix>a%</Prefix></CommonPrefixes>",
		"<CommonPrefixes><Prefix>\x7f\x02/</Prefix></CommonPrefixes>",
	};
	char page[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		snprintf(page, sizeof(page), HEAD "<ListBucketResult" NS ">"
		    URLS YES KEYED("one") "%s" KEYED("two%%2f") TOKEN("t")
		    "</ListBucketResult>", items[i]);
		if (parse(page) != ERR_OK || l.n != 2 || l.dropped != 1)
			fail_msg("%zu items, %zu dropped: %s", l.n, l.dropped,
			    items[i]);
		is_item(0, "one", 3, false, -1, -1);
		is_item(1, "two/", 4, false, -1, -1);
		assert_string_equal(l.token, "t");
		assert_true(l.truncated);
	}
	assert_int_equal(parse(PAGE(NO)), ERR_OK);
	assert_int_equal(l.dropped, 0);
}

/* versitygw names no encoding, and writes keys as they are. */
static void
a_key_is_decoded_only_if_the_store_says_that_it_is_encoded(void **state)
{
	static const struct {
		const char *encoding, *key, *read;
	} rows[] = {
		{ "", "a%41+b%zz%", "a%41+b%zz%" },
		{ "<EncodingType/>", "a%41", "a%41" },
		{ "<EncodingType></EncodingType>", "a+b&amp;%", "a+b&%" },
		{ URLS, "a%41+b", "aA b" },
		{ URLS, "a%2fb/c%2Bd", "a/b/c+d" },
		{ "<EncodingType>URL</EncodingType>", "a%2fb%20", "a/b " },
	};
	char page[512];
	size_t i, first;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (first = 0; first < 2; first++) {
			snprintf(page, sizeof(page), "<ListBucketResult>%s" NO
			    "<Contents><Key>%s</Key></Contents>%s"
			    "</ListBucketResult>", first ? rows[i].encoding :
			    "", rows[i].key, first ? "" : rows[i].encoding);
			assert_int_equal(parse(page), ERR_OK);
			is_item(0, rows[i].read, strlen(rows[i].read), false,
			    -1, -1);
		}
	}

	/* It broke off before the encoding was named. */
	assert_int_equal(parse(PAGE(NO KEYED("a") KEYED("b%41") KEYED("c+")
	    "<Key>\x01</Key>" URLS)), ERR_FORMAT);
	assert_int_equal(l.n, 1);
	is_item(0, "a", 1, false, -1, -1);
	assert_int_equal(l.dropped, 2);
}

/* Items before a fault are there; without what broke the page, all are. */
static void
items_before_a_fault_of_a_page_are_kept(void **state)
{
	static const char page[] = PAGE(KEYED("a") TOKEN("x&#x01;\x01\xff/")
	    "<StartAfter>\x02</StartAfter>" YES
	    "<ContinuationToken>&#x00;</ContinuationToken>" KEYED("b"));
	static const char open[] = PAGE(NO KEYED("a") "<StartAfter>\x02");

	(void)state;
	assert_int_equal(parse(page), ERR_FORMAT);
	assert_int_equal(l.n, 1);
	is_item(0, "a", 1, false, -1, -1);
	assert_int_equal(listing_salvage(&l, page, strlen(page)), ERR_OK);
	assert_int_equal(l.n, 2);
	is_item(1, "b", 1, false, -1, -1);
	assert_true(l.truncated);
	assert_int_equal(l.token_len, 0);

	assert_int_equal(listing_salvage(&l, open, strlen(open)), ERR_FORMAT);
	assert_int_equal(l.n, 1);
	assert_int_equal(listing_salvage(&l, "", 0), ERR_FORMAT);
	assert_int_equal(l.n, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(pages_of_ceph_and_amazon_are_read),
	T(an_etag_of_32_digits_is_an_md5_and_no_other_is),
	T(malformed_pages_are_refused),
	T(an_empty_element_that_stops_the_parser_does_no_harm),
	T(a_page_cut_or_changed_anywhere_does_no_harm),
	T(keys_and_tokens_are_read_up_to_their_length),
	T(an_item_that_cannot_be_read_costs_that_item_alone),
	T(a_key_is_decoded_only_if_the_store_says_that_it_is_encoded),
	T(items_before_a_fault_of_a_page_are_kept)
};

TEST_MAIN(tests)
