#include "test.h"

#include "crypto/siphash.h"

/* The key and messages of the paper, appendix A, and of the authors' vectors:
   the bytes 00, 01, 02, ... */
static void
the_published_vectors_of_siphash_are_met(void **state)
{
	uint8_t count[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(count); i++)
		count[i] = (uint8_t)i;
	assert_true(siphash_24(count, count, 15) ==
	    UINT64_C(0xa129ca6149be45e5));
	assert_true(siphash_24(count, count, 0) ==
	    UINT64_C(0x726fdb47dd0e0e31));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_published_vectors_of_siphash_are_met)
};

TEST_MAIN(tests)
