#include "test.h"
#include "tmpdir.h"

#include <unistd.h>

#include "auth/auth.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"

#define NOW INT64_C(1795360631)
#define MAX_AGE 1200
#define RAO UINT64_C(1000000000)

static char dir[4000];
static struct config cfg;
static struct hmac *h;
static struct auth a;
static struct ss58 hotkey, coldkey, stranger;

static void
person(struct ss58 *who, uint8_t byte)
{

	memset(who->key, byte, sizeof(who->key));
	ss58_encode(who->key, who->text);
}

static void
snapshot(uint8_t permit, uint64_t stake_rao, int64_t advanced_at_s)
{
	struct metagraph_neuron n;
	struct metagraph_info info;

	memset(&n, 0, sizeof(n));
	memset(&info, 0, sizeof(info));
	memcpy(n.hotkey, hotkey.key, sizeof(n.hotkey));
	memcpy(n.coldkey, coldkey.key, sizeof(n.coldkey));
	n.uid = 7;
	n.permit = permit;
	n.alpha_stake_rao = stake_rao;
	info.netuid = 13;
	info.count = 1;
	info.written_at_s = NOW;
	info.advanced_at_s = advanced_at_s;
	assert_int_equal(metagraph_write(dir, &info, &n, h), ERR_OK);
}

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	person(&hotkey, 0x22);
	person(&coldkey, 0x44);
	person(&stranger, 0x66);
	h = hmac_new();
	cfg.chain_max_age_s = MAX_AGE;
	cfg.chain_min_validator_stake = 20000;
	a.cfg = &cfg;
	a.metagraph = metagraph_new(dir, 13, h);
	a.now_s = NOW;
	return (0);
}

static int
teardown(void **state)
{
	char path[4096];

	(void)state;
	metagraph_free(a.metagraph);
	hmac_free(h);
	snprintf(path, sizeof(path), "%s/" METAGRAPH_FILE, dir);
	unlink(path);
	return (rmdir(dir));
}

static enum err
asks(const struct ss58 *who)
{
	struct auth_identity id;

	return (auth_validator(&a, who, &id));
}

/* The stake that counts is the configured one; a snapshot without it is none. */
static void
the_stake_that_counts_is_the_configured_one(void **state)
{
	struct metagraph_neuron n;
	struct metagraph_info info;
	uint32_t flags;

	(void)state;
	cfg.chain_min_validator_stake = 10000;
	for (flags = 0; flags <= METAGRAPH_TOTAL_KNOWN; flags++) {
		memset(&n, 0, sizeof(n));
		memset(&info, 0, sizeof(info));
		memcpy(n.hotkey, hotkey.key, sizeof(n.hotkey));
		memcpy(n.coldkey, coldkey.key, sizeof(n.coldkey));
		n.permit = 1;
		n.alpha_stake_rao = 10000 * RAO;
		n.total_stake_rao = 10000 * RAO + 1;
		info.netuid = 13;
		info.count = 1;
		info.flags = flags;
		info.advanced_at_s = NOW;
		assert_int_equal(metagraph_write(dir, &info, &n, h), ERR_OK);
		cfg.chain_validator_stake = CONFIG_CHAIN_VALIDATOR_STAKE_ALPHA;
		assert_int_equal(asks(&hotkey), ERR_LOW_STAKE);
		cfg.chain_validator_stake = CONFIG_CHAIN_VALIDATOR_STAKE_TOTAL;
		assert_int_equal(asks(&hotkey), flags == 0 ? ERR_NO_IDENTITY :
		    ERR_OK);
	}
	cfg.chain_validator_stake = CONFIG_CHAIN_VALIDATOR_STAKE_ALPHA;
}

/* Strictly above the limit, to the rao. */
static void
a_stake_must_be_strictly_above_the_limit(void **state)
{
	static const struct {
		int64_t limit;
		uint64_t stake_rao;
		enum err e;
	} rows[] = {
		{ 20000, 20000 * RAO - 1, ERR_LOW_STAKE },
		{ 20000, 20000 * RAO, ERR_LOW_STAKE },
		{ 20000, 20000 * RAO + 1, ERR_OK },
		{ 20000, 20001 * RAO, ERR_OK },
		{ 20000, 0, ERR_LOW_STAKE },
		{ 20000, 20000, ERR_LOW_STAKE },
		{ 20000, UINT64_MAX, ERR_OK },
		{ 0, 0, ERR_LOW_STAKE },
		{ 0, 1, ERR_OK },
		{ 0, UINT64_MAX, ERR_OK },
		{ 1, RAO, ERR_LOW_STAKE },
		{ 1, RAO + 1, ERR_OK },
		{ 21000000, 21000000 * RAO - 1, ERR_LOW_STAKE },
		{ 21000000, 21000000 * RAO, ERR_LOW_STAKE },
		{ 21000000, 21000000 * RAO + 1, ERR_OK },
		{ 21000000, UINT64_MAX, ERR_OK },

		/* Where a double no longer tells them apart. */
		{ 9007200, 9007200 * RAO, ERR_LOW_STAKE },
		{ 9007200, 9007200 * RAO + 1, ERR_OK },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cfg.chain_min_validator_stake = rows[i].limit;
		snapshot(1, rows[i].stake_rao, NOW);
		assert_int_equal(asks(&hotkey), rows[i].e);

		/* Without a permit no stake helps, and that is what is told. */
		snapshot(0, rows[i].stake_rao, NOW);
		assert_int_equal(asks(&hotkey), ERR_NO_PERMIT);
	}
}

static void
the_addresses_of_a_validator_come_from_the_chain(void **state)
{
	struct auth_identity id;
	struct ss58 claimed = hotkey;

	(void)state;
	snapshot(1, UINT64_MAX, NOW);

	/* The texts are made from the chain's keys, not taken over. */
	claimed.text[0] = 'x';
	assert_int_equal(auth_validator(&a, &claimed, &id), ERR_OK);
	assert_string_equal(id.hotkey.text, hotkey.text);
	assert_string_equal(id.coldkey.text, coldkey.text);
	assert_int_equal(id.neuron->uid, 7);

	/* Being an owner is not being registered. */
	assert_int_equal(asks(&stranger), ERR_NO_VALIDATOR);
	assert_int_equal(asks(&coldkey), ERR_NO_VALIDATOR);
}

/* First of all the snapshot must be there, and fresh. */
static void
a_validator_needs_a_fresh_snapshot(void **state)
{
	static const struct {
		int64_t advanced_at_s;
		enum err e;
	} rows[] = {
		{ NOW, ERR_OK }, { NOW - MAX_AGE, ERR_OK },
		{ NOW - MAX_AGE - 1, ERR_STALE }, { NOW + 60, ERR_OK },
		{ NOW + 61, ERR_STALE },
	};
	size_t i;

	(void)state;
	assert_int_equal(asks(&hotkey), ERR_NO_IDENTITY);
	assert_int_equal(asks(&stranger), ERR_NO_IDENTITY);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snapshot(1, UINT64_MAX, rows[i].advanced_at_s);
		assert_int_equal(asks(&hotkey), rows[i].e);
		assert_int_equal(asks(&stranger), rows[i].e == ERR_OK ?
		    ERR_NO_VALIDATOR : rows[i].e);
		snapshot(0, 0, rows[i].advanced_at_s);
		assert_int_equal(asks(&hotkey), rows[i].e == ERR_OK ?
		    ERR_NO_PERMIT : rows[i].e);
	}
}

/* What a client may read: one text for all, a code for each. */
static void
every_refusal_of_a_validator_has_one_text(void **state)
{
	static const enum err all[] = { ERR_NO_VALIDATOR, ERR_NO_PERMIT,
	    ERR_LOW_STAKE };
	static const char *const codes[] = { "not_registered", "no_permit",
	    "low_stake" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(err_status(all[i]), 401);
		assert_string_equal(err_detail(all[i]),
		    "You are not validator");
		assert_string_equal(err_code(all[i]), codes[i]);
	}
	assert_int_equal(err_status(ERR_NOT_REGISTERED), 401);
	assert_string_equal(err_detail(ERR_NOT_REGISTERED),
	    "Invalid signature");
	assert_string_equal(err_code(ERR_NOT_REGISTERED), "not_registered");
	assert_int_equal(err_status(ERR_STALE), 503);
	assert_string_equal(err_detail(ERR_STALE), "Identity data is too old");
	assert_string_equal(err_code(ERR_STALE), "stale");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(the_stake_that_counts_is_the_configured_one),
	T(a_stake_must_be_strictly_above_the_limit),
	T(the_addresses_of_a_validator_come_from_the_chain),
	T(a_validator_needs_a_fresh_snapshot),
	T(every_refusal_of_a_validator_has_one_text)
};

TEST_MAIN(tests)
