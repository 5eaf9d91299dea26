#ifndef CONFIG_NETWORK_H_
#define CONFIG_NETWORK_H_

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

/*
 * The chain that the nodes must belong to.  A chain's identity is its genesis,
 * the hash of its first block.
 */
#define NETWORK_HASH_LEN 32

/**
 * network_genesis(cfg, genesis):
 * Set ${genesis} to that of the network that ${cfg} names.  Return false if
 * any genesis is accepted (chain.network = local without chain.genesis).
 *   Source  finney and test: the genesis_block_hash_map of the bittensor SDK,
 *	     and chain_getBlockHash(0) of their public nodes
 */
bool network_genesis(const struct config *cfg,
    uint8_t genesis[NETWORK_HASH_LEN]);

/**
 * network_wrong(cfg):
 * Return the fault of chain.network and chain.genesis together, or NULL.
 */
const char *network_wrong(const struct config *cfg);

/**
 * network_name(cfg):
 * Return the word for chain.network.
 */
const char *network_name(const struct config *cfg);

#endif /* !CONFIG_NETWORK_H_ */
