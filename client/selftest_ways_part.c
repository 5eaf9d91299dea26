/* Ways out of a folder: repeated and odd parts of a form. */

#include "selftest_rows.h"

#define P(name, rule, ...)						\
	{ "repeated and odd parts", name, FORM, rule, { __VA_ARGS__, END } }
#define FD "Content-Disposition: form-data; "
#define PART "\r\n--{boundary}\r\n" FD

const struct selftest_way selftest_ways_part[] = {
	P("the caller's key, then the other's", INSIDE,
	    LAST("key", "{canary}")),
	P("the other's key, then the caller's", INSIDE,
	    FIRST("key", "{canary}")),
	P("the caller's key, then the other's as KEY", INSIDE,
	    LAST("KEY", "{canary}")),
	P("the other's key as KEY, then the caller's", INSIDE,
	    FIRST("KEY", "{canary}")),
	P("the other's key as Key, and no other", INSIDE,
	    DROP("key"), FIRST("Key", "{canary}")),
	P("the other's key after the file", INSIDE,
	    AFTER("key", "{canary}")),
	P("the caller's key after the file alone", INSIDE, DROP("key"),
	    AFTER("key", "{job}{id}")),
	P("the other's key after the file alone", INSIDE, DROP("key"),
	    AFTER("key", "{canary}")),
	P("a form without a key", INSIDE, DROP("key")),
	P("the key with a blank after its name", INSIDE,
	    LAST("key ", "{canary}")),
	P("the key with a blank before its name", INSIDE,
	    LAST(" key", "{canary}")),
	P("the key with brackets after its name", INSIDE,
	    LAST("key[]", "{canary}")),
	P("the key with a NUL after its name", INSIDE,
	    LAST("k", "x"), HEAD("k", FD "name=\"key{nul}x\"")),
	P("a part without quotes around its name", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=key")),
	P("a part with single quotes around its name", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name='key'")),
	P("a part with two names, the second is key", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"x\"; "
	    "name=\"key\"")),
	P("a part with two names, the first is key", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"key\"; "
	    "name=\"x\"")),
	P("a part with its name in NAME", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "NAME=\"key\"")),
	P("a part with its name in name*", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name*=UTF-8''key")),
	P("a part with an escaped letter in its name", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"k\\ey\"")),
	P("a part with its name in percent signs", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"%6bey\"")),
	P("a key that is a file", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"key\"; "
	    "filename=\"k\"")),
	P("a part without a name", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "Content-Disposition: "
	    "form-data")),
	P("a part with an empty name", INSIDE, LAST("", "{canary}")),
	P("a part without a header", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "X: y")),
	P("a part with the disposition attachment", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "Content-Disposition: "
	    "attachment; name=\"key\"")),
	P("a header of a part in lower case", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "content-disposition: "
	    "form-data; name=\"key\"")),
	P("a header of a part that is folded", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "Content-Disposition: "
	    "form-data;\r\n name=\"key\"")),
	P("two dispositions of one part", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", FD "name=\"x\"\r\n"
	    FD "name=\"key\"")),
	P("a part whose lines end with a line feed", INSIDE,
	    LAST("k", "{canary}"), HEAD("k", "Content-Disposition: "
	    "form-data; name=\"x\"\nX: y\n\n{canary}\n--{boundary}\n"
	    FD "name=\"key\"")),
	P("a key in base64, with a transfer encoding", INSIDE,
	    LAST("key", "ZGF0YS94"), HEAD("key", FD "name=\"key\"\r\n"
	    "Content-Transfer-Encoding: base64")),
	P("a key with the charset UTF-16", INSIDE,
	    HEAD("key", FD "name=\"key\"\r\nContent-Type: text/plain; "
	    "charset=utf-16")),
	P("a field _charset_", INSIDE, FIRST("_charset_", "utf-7"),
	    KEY("{parent}+AC4ALg-/{name}/{id}")),
	P("the other's key before the first part", INSIDE,
	    PREAMBLE(FD "name=\"key\"\r\n\r\n{canary}\r\n")),
	P("the other's key in a part before all parts", INSIDE,
	    PREAMBLE("--{boundary}\r\n" FD "name=\"key\"\r\n\r\n"
	    "{canary}\r\n"), DROP("key")),
	P("the other's key after the last part", INSIDE,
	    EPILOGUE("--{boundary}\r\n" FD "name=\"key\"\r\n\r\n"
	    "{canary}\r\n--{boundary}--\r\n")),
	P("a second form after the first one", INSIDE,
	    EPILOGUE("--{boundary}\r\n" FD "name=\"key\"\r\n\r\n{canary}"
	    PART "name=\"file\"; filename=\"b\"\r\n\r\nx\r\n"
	    "--{boundary}--\r\n")),
	P("a second file with another name", INSIDE,
	    AFTER("f", "x"), HEAD("f", FD "name=\"file\"; "
	    "filename=\"../../{name}/{id}\"")),
	P("a field called file before the file", INSIDE,
	    LAST("file", "x")),
	P("a file's part with the other's key as a parameter", INSIDE,
	    FILE_HEAD(FD "name=\"file\"; filename=\"a\"; "
	    "key=\"{canary}\"")),
	P("a file's part that is called key", INSIDE,
	    FILE_HEAD(FD "name=\"key\"; filename=\"{canary}\"")),
	P("a file's part that is called FILE", INSIDE,
	    FILE_HEAD(FD "name=\"FILE\"; filename=\"{canary}\"")),
	P("a file's part with the other's key as its type", INSIDE,
	    FILE_HEAD(FD "name=\"file\"; filename=\"a\"\r\n"
	    "Content-Type: x/y\r\nkey: {canary}")),
	P("a boundary in quotes", INSIDE,
	    TYPE("multipart/form-data; boundary=\"{boundary}\""),
	    KEY("{other}{id}")),
	P("two boundaries, the second one is right", INSIDE,
	    TYPE("multipart/form-data; boundary=x; "
	    "boundary={boundary}"), KEY("{other}{id}")),
	P("two boundaries, the first one is right", INSIDE,
	    TYPE("multipart/form-data; boundary={boundary}; boundary=x"),
	    EPILOGUE("--x\r\n" FD "name=\"key\"\r\n\r\n{canary}\r\n"
	    "--x--\r\n")),
	P("a type without a boundary", INSIDE,
	    TYPE("multipart/form-data"), KEY("{other}{id}")),
	P("the type multipart/mixed", INSIDE,
	    TYPE("multipart/mixed; boundary={boundary}"),
	    KEY("{other}{id}")),
	P("the type application/x-www-form-urlencoded", INSIDE,
	    TYPE("application/x-www-form-urlencoded"),
	    KEY("{other}{id}")),
	P("the own policy, then the other's", NOTHING,
	    KEY("{other}{id}"), FIRST("Policy", "{policy}"),
	    TAKE("policy")),
	P("the ACL twice, the second one is public", NOTHING,
	    LAST("acl", "public-read")),
	P("the ACL twice, the first one is public", INSIDE,
	    FIRST("acl", "public-read")),
	P("the ACL as ACL, public", NOTHING, LAST("ACL", "public-read")),
	P("a public ACL after the file", INSIDE,
	    AFTER("acl", "public-read")),
	P("the storage class twice, the second one is another", NOTHING,
	    LAST("x-amz-storage-class", "REDUCED_REDUNDANCY")),
	{ 0 }
};
