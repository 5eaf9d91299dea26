#include "test.h"
#include "tmpdir.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/hex.h"

#include "wallet.h"

/* Substrate's well-known development phrase and what comes of it. */
#define PHRASE "bottom drive obey lake curtain smoke basket hold race lonely " \
	"fit walk"
#define SEED								\
	"0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
#define PUBLIC								\
	"46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"
#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"

/* //Alice of it, the key that every Substrate development chain knows: mini
   secret, secret as schnorrkel writes it and as polkadot.js does (times 8). */
#define ALICE_SEED							\
	"0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
#define ALICE_NONCE							\
	"925a225d97aa00682d6a59b95b18780c10d7032336e88f3442b42361f4a66011"
#define ALICE_PRIVATE							\
	"0x33a6f3093f158a7109f679410bef1a0c54168145e0cecb4df006c1c2fffb1f09" \
	ALICE_NONCE
#define ALICE_TIMES_8							\
	"0x98319d4ff8a9508c4bb0cf0b5a78d760a0b2082c02775e6e82370816fedfff48" \
	ALICE_NONCE
#define ALICE_PUBLIC							\
	"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define ALICE_ADDRESS "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

static char dir[4096], path[4200], said_path[4200], said[8192];

static int
dir_make(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/hotkey", dir);
	snprintf(said_path, sizeof(said_path), "%s/said", dir);
	return (0);
}

static int
dir_remove(void **state)
{

	(void)state;
	unlink(path);
	unlink(said_path);
	return (rmdir(dir));
}

static void
file_put(const char *name, const void *data, size_t len, mode_t mode)
{
	int fd;

	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static size_t
file_get(const char *name, char *data, size_t size)
{
	ssize_t n;
	int fd;

	fd = open(name, O_RDONLY);
	assert_true(fd != -1);
	n = read(fd, data, size - 1);
	assert_true(n >= 0);
	data[n] = '\0';
	assert_int_equal(close(fd), 0);
	return ((size_t)n);
}

static enum err
load(const char *name, struct wallet *w)
{

	return (wallet_load(name, NULL, w));
}

/* Run what is to be refused with standard error going into said. */
static enum err
quietly(enum err (*f)(const char *, struct wallet *), struct wallet *w)
{
	int saved, fd;
	enum err e;

	fflush(stderr);
	fd = open(said_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	saved = dup(2);
	assert_true(fd != -1 && saved != -1 && dup2(fd, 2) != -1);
	e = f(path, w);
	fflush(stderr);
	assert_true(dup2(saved, 2) != -1);
	close(saved);
	close(fd);
	file_get(said_path, said, sizeof(said));
	return (e);
}

static void
assert_wiped(const struct wallet *w)
{
	static const struct wallet none;

	assert_memory_equal(w, &none, sizeof(none));
}

/* The file at path is refused with e, in words that hold why and the path, and
   nothing of a secret. */
static void
assert_refused(enum err e, const char *why)
{
	static const char *const secrets[] = { "bottom", "walk", "fac7959d",
	    "e5be9a50", "33a6f309", "98319d4f", "925a225d" };
	struct wallet w;
	size_t i;

	memset(&w, 0xaa, sizeof(w));
	assert_int_equal(quietly(load, &w), e);
	assert_wiped(&w);
	if (strstr(said, why) == NULL || strstr(said, "foldergate: ") == NULL ||
	    strstr(said, path) == NULL)
		fail_msg("expected \"%s\", was told: %s", why, said);
	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_null(strstr(said, secrets[i]));
}

static void
put_text(const char *text)
{

	file_put(path, text, strlen(text), 0600);
}

static void
refused(const char *text, const char *why)
{

	put_text(text);
	assert_refused(ERR_FORMAT, why);
}

/* The text is taken for the key of that public key and address, and what it
   signs that key verifies. */
static void
taken(const char *text, const char *public, const char *address)
{
	static const uint8_t msg[] = "s3:data:folder:test";
	uint8_t sig[SR25519_SIGNATURE_LEN];
	char hex[2 * SR25519_PUBLIC_LEN + 1];
	struct wallet w;

	put_text(text);
	assert_int_equal(wallet_load(path, NULL, &w), ERR_OK);
	hex_encode(hex, w.public, sizeof(w.public));
	assert_string_equal(hex, public);
	assert_string_equal(w.ss58, address);
	assert_int_equal(wallet_sign(&w, msg, sizeof(msg), sig), ERR_OK);
	assert_int_equal(sr25519_verify(w.public, msg, sizeof(msg), sig),
	    ERR_OK);
	assert_int_equal(sr25519_verify(w.public, msg, sizeof(msg) - 1, sig),
	    ERR_SIGNATURE);
	wallet_free(&w);
	assert_wiped(&w);
}

static void
a_phrase_alone_makes_the_key(void **state)
{

	(void)state;
	taken("{\"secretPhrase\":\"" PHRASE "\"}", PUBLIC, ADDRESS);
	taken("{\"secretPhrase\":\" bottom  drive\\tobey lake curtain smoke\\n"
	    "basket hold race lonely fit walk \"}", PUBLIC, ADDRESS);
	refused("{\"secretPhrase\":\"bottom drive obey lake curtain smoke "
	    "basket hold race lonely fit\"}", "its secretPhrase is wrong");
	refused("{\"secretPhrase\":\"bottom drive obey lake curtain smoke "
	    "basket hold race lonely walk fit\"}", "its secretPhrase is wrong");
	refused("{\"secretPhrase\":\"\"}", "its secretPhrase is wrong");
	refused("{\"secretPhrase\":[\"bottom\"]}", "its secretPhrase is wrong");
	refused("{\"secretPhrase\":\"" PHRASE "\\u0000\"}",
	    "its secretPhrase is wrong");
}

static void
a_seed_alone_makes_the_key(void **state)
{

	(void)state;
	taken("{\"secretSeed\":\"" SEED "\"}", PUBLIC, ADDRESS);
	taken("{\"secretSeed\":\"" ALICE_SEED "\"}", ALICE_PUBLIC,
	    ALICE_ADDRESS);
	taken("{\"secretSeed\": \"E5BE9A5092B81BCA64BE81D212E7F2F9EBA183BB7A"
	    "90954F7B76361F6EDB5C0A\"}\n", ALICE_PUBLIC, ALICE_ADDRESS);
	refused("{\"secretSeed\":\"" SEED "00\"}", "its secretSeed is not");
	refused("{\"secretSeed\":\"0x\"}", "its secretSeed is not");
	refused("{\"secretSeed\":\"0\"}", "its secretSeed is not");
	refused("{\"secretSeed\":\"0xgg" PUBLIC "\"}", "its secretSeed is not");
	refused("{\"secretSeed\":1}", "its secretSeed is not");
}

static void
a_private_key_alone_makes_the_key(void **state)
{

	(void)state;
	taken("{\"privateKey\":\"" ALICE_PRIVATE "\"}", ALICE_PUBLIC,
	    ALICE_ADDRESS);
	taken("{\"privateKey\":\"" ALICE_PRIVATE "\",\"publicKey\":\"0x"
	    ALICE_PUBLIC "\"}", ALICE_PUBLIC, ALICE_ADDRESS);
	refused("{\"privateKey\":\"" ALICE_TIMES_8 "\"}", "polkadot.js");
	refused("{\"privateKey\":\"" ALICE_TIMES_8 "\",\"publicKey\":\"0x"
	    ALICE_PUBLIC "\"}", "polkadot.js");
	refused("{\"privateKey\":\"" ALICE_SEED "\"}", "its privateKey is not");
	/* The scalar zero. */
	refused("{\"privateKey\":\"0x0000000000000000000000000000000000000000"
	    "000000000000000000000000" ALICE_NONCE "\"}",
	    "its privateKey is not");
}

/* As btwallet writes it, as the older Python one did, and with what the newer
   one adds. */
static void
the_files_of_btwallet_and_its_forerunner_are_read(void **state)
{

	(void)state;
	taken("{\"accountId\":\"0x" PUBLIC "\",\"publicKey\":\"0x" PUBLIC "\","
	    "\"secretPhrase\":\"" PHRASE "\",\"secretSeed\":\"" SEED "\","
	    "\"ss58Address\":\"" ADDRESS "\"}", PUBLIC, ADDRESS);
	taken("{\"accountId\": \"0x" ALICE_PUBLIC "\", \"publicKey\": \"0x"
	    ALICE_PUBLIC "\", \"privateKey\": \"" ALICE_PRIVATE "\", "
	    "\"secretPhrase\": null, \"secretSeed\": null, "
	    "\"ss58Address\": \"" ALICE_ADDRESS "\"}", ALICE_PUBLIC,
	    ALICE_ADDRESS);
	taken("{\"ss58Address\":\"" ADDRESS "\",\"cryptoType\":1,"
	    "\"secretSeed\":\"" SEED "\",\"note\":[1,{}]}", PUBLIC, ADDRESS);
	taken("{\"cryptoType\":\"1\",\"accountId\":null,\"secretSeed\":\"" SEED
	    "\"}", PUBLIC, ADDRESS);
	refused("{\"cryptoType\":0,\"secretSeed\":\"" SEED "\"}", "cryptoType");
}

/* Phrase before seed before private key, wherever they stand. */
static void
a_phrase_goes_before_a_seed_and_a_private_key(void **state)
{

	(void)state;
	taken("{\"secretSeed\":\"" ALICE_SEED "\",\"privateKey\":\""
	    ALICE_PRIVATE "\",\"secretPhrase\":\"" PHRASE "\"}", PUBLIC,
	    ADDRESS);
	taken("{\"privateKey\":\"" ALICE_PRIVATE "\",\"secretSeed\":\"" SEED
	    "\"}", PUBLIC, ADDRESS);
	/* A bad one is not passed over. */
	refused("{\"secretPhrase\":\"walk\",\"secretSeed\":\"" SEED "\"}",
	    "its secretPhrase is wrong");
}

static void
a_file_whose_members_contradict_is_refused(void **state)
{

	(void)state;
	refused("{\"secretPhrase\":\"" PHRASE "\",\"publicKey\":\"0x"
	    ALICE_PUBLIC "\"}", "its publicKey is not");
	refused("{\"secretPhrase\":\"" PHRASE "\",\"publicKey\":\"0x\"}",
	    "its publicKey is not");
	refused("{\"secretPhrase\":\"" PHRASE "\",\"publicKey\":7}",
	    "its publicKey is not");
	refused("{\"secretSeed\":\"" SEED "\",\"publicKey\":\"0x" PUBLIC
	    "\",\"accountId\":\"0x" ALICE_PUBLIC "\"}",
	    "its accountId is not");
	refused("{\"secretPhrase\":\"" PHRASE "\",\"publicKey\":\"0x" PUBLIC
	    "\",\"ss58Address\":\"" ALICE_ADDRESS "\"}",
	    "its ss58Address is not");
	/* The same key for another network (prefix 0), and one blank more. */
	refused("{\"secretSeed\":\"" ALICE_SEED "\",\"ss58Address\":"
	    "\"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5\"}",
	    "its ss58Address is that of another network");
	refused("{\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ADDRESS
	    " \"}", "its ss58Address is not");
	refused("{\"privateKey\":\"" ALICE_PRIVATE "\",\"publicKey\":\"0x"
	    PUBLIC "\"}", "its publicKey is not");
}

static void
a_file_without_a_secret_is_refused(void **state)
{

	(void)state;
	refused("{}", "it holds no secret");
	refused("{\"publicKey\":\"0x" PUBLIC "\",\"ss58Address\":\"" ADDRESS
	    "\"}", "it holds no secret");
	refused("{\"secretPhrase\":null,\"secretSeed\":null,"
	    "\"privateKey\":null}", "it holds no secret");
}

static void
a_file_that_is_no_json_object_is_refused(void **state)
{
	static char long_text[5000];

	(void)state;
	refused("hello", "not a JSON object");
	refused(PHRASE, "not a JSON object");
	refused("\"" PHRASE "\"", "not a JSON object");
	refused("[\"" PHRASE "\"]", "not a JSON object");
	refused("null", "not a JSON object");
	refused("{\"secretSeed\":\"" SEED "\"", "not a JSON object");
	refused("{\"secretSeed\":\"" SEED "\"} x", "not a JSON object");
	refused("{\"secretSeed\":\"" SEED "\"}{}", "not a JSON object");
	refused("", "this is not a hotkey file");
	memset(long_text, ' ', sizeof(long_text) - 1);
	refused(long_text, "this is not a hotkey file");
}

static void
an_encrypted_file_without_a_password_is_refused_with_advice(void **state)
{
	static const uint8_t nacl[] = "$NACL\x91\x00\xfe\x07 more";

	(void)state;
	refused("$NACL1234567890", "give --password-file");
	refused("$ANSIBLE_VAULT;1.1;AES256\n61626364\n",
	    "give --password-file");
	refused("gAAAAABh1234567890", "give --password-file");
	/* Cipher text holds any byte. */
	file_put(path, nacl, sizeof(nacl) - 1, 0600);
	assert_refused(ERR_FORMAT, "give --password-file");
}

static void
a_file_that_is_missing_is_reported(void **state)
{

	(void)state;
	unlink(path);
	assert_refused(ERR_IO, "No such file");
}

static void
a_file_that_others_can_read_is_refused(void **state)
{
	static const mode_t wrong[] = { 0644, 0604, 0602, 0660, 0666 };
	static const char text[] = "{\"secretSeed\":\"" SEED "\"}";
	struct wallet w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		file_put(path, text, strlen(text), wrong[i]);
		assert_refused(ERR_UNSAFE, "chmod 600");
	}
	file_put(path, text, strlen(text), 0400);
	assert_int_equal(wallet_load(path, NULL, &w), ERR_OK);
	wallet_free(&w);
}

static void
links_and_directories_are_refused_as_hotkey_files(void **state)
{
	static const char text[] = "{\"secretSeed\":\"" SEED "\"}";
	char other[4200];
	struct wallet w;

	(void)state;
	snprintf(other, sizeof(other), "%s/other", dir);
	file_put(other, text, strlen(text), 0600);
	unlink(path);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(wallet_load(path, NULL, &w), ERR_OK);
	wallet_free(&w);
	unlink(other);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(ERR_FORMAT, "this is not a hotkey file");
	assert_int_equal(rmdir(path), 0);
}

/* Copy what stands in text between the quotes after "name": into value. */
static const char *
value_of(const char *text, const char *name, char *value, size_t size)
{
	char mark[64];
	const char *p;
	size_t len;

	snprintf(mark, sizeof(mark), "\"%s\":\"", name);
	p = strstr(text, mark);
	assert_non_null(p);
	p += strlen(mark);
	len = strcspn(p, "\"");
	assert_true(len < size);
	memcpy(value, p, len);
	value[len] = '\0';
	return (value);
}

static void
a_new_hotkey_file_is_read_back_as_its_key(void **state)
{
	static const char *const kinds[] = { "secretPhrase", "secretSeed",
	    "privateKey" };
	struct wallet made, read;
	char text[2048], alone[512], value[256], expected[1024];
	char public[2 * SR25519_PUBLIC_LEN + 1];
	char private[2 * SR25519_SECRET_LEN + 1];
	char phrase[256], seed[128];
	struct stat st;
	size_t i, blanks;

	(void)state;
	unlink(path);
	assert_int_equal(wallet_create(path, &made), ERR_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(wallet_load(path, NULL, &read), ERR_OK);
	assert_memory_equal(&made, &read, sizeof(made));

	/* The form: six strings in btwallet's order, nothing else. */
	file_get(path, text, sizeof(text));
	hex_encode(public, made.public, sizeof(made.public));
	hex_encode(private, made.secret, sizeof(made.secret));
	value_of(text, "secretPhrase", phrase, sizeof(phrase));
	value_of(text, "secretSeed", seed, sizeof(seed));
	assert_int_equal(strlen(seed), 2 + 64);
	snprintf(expected, sizeof(expected), "{\"accountId\":\"0x%s\","
	    "\"publicKey\":\"0x%s\",\"privateKey\":\"0x%s\","
	    "\"secretPhrase\":\"%s\",\"secretSeed\":\"%s\","
	    "\"ss58Address\":\"%s\"}", public, public, private, phrase, seed,
	    made.ss58);
	assert_string_equal(text, expected);
	for (blanks = 0, i = 0; phrase[i] != '\0'; i++)
		blanks += phrase[i] == ' ';
	assert_int_equal(blanks, 11);

	/* Each of the three secrets alone gives the same key. */
	for (i = 0; i < 3; i++) {
		snprintf(alone, sizeof(alone), "{\"%s\":\"%s\"}", kinds[i],
		    value_of(text, kinds[i], value, sizeof(value)));
		taken(alone, public, made.ss58);
	}
}

static void
every_new_hotkey_file_holds_another_key(void **state)
{
	struct wallet a, b;

	(void)state;
	unlink(path);
	assert_int_equal(wallet_create(path, &a), ERR_OK);
	unlink(path);
	assert_int_equal(wallet_create(path, &b), ERR_OK);
	assert_memory_not_equal(a.public, b.public, sizeof(a.public));
	assert_memory_not_equal(a.secret, b.secret, 32);
}

static void
a_new_hotkey_file_never_replaces_another(void **state)
{
	char text[64];
	struct wallet w;

	(void)state;
	put_text("precious");
	assert_int_equal(quietly(wallet_create, &w), ERR_IO);
	assert_non_null(strstr(said, "no new hotkey was written: File exists"));
	assert_wiped(&w);
	file_get(path, text, sizeof(text));
	assert_string_equal(text, "precious");

	/* A link to nothing is something, too. */
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(quietly(wallet_create, &w), ERR_IO);
	assert_wiped(&w);
}

static void
a_new_hotkey_file_makes_no_directory(void **state)
{
	struct wallet w;
	char was[sizeof(path)];

	(void)state;
	memcpy(was, path, sizeof(was));
	snprintf(path, sizeof(path), "%s/no/hotkey", dir);
	assert_int_equal(quietly(wallet_create, &w), ERR_IO);
	assert_non_null(strstr(said, "no new hotkey was written"));
	assert_wiped(&w);
	memcpy(path, was, sizeof(path));
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, dir_make, dir_remove)

static const struct CMUnitTest tests[] = {
	IN_DIR(a_phrase_alone_makes_the_key),
	IN_DIR(a_seed_alone_makes_the_key),
	IN_DIR(a_private_key_alone_makes_the_key),
	IN_DIR(the_files_of_btwallet_and_its_forerunner_are_read),
	IN_DIR(a_phrase_goes_before_a_seed_and_a_private_key),
	IN_DIR(a_file_whose_members_contradict_is_refused),
	IN_DIR(a_file_without_a_secret_is_refused),
	IN_DIR(a_file_that_is_no_json_object_is_refused),
	IN_DIR(an_encrypted_file_without_a_password_is_refused_with_advice),
	IN_DIR(a_file_that_is_missing_is_reported),
	IN_DIR(a_file_that_others_can_read_is_refused),
	IN_DIR(links_and_directories_are_refused_as_hotkey_files),
	IN_DIR(a_new_hotkey_file_is_read_back_as_its_key),
	IN_DIR(every_new_hotkey_file_holds_another_key),
	IN_DIR(a_new_hotkey_file_never_replaces_another),
	IN_DIR(a_new_hotkey_file_makes_no_directory),
};

TEST_MAIN(tests)
