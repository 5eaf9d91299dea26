#ifndef SYNC_SCALE_H_
#define SYNC_SCALE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "state/metagraph.h"

/*
 * The part of SCALE that the selective metagraph needs.  Source: the SCALE
 * codec specification of Substrate; the runtime API of subtensor,
 * SubnetInfoRuntimeApi_get_selective_metagraph.
 */

/* The unread bytes.  A reader that fails leaves them undefined. */
struct scale {
	const uint8_t *p;
	size_t left;
};

/**
 * scale_compact(s, out):
 * Read a Compact integer.
 *   Errors  ERR_FORMAT cut short, over 64 bits, or not in its shortest form
 */
CHECKED enum err scale_compact(struct scale *s, uint64_t *out);

#define SCALE_CALL "SubnetInfoRuntimeApi_get_selective_metagraph"

/* Hex of an argument: u16, then up to seven u16 in a Vec. */
#define SCALE_ARGUMENT_MAX (2 + 2 * (2 + 1 + 7 * 2))

/**
 * scale_argument(netuid, total, out):
 * Write the argument of the call in hex, after 0x: netuid, block, hotkeys,
 * coldkeys, validator permits and alpha stakes of ${netuid}, and the total
 * stakes if ${total}.
 */
void scale_argument(uint16_t netuid, bool total,
    char out[SCALE_ARGUMENT_MAX + 1]);

/**
 * scale_metagraph(data, len, netuid, total, block, neurons, n, reason):
 * Read the ${len} bytes that the call with that argument returned.  Set
 * ${block}, and ${neurons} to ${n} neurons in the order of their uids, which
 * the caller frees.  Everything after the last needed field is skipped.
 *   Errors  ERR_FORMAT malformed, or the answer of an older runtime, whose
 *	     fields end before the last one needed; a field that was not
 *	     requested; vectors of different length; no neuron; too many;
 *	     ERR_RANGE no such subnet, or another one than requested; ${reason}
 *	     has it in words
 */
CHECKED enum err scale_metagraph(const uint8_t *data, size_t len,
    uint16_t netuid, bool total, uint64_t *block,
    struct metagraph_neuron **neurons, uint32_t *n, const char **reason);

#endif /* !SYNC_SCALE_H_ */
