/* Ways out of a folder: without any signature, as everybody. */

#include "selftest_rows.h"

#define A(name, rule, ...)						\
	{ "anonymous access", name, BARE, rule, { __VA_ARGS__, END } }
#define F(name, ...)							\
	{ "anonymous access", name, FORM, NOTHING, { __VA_ARGS__, END } }
#define NO_GRANT DROP("policy"), DROP("x-amz-signature"),		\
	DROP("x-amz-credential")

const struct selftest_way selftest_ways_open[] = {
	A("the bucket's list", CLOSED, QUERY("list-type=2")),
	A("the bucket's list, version 1", CLOSED, END),
	A("a list of the other's folder", CLOSED,
	    QUERY("list-type=2&prefix={other}")),
	A("a list of the caller's folder", CLOSED,
	    QUERY("list-type=2&prefix={own}")),
	A("the store's list of buckets", BLIND, PATH("/")),
	A("the other's file", CLOSED, PATH("{at}/{tail}")),
	A("HEAD of the other's file", CLOSED, METHOD("HEAD"),
	    PATH("{at}/{tail}")),
	A("HEAD of the bucket", CLOSED, METHOD("HEAD")),
	A("the ACL of the other's file", CLOSED, PATH("{at}/{tail}"),
	    QUERY("acl")),
	A("the ACL of the bucket", CLOSED, QUERY("acl")),
	A("the policy of the bucket", CLOSED, QUERY("policy")),
	A("the versions of all objects", CLOSED, QUERY("versions")),
	A("the uploads that are under way", CLOSED, QUERY("uploads")),
	A("PUT of the other's file", NOTHING, METHOD("PUT"),
	    PATH("{at}/{tail}"), BODY("evil")),
	A("PUT of a new file in the other's folder", NOTHING, METHOD("PUT"),
	    PATH("{at}/{other}{id}"), BODY("evil")),
	A("PUT of a file in the caller's folder", NOTHING, METHOD("PUT"),
	    PATH("{at}/{job}{id}"), BODY("evil")),
	A("a copy of the other's file", NOTHING, METHOD("PUT"),
	    PATH("{at}/{job}{id}"),
	    HEADER("x-amz-copy-source: /{bucket}/{tail}"), BODY("")),
	A("PUT of a public ACL on the other's file", CLOSED, METHOD("PUT"),
	    PATH("{at}/{tail}"), QUERY("acl"),
	    HEADER("x-amz-acl: public-read"), BODY("")),
	A("PUT of a public ACL on the bucket", CLOSED, METHOD("PUT"),
	    QUERY("acl"), HEADER("x-amz-acl: public-read"), BODY("")),
	A("DELETE of the other's file", NOTHING, METHOD("DELETE"),
	    PATH("{at}/{tail}")),
	A("a multiple delete", NOTHING, METHOD("POST"), QUERY("delete"),
	    BODY("<Delete><Object><Key>{canary}</Key></Object></Delete>")),
	A("an upload in several parts", CLOSED, METHOD("POST"),
	    PATH("{at}/{other}{id}"), QUERY("uploads"), BODY("")),
	F("a form with a key alone", NO_GRANT, DROP("acl"),
	    DROP("x-amz-storage-class")),
	F("a form with a key of the other's folder alone", NO_GRANT,
	    KEY("{other}{id}")),
	F("a form with a key and an ACL", NO_GRANT,
	    SET("acl", "public-read-write")),
	{ 0 }
};
