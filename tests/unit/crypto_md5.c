#include "test.h"

#include "base/hex.h"
#include "crypto/md5.h"

/* RFC 1321, appendix A.5. */
static const struct { const char *text, *digest; } suite[] = {
	{ "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "a", "0cc175b9c0f1b6a831c399e269772661" },
	{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	{ "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
	{ "1234567890123456789012345678901234567890123456789012345678901234"
	    "5678901234567890", "57edf4a22be3c955ac49da2e2107b67a" },
};

static void
md5_gives_the_digests_of_its_specification(void **state)
{
	uint8_t got[MD5_LEN], want[MD5_LEN];
	struct md5 *m;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < sizeof(suite) / sizeof(suite[0]); i++) {
		assert_non_null(m = md5_new());
		n = strlen(suite[i].text);
		for (j = 0; j < n; j++)
			md5_add(m, suite[i].text + j, 1);
		md5_end(m, got);
		md5_free(m);
		assert_int_equal(hex_decode(want, MD5_LEN, suite[i].digest,
		    2 * (size_t)MD5_LEN), ERR_OK);
		assert_memory_equal(got, want, MD5_LEN);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(md5_gives_the_digests_of_its_specification),
};

TEST_MAIN(tests)
