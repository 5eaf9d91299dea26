#ifndef SYNC_LOOK_H_
#define SYNC_LOOK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "net/many.h"
#include "rpc.h"
#include "state/metagraph.h"

/* The data that a node reported for one finalized block. */
struct look_view {
	uint8_t genesis[RPC_HASH_LEN], hash[RPC_HASH_LEN];
	uint64_t block;
	int64_t time_ms;		/* the block's own */
	uint32_t spec_version;		/* 0: the node did not report it */
	struct metagraph_neuron *neurons;	/* sifted */
	uint32_t n, left_out;		/* usable; the others follow */
};

/* The snapshot that is believed now.  A single node must not contradict it.
   There is none if it is too old, from the future or of an unknown network. */
struct look_known {
	bool there;
	uint8_t genesis[RPC_HASH_LEN];
	uint64_t block;			/* the highest one seen */
	int64_t time_ms;
};

/* The rules for all endpoints of one look. */
struct look_rules {
	const struct config *cfg;
	struct many *many;
	int64_t now_ms;
	int64_t (*clock_ms)(void);
	int64_t deadline_ms;		/* of clock_tick_ms() */
	struct look_known known;
	bool one_network;
	uint8_t genesis[RPC_HASH_LEN];	/* if so: of that network */
};

enum look_state {
	LOOK_BUSY,	/* a request is out */
	LOOK_TOLD,	/* the node reported its head; look_go() continues */
	LOOK_SILENT,	/* it did not report that block; look_go() continues */
	LOOK_DONE,	/* the view is there; look_go() asks for another one */
	LOOK_OUT	/* not asked again in this look */
};

/* Why a single node's head is not believed. */
enum look_doubt {
	LOOK_SOUND,
	LOOK_STALE,	/* older than chain.max_age_s */
	LOOK_BEHIND,	/* further behind the snapshot than allowed */
	LOOK_AHEAD	/* further ahead than a chain can get in that time */
};

#define LOOK_REASON_MAX 255
#define LOOK_REQUEST_MAX 511

/* The dialog with one endpoint. */
struct look {
	const struct look_rules *rules;
	char url[CONFIG_TEXT_MAX + 3];	/* http:// or https:// */
	enum look_state state;
	enum look_doubt doubt;
	size_t step;
	bool told;			/* the next four are set */
	uint8_t genesis[RPC_HASH_LEN];
	uint8_t head[RPC_HASH_LEN];
	uint64_t height;
	int64_t head_ms;
	uint64_t target;		/* the height asked for */
	struct look_view view;
	char reason[LOOK_REASON_MAX + 1];	/* "" while there is none */
	int64_t sent_ms;		/* when the running request was sent */
	int64_t skew_ms;		/* of the node's clock: base/skew.h */
	long again_s;			/* rate limited for this long; 0: no */
	struct many_job job;
	char request[LOOK_REQUEST_MAX + 1];
};

/**
 * look_start(l, rules, url):
 * Begin the dialog with ${url}: ask for its head, its network, and the time of
 * that head.  The state becomes LOOK_TOLD, with l->doubt and l->reason, or
 * LOOK_OUT.
 */
void look_start(struct look *l, const struct look_rules *rules,
    const char *url);

/**
 * look_answered(l):
 * Read the answer when l->job is done, and send the next request.
 */
void look_answered(struct look *l);

/**
 * look_go(l, height):
 * Ask an endpoint that has reported its head for the metagraph at the block
 * ${height}.
 */
void look_go(struct look *l, uint64_t height);

/**
 * look_out(l, fmt, ...):
 * Stop asking in this look, and keep the reason.
 */
void look_out(struct look *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * look_end(l):
 * Drop a running request, and free the memory that ${l} holds.
 */
void look_end(struct look *l);

/**
 * look_view_free(v):
 * Free the memory that ${v} holds.  ${v} may be all zero.
 */
void look_view_free(struct look_view *v);

/**
 * look_age_reason(now_ms, time_ms, out, size):
 * Write to ${out} that a node is at a block of ${time_ms}, which is too old or
 * in the future, and what that may mean.
 */
void look_age_reason(int64_t now_ms, int64_t time_ms, char *out, size_t size);

#endif /* !SYNC_LOOK_H_ */
