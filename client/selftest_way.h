#ifndef CLIENT_SELFTEST_WAY_H_
#define CLIENT_SELFTEST_WAY_H_

#include <stddef.h>
#include <stdint.h>

/*
 * Ways out of a folder, as tables: client/selftest_ways_*.c.  A way is a good
 * request (its base), and changes to it before it is sent.
 */
enum selftest_base {
	SELFTEST_FORM,		/* POST the form for the caller's folder */
	SELFTEST_EXACT,		/* POST the form for one file of a job */
	SELFTEST_PUT,		/* PUT by the URL for one file */
	SELFTEST_LIST,		/* GET list_url */
	SELFTEST_BARE		/* GET the bucket's URL, unsigned */
};

/* What must not happen. */
enum selftest_rule {
	/* The file is stored anywhere but in the caller's folder. */
	SELFTEST_INSIDE,

	/* Anything is stored. */
	SELFTEST_NOTHING,

	/* The answer shows the other's file. */
	SELFTEST_BLIND,

	/* The answer is a success, or shows the other's file. */
	SELFTEST_CLOSED
};

/*
 * A change.  The texts are patterns:
 *
 *	{own} {job}	the caller's folder; a job in it; both end with a slash
 *	{id}		a file name that no other way has
 *	{exact}		the key of the grant for one file
 *	{other}		the other's folder
 *	{name} {mine}	the last part of the other's folder, and of the
 *			caller's, without the slash
 *	{canary}	the key of the other's file
 *	{bucket} {another}	the bucket, another bucket
 *	{at}		the path of the bucket's URL, without a slash at its end
 *	{host}		host and port of that URL
 *	{parent}	the caller's folder without its last part
 *	{nul} {tail}	a NUL byte; a percent-encoded {canary}
 *	{credential} {keyid} {signature} {date} {policy}	of the form
 *	{listsig} {theirsig}	the signature of the caller's list_url, and of
 *			the other's
 *	{boundary}	of the form's parts
 */
enum selftest_change {
	SELFTEST_END,		/* ends the list */

	/* Of a form. */
	SELFTEST_KEY,		/* its key becomes a */
	SELFTEST_SET,		/* the field a becomes b, or is added */
	SELFTEST_DROP,		/* without the field a */
	SELFTEST_CALL,		/* the field a is called b */
	SELFTEST_FIRST,		/* begins with the field a, value b */
	SELFTEST_LAST,		/* ends with that field, before the file */
	SELFTEST_AFTER,		/* the same, after the file */
	SELFTEST_HEAD,		/* the part a has the header lines b */
	SELFTEST_FILE,		/* the file's name is a */
	SELFTEST_FILE_HEAD,	/* the file's part has the header lines a */
	SELFTEST_POLICY,	/* in the policy's text, a becomes b */
	SELFTEST_FLIP,		/* one character of the field a is another */
	SELFTEST_TAKE,		/* the field a is as in the other's form */
	SELFTEST_PREAMBLE,	/* a before the first part */
	SELFTEST_EPILOGUE,	/* a after the last part */
	SELFTEST_TYPE,		/* the Content-Type; "{boundary}" is known */

	/* Of any request. */
	SELFTEST_METHOD, SELFTEST_PATH,
	SELFTEST_QUERY,		/* the query is a */
	SELFTEST_BEGIN,		/* the query begins with a */
	SELFTEST_APPEND,	/* the query ends with a */
	SELFTEST_PARAM,		/* the parameter a has the value b; NULL: it is
				   left out */
	SELFTEST_HOST,		/* the Host header */
	SELFTEST_HEADER,	/* one more header line */
	SELFTEST_BODY,		/* the body is a */
	SELFTEST_BYTES,		/* the file has as many bytes as the smallest
				   allowed one, and n; or as below */
	SELFTEST_LENGTH,	/* Content-Length says a; NULL: there is none */
	SELFTEST_CHUNKED,	/* the body is one chunk, without a header */
	SELFTEST_TAIL		/* a after the request; all answers are read */
};

struct selftest_op {
	enum selftest_change change;
	const char *a, *b;
	int n;
};

#define SELFTEST_OPS 6

#define SELFTEST_EMPTY (-1000001)	/* no bytes */
#define SELFTEST_OVER (-1000002)	/* more than the largest one */

struct selftest_way {
	const char *kind, *name;
	enum selftest_base base;
	enum selftest_rule rule;
	struct selftest_op op[SELFTEST_OPS];
};

/* The tables; a row without a name ends each. */
extern const struct selftest_way selftest_ways_key[];
extern const struct selftest_way selftest_ways_literal[];
extern const struct selftest_way selftest_ways_part[];
extern const struct selftest_way selftest_ways_field[];
extern const struct selftest_way selftest_ways_target[];
extern const struct selftest_way selftest_ways_list[];
extern const struct selftest_way selftest_ways_open[];
extern const struct selftest_way selftest_ways_put[];

#endif /* !CLIENT_SELFTEST_WAY_H_ */
