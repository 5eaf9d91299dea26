#include "test.h"

#include "base/hex.h"

#include "mnemonic.h"

/* From the vectors of the reference implementation (python-mnemonic,
   vectors.json, "english"). */
static const struct vector {
	const char *entropy, *phrase;
} vectors[] = {
	{ "00000000000000000000000000000000",
	    "abandon abandon abandon abandon abandon abandon abandon abandon "
	    "abandon abandon abandon about" },
	{ "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
	    "legal winner thank year wave sausage worth useful legal winner "
	    "thank yellow" },
	{ "80808080808080808080808080808080",
	    "letter advice cage absurd amount doctor acoustic avoid letter "
	    "advice cage above" },
	{ "ffffffffffffffffffffffffffffffff",
	    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong" },
	{ "000000000000000000000000000000000000000000000000",
	    "abandon abandon abandon abandon abandon abandon abandon abandon "
	    "abandon abandon abandon abandon abandon abandon abandon abandon "
	    "abandon agent" },
	{ "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
	    "legal winner thank year wave sausage worth useful legal winner "
	    "thank year wave sausage worth useful legal winner thank year wave "
	    "sausage worth title" },
	{ "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
	    "zoo zoo zoo zoo zoo zoo zoo vote" },
	{ "9e885d952ad362caeb4efe34a8e91bd2",
	    "ozone drill grab fiber curtain grace pudding thank cruise elder "
	    "eight picnic" },
	{ "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
	    "void come effort suffer camp survey warrior heavy shoot primary "
	    "clutch crush open amazing screen patrol group space point ten "
	    "exist slush involve unfold" },
	/* 15 and 21 words: made with Debian's python3-mnemonic 0.19. */
	{ "000102030405060708090a0b0c0d0e0f10111213",
	    "abandon amount liar amount expire adjust cage candy arch "
	    "gather drum bullet absurd math exhibit" },
	{ "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
	    "abandon amount liar amount expire adjust cage candy arch "
	    "gather drum bullet absurd math era live bid rhythm alien "
	    "crouch saddle" },
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static enum err
decode(const char *phrase, char hex[2 * MNEMONIC_ENTROPY_MAX + 1])
{
	uint8_t entropy[MNEMONIC_ENTROPY_MAX];
	size_t len = 0;
	enum err e;

	e = mnemonic_decode(phrase, strlen(phrase), entropy, &len);
	hex[0] = '\0';
	if (e == ERR_OK)
		hex_encode(hex, entropy, len);
	return (e);
}

static void
the_list_of_words_is_sorted_and_whole(void **state)
{
	size_t i;

	(void)state;
	assert_string_equal(mnemonic_words[0], "abandon");
	assert_string_equal(mnemonic_words[1023], "lend");
	assert_string_equal(mnemonic_words[MNEMONIC_WORDS - 1], "zoo");
	for (i = 1; i < MNEMONIC_WORDS; i++)
		assert_true(strcmp(mnemonic_words[i - 1],
		    mnemonic_words[i]) < 0);
}

static void
the_published_vectors_are_encoded(void **state)
{
	uint8_t entropy[MNEMONIC_ENTROPY_MAX];
	char phrase[MNEMONIC_MAX + 1];
	size_t i, len;

	(void)state;
	for (i = 0; i < VECTORS; i++) {
		len = strlen(vectors[i].entropy) / 2;
		assert_int_equal(hex_decode(entropy, len, vectors[i].entropy,
		    2 * len), ERR_OK);
		assert_int_equal(mnemonic_encode(entropy, len, phrase), ERR_OK);
		assert_string_equal(phrase, vectors[i].phrase);
	}
}

static void
the_published_vectors_are_decoded(void **state)
{
	char hex[2 * MNEMONIC_ENTROPY_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < VECTORS; i++) {
		assert_int_equal(decode(vectors[i].phrase, hex), ERR_OK);
		assert_string_equal(hex, vectors[i].entropy);
	}
}

/* Of 2,048 last words each is found, and the 128 with the right checksum are
   good: 7 bits of entropy, 4 of checksum. */
static void
every_word_of_the_list_is_found(void **state)
{
	char phrase[MNEMONIC_MAX + 1], hex[2 * MNEMONIC_ENTROPY_MAX + 1];
	size_t i, good = 0;
	int n;

	(void)state;
	for (i = 0; i < MNEMONIC_WORDS; i++) {
		n = snprintf(phrase, sizeof(phrase), "zoo zoo zoo zoo zoo zoo "
		    "zoo zoo zoo zoo zoo %s", mnemonic_words[i]);
		assert_true(n > 0 && (size_t)n < sizeof(phrase));
		if (decode(phrase, hex) == ERR_OK)
			good++;
	}
	assert_int_equal(good, 128);
}

static void
the_longest_phrase_fits_its_storage(void **state)
{
	uint8_t entropy[MNEMONIC_ENTROPY_MAX];
	char phrase[MNEMONIC_MAX + 1];

	(void)state;
	/* Found by search: 24 words of 8 letters. */
	assert_int_equal(hex_decode(entropy, sizeof(entropy),
	    "c3f510bd1bee4338ad6e08c3f5f2dd04"
	    "a5ca770febe788f5f1ca978900e90df6", 64), ERR_OK);
	assert_int_equal(mnemonic_encode(entropy, 32, phrase), ERR_OK);
	assert_int_equal(strlen(phrase), MNEMONIC_MAX);
}

static void
entropy_of_another_length_is_refused(void **state)
{
	uint8_t entropy[MNEMONIC_ENTROPY_MAX + 4] = { 0 };
	char phrase[MNEMONIC_MAX + 1] = "as it was";
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(entropy); len++) {
		if (len >= 16 && len <= 32 && len % 4 == 0)
			continue;
		assert_int_equal(mnemonic_encode(entropy, len, phrase),
		    ERR_RANGE);
	}
	assert_string_equal(phrase, "as it was");
}

static void
white_space_around_words_is_accepted(void **state)
{
	char hex[2 * MNEMONIC_ENTROPY_MAX + 1];

	(void)state;
	assert_int_equal(decode(" \tlegal  winner\nthank year\r\nwave sausage "
	    "worth useful legal winner\t\tthank yellow \n", hex), ERR_OK);
	assert_string_equal(hex, "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f");
}

#define TEN "legal winner thank year wave sausage worth useful legal winner "

static void
phrases_with_wrong_words_or_checksums_are_refused(void **state)
{
	static const struct {
		const char *phrase;
		enum err e;
	} wrong[] = {
		{ "", ERR_RANGE },
		{ " \n", ERR_RANGE },
		{ "legal", ERR_RANGE },
		{ "legal winner thank", ERR_RANGE },
		{ "legal winner thank year wave sausage worth useful legal",
		    ERR_RANGE },
		{ TEN "thank", ERR_RANGE },
		{ TEN "thank yellow yellow", ERR_RANGE },
		{ TEN TEN "legal winner thank year wave sausage worth",
		    ERR_RANGE },
		/* Checksum: other last word, words exchanged. */
		{ TEN "thank year", ERR_FORMAT },
		{ TEN "yellow thank", ERR_FORMAT },
		/* Words that are none: unknown, cut, longer, other case. */
		{ TEN "thank yellowish", ERR_FORMAT },
		{ TEN "thank yello", ERR_FORMAT },
		{ TEN "thank yell", ERR_FORMAT },
		{ TEN "Thank yellow", ERR_FORMAT },
		{ TEN "THANK YELLOW", ERR_FORMAT },
		{ TEN "thank,yellow yellow", ERR_FORMAT },
		{ TEN "thank a", ERR_FORMAT },
		{ TEN "thank zzz", ERR_FORMAT },
		{ TEN "thank \xc3\xa9", ERR_FORMAT },
	};
	char hex[2 * MNEMONIC_ENTROPY_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (decode(wrong[i].phrase, hex) != wrong[i].e)
			fail_msg("%s", wrong[i].phrase);
}

/* A NUL inside must not end a word early. */
static void
a_nul_in_a_phrase_is_no_letter(void **state)
{
	static const char phrase[] = TEN "thank yellow\0x";
	uint8_t entropy[MNEMONIC_ENTROPY_MAX];
	size_t i, len;

	(void)state;
	memset(entropy, 0xaa, sizeof(entropy));
	assert_int_equal(mnemonic_decode(phrase, sizeof(phrase) - 1, entropy,
	    &len), ERR_FORMAT);
	for (i = 0; i < sizeof(entropy); i++)
		assert_int_equal(entropy[i], 0);
}

/* Only s_len bytes are read. */
static void
a_phrase_is_read_by_its_length(void **state)
{
	static const char phrase[] = TEN "thank yellowstone";
	uint8_t entropy[MNEMONIC_ENTROPY_MAX];
	size_t len = 0;

	(void)state;
	assert_int_equal(mnemonic_decode(phrase, strlen(TEN "thank yellow"),
	    entropy, &len), ERR_OK);
	assert_int_equal(len, 16);
}

/* Substrate's well-known development phrase. */
static void
a_phrase_makes_the_same_key_as_in_substrate(void **state)
{
	static const char phrase[] = "bottom drive obey lake curtain smoke "
	    "basket hold race lonely fit walk";
	uint8_t entropy[MNEMONIC_ENTROPY_MAX], mini[MNEMONIC_MINI_LEN];
	char hex[2 * MNEMONIC_MINI_LEN + 1];
	size_t len;

	(void)state;
	assert_int_equal(mnemonic_decode(phrase, strlen(phrase), entropy, &len),
	    ERR_OK);
	mnemonic_mini(entropy, len, mini);
	hex_encode(hex, mini, sizeof(mini));
	assert_string_equal(hex, "fac7959dbfe72f052e5a0c3c8d6530f2"
	    "02b02fd8f9f5ca3580ec8deb7797479e");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_list_of_words_is_sorted_and_whole),
	cmocka_unit_test(the_published_vectors_are_encoded),
	cmocka_unit_test(the_published_vectors_are_decoded),
	cmocka_unit_test(every_word_of_the_list_is_found),
	cmocka_unit_test(the_longest_phrase_fits_its_storage),
	cmocka_unit_test(entropy_of_another_length_is_refused),
	cmocka_unit_test(white_space_around_words_is_accepted),
	cmocka_unit_test(phrases_with_wrong_words_or_checksums_are_refused),
	cmocka_unit_test(a_nul_in_a_phrase_is_no_letter),
	cmocka_unit_test(a_phrase_is_read_by_its_length),
	cmocka_unit_test(a_phrase_makes_the_same_key_as_in_substrate),
};

TEST_MAIN(tests)
