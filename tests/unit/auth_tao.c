#include "test.h"

#include "auth/tao.h"
#include "crypto/hmac.h"

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define NONCE "6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a90"
#define NOW INT64_C(1774000123000)

/* 64 bytes of zero, and the SHA-256 of nothing and of "abc" (FIPS 180-4). */
#define SIG16 "AAAAAAAAAAAAAAAA"
#define SIG SIG16 SIG16 SIG16 SIG16 SIG16 "AAAAAA=="
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct hmac *h;

static struct tao
headers(void)
{

	return ((struct tao){ { "2", "1774000123000", NONCE, ALICE, SIG } });
}

static enum err
read_it(const struct tao *t, const char *body, struct signed_text *c)
{
	static const uint8_t zero[SR25519_SIGNATURE_LEN];
	struct tao_proof p;
	enum err e;

	memset(&p, 0xaa, sizeof(p));
	e = tao_read(t, body, strlen(body), NOW, h, &p);
	if (e == ERR_OK) {
		assert_string_equal(p.hotkey.text, ALICE);
		assert_int_equal(p.hotkey.key[0], 0xd4);
		assert_memory_equal(p.sig, zero, sizeof(p.sig));
		assert_int_equal(p.text.len, strlen(p.text.text));
		assert_int_equal(p.signed_at_ms, strtoll(
		    t->header[TAO_TIMESTAMP], NULL, 10));
	}
	*c = p.text;
	return (e);
}

/* With one header as given. */
static enum err
with(enum tao_header which, const char *value)
{
	struct tao t = headers();
	struct signed_text c;

	t.header[which] = value;
	return (read_it(&t, "", &c));
}

/* Zeros in front are signed, too; what would not be is refused. */
static void
zeros_before_a_time_are_signed_and_bounded(void **state)
{

	(void)state;
	assert_int_equal(with(TAO_TIMESTAMP, "00000001774000123000"), ERR_OK);
	assert_int_equal(with(TAO_TIMESTAMP, "000000001774000123000"),
	    ERR_TIMESTAMP);
	assert_int_equal(with(TAO_TIMESTAMP,
	    "000000000000000000001774000123000"), ERR_TIMESTAMP);
}

static void
any_header_alone_makes_a_request_with_headers(void **state)
{
	struct tao t = { { NULL } };
	size_t i;

	(void)state;
	assert_false(tao_present(&t));
	for (i = 0; i < TAO_HEADERS; i++) {
		t.header[i] = "";
		assert_true(tao_present(&t));
		t.header[i] = NULL;
	}
	assert_string_equal(tao_name(TAO_VERSION), "X-Tao-Version");
	assert_string_equal(tao_name(TAO_TIMESTAMP), "X-Tao-Timestamp");
	assert_string_equal(tao_name(TAO_NONCE), "X-Tao-Nonce");
	assert_string_equal(tao_name(TAO_SIGNED_BY), "X-Tao-Signed-By");
	assert_string_equal(tao_name(TAO_SIGNATURE), "X-Tao-Signature");
}

static void
the_signed_text_is_digest_nonce_and_time(void **state)
{
	struct tao t = headers();
	struct signed_text c;

	(void)state;
	assert_int_equal(read_it(&t, "", &c), ERR_OK);
	assert_string_equal(c.text, EMPTY "." NONCE ".1774000123000");
	assert_int_equal(read_it(&t, "abc", &c), ERR_OK);
	assert_string_equal(c.text, ABC "." NONCE ".1774000123000");

	/* To the letter: nothing is brought into another form. */
	t.header[TAO_TIMESTAMP] = "00000001774000123000";
	t.header[TAO_NONCE] = "6F2D1C3E8A544B0E9D3A0C5F1B7E2A90";
	assert_int_equal(read_it(&t, "abc", &c), ERR_OK);
	assert_string_equal(c.text, ABC ".6F2D1C3E8A544B0E9D3A0C5F1B7E2A90"
	    ".00000001774000123000");
}

static void
any_version_but_2_is_refused(void **state)
{
	static const char *const bad[] = { "", "1", "3", "02", "2 ", " 2", "+2",
	    "2.0", "22" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(with(TAO_VERSION, bad[i]), ERR_TAO_VERSION);
}

static void
a_time_is_good_from_8_s_back_to_60_s_ahead(void **state)
{
	static const struct {
		const char *ms;
		enum err e;
	} rows[] = {
		{ "1774000115000", ERR_OK }, { "1774000114999", ERR_TAO_OLD },
		{ "1774000183000", ERR_OK }, { "1774000183001", ERR_TIMESTAMP },
		{ "0", ERR_TAO_OLD }, { "1774000123", ERR_TAO_OLD },
		{ "-1", ERR_TIMESTAMP }, { "", ERR_TIMESTAMP },
		{ "x", ERR_TIMESTAMP }, { "1774000123000.0", ERR_TIMESTAMP },
		{ " 1774000123000", ERR_TIMESTAMP },
		{ "1774000123000 ", ERR_TIMESTAMP },
		{ "+1774000123000", ERR_TIMESTAMP },
		{ "9223372036854775807", ERR_TIMESTAMP },
		{ "9223372036854775808", ERR_TIMESTAMP },
		{ "18446745847709674616", ERR_TIMESTAMP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (with(TAO_TIMESTAMP, rows[i].ms) != rows[i].e)
			fail_msg("%s", rows[i].ms);
	}
}

static void
a_nonce_is_a_uuid_with_or_without_dashes(void **state)
{
	static const char *const good[] = { NONCE,
	    "6F2D1C3E-8A54-4B0E-9D3A-0C5F1B7E2A90",
	    "6f2d1c3e8a544b0e9d3a0c5f1b7e2a90",
	    "00000000-0000-0000-0000-000000000000" };
	static const char *const bad[] = { "", "x", "-", NONCE "0", NONCE "-",
	    "6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a9",
	    "6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a9g",
	    "6f2d1c3e8a54-4b0e-9d3a-0c5f1b7e2a900",
	    "6f2d1c3e_8a54_4b0e_9d3a_0c5f1b7e2a90",
	    "6f2d1c3e8a544b0e9d3a0c5f1b7e2a9", "--------------------------------",
	    "6f2d1c3e-8a544b0e9d3a0c5f1b7e2a9" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(with(TAO_NONCE, good[i]), ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(with(TAO_NONCE, bad[i]), ERR_TAO_NONCE);
}

static void
a_malformed_signature_or_signer_is_refused(void **state)
{
	static const char *const bad[] = { "", "x", SIG "=", SIG16 SIG16,
	    /* 63 bytes, 65 bytes, unused bits, no padding, a space. */
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AAAA",
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AAAAAAA=",
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AAAAAB==",
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AAAAAA",
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AA AAA==",
	    SIG16 SIG16 SIG16 SIG16 SIG16 "AA_AAA==" };
	static const char *const who[] = { "", "x", ALICE " ", ALICE "x",
	    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp6",
	    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(with(TAO_SIGNATURE, bad[i]),
		    ERR_TAO_ENCODING);
	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		assert_int_equal(with(TAO_SIGNED_BY, who[i]),
		    ERR_TAO_ENCODING);

	/* The same key on Polkadot. */
	assert_int_equal(with(TAO_SIGNED_BY,
	    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"),
	    ERR_TAO_NETWORK);
}

static void
the_first_of_several_wrong_headers_is_reported(void **state)
{
	struct tao t = { { "1", "x", "x", "x", "x" } };
	struct signed_text c;

	(void)state;
	assert_int_equal(read_it(&t, "", &c), ERR_TAO_VERSION);
	t.header[TAO_VERSION] = "2";
	assert_int_equal(read_it(&t, "", &c), ERR_TIMESTAMP);
	t.header[TAO_TIMESTAMP] = "1";
	assert_int_equal(read_it(&t, "", &c), ERR_TAO_OLD);
	t.header[TAO_TIMESTAMP] = "1774000123000";
	assert_int_equal(read_it(&t, "", &c), ERR_TAO_NONCE);
	t.header[TAO_NONCE] = NONCE;
	assert_int_equal(read_it(&t, "", &c), ERR_TAO_ENCODING);
}

static void
each_error_of_headers_keeps_its_status_and_code(void **state)
{
	enum err e;

	(void)state;
	for (e = ERR_OK; e < ERR_COUNT; e++) {
		/* Another text, never another status or code. */
		assert_int_equal(err_status(tao_error(e)), err_status(e));
		assert_string_equal(err_code(tao_error(e)), err_code(e));
	}
	assert_int_equal(tao_error(ERR_SIGNATURE), ERR_TAO_MISMATCH);
	assert_int_equal(tao_error(ERR_NOT_REGISTERED),
	    ERR_TAO_NOT_REGISTERED);
	assert_int_equal(tao_error(ERR_NO_VALIDATOR), ERR_TAO_NOT_REGISTERED);
	assert_int_equal(tao_error(ERR_NO_PERMIT), ERR_TAO_NO_PERMIT);
	assert_int_equal(tao_error(ERR_LOW_STAKE), ERR_TAO_LOW_STAKE);
	assert_int_equal(tao_error(ERR_STALE), ERR_STALE);
}

static int
setup(void **state)
{

	(void)state;
	h = hmac_new();
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	hmac_free(h);
	return (0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(any_header_alone_makes_a_request_with_headers),
	cmocka_unit_test_setup_teardown(
	    the_signed_text_is_digest_nonce_and_time, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    any_version_but_2_is_refused, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    a_time_is_good_from_8_s_back_to_60_s_ahead, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    zeros_before_a_time_are_signed_and_bounded, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    a_nonce_is_a_uuid_with_or_without_dashes, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    a_malformed_signature_or_signer_is_refused, setup, teardown),
	cmocka_unit_test_setup_teardown(
	    the_first_of_several_wrong_headers_is_reported, setup, teardown),
	cmocka_unit_test(each_error_of_headers_keeps_its_status_and_code)
};

TEST_MAIN(tests)
