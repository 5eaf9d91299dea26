#include "test.h"

#include "base/hex.h"
#include "crypto/digest.h"

/* FIPS 180-2, appendices A and B; RFC 3174; and what `git hash-object` prints
   for "hello\n". */
static const struct {
	enum digest_kind kind;
	const char *text;
	size_t len;
	const char *digest;
} suite[] = {
	{ DIGEST_SHA256, "abc", 3, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmno"
	    "mnopnopq", 56, "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
	{ DIGEST_SHA1, "abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA1, "blob 6\0hello\n", 13,
	    "ce013625030ba8dba906f756967f9e9ca394464a" },
};

static void
digests_of_pieces_are_those_of_their_specifications(void **state)
{
	uint8_t got[DIGEST_MAX], want[DIGEST_MAX];
	struct digest *d;
	size_t i, j, len;

	(void)state;
	for (i = 0; i < sizeof(suite) / sizeof(suite[0]); i++) {
		assert_non_null(d = digest_new(suite[i].kind));
		for (j = 0; j < suite[i].len; j++)
			digest_add(d, suite[i].text + j, 1);
		digest_end(d, got);
		digest_free(d);
		len = strlen(suite[i].digest) / 2;
		memset(want, 0, sizeof(want));
		assert_int_equal(hex_decode(want, len, suite[i].digest,
		    2 * len), ERR_OK);
		assert_memory_equal(got, want, DIGEST_MAX);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(digests_of_pieces_are_those_of_their_specifications),
};

TEST_MAIN(tests)
