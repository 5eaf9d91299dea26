#ifndef SYNC_STEP_H_
#define SYNC_STEP_H_

#include "base/buf.h"
#include "base/err.h"
#include "look.h"
#include "rpc.h"

/*
 * The dialog with a node, one row for each request.  The first four requests
 * are about its head, the others about the block that look_go() names.
 */
enum {
	STEP_HEAD, STEP_GENESIS, STEP_HEADER, STEP_HEAD_TIME,
	STEP_HASH, STEP_HASH_TIME,	/* if another block is asked for */
	STEP_SPEC, STEP_METAGRAPH
};

struct step {
	const char *method;

	/* Append the parameters, JSON without the brackets. */
	void (*params)(const struct look *l, struct buf *b);

	/*
	 * Read an answer into ${l}.  If l->state does not change, the next step
	 * follows.
	 *   Errors  ERR_FORMAT, ERR_RANGE wrong answer; ${f} has the reason
	 */
	enum err (*take)(struct look *l, const struct rpc_answer *a,
	    struct rpc_fault *f);
};

extern const struct step look_steps[];

#endif /* !SYNC_STEP_H_ */
