#include <stdio.h>

#include "base/secret.h"
#include "test.h"
#include "wallet_locked.h"

/* The slow forms are opened in tests/client/wallet.t. */
#define VECTORS "tests/vectors/wallet/"
#define PASSWORD "testing 1 2 3"

static char vault[4096], plain[4096];
static size_t vault_len, plain_len;

static size_t
file_get(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
	return (n);
}

static int
load(void **state)
{

	(void)state;
	vault_len = file_get(VECTORS "vault", vault, sizeof(vault));
	plain_len = file_get(VECTORS "plain.json", plain, sizeof(plain));
	return (0);
}

static enum err
try(enum wallet_locked form, const char *data, size_t len,
    const char *password, struct secret **out)
{
	struct secret *p;
	void *room;
	enum err e;

	p = secret_room(strlen(password), &room);
	memcpy(room, password, strlen(password));
	e = wallet_locked_open(form, data, len, p, out);
	secret_free(p);
	return (e);
}

static void
the_forms_of_encrypted_files_are_told_apart(void **state)
{

	(void)state;
	assert_int_equal(wallet_locked(vault, vault_len), WALLET_VAULT);
	assert_int_equal(wallet_locked("$NACL\x01", 6), WALLET_NACL);
	assert_int_equal(wallet_locked("gAAAAABh", 8), WALLET_FERNET);
	assert_int_equal(wallet_locked(plain, plain_len), WALLET_OPEN);
	assert_int_equal(wallet_locked("$NAC", 4), WALLET_OPEN);
	assert_int_equal(wallet_locked("", 0), WALLET_OPEN);
}

static void
a_vault_of_btwallet_is_opened_with_its_password(void **state)
{
	struct secret *out;

	(void)state;
	assert_int_equal(try(WALLET_VAULT, vault, vault_len, PASSWORD, &out),
	    ERR_OK);
	assert_int_equal(secret_len(out), plain_len);
	assert_memory_equal(secret_bytes(out), plain, plain_len);
	secret_free(out);
}

static void
a_vault_is_not_opened_with_another_password(void **state)
{
	struct secret *out;

	(void)state;
	assert_int_equal(try(WALLET_VAULT, vault, vault_len, "testing 1 2 4",
	    &out), ERR_SIGNATURE);
	assert_null(out);
}

static void
a_vault_that_was_changed_is_refused(void **state)
{
	struct secret *out;
	char copy[4096];
	size_t i;

	(void)state;
	for (i = 30; i < vault_len; i += 101) {
		memcpy(copy, vault, vault_len + 1);
		copy[i] = copy[i] == '3' ? '4' : '3';
		assert_true(try(WALLET_VAULT, copy, vault_len, PASSWORD,
		    &out) != ERR_OK);
		assert_null(out);
	}
}

static void
a_vault_that_ends_early_is_refused(void **state)
{
	struct secret *out;
	char copy[4096];
	size_t i;

	(void)state;
	for (i = 14; i < vault_len - 2; i += 97) {
		memcpy(copy, vault, i);
		copy[i] = '\0';
		assert_true(try(WALLET_VAULT, copy, i, PASSWORD, &out) !=
		    ERR_OK);
	}
}

static void
files_of_another_form_are_refused_before_the_password_is_tried(void **state)
{
	static const struct {
		enum wallet_locked form;
		const char *data;
	} bad[] = {
		{ WALLET_NACL, "$NACL" },
		{ WALLET_NACL, "$NACL0123456789abcdefghijklmn0123456789abcdef" },
		{ WALLET_VAULT, "$ANSIBLE_VAULT;1.2;AES256;id\n6162\n" },
		{ WALLET_VAULT, "$ANSIBLE_VAULT;1.1;AES256" },
		{ WALLET_VAULT, "$ANSIBLE_VAULT;1.1;AES256\n616\n" },
		{ WALLET_VAULT, "$ANSIBLE_VAULT;1.1;AES256\nxyz0\n" },
		{ WALLET_VAULT, "$ANSIBLE_VAULT;1.1;AES256\n36310a36310a3631\n" },
		{ WALLET_FERNET, "gAAAAA" },
		{ WALLET_FERNET, "gAAAAA==" },
		{ WALLET_FERNET, "gAAAAABh!234" },
		{ WALLET_OPEN, "{}" },
	};
	struct secret *out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(try(bad[i].form, bad[i].data,
		    strlen(bad[i].data), PASSWORD, &out), ERR_FORMAT);
		assert_null(out);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(the_forms_of_encrypted_files_are_told_apart,
	    load),
	cmocka_unit_test(a_vault_of_btwallet_is_opened_with_its_password),
	cmocka_unit_test(a_vault_is_not_opened_with_another_password),
	cmocka_unit_test(a_vault_that_was_changed_is_refused),
	cmocka_unit_test(a_vault_that_ends_early_is_refused),
	cmocka_unit_test(
	    files_of_another_form_are_refused_before_the_password_is_tried),
};

TEST_MAIN(tests)
