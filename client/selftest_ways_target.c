/* Ways out of a folder: other targets, sub-resources and hosts for the form,
   and requests hidden in others. */

#include "selftest_rows.h"

#define T(name, ...)							\
	{ "request targets, sub-resources and hosts", name, FORM, INSIDE, \
	    { __VA_ARGS__, END } }
#define SUB(word) T("the form with ?" word, QUERY(word))
#define G(name, base, rule, ...)					\
	{ "smuggling", name, base, rule, { __VA_ARGS__, END } }
#define PUT_OTHER "PUT {at}/{tail} HTTP/1.1\r\nHost: {host}\r\n"	\
	"Content-Length: 4\r\n\r\nevil"
#define GET_OTHER "GET {at}/{tail} HTTP/1.1\r\nHost: {host}\r\n\r\n"
#define TE HEADER("Transfer-Encoding: chunked")

const struct selftest_way selftest_ways_target[] = {
	T("the form sent to the other's file", PATH("{at}/{tail}")),
	T("the form sent to the other's folder", PATH("{at}/{other}")),
	T("the form sent to a file of the caller's", PATH("{at}/{job}x")),
	T("the form sent to another bucket", PATH("/{another}")),
	T("the form sent to another bucket that it names",
	    PATH("/{another}"), SET("bucket", "{another}")),
	T("the form sent to another bucket through \"..\"",
	    PATH("{at}/../{another}")),
	T("the form sent to the store's root", PATH("/")),
	T("the form sent to the bucket with two slashes", PATH("/{at}//")),
	T("the form sent to the bucket with a dot", PATH("{at}/.")),
	T("the form sent to the bucket in percent signs",
	    PATH("{at}%2f{tail}")),
	T("the form sent to the bucket with a semicolon", PATH("{at};x")),
	T("the form sent to an absolute URL",
	    PATH("http://{host}{at}/{tail}")),
	T("the form sent to a target that is a star", PATH("*")),
	T("the form with PUT on the other's file", METHOD("PUT"),
	    PATH("{at}/{tail}")),
	T("the form with DELETE on the other's file", METHOD("DELETE"),
	    PATH("{at}/{tail}")),
	T("the form with PATCH on the other's file", METHOD("PATCH"),
	    PATH("{at}/{tail}")),
	T("the form with PUT on the bucket", METHOD("PUT")),
	T("the form with DELETE on the bucket", METHOD("DELETE")),
	T("the form with a method that nobody knows", METHOD("MOVE")),
	T("the form with the method in lower case", METHOD("post")),
	T("another bucket in the host", HOST("{another}.{host}"), PATH("/")),
	T("the bucket in the host, and another in the path",
	    HOST("{bucket}.{host}"), PATH("/{another}")),
	T("a host that does not exist", HOST("nowhere.invalid")),
	T("an empty host", HOST("")),
	T("a second slash before the bucket", PATH("/{at}")),
	SUB("acl"), SUB("policy"), SUB("delete"), SUB("uploads"),
	SUB("versioning"), SUB("website"), SUB("lifecycle"), SUB("cors"),
	SUB("tagging"), SUB("logging"), SUB("requestPayment"),
	T("the form with the other's key in the query",
	    QUERY("key={tail}")),
	T("the form with ?uploads on the other's file", QUERY("uploads"),
	    PATH("{at}/{tail}")),
	T("the form with ?restore on the other's file", QUERY("restore"),
	    PATH("{at}/{tail}")),
	T("the form with ?torrent on the other's file", QUERY("torrent"),
	    PATH("{at}/{tail}")),

	/* Not ?select, because Ceph's gateway 16.2 may abort. */

	G("a second request after the form", FORM, INSIDE, TAIL(PUT_OTHER)),
	G("a second request after list_url", LIST, BLIND, TAIL(GET_OTHER)),
	G("a form in chunks, and a length that ends it early", FORM, INSIDE,
	    CHUNKED, LENGTH("5"), TE, TAIL(PUT_OTHER)),
	G("a form in chunks, and a length of everything", FORM, INSIDE,
	    CHUNKED, LENGTH("100000"), TE, TAIL(PUT_OTHER)),
	G("a form in chunks alone", FORM, INSIDE, CHUNKED, TE),
	G("an empty body in chunks, then a request, and a length of both",
	    LIST, BLIND, TE, HEADER("Content-Length: 200"),
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("a length of nothing, then chunks", LIST, BLIND,
	    HEADER("Content-Length: 0"), TE,
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("two lengths, the second one is 0", LIST, BLIND,
	    HEADER("Content-Length: 5"), HEADER("Content-Length: 0"),
	    TAIL(GET_OTHER)),
	G("Transfer-Encoding with a blank before its colon", LIST, BLIND,
	    HEADER("Content-Length: 0"),
	    HEADER("Transfer-Encoding : chunked"),
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("Transfer-Encoding with a tab before its value", LIST, BLIND,
	    HEADER("Content-Length: 0"),
	    HEADER("Transfer-Encoding:\x0b" "chunked"),
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("Transfer-Encoding: xchunked", LIST, BLIND,
	    HEADER("Content-Length: 0"),
	    HEADER("Transfer-Encoding: xchunked"),
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("Transfer-Encoding twice", LIST, BLIND,
	    TE, HEADER("Transfer-Encoding: identity"),
	    TAIL("0\r\n\r\n" GET_OTHER)),
	G("a request in the value of a header", LIST, BLIND,
	    HEADER("X: y\r\n\r\nGET {at}/{tail} HTTP/1.1\r\nX: z")),
	G("a request in the target", LIST, BLIND,
	    APPEND("x HTTP/1.1\r\nHost: {host}\r\n\r\nGET {at}/{tail}")),
	G("a header line that begins with a blank", LIST, BLIND,
	    HEADER("X: y"), HEADER(" Host: {bucket}2.{host}")),
	{ 0 }
};
