/* foldergate snapshot import: make a snapshot from a JSON document. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "config/network.h"
#include "crypto/hmac.h"
#include "crypto/ss58.h"
#include "json/document.h"
#include "snapshot.h"
#include "state/metagraph.h"

/* 65,536 neurons of about 250 bytes, times two. */
#define IMPORT_MAX (32u << 20)

/* Read an unsigned integer member, a number or a string of digits.  It may
   be absent only if that is allowed; out is then untouched. */
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

	/* If it is negative or saturated, the signed and the unsigned
	   reading differ. */
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

/* Either all neurons have a total stake, or none. */
static bool
get_neuron(struct json_object *o, bool total, struct metagraph_neuron *n)
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
	    !get_u64(o, "total_stake_rao", UINT64_MAX, !total,
	    &n->total_stake_rao) ||
	    !json_object_object_get_ex(o, "permit", &permit) ||
	    !json_object_is_type(permit, json_type_boolean))
		return (false);
	n->uid = (uint16_t)uid;
	n->permit = json_object_get_boolean(permit) ? 1 : 0;
	return (true);
}

/* Read a hash, "0x...".  It may be absent or null; ${out} is then
   untouched. */
static bool
get_hash(struct json_object *o, const char *name, uint8_t out[32])
{
	struct json_object *v;
	const char *s;

	if (!json_object_object_get_ex(o, name, &v) || v == NULL)
		return (true);
	s = json_object_get_string(v);
	return (json_object_is_type(v, json_type_string) &&
	    strncmp(s, "0x", 2) == 0 &&
	    hex_decode(out, 32, s + 2, strlen(s + 2)) == ERR_OK);
}

/* Read everything except the neurons. */
static bool
get_info(struct json_object *o, struct metagraph_info *info)
{
	uint64_t netuid, spec = 0, advanced = (uint64_t)info->written_at_s;

	if (!get_u64(o, "netuid", UINT16_MAX, false, &netuid) ||
	    !get_u64(o, "block", INT64_MAX, false, &info->block) ||
	    !get_u64(o, "spec_version", UINT32_MAX, true, &spec) ||
	    !get_u64(o, "advanced_at", TIMEFMT_S_MAX, true, &advanced))
		return (false);
	info->netuid = (uint32_t)netuid;
	info->spec_version = (uint32_t)spec;
	info->advanced_at_s = (int64_t)advanced;
	info->advanced_block = info->block;
	return (get_hash(o, "block_hash", info->block_hash) &&
	    get_hash(o, "genesis", info->genesis));
}

/* Refuse a document of another network.  A document need not name its
   network. */
static bool
other_network(const struct config *cfg, const struct metagraph_info *info)
{
	static const uint8_t zero[NETWORK_HASH_LEN];
	uint8_t genesis[NETWORK_HASH_LEN];

	return (network_genesis(cfg, genesis) &&
	    memcmp(info->genesis, zero, sizeof(zero)) != 0 &&
	    memcmp(info->genesis, genesis, sizeof(genesis)) != 0);
}

static bool
has_total(struct json_object *list)
{
	struct json_object *first = json_object_array_get_idx(list, 0), *v;

	return (json_object_is_type(first, json_type_object) &&
	    json_object_object_get_ex(first, "total_stake_rao", &v));
}

/* Read a row that was left out before.  As a neuron without keys it is left
   out again. */
static bool
get_uid(struct json_object *v, struct metagraph_neuron *n)
{
	int64_t uid;

	if (!json_object_is_type(v, json_type_int) ||
	    (uid = json_object_get_int64(v)) < 0 || uid > UINT16_MAX)
		return (false);
	n->uid = (uint16_t)uid;
	return (true);
}

/* Read the number of rows left out, and their ${list}. */
static size_t
left_out_of(struct json_object *o, struct json_object **list)
{

	return (json_object_object_get_ex(o, "left_out", list) &&
	    json_object_is_type(*list, json_type_array) ?
	    json_object_array_length(*list) : 0);
}

/* An import states how things are now, unless the document has its own
   time.  The same block again may mean that nobody watches the chain. */
static void
warn_of_age(const struct config *cfg, const struct metagraph_info *info,
    struct hmac *h)
{
	struct metagraph *m = auth_metagraph(cfg, h);
	const struct metagraph_info *old;

	if (metagraph_refresh(m) == ERR_OK &&
	    (old = metagraph_info(m)) != NULL && info->block <= old->block &&
	    info->advanced_at_s == info->written_at_s)
		fprintf(stderr, "foldergate: warning: block %" PRIu64 " is not "
		    "above the present snapshot's %" PRIu64 "; taken as of now "
		    "all the same\n", info->block, old->block);
	metagraph_free(m);
}

static void
show_left_out_rows(const struct metagraph_neuron *rows, uint32_t n)
{
	uint32_t i;

	if (n == 0)
		return;
	snapshot_left_out(n);
	for (i = 0; i < n; i++)
		printf(" %u", rows[i].uid);
	printf("\n");
}

/* Return NULL, or the fault of the document. */
static const char *
from_json(struct json_object *o, const struct config *cfg, struct hmac *h)
{
	struct metagraph_info info = { .written_at_s = clock_now_ms() / 1000 };
	struct metagraph_neuron *neurons;
	struct json_object *list, *uids;
	const char *wrong = NULL;
	size_t i, n, out;

	if (!json_object_is_type(o, json_type_object) || !get_info(o, &info))
		return ("netuid or block is missing, or a value is malformed");
	if (info.netuid != cfg->chain_netuid)
		return ("made for another netuid than chain.netuid");
	if (other_network(cfg, &info))
		return ("made for another network than chain.network");
	if (!json_object_object_get_ex(o, "neurons", &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    (n = json_object_array_length(list)) < 1 ||
	    n > METAGRAPH_NEURONS_MAX)
		return ("\"neurons\" must be a list of 1 to 65536");
	if ((out = left_out_of(o, &uids)) > METAGRAPH_NEURONS_MAX - n)
		return ("\"neurons\" and \"left_out\" are too long");
	if ((neurons = calloc(n + out, sizeof(*neurons))) == NULL)
		log_die("out_of_memory", "snapshot");
	info.count = (uint32_t)(n + out);
	info.flags = has_total(list) ? METAGRAPH_TOTAL_KNOWN : 0;
	for (i = 0; i < out && wrong == NULL; i++) {
		if (!get_uid(json_object_array_get_idx(uids, i),
		    &neurons[n + i]))
			wrong = "\"left_out\" must be a list of uids";
	}
	for (i = 0; i < n && wrong == NULL; i++) {
		if (get_neuron(json_object_array_get_idx(list, i),
		    info.flags != 0, &neurons[i]))
			continue;
		fprintf(stderr, "foldergate: neuron %zu of the list is "
		    "malformed\n", i + 1);
		wrong = "a neuron needs uid, permit and alpha_stake_rao, and "
		    "hotkey and coldkey as SS58 addresses of prefix 42";
	}
	if (wrong == NULL) {
		warn_of_age(cfg, &info, h);
		switch (metagraph_write(cfg->state_directory, &info, neurons,
		    h)) {
		case ERR_OK:
			printf("%" PRIu32 " neurons of netuid %" PRIu32
			    " at block %" PRIu64 "\n", info.count, info.netuid,
			    info.block);
			show_left_out_rows(&neurons[info.count],
			    info.left_out);
			break;
		case ERR_IO:
			wrong = "the snapshot cannot be written";
			break;
		default:
			wrong = "no row is left: each has a key of all zeros, "
			    "or a hotkey that occurs more than once";
		}
	}
	free(neurons);
	return (wrong);
}

int
snapshot_import(const struct config *cfg, struct hmac *h, const char *path)
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
