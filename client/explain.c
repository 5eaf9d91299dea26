/* foldergate explain: run every check on a key, as of now. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "command.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "state/denylist.h"
#include "state/metagraph.h"
#include "sync_status.h"

static void
line(const char *check, const char *verdict, const char *text)
{

	printf("%-11s %-4s %s\n", check, verdict, text);
}

static void
explain_snapshot(const struct auth *a, enum err fresh)
{
	const struct metagraph_info *info = metagraph_info(a->metagraph);
	char text[160];

	if (info == NULL) {
		line("snapshot", "NO", "there is none");
		return;
	}
	snprintf(text, sizeof(text), "block %" PRIu64 ", advanced %" PRId64
	    " s ago, good for %" PRId64 " s", info->block,
	    a->now_s - info->advanced_at_s, auth_max_age_s(a, info));
	line("snapshot", fresh == ERR_OK ? "yes" : "NO", text);
}

static void
explain_endpoint(const char *sentence)
{

	line("chain-sync", "-", sentence);
}

static void
explain_neuron(const struct auth *a, const struct metagraph_neuron *n,
    const struct ss58 *coldkey, bool validator)
{
	char text[160], owner[SS58_MAX + 1];

	if (n == NULL) {
		line("registered", "NO", "not on this subnet");
		return;
	}
	snprintf(text, sizeof(text), "uid %u", n->uid);
	line("registered", "yes", text);
	ss58_encode(n->coldkey, owner);
	snprintf(text, sizeof(text), "owned by %s", owner);
	if (coldkey == NULL)
		line("coldkey", "-", text);
	else
		line("coldkey", memcmp(coldkey->key, n->coldkey,
		    SS58_KEY_LEN) == 0 ? "yes" : "NO", text);
	if (!validator)
		return;
	line("permit", n->permit ? "yes" : "NO", "validator permit");
	snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64
	    " %s, more than %" PRId64 " needed", auth_stake(a, n) / AUTH_RAO,
	    auth_stake(a, n) % AUTH_RAO, auth_counts_total(a) ?
	    "TAO in total" : "alpha", a->cfg->chain_min_validator_stake);
	line("stake", auth_stake(a, n) >
	    (uint64_t)a->cfg->chain_min_validator_stake * AUTH_RAO ? "yes" :
	    "NO", text);
}

static enum err
denied(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey)
{
	struct denylist *d = denylist_new(a->cfg->state_directory);
	enum err e;

	if ((e = denylist_refresh(d)) == ERR_OK)
		e = denylist_key(d, hotkey->key, coldkey != NULL ?
		    coldkey->key : hotkey->key, a->now_s);
	denylist_free(d);
	return (e);
}

/* The verdict comes from the endpoints' own functions. */
static int
explain(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey, bool validator)
{
	struct auth_identity id;
	const struct metagraph_neuron *n;
	struct ss58 owner;
	enum err e, fresh = auth_fresh(a);

	n = metagraph_find(a->metagraph, hotkey->key);
	explain_snapshot(a, fresh);
	sync_status_show(a->cfg, explain_endpoint);
	if (metagraph_info(a->metagraph) != NULL)
		explain_neuron(a, n, coldkey, validator);

	/* If no coldkey is given, use the owner's. */
	if (coldkey == NULL && n != NULL) {
		memcpy(owner.key, n->coldkey, SS58_KEY_LEN);
		coldkey = &owner;
	}
	if (validator)
		e = auth_validator(a, hotkey, &id);
	else
		e = auth_miner(a, hotkey, coldkey != NULL ? coldkey : hotkey,
		    &id);
	if (e == ERR_OK && (e = denied(a, hotkey, coldkey)) != ERR_OK)
		line("denylist", "NO", e == ERR_DENIED ?
		    "see foldergate deny list" : "cannot be read");
	if (e == ERR_OK)
		printf("as %s: would be served, if the signature is good\n"
		    "limits are not looked at: see foldergate usage\n",
		    validator ? "validator" : "miner");
	else
		printf("as %s: refused, %d %s: %s\n",
		    validator ? "validator" : "miner", err_status(e),
		    err_code(e), err_detail(e));
	return (e == ERR_OK ? COMMAND_OK : COMMAND_FAILED);
}

static bool
address(const char *text, struct ss58 *out)
{

	if (ss58_decode(text, strlen(text), out->key) != ERR_OK) {
		command_wrong("\"%s\" %s", text,
		    ss58_wrong(text, strlen(text)));
		return (false);
	}
	ss58_encode(out->key, out->text);
	return (true);
}

int
command_explain(int argc, char **argv)
{
	const char *hotkey_text = NULL, *coldkey_text = NULL, *as = NULL;
	const struct option_spec options[] = {
		{ "coldkey", &coldkey_text, NULL },
		{ "as", &as, NULL },
		{ NULL, NULL, NULL }
	};
	struct ss58 hotkey, coldkey;
	struct config cfg;
	struct auth a = { .cfg = &cfg };
	struct hmac *h;
	int status;

	if (command_options(argc, argv, options, &hotkey_text, 1) < 0)
		return (COMMAND_USAGE);
	if (hotkey_text == NULL)
		return (command_wrong("HOTKEY is missing"));
	if (as != NULL && strcmp(as, "miner") != 0 &&
	    strcmp(as, "validator") != 0)
		return (command_wrong("--as needs miner or validator"));
	if (!address(hotkey_text, &hotkey) ||
	    (coldkey_text != NULL && !address(coldkey_text, &coldkey)))
		return (COMMAND_USAGE);
	if (!command_config(&cfg))
		return (COMMAND_FAILED);
	h = hmac_new();
	a.now_s = clock_now_ms() / 1000;
	a.metagraph = auth_metagraph(&cfg, h);
	status = explain(&a, &hotkey, coldkey_text != NULL ? &coldkey : NULL,
	    as != NULL && strcmp(as, "validator") == 0);
	metagraph_free(a.metagraph);
	hmac_free(h);
	return (status);
}
