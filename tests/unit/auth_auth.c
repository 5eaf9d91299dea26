#include "test.h"
#include "tmpdir.h"

#include <unistd.h>

#include "auth/auth.h"
#include "auth/signed_text.h"
#include "base/hex.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"

#define NOW INT64_C(1795360631)
#define MAX_AGE 1200

/* Three keys; the first is registered and owned by the second. */
enum { HOTKEY, COLDKEY, STRANGER, PEOPLE };
static struct person {
	uint8_t secret[SR25519_SECRET_LEN];
	struct ss58 ss58;
} people[PEOPLE];

static char dir[4000];
static struct config cfg;
static struct hmac *h;
static struct auth a;

static void
snapshot_with(int64_t advanced_at_s, int64_t written_at_s, uint32_t flags)
{
	struct metagraph_neuron n;
	struct metagraph_info info;

	memset(&n, 0, sizeof(n));
	memset(&info, 0, sizeof(info));
	memcpy(n.hotkey, people[HOTKEY].ss58.key, 32);
	memcpy(n.coldkey, people[COLDKEY].ss58.key, 32);
	n.uid = 7;
	info.netuid = 13;
	info.count = 1;
	info.advanced_at_s = advanced_at_s;
	info.written_at_s = written_at_s;
	info.flags = flags;
	assert_int_equal(metagraph_write(dir, &info, &n, h), ERR_OK);
}

/* The age of the chain counts, not that of the file. */
static void
snapshot(int64_t advanced_at_s)
{

	snapshot_with(advanced_at_s, NOW, 0);
}

static int
setup(void **state)
{
	uint8_t mini[SR25519_MINI_LEN];
	size_t i;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	for (i = 0; i < PEOPLE; i++) {
		memset(mini, (int)i + 1, sizeof(mini));
		sr25519_expand(mini, people[i].secret);
		if (sr25519_public(people[i].secret, people[i].ss58.key) !=
		    ERR_OK)
			return (-1);
		ss58_encode(people[i].ss58.key, people[i].ss58.text);
	}
	h = hmac_new();
	cfg.chain_max_age_s = MAX_AGE;
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

static void
a_time_is_good_from_300_s_back_to_60_s_ahead(void **state)
{

	(void)state;
	assert_int_equal(auth_time(&a, NOW), ERR_OK);
	assert_int_equal(auth_time(&a, NOW - 300), ERR_OK);
	assert_int_equal(auth_time(&a, NOW - 301), ERR_TIMESTAMP);
	assert_int_equal(auth_time(&a, NOW + 60), ERR_OK);
	assert_int_equal(auth_time(&a, NOW + 61), ERR_TIMESTAMP);
	assert_int_equal(auth_time(&a, 0), ERR_TIMESTAMP);
	assert_int_equal(auth_time(&a, INT64_C(253402300799)), ERR_TIMESTAMP);
}

static void
a_snapshot_is_good_until_its_maximal_age(void **state)
{
	static const struct {
		int64_t advanced_at_s;
		enum err e;
	} rows[] = {
		{ NOW, ERR_OK }, { NOW - MAX_AGE, ERR_OK },
		{ NOW - MAX_AGE - 1, ERR_STALE }, { NOW + 60, ERR_OK },
		{ NOW + 61, ERR_STALE }, { 0, ERR_STALE },
		{ INT64_MAX, ERR_STALE }, { INT64_MIN, ERR_STALE },
	};
	struct auth_identity id;
	size_t i;

	(void)state;
	assert_int_equal(auth_fresh(&a), ERR_NO_IDENTITY);
	assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
	    &people[COLDKEY].ss58, &id), ERR_NO_IDENTITY);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snapshot(rows[i].advanced_at_s);
		assert_int_equal(auth_fresh(&a), rows[i].e);
		assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
		    &people[COLDKEY].ss58, &id), rows[i].e);
	}

	/* Time goes on under a snapshot that does not. */
	snapshot(NOW);
	a.now_s = NOW + MAX_AGE;
	assert_int_equal(auth_fresh(&a), ERR_OK);
	a.now_s++;
	assert_int_equal(auth_fresh(&a), ERR_STALE);
}

static void
a_miner_must_be_registered_and_own_its_coldkey(void **state)
{
	struct auth_identity id;

	(void)state;
	snapshot(NOW);
	assert_int_equal(auth_miner(&a, &people[STRANGER].ss58,
	    &people[COLDKEY].ss58, &id), ERR_NOT_REGISTERED);
	assert_int_equal(auth_miner(&a, &people[COLDKEY].ss58,
	    &people[COLDKEY].ss58, &id), ERR_NOT_REGISTERED);
	assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
	    &people[STRANGER].ss58, &id), ERR_COLDKEY);
	assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
	    &people[HOTKEY].ss58, &id), ERR_COLDKEY);
	assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
	    &people[COLDKEY].ss58, &id), ERR_OK);
	assert_int_equal(id.neuron->uid, 7);
}

/* While the chain stands still, its last block may be older; that it does must
   have been found lately. */
static void
a_halted_chain_is_good_while_its_halt_is_confirmed(void **state)
{
	static const struct {
		int64_t block_s, written_s, halt_s;
		uint32_t flags;
		enum err e;
	} rows[] = {
		{ MAX_AGE + 1, 0, 5000, METAGRAPH_CONFIRMED, ERR_OK },
		{ MAX_AGE + 1, 0, 5000, 0, ERR_STALE },
		{ MAX_AGE + 1, 0, 0, METAGRAPH_CONFIRMED, ERR_STALE },
		{ MAX_AGE + 1, 0, MAX_AGE, METAGRAPH_CONFIRMED, ERR_STALE },
		{ MAX_AGE, 0, 1, METAGRAPH_CONFIRMED, ERR_OK },
		{ 5000, MAX_AGE, 5000, METAGRAPH_CONFIRMED, ERR_OK },
		{ 5001, MAX_AGE, 5000, METAGRAPH_CONFIRMED, ERR_STALE },
		{ 5000, MAX_AGE + 1, 5000, METAGRAPH_CONFIRMED, ERR_STALE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cfg.chain_halt_max_age_s = rows[i].halt_s;
		snapshot_with(NOW - rows[i].block_s, NOW - rows[i].written_s,
		    rows[i].flags);
		a.now_s = NOW;
		assert_int_equal(auth_fresh(&a), rows[i].e);
	}
	cfg.chain_halt_max_age_s = 0;
}

/* Texts that do not belong to their keys do not get through. */
static void
the_addresses_of_an_identity_come_from_the_chain(void **state)
{
	struct ss58 hotkey = people[HOTKEY].ss58;
	struct ss58 coldkey = people[COLDKEY].ss58;
	struct auth_identity id;

	(void)state;
	snapshot(NOW);
	memcpy(hotkey.text, "../x", 5);
	memcpy(coldkey.text, people[STRANGER].ss58.text, SS58_MAX + 1);
	assert_int_equal(auth_miner(&a, &hotkey, &coldkey, &id), ERR_OK);
	assert_string_equal(id.hotkey.text, people[HOTKEY].ss58.text);
	assert_string_equal(id.coldkey.text, people[COLDKEY].ss58.text);
	assert_memory_equal(id.hotkey.key, people[HOTKEY].ss58.key, 32);
	assert_memory_equal(id.coldkey.key, people[COLDKEY].ss58.key, 32);
}

#define H16 "0123456789abcdef"
#define H112 H16 H16 H16 H16 H16 H16 H16
#define H128 H112 H16

static void
a_signature_is_128_hex_digits_with_blanks_and_0x(void **state)
{
	static const char *const good[] = { H128, "0x" H128, "0X" H128,
	    " " H128 " ", "  0x" H128, "0x " H128,
	    H112 "01 23 45  67 89 ab cd ef", H112 "0123456789ABCDEF",
	    "0x" H112 "01 23 45 67 89 Ab cD ef  " };
	static const char *const bad[] = { "", " ", "0x", "0", H112, H16,
	    H112 "0123456789abcde", H128 "0", H128 "00", H128 H128,
	    "00x" H128, "0x0x" H128, "x" H128, H128 "x", H128 " 0",
	    H112 "0 123456789abcdef", H112 "0123456789abcd ef g",
	    H112 "0123456789abcdeg", "g" H112 "123456789abcdef",
	    H112 "01-23456789abcdef", H128 "\n", "\t" H128, H112
	    "0123456789abc\xc3\xa9" "f", "+" H128, "0 x" H128 };
	uint8_t want[SR25519_SIGNATURE_LEN], sig[SR25519_SIGNATURE_LEN];
	size_t i;

	(void)state;
	assert_int_equal(strlen(H128), 128);
	assert_int_equal(hex_decode(want, sizeof(want), H128, 128), ERR_OK);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(sig, 0, sizeof(sig));
		assert_int_equal(auth_signature(good[i], sig), ERR_OK);
		assert_memory_equal(sig, want, sizeof(sig));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (auth_signature(bad[i], sig) != ERR_SIGNATURE)
			fail_msg("accepted: \"%s\"", bad[i]);
	}
}

static void
sign(enum err want, const struct person *who, const char *text,
    const struct signed_text *texts, size_t n, size_t at)
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	struct auth_identity id;
	size_t which = 99;

	assert_int_equal(sr25519_sign(who->secret, who->ss58.key,
	    (const uint8_t *)text, strlen(text), sig), ERR_OK);
	assert_int_equal(auth_miner(&a, &people[HOTKEY].ss58,
	    &people[COLDKEY].ss58, &id), ERR_OK);
	assert_int_equal(auth_signed(&id, sig, texts, n, &which), want);
	assert_int_equal(which, want == ERR_OK ? at : 99);

	/* And no signature once a bit of it is off. */
	sig[5] ^= 1;
	assert_int_equal(auth_signed(&id, sig, texts, n, &which),
	    ERR_SIGNATURE);
}

static void
a_text(struct signed_text *c, const char *text)
{

	memset(c, 0, sizeof(*c));
	c->len = strlen(text);
	memcpy(c->text, text, c->len);
}

static void
a_signature_is_good_for_one_of_the_texts_given(void **state)
{
	const struct person *hotkey = &people[HOTKEY];
	struct signed_text c[3];

	(void)state;
	snapshot(NOW);
	a_text(&c[0], "first");
	a_text(&c[1], "second");
	a_text(&c[2], "third");
	sign(ERR_OK, hotkey, "first", c, 2, 0);
	sign(ERR_OK, hotkey, "second", c, 2, 1);
	sign(ERR_OK, hotkey, "<Bytes>first</Bytes>", c, 2, 0);
	sign(ERR_OK, hotkey, "<Bytes>second</Bytes>", c, 2, 1);

	/* Only those asked for, only whole, only wrapped once. */
	sign(ERR_SIGNATURE, hotkey, "third", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "first", c, 0, 0);
	sign(ERR_SIGNATURE, hotkey, "firs", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "first ", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "<Bytes>first", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "first</Bytes>", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "<bytes>first</bytes>", c, 2, 0);
	sign(ERR_SIGNATURE, hotkey, "<Bytes><Bytes>first</Bytes></Bytes>", c,
	    2, 0);

	/* By nobody else: not the owner, not a stranger. */
	sign(ERR_SIGNATURE, &people[COLDKEY], "first", c, 2, 0);
	sign(ERR_SIGNATURE, &people[STRANGER], "first", c, 2, 0);

	/* The same text twice: the first counts. */
	a_text(&c[1], "first");
	sign(ERR_OK, hotkey, "first", c, 2, 0);
}

/* The longest signed text still fits between <Bytes> and </Bytes>. */
static void
the_longest_signed_text_fits_its_wrapping(void **state)
{
	char text[SIGNED_TEXT_MAX + 1], wrapped[SIGNED_TEXT_MAX + 32];
	struct signed_text c;

	(void)state;
	snapshot(NOW);
	memset(text, 'w', SIGNED_TEXT_MAX);
	text[SIGNED_TEXT_MAX] = '\0';
	a_text(&c, text);
	snprintf(wrapped, sizeof(wrapped), "<Bytes>%s</Bytes>", text);
	sign(ERR_OK, &people[HOTKEY], text, &c, 1, 0);
	sign(ERR_OK, &people[HOTKEY], wrapped, &c, 1, 0);
}

/* A registered key under which nobody can sign with sr25519. */
static void
a_key_that_cannot_sign_is_told_from_a_bad_signature(void **state)
{
	struct auth_identity id = { .neuron = NULL };
	struct signed_text text = { .len = 3, .text = "abc" };
	uint8_t sig[SR25519_SIGNATURE_LEN];
	size_t which;

	(void)state;
	assert_int_equal(sr25519_sign(people[HOTKEY].secret,
	    people[HOTKEY].ss58.key, (const uint8_t *)"abd", 3, sig), ERR_OK);
	memcpy(id.hotkey.key, people[HOTKEY].ss58.key, 32);
	assert_int_equal(auth_signed(&id, sig, &text, 1, &which),
	    ERR_SIGNATURE);
	memset(id.hotkey.key, 0xff, 32);
	assert_int_equal(auth_signed(&id, sig, &text, 1, &which),
	    ERR_HOTKEY_KIND);
	memset(id.hotkey.key, 0, 32);
	assert_int_equal(auth_signed(&id, sig, &text, 1, &which),
	    ERR_HOTKEY_KIND);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_time_is_good_from_300_s_back_to_60_s_ahead),
	T(a_snapshot_is_good_until_its_maximal_age),
	T(a_halted_chain_is_good_while_its_halt_is_confirmed),
	T(a_miner_must_be_registered_and_own_its_coldkey),
	T(the_addresses_of_an_identity_come_from_the_chain),
	T(a_key_that_cannot_sign_is_told_from_a_bad_signature),
	T(a_signature_is_128_hex_digits_with_blanks_and_0x),
	T(a_signature_is_good_for_one_of_the_texts_given),
	T(the_longest_signed_text_fits_its_wrapping)
};

TEST_MAIN(tests)
