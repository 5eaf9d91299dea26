#ifndef STATE_METAGRAPH_H_
#define STATE_METAGRAPH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct hmac;

/*
 * The identity snapshot: the subnet's registered hotkeys, their owners,
 * validators and stakes, all at one finalized block of one network.  One
 * program writes it, as a whole.  Every endpoint maps it and looks keys up.
 *
 * The file, in the machine's byte order: struct metagraph_info; a directory of
 * 2^bits + 1 uint32_t, entry i being the index of the first neuron whose
 * hotkey starts with bits >= i; the neurons, strictly ascending by hotkey; the
 * uids of the rows that were left out, ascending, as uint16_t.
 */
#define METAGRAPH_FILE "metagraph.snapshot"
#define METAGRAPH_NEURONS_MAX 65536	/* a uid has 16 bits */

struct metagraph_neuron {
	uint8_t hotkey[32], coldkey[32];
	uint64_t alpha_stake_rao;	/* 10^-9 alpha */
	uint64_t total_stake_rao;	/* if METAGRAPH_TOTAL_KNOWN */
	uint16_t uid;
	uint8_t permit;			/* validator permit: 0 or 1 */
	uint8_t zero[5];
};

/* Bits of metagraph_info.flags. */
#define METAGRAPH_TOTAL_KNOWN 1u	/* the total stakes were read */
#define METAGRAPH_CONFIRMED 2u		/* when it was written, more than
					   half of at least two nodes
					   reported this block as the last
					   finalized one */

struct metagraph_info {
	char magic[8];
	uint32_t version, byte_order;
	uint64_t file_bytes;
	uint32_t netuid, count;
	uint32_t dir_bits, spec_version;
	uint32_t left_out;		/* unusable rows */
	uint32_t flags;
	uint64_t block;
	uint8_t block_hash[32];
	uint8_t genesis[32];		/* of the network; zero: not known */
	int64_t written_at_s;		/* when this file was made */
	uint64_t advanced_block;	/* the highest block ever seen */
	int64_t advanced_at_s;		/* when the chain made the block */
	uint8_t checksum[32];		/* SHA-256(all above, SHA-256(rest)) */
};

struct metagraph;

/**
 * metagraph_sift(neurons, n):
 * Move unusable rows to the end, by uid: those whose hotkey or coldkey is all
 * zero (anybody can sign for that hotkey, and an empty uid looks like it), and
 * every row of a hotkey that occurs more than once.  Sort the others by
 * hotkey, and return their number.
 */
uint32_t metagraph_sift(struct metagraph_neuron *neurons, uint32_t n);

/**
 * metagraph_write(directory, info, neurons, h):
 * Replace the file in the state ${directory} by a snapshot of the info->count
 * ${neurons}, which are sifted in place.  The caller sets netuid, count,
 * spec_version, flags, block, the hashes, advanced_block and the times of
 * ${info}.  The rest is filled in, and info->count and info->left_out become
 * the numbers of rows kept and left out.
 *   Errors  ERR_FORMAT no neuron or none left, too many, or a permit that is
 *	     neither 0 nor 1; ERR_IO
 */
CHECKED enum err metagraph_write(const char *directory,
    struct metagraph_info *info, struct metagraph_neuron *neurons,
    struct hmac *h);

/**
 * metagraph_new(directory, netuid, h), metagraph_free(m):
 * Return a reader of the snapshots of subnet ${netuid} in the state
 * ${directory}.  Nothing is mapped yet.  ${h} must stay valid.
 */
struct metagraph *metagraph_new(const char *directory, uint32_t netuid,
    struct hmac *h);
void metagraph_free(struct metagraph *m);

/**
 * metagraph_expect(m, genesis):
 * From now on refuse a snapshot of a network with another genesis than
 * ${genesis}.  A snapshot that does not name its network is accepted.
 */
void metagraph_expect(struct metagraph *m, const uint8_t genesis[32]);

/**
 * metagraph_refresh(m):
 * One stat().  If the file is not the mapped one, check it and map it
 * instead.  A damaged or foreign file is logged once and refused, and the
 * mapped one stays.  Call this at the start of a request.  Pointers that
 * metagraph_find() returns are valid until the next call.
 *   Errors  ERR_NO_IDENTITY nothing is mapped
 */
CHECKED enum err metagraph_refresh(struct metagraph *m);

/**
 * metagraph_info(m), metagraph_neurons(m), metagraph_left_out(m):
 * Return that part of the mapped snapshot, or NULL if there is none.
 */
const struct metagraph_info *metagraph_info(const struct metagraph *m);
const struct metagraph_neuron *metagraph_neurons(const struct metagraph *m);
const uint16_t *metagraph_left_out(const struct metagraph *m);

/**
 * metagraph_find(m, hotkey):
 * Return the neuron with ${hotkey} in the mapped snapshot, or NULL.
 */
const struct metagraph_neuron *metagraph_find(const struct metagraph *m,
    const uint8_t hotkey[32]);

#endif /* !STATE_METAGRAPH_H_ */
