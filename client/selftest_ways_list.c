/* Ways out of a folder: what list_url, and the grants of a miner, read. */

#include "selftest_rows.h"

#define L(name, ...)							\
	{ "lists", name, LIST, BLIND, { __VA_ARGS__, END } }
#define LC(name, ...)							\
	{ "lists", name, LIST, CLOSED, { __VA_ARGS__, END } }
#define LN(name, ...)							\
	{ "lists", name, LIST, NOTHING, { __VA_ARGS__, END } }
#define D(name, ...)							\
	{ "downloads", name, LIST, BLIND, { __VA_ARGS__, END } }
#define DB(name, ...)							\
	{ "downloads", name, BARE, BLIND, { __VA_ARGS__, END } }
#define W(name, ...)							\
	{ "time", name, LIST, CLOSED, { __VA_ARGS__, END } }
#define SIGNED "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="	\
	"{credential}&X-Amz-Date={date}&X-Amz-Expires=3600&"		\
	"X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"

const struct selftest_way selftest_ways_list[] = {
	L("list_url as it is", END),
	L("the other's folder as prefix", PARAM("prefix", "{other}")),
	L("the folder above as prefix", PARAM("prefix", "{parent}")),
	L("an empty prefix", PARAM("prefix", "")),
	L("no prefix", PARAM("prefix", NULL)),
	L("the folder without its slash as prefix",
	    PARAM("prefix", "{parent}{mine}")),
	L("the other's folder as a second prefix, first",
	    BEGIN("prefix={other}")),
	L("the other's folder as a second prefix, last",
	    APPEND("prefix={other}")),
	L("an empty prefix first", BEGIN("prefix=")),
	L("the other's folder as PREFIX", BEGIN("PREFIX={other}")),
	L("the other's folder as prefix[]", BEGIN("prefix[]={other}")),
	L("a delimiter first", BEGIN("delimiter=%2F&prefix=")),
	L("a delimiter last", APPEND("delimiter=%2F")),
	L("start-after", APPEND("start-after=0")),
	L("a continuation token", APPEND("continuation-token=x")),
	L("a marker", APPEND("marker=0")),
	L("list-type 1", PARAM("list-type", "1")),
	L("no list-type", PARAM("list-type", NULL)),
	L("no encoding-type", PARAM("encoding-type", NULL)),
	L("max-keys", APPEND("max-keys=1")),
	LC("the ACL of the bucket", APPEND("acl")),
	LC("the policy of the bucket", APPEND("policy")),
	LC("the versions of all objects", APPEND("versions")),
	LC("the uploads that are under way", APPEND("uploads")),
	LC("another bucket", PATH("/{bucket}2")),
	LC("another bucket in the host", HOST("{bucket}2.{host}")),
	L("the store's root", PATH("/")),
	LC("the other's signature", PARAM("X-Amz-Signature",
	    "{theirsig}")),
	LC("the form's signature", PARAM("X-Amz-Signature",
	    "{signature}")),
	LC("no signature", PARAM("X-Amz-Signature", NULL)),
	LC("no credential", PARAM("X-Amz-Credential", NULL)),
	L("other signed headers",
	    PARAM("X-Amz-SignedHeaders", "host;x-amz-acl")),
	LC("HEAD with list_url", METHOD("HEAD")),
	LC("PUT with list_url", METHOD("PUT"), BODY("x")),
	LC("DELETE with list_url", METHOD("DELETE")),
	LC("POST with list_url", METHOD("POST"), BODY("x")),
	LN("PUT of the other's file with list_url", METHOD("PUT"),
	    PATH("{at}/{tail}"), BODY("evil")),
	LN("PUT of a file of the caller's with list_url", METHOD("PUT"),
	    PATH("{at}/{job}{id}"), BODY("{policy}{policy}")),
	LN("DELETE of the other's file with list_url", METHOD("DELETE"),
	    PATH("{at}/{tail}")),
	LN("a multiple delete with list_url", METHOD("POST"),
	    APPEND("delete"), BODY("<Delete><Object><Key>{canary}</Key>"
	    "</Object></Delete>")),

	D("the other's file with list_url", PATH("{at}/{tail}")),
	D("a file of the other's folder by \"..\" with list_url",
	    PATH("{at}/{own}../{tail}")),
	D("the other's file as a key in the query", APPEND("key={tail}")),
	D("the other's file with list_url, as a range",
	    PATH("{at}/{tail}"), HEADER("Range: bytes=0-99")),
	D("HEAD of the other's file with list_url", METHOD("HEAD"),
	    PATH("{at}/{tail}")),
	D("the ACL of the other's file", PATH("{at}/{tail}"),
	    APPEND("acl")),
	D("the tags of the other's file", PATH("{at}/{tail}"),
	    APPEND("tagging")),
	D("the torrent of the other's file", PATH("{at}/{tail}"),
	    APPEND("torrent")),
	D("a version of the other's file", PATH("{at}/{tail}"),
	    APPEND("versionId=null")),
	D("the parts of the other's file", PATH("{at}/{tail}"),
	    APPEND("uploadId=x")),
	D("the attributes of the other's file", PATH("{at}/{tail}"),
	    APPEND("attributes")),
	DB("the other's file with the form's signature",
	    PATH("{at}/{tail}"), QUERY(SIGNED)),
	DB("a list with the form's signature",
	    QUERY("list-type=2&" SIGNED)),
	DB("the other's file with the form's signature as a header",
	    PATH("{at}/{tail}"), HEADER("x-amz-date: {date}"),
	    HEADER("x-amz-content-sha256: UNSIGNED-PAYLOAD"),
	    HEADER("Authorization: AWS4-HMAC-SHA256 Credential={credential}, "
	    "SignedHeaders=host, Signature={signature}")),
	DB("the other's file with the signature of list_url as a header",
	    PATH("{at}/{tail}"), HEADER("x-amz-date: {date}"),
	    HEADER("x-amz-content-sha256: UNSIGNED-PAYLOAD"),
	    HEADER("Authorization: AWS4-HMAC-SHA256 Credential={credential}, "
	    "SignedHeaders=host, Signature={listsig}")),
	DB("the other's file with a signature of version 2",
	    PATH("{at}/{tail}"), QUERY("AWSAccessKeyId={keyid}&Expires="
	    "9999999999&Signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D")),
	DB("the other's file by the form's policy",
	    PATH("{at}/{tail}"), QUERY("policy={policy}&" SIGNED)),

	W("list_url with a longer life", PARAM("X-Amz-Expires", "604800")),
	W("list_url with a life of a year",
	    PARAM("X-Amz-Expires", "31536000")),
	W("list_url with a negative life", PARAM("X-Amz-Expires", "-1")),
	W("list_url without a life", PARAM("X-Amz-Expires", NULL)),
	W("list_url of another day",
	    PARAM("X-Amz-Date", "20200101T000000Z")),
	W("list_url of 2099", PARAM("X-Amz-Date", "20990101T000000Z")),
	W("list_url without a date", PARAM("X-Amz-Date", NULL)),
	{ 0 }
};
