#include "base/hex.h"
#include "crypto/box.h"
#include "test.h"

/* Made with the PyPI packages argon2-cffi 25.1.0 (libargon2) and PyNaCl 1.6.2. */
#define SALT "0123456789abcdef"
#define NONCE "0123456789abcdefghijklmn"
#define KEY "50cad7cba7b7cbfecd907bb17ac9e5f6403ac74d9cccd51ff307df995da8721d"
#define BOX "70871ef94b6aa84111bec42da9869e698b394346a68ebb0f"
#define MEMORY (64 << 10)

static void
make(const char *password, uint8_t key[BOX_KEY_LEN])
{

	assert_int_equal(box_key(password, strlen(password),
	    (const uint8_t *)SALT, 3, MEMORY, key), ERR_OK);
}

static void
the_key_of_a_password_is_that_of_libargon2(void **state)
{
	uint8_t key[BOX_KEY_LEN], want[BOX_KEY_LEN];

	(void)state;
	make("password", key);
	assert_int_equal(hex_decode(want, sizeof(want), KEY, strlen(KEY)),
	    ERR_OK);
	assert_memory_equal(key, want, sizeof(key));
}

static void
a_box_is_opened_with_its_key_only(void **state)
{
	uint8_t key[BOX_KEY_LEN], box[24], out[8];

	(void)state;
	assert_int_equal(hex_decode(box, sizeof(box), BOX, strlen(BOX)),
	    ERR_OK);
	make("password", key);
	assert_int_equal(box_open(key, (const uint8_t *)NONCE, box,
	    sizeof(box), out), ERR_OK);
	assert_memory_equal(out, "a secret", 8);
	box[20] ^= 1;
	assert_int_equal(box_open(key, (const uint8_t *)NONCE, box,
	    sizeof(box), out), ERR_FORMAT);
	box[20] ^= 1;
	make("passwore", key);
	assert_int_equal(box_open(key, (const uint8_t *)NONCE, box,
	    sizeof(box), out), ERR_FORMAT);
}

static void
a_box_that_is_too_short_is_refused(void **state)
{
	uint8_t key[BOX_KEY_LEN] = { 0 }, box[BOX_MAC_LEN] = { 0 }, out[1];

	(void)state;
	assert_int_equal(box_open(key, (const uint8_t *)NONCE, box,
	    BOX_MAC_LEN - 1, out), ERR_FORMAT);
}

static void
memory_that_nobody_has_is_reported(void **state)
{
	uint8_t key[BOX_KEY_LEN];

	(void)state;
	assert_int_equal(box_key("p", 1, (const uint8_t *)SALT, 3,
	    (size_t)1 << 50, key), ERR_IO);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_key_of_a_password_is_that_of_libargon2),
	cmocka_unit_test(a_box_is_opened_with_its_key_only),
	cmocka_unit_test(a_box_that_is_too_short_is_refused),
	cmocka_unit_test(memory_that_nobody_has_is_reported),
};

TEST_MAIN(tests)
