#include "test.h"

#include <json-c/json.h>

#include "auth/btauth.h"
#include "base/hex.h"
#include "crypto/hmac.h"
#include "crypto/sr25519.h"

#define VECTORS "tests/vectors/btauth/btauth.json"
#define ROWS 116

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
#define NONCE "1795850000578707297"
#define NOW INT64_C(1795850000578707297)

/* 64 bytes of zero, and the SHA-256 of "abc" (FIPS 180-4). */
#define ZEROS "00000000000000000000000000000000"
#define SIG ZEROS ZEROS ZEROS ZEROS
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct hmac *h;

/* --- every row of the vectors ------------------------------------------- */

static const char *
field(struct json_object *row, const char *name)
{
	struct json_object *v;

	return (json_object_object_get_ex(row, name, &v) ?
	    json_object_get_string(v) : NULL);
}

struct row {
	const char *what, *verdict;
	struct btauth headers;
	struct btauth_request request;
	int64_t now_ns;
};

static void
row_read(struct row *r, struct json_object *from)
{
	static char body[4096];
	const char *hex = field(from, "body_hex");
	struct json_object *headers;
	size_t i;

	assert_true(json_object_object_get_ex(from, "headers", &headers));
	for (i = 0; i < BTAUTH_HEADERS; i++)
		r->headers.header[i] = field(headers,
		    btauth_name((enum btauth_header)i));
	r->what = field(from, "what");
	r->verdict = field(from, "verdict");
	r->now_ns = strtoll(field(from, "now_ns"), NULL, 10);
	r->request = (struct btauth_request){
		.method = field(from, "method"), .target = field(from, "path"),
		.body = body, .len = strlen(hex) / 2,
		.receiver = field(from, "receiver"),
	};
	assert_true(r->request.len <= sizeof(body));
	assert_int_equal(hex_decode((uint8_t *)body, r->request.len, hex,
	    strlen(hex)), ERR_OK);
}

static enum err
judge(const struct row *r)
{
	struct btauth_proof p;
	enum err e;

	e = btauth_read(&r->headers, &r->request, r->now_ns, h, &p);
	return (e == ERR_OK ? btauth_verify(&p, p.hotkey.key) : e);
}

/* The SDK's class of a refusal. */
static const char *
class(enum err e)
{

	switch (e) {
	case ERR_OK:
		return ("ok");
	case ERR_BTAUTH_RECEIVER:
		return ("WrongReceiver");
	case ERR_BTAUTH_OLD:
	case ERR_BTAUTH_EARLY:
		return ("StaleRequest");
	case ERR_SIGNATURE:
		return ("BadSignature");
	default:
		return ("MalformedAuth");
	}
}

static void
each_row(void (*check)(const struct row *r))
{
	struct json_object *doc, *rows;
	struct row r;
	size_t i, n;

	doc = json_object_from_file(VECTORS);
	assert_non_null(doc);
	assert_true(json_object_object_get_ex(doc, "rows", &rows));
	n = json_object_array_length(rows);
	assert_int_equal(n, ROWS);
	for (i = 0; i < n; i++) {
		row_read(&r, json_object_array_get_idx(rows, i));
		check(&r);
	}
	json_object_put(doc);
}

/* Our verdict is the SDK's, but for a nonce with a sign: SOURCE. */
static void
check_verdict(const struct row *r)
{
	const char *want = strcmp(r->what, "nonce with a sign") == 0 ?
	    "MalformedAuth" : r->verdict;

	if (strcmp(class(judge(r)), want) != 0)
		fail_msg("%s: %s, not %s", r->what, class(judge(r)), want);
}

static void
the_sdk_and_we_agree_on_every_row(void **state)
{

	(void)state;
	each_row(check_verdict);
}

static void
must_fail(const struct row *r, enum err want, const char *part)
{
	enum err e = judge(r);

	if (e != want)
		fail_msg("%s, other %s: %s", r->what, part, err_name(e));
}

/* Flip one bit in each digit of the signature in turn. */
static void
alter_signature(const struct row *r)
{
	struct row other = *r;
	char sig[2 + 2 * BTAUTH_SIGNATURE_LEN + 1];
	size_t i;

	snprintf(sig, sizeof(sig), "%s", r->headers.header[BTAUTH_SIGNATURE]);
	other.headers.header[BTAUTH_SIGNATURE] = sig;
	for (i = strncmp(sig, "0x", 2) == 0 ? 2 : 0; sig[i] != '\0'; i++) {
		char kept = sig[i];

		sig[i] = "1032547698badcfe"[hex_digit(kept)];
		must_fail(&other, ERR_SIGNATURE, "signature");
		sig[i] = kept;
	}
}

static void
check_altered(const struct row *r)
{
	struct row other;

	if (judge(r) != ERR_OK)
		return;
	alter_signature(r);
	other = *r;
	other.request.method = "PATCH";
	must_fail(&other, ERR_SIGNATURE, "method");
	other = *r;
	other.request.target = "/";
	must_fail(&other, ERR_SIGNATURE, "target");
	other = *r;
	other.request.body = "{}{}{}{}";
	other.request.len = 7;
	must_fail(&other, ERR_SIGNATURE, "body");
	other = *r;
	other.headers.header[BTAUTH_HOTKEY] = BOB;
	must_fail(&other, ERR_SIGNATURE, "hotkey");
	other = *r;
	other.headers.header[BTAUTH_NONCE] = NONCE;
	other.now_ns = NOW;
	if (strcmp(NONCE, r->headers.header[BTAUTH_NONCE]) != 0)
		must_fail(&other, ERR_SIGNATURE, "nonce");
	other = *r;
	other.headers.header[BTAUTH_CRYPTO] =
	    r->headers.header[BTAUTH_CRYPTO] == NULL ? "ed25519" : NULL;
	must_fail(&other, ERR_SIGNATURE, "crypto");

	/* One receiver alone does not match; both are not what was signed. */
	other = *r;
	other.headers.header[BTAUTH_RECEIVER] = BOB;
	must_fail(&other, ERR_BTAUTH_RECEIVER, "receiver");
	other.request.receiver = BOB;
	must_fail(&other, ERR_SIGNATURE, "receiver");
}

static void
each_altered_part_of_a_good_request_is_refused(void **state)
{

	(void)state;
	each_row(check_altered);
}

/* --- form ------------------------------------------------------------------ */

static struct btauth
headers(void)
{

	return ((struct btauth){ { "1", ALICE, BOB, NONCE, NULL, SIG } });
}

static struct btauth_request
request(void)
{

	return ((struct btauth_request){ "POST", "/a?b=%2F", "abc", 3, BOB });
}

static enum err
read_at(const struct btauth *b, int64_t now_ns, struct btauth_proof *p)
{
	const struct btauth_request r = request();

	memset(p, 0xaa, sizeof(*p));
	return (btauth_read(b, &r, now_ns, h, p));
}

/* With one header as given. */
static enum err
with(enum btauth_header which, const char *value)
{
	struct btauth b = headers();
	struct btauth_proof p;

	b.header[which] = value;
	return (read_at(&b, NOW, &p));
}

static enum err
with_target(const char *target)
{
	const struct btauth b = headers();
	struct btauth_request r = request();
	struct btauth_proof p;

	r.target = target;
	return (btauth_read(&b, &r, NOW, h, &p));
}

static void
the_proof_holds_what_the_headers_say(void **state)
{
	static const uint8_t zero[BTAUTH_SIGNATURE_LEN];
	struct btauth b = headers();
	struct btauth_proof p;

	(void)state;
	assert_int_equal(read_at(&b, NOW, &p), ERR_OK);
	assert_string_equal(p.hotkey.text, ALICE);
	assert_int_equal(p.hotkey.key[0], 0xd4);
	assert_int_equal(p.crypto, BTAUTH_SR25519);
	assert_memory_equal(p.sig, zero, sizeof(zero));
	assert_int_equal(p.nonce_ns, NOW);
	assert_string_equal(p.text.text, "btauth/1\nsr25519\nPOST\n/a?b=%2F\n"
	    ABC "\n" NONCE "\n" ALICE "\n" BOB);
	assert_int_equal(p.text.len, strlen(p.text.text));
	b.header[BTAUTH_CRYPTO] = "ed25519";
	assert_int_equal(read_at(&b, NOW, &p), ERR_OK);
	assert_int_equal(p.crypto, BTAUTH_ED25519);
	assert_string_equal(p.text.text, "btauth/1\ned25519\nPOST\n/a?b=%2F\n"
	    ABC "\n" NONCE "\n" ALICE "\n" BOB);
}

static void
any_header_alone_makes_a_signed_request(void **state)
{
	static const char *const names[] = {
		"X-Bittensor-Version", "X-Bittensor-Hotkey",
		"X-Bittensor-Receiver", "X-Bittensor-Nonce",
		"X-Bittensor-Crypto", "X-Bittensor-Signature"
	};
	struct btauth b = { { NULL } };
	size_t i;

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), BTAUTH_HEADERS);
	assert_false(btauth_present(&b));
	for (i = 0; i < BTAUTH_HEADERS; i++) {
		b.header[i] = "";
		assert_true(btauth_present(&b));
		b.header[i] = NULL;
		assert_string_equal(btauth_name((enum btauth_header)i),
		    names[i]);
	}
}

static void
a_missing_header_is_named(void **state)
{

	(void)state;
	assert_int_equal(with(BTAUTH_VERSION, NULL), ERR_BTAUTH_VERSION);
	assert_int_equal(with(BTAUTH_HOTKEY, NULL), ERR_BTAUTH_HOTKEY);
	assert_int_equal(with(BTAUTH_RECEIVER, NULL), ERR_BTAUTH_RECEIVER);
	assert_int_equal(with(BTAUTH_NONCE, NULL), ERR_BTAUTH_NONCE);
	assert_int_equal(with(BTAUTH_CRYPTO, NULL), ERR_OK);
	assert_int_equal(with(BTAUTH_SIGNATURE, NULL), ERR_BTAUTH_ENCODING);
}

static void
a_malformed_header_is_refused(void **state)
{
	static const struct {
		enum btauth_header which;
		enum err e;
		const char *bad[18];
	} rows[] = {
		{ BTAUTH_VERSION, ERR_BTAUTH_VERSION, { "", "0", "2", "01",
		    "+1", "1 ", " 1", "1.0", "11", "btauth/1" } },
		{ BTAUTH_HOTKEY, ERR_BTAUTH_HOTKEY, { "", "x", ALICE " ",
		    " " ALICE, ALICE "x", ALICE "," ALICE,
		    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp6",
		    "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ" } },
		{ BTAUTH_HOTKEY, ERR_BTAUTH_NETWORK, {
		    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5" } },
		{ BTAUTH_RECEIVER, ERR_BTAUTH_RECEIVER, { "", "-", "x", ALICE,
		    BOB " ", " " BOB, BOB "x", BOB "," BOB } },
		{ BTAUTH_NONCE, ERR_BTAUTH_NONCE, { "", " ", "+", "-", "x",
		    "+" NONCE, "-" NONCE, "0" NONCE, "00", NONCE " ",
		    " " NONCE, NONCE ".0", "1e9", "0x10", NONCE "," NONCE,
		    "9223372036854775808", "18446744073709551616",
		    "1_795_850_000_578_707_297" } },
		{ BTAUTH_CRYPTO, ERR_BTAUTH_CRYPTO, { "", "0", "1", "ecdsa",
		    "SR25519", "Ed25519", "sr25519 ", " ed25519", "sr2551",
		    "ed25519,sr25519" } },
		{ BTAUTH_SIGNATURE, ERR_BTAUTH_ENCODING, { "", "0x", "x",
		    ZEROS, "0X" SIG, "0x0x" SIG, "x" SIG, SIG "0", SIG "00",
		    "0x" SIG "00", SIG " ", " " SIG, ZEROS ZEROS ZEROS
		    "0000000000000000 000000000000000", ZEROS ZEROS ZEROS
		    "0000000000000000000000000000000g", SIG "," SIG } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (j = 0; j < 18 && rows[i].bad[j] != NULL; j++) {
			if (with(rows[i].which, rows[i].bad[j]) != rows[i].e)
				fail_msg("%s: %s", btauth_name(rows[i].which),
				    rows[i].bad[j]);
		}
	}
}

/* A header may be as long as a web server lets it be. */
static void
a_very_long_header_is_refused(void **state)
{
	static char digits[1 << 16];
	enum btauth_header which;
	enum err e;

	(void)state;
	memset(digits, '1', sizeof(digits) - 1);
	for (which = 0; which < BTAUTH_HEADERS; which++) {
		e = with(which, digits);
		assert_int_not_equal(e, ERR_OK);
		assert_int_not_equal(e, ERR_SIGNATURE);
	}
	digits[0] = '/';
	assert_int_equal(with_target(digits), ERR_BTAUTH_TARGET);
}

static void
hex_of_either_case_is_one_signature(void **state)
{
	static const char *const forms[] = {
		ZEROS ZEROS ZEROS "000000000000000000000000000000aB",
		"0x" ZEROS ZEROS ZEROS "000000000000000000000000000000Ab" };
	struct btauth b = headers();
	struct btauth_proof p;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		b.header[BTAUTH_SIGNATURE] = forms[i];
		assert_int_equal(read_at(&b, NOW, &p), ERR_OK);
		assert_int_equal(p.sig[BTAUTH_SIGNATURE_LEN - 1], 0xab);
	}
}

static void
the_window_is_ten_seconds_back_and_two_ahead(void **state)
{
	static const struct {
		int64_t now_ns;
		enum err e;
	} rows[] = {
		{ NOW + 10000000000, ERR_OK },
		{ NOW + 10000000001, ERR_BTAUTH_OLD },
		{ NOW - 2000000000, ERR_OK },
		{ NOW - 2000000001, ERR_BTAUTH_EARLY },
		{ INT64_MAX, ERR_BTAUTH_OLD }, { 0, ERR_BTAUTH_EARLY },
	};
	const struct btauth b = headers();
	struct btauth_proof p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(read_at(&b, rows[i].now_ns, &p), rows[i].e);
	assert_int_equal(with(BTAUTH_NONCE, "0"), ERR_BTAUTH_OLD);
	assert_int_equal(with(BTAUTH_NONCE, "9223372036854775807"),
	    ERR_BTAUTH_EARLY);
}

static void
form_comes_before_receiver_and_receiver_before_time(void **state)
{
	struct btauth b = { { "2", "x", ALICE, "x", "x", "x" } };
	struct btauth_proof p;

	(void)state;
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_VERSION);
	b.header[BTAUTH_VERSION] = "1";
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_HOTKEY);
	b.header[BTAUTH_HOTKEY] = ALICE;
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_NONCE);
	b.header[BTAUTH_NONCE] = "1";
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_CRYPTO);
	b.header[BTAUTH_CRYPTO] = "sr25519";
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_ENCODING);
	b.header[BTAUTH_SIGNATURE] = SIG;
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_RECEIVER);
	b.header[BTAUTH_RECEIVER] = BOB;
	assert_int_equal(read_at(&b, NOW, &p), ERR_BTAUTH_OLD);
	b.header[BTAUTH_NONCE] = NONCE;
	assert_int_equal(read_at(&b, NOW, &p), ERR_OK);
}

/* --- target ---------------------------------------------------------------- */

static void
the_longest_target_fits(void **state)
{
	static char target[BTAUTH_TARGET_MAX + 2];
	const struct btauth_request r = {
		"ABCDEFGHIJKLMNOP", target, "", 0, BOB
	};
	struct btauth_text t;

	(void)state;
	memset(target, 'x', BTAUTH_TARGET_MAX);
	target[0] = '/';
	assert_int_equal(btauth_text(&r, BTAUTH_SR25519, ALICE, INT64_MAX, h,
	    &t), ERR_OK);
	assert_int_equal(t.len, BTAUTH_TEXT_MAX);
	assert_int_equal(strlen(t.text), BTAUTH_TEXT_MAX);
	target[BTAUTH_TARGET_MAX] = 'x';
	assert_int_equal(with_target(target), ERR_BTAUTH_TARGET);
}

static void
a_target_that_could_move_a_line_is_refused(void **state)
{
	static const char *const bad[] = { NULL, "", "*", "a", "?",
	    "http://a/b", "/a b", "/a\nb", "/a\r", "/\t", "/\x01", "/\x7f",
	    "/\xc3\xbc" };
	static const char *const good[] = { "/", "/?", "//", "/a?b=c&d=%2F#",
	    "/~!$'()*+,;:@[]{}|\\^`\"<>" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(with_target(bad[i]), ERR_BTAUTH_TARGET);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(with_target(good[i]), ERR_OK);
}

static void
a_method_is_signed_in_upper_case_and_bounded(void **state)
{
	struct btauth_request r = request();
	struct btauth_text t;

	(void)state;
	r.method = "pOst";
	assert_int_equal(btauth_text(&r, BTAUTH_SR25519, ALICE, 0, h, &t),
	    ERR_OK);
	assert_memory_equal(t.text, "btauth/1\nsr25519\nPOST\n", 22);
	r.method = "ABCDEFGHIJKLMNOPQ";
	assert_int_equal(btauth_text(&r, BTAUTH_SR25519, ALICE, 0, h, &t),
	    ERR_BTAUTH_TARGET);
}

/* The wrapping is for wallets in a browser; the SDK verifies the raw text. */
static void
a_text_wrapped_in_bytes_is_refused(void **state)
{
	static const uint8_t mini[SR25519_MINI_LEN] = { 7 };
	uint8_t secret[SR25519_SECRET_LEN], pub[SR25519_PUBLIC_LEN];
	char wrapped[BTAUTH_TEXT_MAX + 16];
	const struct btauth b = headers();
	struct btauth_proof p;
	int n;

	(void)state;
	sr25519_expand(mini, secret);
	assert_int_equal(sr25519_public(secret, pub), ERR_OK);
	assert_int_equal(read_at(&b, NOW, &p), ERR_OK);
	n = snprintf(wrapped, sizeof(wrapped), "<Bytes>%s</Bytes>",
	    p.text.text);
	assert_int_equal(sr25519_sign(secret, pub, (uint8_t *)p.text.text,
	    p.text.len, p.sig), ERR_OK);
	assert_int_equal(btauth_verify(&p, pub), ERR_OK);
	assert_int_equal(sr25519_sign(secret, pub, (uint8_t *)wrapped,
	    (size_t)n, p.sig), ERR_OK);
	assert_int_equal(btauth_verify(&p, pub), ERR_SIGNATURE);
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

#define WITH_HMAC(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
	WITH_HMAC(the_sdk_and_we_agree_on_every_row),
	WITH_HMAC(each_altered_part_of_a_good_request_is_refused),
	WITH_HMAC(the_proof_holds_what_the_headers_say),
	cmocka_unit_test(any_header_alone_makes_a_signed_request),
	WITH_HMAC(a_missing_header_is_named),
	WITH_HMAC(a_malformed_header_is_refused),
	WITH_HMAC(a_very_long_header_is_refused),
	WITH_HMAC(hex_of_either_case_is_one_signature),
	WITH_HMAC(the_window_is_ten_seconds_back_and_two_ahead),
	WITH_HMAC(form_comes_before_receiver_and_receiver_before_time),
	WITH_HMAC(the_longest_target_fits),
	WITH_HMAC(a_target_that_could_move_a_line_is_refused),
	WITH_HMAC(a_method_is_signed_in_upper_case_and_bounded),
	WITH_HMAC(a_text_wrapped_in_bytes_is_refused)
};

TEST_MAIN(tests)
