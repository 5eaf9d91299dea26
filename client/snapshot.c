/* foldergate snapshot: export and import the identity snapshot as JSON. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "crypto/ss58.h"
#include "snapshot.h"
#include "state/metagraph.h"

void
snapshot_left_out(uint32_t n)
{

	printf("left out, for a key of all zeros or a hotkey that occurs more "
	    "than once: %" PRIu32 " %s, uid", n, n == 1 ? "row" : "rows");
}

/* The file is sorted for look-ups, but people think in uids. */
static int
by_uid(const void *a, const void *b)
{

	return (((const struct metagraph_neuron *)a)->uid -
	    ((const struct metagraph_neuron *)b)->uid);
}

/* Print null if the network is not known. */
static void
show_genesis(const struct metagraph_info *info, const char *mark)
{
	static const uint8_t zero[sizeof(info->genesis)];
	char hash[2 * sizeof(zero) + 1];

	hex_encode(hash, info->genesis, sizeof(info->genesis));
	if (memcmp(info->genesis, zero, sizeof(zero)) == 0)
		printf("%s", mark[0] == '\0' ? "not known" : "null");
	else
		printf("%s0x%s%s", mark, hash, mark);
}

static void
show_json(const struct metagraph_info *info, const struct metagraph_neuron *n,
    const uint16_t *left_out)
{
	const bool total = (info->flags & METAGRAPH_TOTAL_KNOWN) != 0;
	char hash[2 * sizeof(info->block_hash) + 1], hotkey[SS58_MAX + 1],
	    coldkey[SS58_MAX + 1];
	uint32_t i;

	hex_encode(hash, info->block_hash, sizeof(info->block_hash));
	printf("{\"netuid\":%" PRIu32 ",\"block\":%" PRIu64
	    ",\"block_hash\":\"0x%s\",\"spec_version\":%" PRIu32
	    ",\"written_at\":%" PRId64 ",\"advanced_at\":%" PRId64
	    ",\"genesis\":", info->netuid, info->block, hash,
	    info->spec_version, info->written_at_s, info->advanced_at_s);
	show_genesis(info, "\"");
	printf(",\"confirmed\":%s,\"left_out\":[",
	    (info->flags & METAGRAPH_CONFIRMED) != 0 ? "true" : "false");
	for (i = 0; i < info->left_out; i++)
		printf("%s%u", i > 0 ? "," : "", left_out[i]);
	printf("],\"neurons\":[");
	for (i = 0; i < info->count; i++) {
		ss58_encode(n[i].hotkey, hotkey);
		ss58_encode(n[i].coldkey, coldkey);
		printf("%s\n{\"uid\":%u,\"hotkey\":\"%s\",\"coldkey\":\"%s\","
		    "\"permit\":%s,\"alpha_stake_rao\":\"%" PRIu64 "\"",
		    i > 0 ? "," : "", n[i].uid, hotkey, coldkey,
		    n[i].permit ? "true" : "false", n[i].alpha_stake_rao);
		if (total)
			printf(",\"total_stake_rao\":\"%" PRIu64 "\"",
			    n[i].total_stake_rao);
		printf("}");
	}
	printf("\n]}\n");
}

/* Print tokens.  The chain counts billionths of one. */
static void
show_stake(uint64_t rao)
{

	printf(" %" PRIu64 ".%09" PRIu64, rao / 1000000000, rao % 1000000000);
}

static void
show_text(const struct metagraph_info *info, const struct metagraph_neuron *n,
    const uint16_t *left_out)
{
	char hotkey[SS58_MAX + 1], coldkey[SS58_MAX + 1],
	    when[TIMEFMT_ISO_MAX + 1];
	uint32_t i;

	timefmt_iso(info->advanced_at_s, when);
	printf("netuid %" PRIu32 ", block %" PRIu64 " since %s, runtime %"
	    PRIu32 ", %" PRIu32 " neurons, genesis ", info->netuid,
	    info->block, when, info->spec_version, info->count);
	show_genesis(info, "");
	printf("\n");
	if (info->left_out > 0) {
		snapshot_left_out(info->left_out);
		for (i = 0; i < info->left_out; i++)
			printf(" %u", left_out[i]);
		printf("\n");
	}
	for (i = 0; i < info->count; i++) {
		ss58_encode(n[i].hotkey, hotkey);
		ss58_encode(n[i].coldkey, coldkey);
		printf("%5u %s %s %s", n[i].uid, hotkey, coldkey,
		    n[i].permit ? "permit" : "-     ");
		show_stake(n[i].alpha_stake_rao);
		if ((info->flags & METAGRAPH_TOTAL_KNOWN) != 0)
			show_stake(n[i].total_stake_rao);
		printf("\n");
	}
}

static int
show(const struct config *cfg, struct hmac *h, bool json)
{
	struct metagraph *m = auth_metagraph(cfg, h);
	const struct metagraph_info *info;
	struct metagraph_neuron *neurons;
	int status = COMMAND_FAILED;

	if (metagraph_refresh(m) != ERR_OK) {
		fprintf(stderr, "foldergate: no usable snapshot in %s\n",
		    cfg->state_directory);
	} else {
		info = metagraph_info(m);
		if ((neurons = calloc(info->count, sizeof(*neurons))) == NULL)
			log_die("out_of_memory", "snapshot");
		memcpy(neurons, metagraph_neurons(m),
		    info->count * sizeof(*neurons));
		qsort(neurons, info->count, sizeof(*neurons), by_uid);
		(json ? show_json : show_text)(info, neurons,
		    metagraph_left_out(m));
		free(neurons);
		status = COMMAND_OK;
	}
	metagraph_free(m);
	return (status);
}

/* The words after snapshot. */
static bool
check(const char *const word[2], bool json)
{
	const bool importing = word[0] != NULL &&
	    strcmp(word[0], "import") == 0;

	if (word[0] == NULL)
		command_wrong("import or show is missing");
	else if (!importing && strcmp(word[0], "show") != 0)
		command_wrong("unexpected argument \"%s\"", word[0]);
	else if (!importing && word[1] != NULL)
		command_wrong("unexpected argument \"%s\"", word[1]);
	else if (importing && word[1] == NULL)
		command_wrong("FILE is missing");
	else if (importing && json)
		command_wrong("--json is for snapshot show");
	else
		return (true);
	return (false);
}

int
command_snapshot(int argc, char **argv)
{
	bool json = false;
	const struct option_spec options[] = {
		{ "json", NULL, &json },
		{ NULL, NULL, NULL }
	};
	const char *word[2] = { NULL, NULL };
	struct config cfg;
	struct hmac *h;
	int n, status;

	n = command_options(argc, argv, options, word, 2);
	if (n < 0 || !check(word, json))
		return (COMMAND_USAGE);
	if (!command_config(&cfg))
		return (COMMAND_FAILED);
	h = hmac_new();
	status = n == 2 ? snapshot_import(&cfg, h, word[1]) :
	    show(&cfg, h, json);
	hmac_free(h);
	return (status);
}
