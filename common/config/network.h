#ifndef CONFIG_NETWORK_H_
#define CONFIG_NETWORK_H_

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

/*
 * Which chain the nodes must belong to.  The hash of a chain's first block, its
 * genesis, is its identity.
 */
#define NETWORK_HASH_LEN 32

/**
 * network_genesis(cfg, genesis):
 * Set ${genesis} to that of the network that ${cfg} names; false if any is
 * accepted (chain.network = local without chain.genesis).
 *   Source  finney and test: the genesis_block_hash_map of the bittensor SDK,
 *	     and chain_getBlockHash(0) of their public nodes
 */
bool network_genesis(const struct config *cfg,
    uint8_t genesis[NETWORK_HASH_LEN]);

/**
 * network_wrong(cfg):
 * What is wrong with chain.network and chain.genesis together; NULL: nothing.
 */
const char *network_wrong(const struct config *cfg);

/**
 * network_name(cfg):
 * The word for chain.network.
 */
const char *network_name(const struct config *cfg);

#endif /* !CONFIG_NETWORK_H_ */
