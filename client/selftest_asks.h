#ifndef CLIENT_SELFTEST_ASKS_H_
#define CLIENT_SELFTEST_ASKS_H_

#include <stdbool.h>

/*
 * Ways to another's folder through the service itself, as a table:
 * selftest_asks.c.  The texts are patterns as in selftest_way.h, and also:
 *
 *	{me} {owner}		the caller's hotkey and coldkey
 *	{them} {theirowner}	the other's
 *	{source} {receiver}	a source; the service's hotkey for btauth
 *	{now}			the time that is signed, in seconds
 *	{sig}			the caller's signature of ${signs}, in hex
 */
enum selftest_proof {
	SELFTEST_PROOF_TEXT, SELFTEST_PROOF_TAO, SELFTEST_PROOF_BTAUTH
};

struct selftest_ask {
	const char *kind, *name;
	enum selftest_proof proof;
	const char *path, *body;
	const char *signs;	/* the text that is signed; NULL: none */
	int offset_s;		/* of the time that is signed, from now */
	const char *line;	/* a header line in place of the one of its
				   name, or one more; NULL: none */
	const char *altered;	/* the body that is sent in place of the one
				   that was signed; NULL: that one */
	const char *sent_to;	/* the same of the path */
	bool twice;		/* sent twice; the second answer counts */
	bool may;		/* it may be granted, if not for the other */
};

/* The table; a row without a name ends it. */
extern const struct selftest_ask selftest_asks[];

#endif /* !CLIENT_SELFTEST_ASKS_H_ */
