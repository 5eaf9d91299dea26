#include <string.h>

#include "base/hex.h"
#include "config/network.h"

static const struct network {
	const char *name;
	const char *genesis;	/* NULL: not known in advance */
} networks[] = {
	[CONFIG_CHAIN_NETWORK_FINNEY] = { "finney",
	    "2f0555cc76fc2840a25a6ea3b9637146"
	    "806f1f44b090c175ffde2a7e5ab36c03" },
	[CONFIG_CHAIN_NETWORK_TEST] = { "test",
	    "8f9cf856bf558a14440e75569c9e5859"
	    "4757048d7b3a84b5d25f6bd978263105" },
	[CONFIG_CHAIN_NETWORK_LOCAL] = { "local", NULL },
	[CONFIG_CHAIN_NETWORK_CUSTOM] = { "custom", NULL }
};

/* The 64 digits at ${text}; its form has been checked. */
static bool
decode(const char *text, uint8_t genesis[NETWORK_HASH_LEN])
{

	return (hex_decode(genesis, NETWORK_HASH_LEN, text,
	    strlen(text)) == ERR_OK);
}

bool
network_genesis(const struct config *cfg, uint8_t genesis[NETWORK_HASH_LEN])
{
	const char *known = networks[cfg->chain_network].genesis;

	if (known != NULL)
		return (decode(known, genesis));
	return (cfg->chain_genesis[0] != '\0' &&
	    decode(cfg->chain_genesis + 2, genesis));
}

const char *
network_wrong(const struct config *cfg)
{
	uint8_t named[NETWORK_HASH_LEN], known[NETWORK_HASH_LEN];

	if (cfg->chain_genesis[0] == '\0')
		return (cfg->chain_network == CONFIG_CHAIN_NETWORK_CUSTOM ?
		    "chain.network = custom wants chain.genesis" : NULL);
	if (!decode(cfg->chain_genesis + 2, named) ||
	    !network_genesis(cfg, known) ||
	    memcmp(named, known, sizeof(known)) != 0)
		return ("chain.genesis is not that of chain.network: leave it "
		    "out, or set chain.network = custom");
	return (NULL);
}

const char *
network_name(const struct config *cfg)
{

	return (networks[cfg->chain_network].name);
}
