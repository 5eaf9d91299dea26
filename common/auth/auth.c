#include <string.h>

#include "auth/auth.h"
#include "auth/btauth.h"
#include "auth/signed_text.h"
#include "base/hex.h"
#include "config/config.h"
#include "config/network.h"
#include "state/metagraph.h"

struct metagraph *
auth_metagraph(const struct config *cfg, struct hmac *h)
{
	struct metagraph *m = metagraph_new(cfg->state_directory,
	    (uint32_t)cfg->chain_netuid, h);
	uint8_t genesis[NETWORK_HASH_LEN];

	if (network_genesis(cfg, genesis))
		metagraph_expect(m, genesis);
	return (m);
}

enum err
auth_time(const struct auth *a, int64_t timestamp)
{

	/* Neither side can overflow, because a schema bounds the time. */
	if (timestamp < a->now_s - AUTH_PAST_S ||
	    timestamp > a->now_s + AUTH_FUTURE_S)
		return (ERR_TIMESTAMP);
	return (ERR_OK);
}

enum err
auth_fresh(const struct auth *a)
{
	const struct metagraph_info *info;
	enum err e;

	if ((e = metagraph_refresh(a->metagraph)) != ERR_OK)
		return (e);
	info = metagraph_info(a->metagraph);

	/* A snapshot from the future would never become too old. */
	if (info->advanced_at_s < a->now_s - auth_max_age_s(a, info) ||
	    info->advanced_at_s > a->now_s + AUTH_FUTURE_S)
		return (ERR_STALE);
	return (ERR_OK);
}

int64_t
auth_max_age_s(const struct auth *a, const struct metagraph_info *info)
{
	const int64_t most_s = a->cfg->chain_max_age_s,
	    halt_s = a->cfg->chain_halt_max_age_s;

	/* The file's writer found that the chain stands still.  That
	   finding gets old, too. */
	if ((info->flags & METAGRAPH_CONFIRMED) == 0 ||
	    info->written_at_s < a->now_s - most_s || halt_s < most_s)
		return (most_s);
	return (halt_s);
}

/* From here on the chain's keys are used, not the request's texts. */
static void
identify(struct auth_identity *id, const char *role,
    const struct metagraph_neuron *n)
{

	id->neuron = n;
	id->role = role;
	memcpy(id->hotkey.key, n->hotkey, SS58_KEY_LEN);
	memcpy(id->coldkey.key, n->coldkey, SS58_KEY_LEN);
	ss58_encode(id->hotkey.key, id->hotkey.text);
	ss58_encode(id->coldkey.key, id->coldkey.text);
}

enum err
auth_miner(const struct auth *a, const struct ss58 *hotkey,
    const struct ss58 *coldkey, struct auth_identity *id)
{
	const struct metagraph_neuron *n;
	enum err e;

	if ((e = auth_fresh(a)) != ERR_OK)
		return (e);
	if ((n = metagraph_find(a->metagraph, hotkey->key)) == NULL)
		return (ERR_NOT_REGISTERED);
	if (coldkey != NULL &&
	    memcmp(n->coldkey, coldkey->key, SS58_KEY_LEN) != 0)
		return (ERR_COLDKEY);
	identify(id, "miner", n);
	return (ERR_OK);
}

bool
auth_counts_total(const struct auth *a)
{

	return (a->cfg->chain_validator_stake ==
	    CONFIG_CHAIN_VALIDATOR_STAKE_TOTAL);
}

uint64_t
auth_stake(const struct auth *a, const struct metagraph_neuron *n)
{

	return (auth_counts_total(a) ? n->total_stake_rao :
	    n->alpha_stake_rao);
}

enum err
auth_validator(const struct auth *a, const struct ss58 *hotkey,
    struct auth_identity *id)
{
	const struct metagraph_neuron *n;
	enum err e;

	if ((e = auth_fresh(a)) != ERR_OK)
		return (e);
	if ((n = metagraph_find(a->metagraph, hotkey->key)) == NULL)
		return (ERR_NO_VALIDATOR);
	if (n->permit == 0)
		return (ERR_NO_PERMIT);

	/* The setting was changed after the last synchronization. */
	if (auth_counts_total(a) && (metagraph_info(a->metagraph)->flags &
	    METAGRAPH_TOTAL_KNOWN) == 0)
		return (ERR_NO_IDENTITY);

	/* config/ allows 21 million at most, so this cannot overflow. */
	if (auth_stake(a, n) <=
	    (uint64_t)a->cfg->chain_min_validator_stake * AUTH_RAO)
		return (ERR_LOW_STAKE);
	identify(id, "validator", n);
	return (ERR_OK);
}

enum err
auth_signature(const char *text, uint8_t sig[SR25519_SIGNATURE_LEN])
{
	size_t i;

	while (*text == ' ')
		text++;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	for (i = 0; i < SR25519_SIGNATURE_LEN; i++, text += 2) {
		while (*text == ' ')
			text++;
		if (text[0] == '\0' || text[1] == '\0' ||
		    hex_decode(sig + i, 1, text, 2) != ERR_OK)
			return (ERR_SIGNATURE);
	}
	while (*text == ' ')
		text++;
	return (*text == '\0' ? ERR_OK : ERR_SIGNATURE);
}

static enum err
verify_either(const uint8_t *key, const struct signed_text *c,
    const uint8_t sig[SR25519_SIGNATURE_LEN])
{
	static const char open[] = "<Bytes>", close[] = "</Bytes>";
	uint8_t wrapped[SIGNED_TEXT_MAX + sizeof(open) + sizeof(close)];
	size_t n = 0;

	if (sr25519_verify(key, (const uint8_t *)c->text, c->len, sig) ==
	    ERR_OK)
		return (ERR_OK);
	memcpy(wrapped, open, sizeof(open) - 1);
	n += sizeof(open) - 1;
	memcpy(wrapped + n, c->text, c->len);
	n += c->len;
	memcpy(wrapped + n, close, sizeof(close) - 1);
	n += sizeof(close) - 1;
	return (sr25519_verify(key, wrapped, n, sig));
}

enum err
auth_signed(const struct auth_identity *id,
    const uint8_t sig[SR25519_SIGNATURE_LEN], const struct signed_text *texts,
    size_t n, size_t *which)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (verify_either(id->hotkey.key, &texts[i], sig) == ERR_OK) {
			*which = i;
			return (ERR_OK);
		}
	}

	/* This comes last, so that a good request does not pay for it. */
	return (sr25519_is_public(id->hotkey.key) ? ERR_SIGNATURE :
	    ERR_HOTKEY_KIND);
}

enum err
auth_proven(const struct auth_identity *id, struct auth_caller *who,
    const struct signed_text *texts, size_t n, size_t *which)
{
	enum err e;

	*which = 0;
	if (who->scheme == AUTH_BTAUTH)
		return (btauth_verify(who->btauth, id->hotkey.key));
	if (who->scheme == AUTH_TAO)
		return (auth_signed(id, who->sig, &who->header_text, 1,
		    which));
	if ((e = auth_signature(who->signature, who->sig)) != ERR_OK)
		return (e);
	return (auth_signed(id, who->sig, texts, n, which));
}
