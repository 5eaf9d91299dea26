#include "test.h"

#include <json-c/json.h>

#include "base/hex.h"
#include "crypto/sr25519.h"
#include "crypto/ss58.h"

#define VECTORS "tests/vectors/sr25519/"
#define JSON_ROWS 142
#define JSON_KEYS 12
#define TEXT_ROWS 2338
#define MESSAGE_MAX 1000

struct row {
	const char *what;
	uint8_t pub[SR25519_PUBLIC_LEN], sig[SR25519_SIGNATURE_LEN];
	uint8_t msg[MESSAGE_MAX];
	size_t len;
};

static const uint8_t identity[SR25519_PUBLIC_LEN];

static void
row_set(struct row *r, const char *what, const char *pub, const char *msg,
    const char *sig)
{

	r->what = what;
	r->len = strlen(msg) / 2;
	assert_true(r->len <= MESSAGE_MAX);
	assert_int_equal(hex_decode(r->pub, sizeof(r->pub), pub, strlen(pub)),
	    ERR_OK);
	assert_int_equal(hex_decode(r->msg, r->len, msg, strlen(msg)), ERR_OK);
	assert_int_equal(hex_decode(r->sig, sizeof(r->sig), sig, strlen(sig)),
	    ERR_OK);
}

/* Our verdict is schnorrkel's, except under the identity key: SOURCE. */
static void
row_check(const struct row *r, int valid)
{
	enum err want = valid ? ERR_OK : ERR_SIGNATURE;

	if (memcmp(r->pub, identity, sizeof(identity)) == 0)
		want = ERR_SIGNATURE;
	if (sr25519_verify(r->pub, r->msg, r->len, r->sig) != want)
		fail_msg("%s", r->what);
}

static const char *
field(struct json_object *row, const char *name)
{
	struct json_object *v;

	return (json_object_object_get_ex(row, name, &v) ?
	    json_object_get_string(v) : NULL);
}

/* From the mini secret to the address, and back to a signature. */
static void
key_check(const struct row *r, const char *mini_hex, const char *secret_hex,
    const char *ss58)
{
	uint8_t mini[SR25519_MINI_LEN], secret[SR25519_SECRET_LEN];
	uint8_t pub[SR25519_PUBLIC_LEN], sig[SR25519_SIGNATURE_LEN];
	uint8_t times8[SR25519_SECRET_LEN];
	char text[2 * SR25519_SECRET_LEN + 1];
	size_t i;

	assert_int_equal(hex_decode(mini, sizeof(mini), mini_hex,
	    strlen(mini_hex)), ERR_OK);
	sr25519_expand(mini, secret);

	/* polkadot.js writes the scalar times 8: SOURCE. */
	memcpy(times8, secret, sizeof(times8));
	for (i = 31; i > 0; i--)
		times8[i] = (uint8_t)(secret[i] << 3 | secret[i - 1] >> 5);
	times8[0] = (uint8_t)(secret[0] << 3);
	hex_encode(text, times8, sizeof(times8));
	assert_string_equal(text, secret_hex);

	assert_int_equal(sr25519_public(secret, pub), ERR_OK);
	assert_memory_equal(pub, r->pub, sizeof(pub));
	ss58_encode(pub, text);
	assert_string_equal(text, ss58);
	assert_int_equal(sr25519_sign(secret, pub, r->msg, r->len, sig),
	    ERR_OK);
	assert_int_equal(sr25519_verify(pub, r->msg, r->len, sig), ERR_OK);
}

static void
every_row_of_the_json_vectors_is_met(void **state)
{
	struct json_object *root, *rows, *row, *v;
	struct row r;
	size_t i, keys = 0;

	(void)state;
	root = json_object_from_file(VECTORS "sr25519.json");
	assert_non_null(root);
	assert_true(json_object_object_get_ex(root, "rows", &rows));
	assert_int_equal(json_object_array_length(rows), JSON_ROWS);
	for (i = 0; i < JSON_ROWS; i++) {
		row = json_object_array_get_idx(rows, i);
		row_set(&r, field(row, "what"), field(row, "public"),
		    field(row, "message"), field(row, "signature"));
		assert_true(json_object_object_get_ex(row, "valid", &v));
		row_check(&r, json_object_get_boolean(v));
		if (field(row, "mini_secret") == NULL)
			continue;
		key_check(&r, field(row, "mini_secret"), field(row, "secret"),
		    field(row, "ss58"));
		keys++;
	}
	assert_int_equal(keys, JSON_KEYS);
	json_object_put(root);
}

static void
every_line_of_the_text_vectors_is_met(void **state)
{
	char line[4096], name[64], valid[2], pub[65], msg[2 * MESSAGE_MAX + 1];
	char sig[129];
	struct row r;
	size_t rows = 0;
	FILE *f;

	(void)state;
	f = fopen(VECTORS "vectors-2338.txt", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		assert_int_equal(sscanf(line, "%63s %1s %64s %2000s %128s",
		    name, valid, pub, msg, sig), 5);
		row_set(&r, name, pub, strcmp(msg, "-") == 0 ? "" : msg, sig);
		row_check(&r, valid[0] == '1');
		rows++;
	}
	fclose(f);
	assert_int_equal(rows, TEXT_ROWS);
}

static void
make_key(uint8_t secret[SR25519_SECRET_LEN], uint8_t pub[SR25519_PUBLIC_LEN])
{
	static const uint8_t mini[SR25519_MINI_LEN] =
	    "a mini secret of 32 bytes ....";

	sr25519_expand(mini, secret);
	assert_int_equal(sr25519_public(secret, pub), ERR_OK);
}

static void
what_is_signed_is_verified_at_every_length(void **state)
{
	uint8_t secret[SR25519_SECRET_LEN], pub[SR25519_PUBLIC_LEN];
	uint8_t sig[SR25519_SIGNATURE_LEN], msg[601];
	size_t len;

	(void)state;
	make_key(secret, pub);
	for (len = 0; len < sizeof(msg); len++)
		msg[len] = (uint8_t)(len * 7);
	for (len = 0; len < sizeof(msg); len++) {
		assert_int_equal(sr25519_sign(secret, pub, msg, len, sig),
		    ERR_OK);
		assert_int_equal(sr25519_verify(pub, msg, len, sig), ERR_OK);
		assert_int_equal(sr25519_verify(pub, msg,
		    len == 0 ? 1 : len - 1, sig), ERR_SIGNATURE);
	}
}

static void
every_bit_of_a_signature_counts(void **state)
{
	uint8_t secret[SR25519_SECRET_LEN], pub[SR25519_PUBLIC_LEN];
	uint8_t sig[SR25519_SIGNATURE_LEN];
	static const uint8_t msg[] = "message";
	size_t bit;

	(void)state;
	make_key(secret, pub);
	assert_int_equal(sr25519_sign(secret, pub, msg, 7, sig), ERR_OK);
	for (bit = 0; bit < 8 * sizeof(sig); bit++) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sr25519_verify(pub, msg, 7, sig),
		    ERR_SIGNATURE);
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (bit = 0; bit < 8 * sizeof(pub); bit++) {
		pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sr25519_verify(pub, msg, 7, sig),
		    ERR_SIGNATURE);
		pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(sr25519_verify(pub, msg, 7, sig), ERR_OK);
}

/* Two nonces: neither R nor s comes again. */
static void
two_signatures_of_one_text_differ(void **state)
{
	uint8_t secret[SR25519_SECRET_LEN], pub[SR25519_PUBLIC_LEN];
	uint8_t a[SR25519_SIGNATURE_LEN], b[SR25519_SIGNATURE_LEN];

	(void)state;
	make_key(secret, pub);
	assert_int_equal(sr25519_sign(secret, pub, NULL, 0, a), ERR_OK);
	assert_int_equal(sr25519_sign(secret, pub, NULL, 0, b), ERR_OK);
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + 32, b + 32, 32);
	assert_int_equal(sr25519_verify(pub, NULL, 0, a), ERR_OK);
	assert_int_equal(sr25519_verify(pub, NULL, 0, b), ERR_OK);
}

/* Scalars at the border: 0, L - 1, L. */
static void
scalars_that_are_no_secret_are_refused(void **state)
{
	uint8_t secret[SR25519_SECRET_LEN] = { 0 }, pub[SR25519_PUBLIC_LEN];
	uint8_t sig[SR25519_SIGNATURE_LEN];
	static const char order[] =
	    "edd3f55c1a631258d69cf7a2def9de14"
	    "00000000000000000000000000000010";

	(void)state;
	assert_int_equal(sr25519_public(secret, pub), ERR_FORMAT);
	assert_int_equal(sr25519_sign(secret, identity, NULL, 0, sig),
	    ERR_FORMAT);

	assert_int_equal(hex_decode(secret, 32, order, 64), ERR_OK);
	assert_int_equal(sr25519_public(secret, pub), ERR_FORMAT);
	assert_int_equal(sr25519_sign(secret, identity, NULL, 0, sig),
	    ERR_FORMAT);

	secret[31] |= 0x80;
	assert_int_equal(sr25519_public(secret, pub), ERR_FORMAT);
	secret[31] = 0x10;
	secret[0]--;
	assert_int_equal(sr25519_public(secret, pub), ERR_OK);
	assert_int_equal(sr25519_sign(secret, pub, NULL, 0, sig), ERR_OK);
	assert_int_equal(sr25519_verify(pub, NULL, 0, sig), ERR_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_row_of_the_json_vectors_is_met),
	cmocka_unit_test(every_line_of_the_text_vectors_is_met),
	cmocka_unit_test(what_is_signed_is_verified_at_every_length),
	cmocka_unit_test(every_bit_of_a_signature_counts),
	cmocka_unit_test(two_signatures_of_one_text_differ),
	cmocka_unit_test(scalars_that_are_no_secret_are_refused)
};

TEST_MAIN(tests)
