/* Ways out of a folder: the URL that PUTs one file. */

#include "selftest_rows.h"

#define P(name, rule, ...)						\
	{ "PUT", name, PUT, rule, { __VA_ARGS__, END } }
#define ALL "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""

const struct selftest_way selftest_ways_put[] = {
	P("the other's file", NOTHING, PATH("{at}/{tail}")),
	P("a new file in the other's folder", NOTHING,
	    PATH("{at}/{other}{id}")),
	P("another file of the same job", NOTHING, PATH("{at}/{job}{id}")),
	P("\"..\" before the other's file", NOTHING,
	    PATH("{at}/{job}../../../{tail}")),
	P("%2e%2e before the other's file", NOTHING,
	    PATH("{at}/{job}%2e%2e/%2e%2e/%2e%2e/{tail}")),
	P("two slashes before the other's file", NOTHING,
	    PATH("{at}//{tail}")),
	P("another bucket", NOTHING, PATH("/{bucket}2/{tail}")),
	P("another bucket in the host", NOTHING, HOST("{bucket}2.{host}")),
	P("the other's key in the query", NOTHING, APPEND("key={tail}")),
	P("x-amz-copy-source with the other's file", NOTHING,
	    HEADER("x-amz-copy-source: /{bucket}/{tail}")),
	P("x-amz-copy-source and no body", NOTHING,
	    HEADER("x-amz-copy-source: /{bucket}/{tail}"), BODY("")),
	P("x-amz-acl, public", INSIDE, HEADER("x-amz-acl: public-read")),
	P("x-amz-grant-read for everybody", INSIDE,
	    HEADER("x-amz-grant-read: " ALL)),
	P("x-amz-website-redirect-location", INSIDE, HEADER(
	    "x-amz-website-redirect-location: http://192.0.2.1/")),
	P("a security token", INSIDE, HEADER("x-amz-security-token: x")),
	P("GET with the URL", CLOSED, METHOD("GET")),
	P("HEAD with the URL", CLOSED, METHOD("HEAD")),
	P("DELETE with the URL", CLOSED, METHOD("DELETE")),
	P("POST with the URL", CLOSED, METHOD("POST")),
	P("GET of the other's file", BLIND, METHOD("GET"),
	    PATH("{at}/{tail}")),
	P("the ACL of the file", CLOSED, APPEND("acl")),
	P("a part of a larger upload", NOTHING,
	    APPEND("partNumber=1&uploadId=x")),
	P("a longer life", CLOSED, PARAM("X-Amz-Expires", "604800")),
	P("another date", CLOSED, PARAM("X-Amz-Date", "20200101T000000Z")),
	P("other signed headers", CLOSED,
	    PARAM("X-Amz-SignedHeaders", "host;x-amz-acl")),
	P("no signature", CLOSED, PARAM("X-Amz-Signature", NULL)),
	P("a length that is not the granted one", NOTHING, BODY("short")),
	{ 0 }
};
