/* foldergate snapshot: the identity snapshot as JSON, in and out. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "crypto/ss58.h"
#include "json/document.h"
#include "state/metagraph.h"

/* 65,536 neurons of some 250 bytes, twice. */
#define IMPORT_MAX (32u << 20)

/* An unsigned integer member, as a number or a string of digits.  Absent is
   good only if it may be: out is then untouched. */
static bool
get_u64(struct json_object *o, const char *name, uint64_t max, bool optional,
    uint64_t *out)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) || v == NULL)
		return (optional);
	if (json_object_is_type(v, json_type_string))
		return (num_parse_u64(json_object_get_string(v),
		    (size_t)json_object_get_string_len(v), max, out) == ERR_OK);
	if (!json_object_is_type(v, json_type_int))
		return (false);

	/* Negative or saturated, the two ways to say it differ. */
	*out = json_object_get_uint64(v);
	return (json_object_get_int64(v) >= 0 && *out <= max &&
	    *out != UINT64_MAX);
}

static bool
get_key(struct json_object *o, const char *name, uint8_t key[SS58_KEY_LEN])
{
	struct json_object *v;

	return (json_object_object_get_ex(o, name, &v) &&
	    json_object_is_type(v, json_type_string) &&
	    ss58_decode(json_object_get_string(v),
	    (size_t)json_object_get_string_len(v), key) == ERR_OK);
}

static bool
get_neuron(struct json_object *o, struct metagraph_neuron *n)
{
	struct json_object *permit;
	uint64_t uid;

	memset(n, 0, sizeof(*n));
	if (!json_object_is_type(o, json_type_object) ||
	    !get_u64(o, "uid", UINT16_MAX, false, &uid) ||
	    !get_key(o, "hotkey", n->hotkey) ||
	    !get_key(o, "coldkey", n->coldkey) ||
	    !get_u64(o, "alpha_stake_rao", UINT64_MAX, false,
	    &n->alpha_stake_rao) ||
	    !json_object_object_get_ex(o, "permit", &permit) ||
	    !json_object_is_type(permit, json_type_boolean))
		return (false);
	n->uid = (uint16_t)uid;
	n->permit = json_object_get_boolean(permit) ? 1 : 0;
	return (true);
}

/* Everything but the neurons. */
static bool
get_info(struct json_object *o, struct metagraph_info *info)
{
	uint64_t netuid, spec = 0, advanced = (uint64_t)info->written_at_s;
	struct json_object *hash;
	const char *s;

	if (!get_u64(o, "netuid", UINT16_MAX, false, &netuid) ||
	    !get_u64(o, "block", INT64_MAX, false, &info->block) ||
	    !get_u64(o, "spec_version", UINT32_MAX, true, &spec) ||
	    !get_u64(o, "advanced_at", TIMEFMT_S_MAX, true, &advanced))
		return (false);
	info->netuid = (uint32_t)netuid;
	info->spec_version = (uint32_t)spec;
	info->advanced_at_s = (int64_t)advanced;
	info->advanced_block = info->block;
	if (!json_object_object_get_ex(o, "block_hash", &hash) || hash == NULL)
		return (true);
	s = json_object_get_string(hash);
	return (json_object_is_type(hash, json_type_string) &&
	    strncmp(s, "0x", 2) == 0 && hex_decode(info->block_hash,
	    sizeof(info->block_hash), s + 2, strlen(s + 2)) == ERR_OK);
}

/* Whoever imports says that this is how things are now, unless the document
   says since when.  The same block again may mean that nobody looks. */
static void
warn_of_age(const struct config *cfg, const struct metagraph_info *info,
    struct hmac *h)
{
	struct metagraph *m = metagraph_new(cfg->state_directory,
	    (uint32_t)cfg->chain_netuid, h);
	const struct metagraph_info *old;

	if (metagraph_refresh(m) == ERR_OK &&
	    (old = metagraph_info(m)) != NULL && info->block <= old->block &&
	    info->advanced_at_s == info->written_at_s)
		fprintf(stderr, "foldergate: warning: block %" PRIu64 " is not "
		    "above the present snapshot's %" PRIu64 "; taken as of now "
		    "all the same\n", info->block, old->block);
	metagraph_free(m);
}

/* NULL, or what is wrong with the document. */
static const char *
from_json(struct json_object *o, const struct config *cfg, struct hmac *h)
{
	struct metagraph_info info = { .written_at_s = clock_now_ms() / 1000 };
	struct metagraph_neuron *neurons;
	struct json_object *list;
	const char *wrong = NULL;
	size_t i, n;

	if (!json_object_is_type(o, json_type_object) || !get_info(o, &info))
		return ("netuid or block is missing, or a value is malformed");
	if (info.netuid != cfg->chain_netuid)
		return ("made for another netuid than chain.netuid");
	if (!json_object_object_get_ex(o, "neurons", &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    (n = json_object_array_length(list)) < 1 ||
	    n > METAGRAPH_NEURONS_MAX)
		return ("\"neurons\" must be a list of 1 to 65536");
	if ((neurons = calloc(n, sizeof(*neurons))) == NULL)
		log_die("out_of_memory", "snapshot");
	info.count = (uint32_t)n;
	for (i = 0; i < n && wrong == NULL; i++) {
		if (get_neuron(json_object_array_get_idx(list, i),
		    &neurons[i]))
			continue;
		fprintf(stderr, "foldergate: neuron %zu of the list is "
		    "malformed\n", i + 1);
		wrong = "a neuron needs uid, permit and alpha_stake_rao, and "
		    "hotkey and coldkey as SS58 addresses";
	}
	if (wrong == NULL) {
		warn_of_age(cfg, &info, h);
		switch (metagraph_write(cfg->state_directory, &info, neurons,
		    h)) {
		case ERR_OK:
			printf("%" PRIu32 " neurons of netuid %" PRIu32
			    " at block %" PRIu64 "\n", info.count, info.netuid,
			    info.block);
			break;
		case ERR_IO:
			wrong = "the snapshot cannot be written";
			break;
		default:
			wrong = "a hotkey is there twice, or a key is all zero";
		}
	}
	free(neurons);
	return (wrong);
}

static int
import(const struct config *cfg, struct hmac *h, const char *path)
{
	struct json_object *o = NULL;
	const char *wrong;
	char *text;
	size_t len;

	if ((text = command_read_file(path, IMPORT_MAX, &len)) == NULL)
		return (COMMAND_FAILED);
	if (document_parse(text, len, DOCUMENT_ANY, &o) != NULL)
		wrong = "not JSON, or a name is there twice";
	else
		wrong = from_json(o, cfg, h);
	json_object_put(o);
	free(text);
	if (wrong != NULL)
		fprintf(stderr, "foldergate: %s: %s\n", path, wrong);
	return (wrong == NULL ? COMMAND_OK : COMMAND_FAILED);
}

/* The file is sorted for look-ups; people think in uids. */
static int
by_uid(const void *a, const void *b)
{

	return (((const struct metagraph_neuron *)a)->uid -
	    ((const struct metagraph_neuron *)b)->uid);
}

static void
show_json(const struct metagraph_info *info, const struct metagraph_neuron *n)
{
	char hash[2 * sizeof(info->block_hash) + 1], hotkey[SS58_MAX + 1],
	    coldkey[SS58_MAX + 1];
	uint32_t i;

	hex_encode(hash, info->block_hash, sizeof(info->block_hash));
	printf("{\"netuid\":%" PRIu32 ",\"block\":%" PRIu64
	    ",\"block_hash\":\"0x%s\",\"spec_version\":%" PRIu32
	    ",\"written_at\":%" PRId64 ",\"advanced_at\":%" PRId64
	    ",\"neurons\":[", info->netuid, info->block, hash,
	    info->spec_version, info->written_at_s, info->advanced_at_s);
	for (i = 0; i < info->count; i++) {
		ss58_encode(n[i].hotkey, hotkey);
		ss58_encode(n[i].coldkey, coldkey);
		printf("%s\n{\"uid\":%u,\"hotkey\":\"%s\",\"coldkey\":\"%s\","
		    "\"permit\":%s,\"alpha_stake_rao\":\"%" PRIu64 "\"}",
		    i > 0 ? "," : "", n[i].uid, hotkey, coldkey,
		    n[i].permit ? "true" : "false", n[i].alpha_stake_rao);
	}
	printf("\n]}\n");
}

static void
show_text(const struct metagraph_info *info, const struct metagraph_neuron *n)
{
	char hotkey[SS58_MAX + 1], coldkey[SS58_MAX + 1],
	    when[TIMEFMT_ISO_MAX + 1];
	uint32_t i;

	timefmt_iso(info->advanced_at_s, when);
	printf("netuid %" PRIu32 ", block %" PRIu64 " since %s, runtime %"
	    PRIu32 ", %" PRIu32 " neurons\n", info->netuid, info->block, when,
	    info->spec_version, info->count);
	for (i = 0; i < info->count; i++) {
		ss58_encode(n[i].hotkey, hotkey);
		ss58_encode(n[i].coldkey, coldkey);
		printf("%5u %s %s %s %" PRIu64 ".%09" PRIu64 "\n", n[i].uid,
		    hotkey, coldkey, n[i].permit ? "permit" : "-     ",
		    n[i].alpha_stake_rao / 1000000000,
		    n[i].alpha_stake_rao % 1000000000);
	}
}

static int
show(const struct config *cfg, struct hmac *h, bool json)
{
	struct metagraph *m = metagraph_new(cfg->state_directory,
	    (uint32_t)cfg->chain_netuid, h);
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
		(json ? show_json : show_text)(info, neurons);
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
	status = n == 2 ? import(&cfg, h, word[1]) : show(&cfg, h, json);
	hmac_free(h);
	return (status);
}
