#include "test.h"

#include "crypto/merlin.h"

static void
assert_same(const struct merlin *a, const struct merlin *b)
{

	assert_memory_equal(a->state, b->state, sizeof(a->state));
	assert_int_equal(a->pos, b->pos);
	assert_int_equal(a->begin, b->begin);
}

/* The vector of merlin 3.0, transcript.rs, test "equivalence_simple". */
static void
the_published_vector_of_merlin_is_met(void **state)
{
	static const uint8_t want[32] = {
		0xd5, 0xa2, 0x19, 0x72, 0xd0, 0xd5, 0xfe, 0x32,
		0x0c, 0x0d, 0x26, 0x3f, 0xac, 0x7f, 0xff, 0xb8,
		0x14, 0x5a, 0xa6, 0x40, 0xaf, 0x6e, 0x9b, 0xca,
		0x17, 0x7c, 0x03, 0xc7, 0xef, 0xcf, 0x06, 0x15
	};
	struct merlin m;
	uint8_t got[32];

	(void)state;
	merlin_init(&m, "test protocol");
	merlin_append(&m, "some label", "some data", 9);
	merlin_challenge(&m, "challenge", got, sizeof(got));
	assert_memory_equal(got, want, sizeof(want));
}

static void
the_prefix_kept_is_the_prefix_computed(void **state)
{
	struct merlin m;

	(void)state;
	merlin_init(&m, "SigningContext");
	merlin_append(&m, "", "substrate", 9);
	assert_same(&m, &merlin_substrate);
}

/* Pieces are delimited: moving a byte over a border makes another transcript,
   for every length around the rate. */
static void
a_byte_moved_between_pieces_changes_the_transcript(void **state)
{
	struct merlin a, b;
	uint8_t data[400], out_a[32], out_b[32];
	size_t len;

	(void)state;
	memset(data, 'x', sizeof(data));
	for (len = 0; len < sizeof(data); len++) {
		a = b = merlin_substrate;
		merlin_append(&a, "m", data, len);
		merlin_append(&a, "m", data, sizeof(data) - len);
		merlin_append(&b, "m", data, len + 1);
		merlin_append(&b, "m", data, sizeof(data) - len - 1);
		merlin_challenge(&a, "c", out_a, sizeof(out_a));
		merlin_challenge(&b, "c", out_b, sizeof(out_b));
		assert_memory_not_equal(out_a, out_b, sizeof(out_a));
	}
}

/* A witness depends on everything that goes into it, and leaves the transcript
   as it was. */
static void
a_witness_depends_on_all_that_goes_into_it(void **state)
{
	static const uint8_t seeds[2][32] = { { 1 }, { 2 } };
	static const uint8_t randoms[2][MERLIN_RANDOM_LEN] = { { 3 }, { 4 } };
	struct merlin m, other;
	uint8_t out[5][64];
	size_t i, j;

	(void)state;
	m = other = merlin_substrate;
	merlin_append(&other, "x", "", 0);
	merlin_witness(&m, "w", seeds[0], 32, randoms[0], out[0], 64);
	assert_same(&m, &merlin_substrate);
	merlin_witness(&m, "w", seeds[1], 32, randoms[0], out[1], 64);
	merlin_witness(&m, "w", seeds[0], 32, randoms[1], out[2], 64);
	merlin_witness(&m, "v", seeds[0], 32, randoms[0], out[3], 64);
	merlin_witness(&other, "w", seeds[0], 32, randoms[0], out[4], 64);
	for (i = 0; i < 5; i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(out[i], out[j], 64);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_published_vector_of_merlin_is_met),
	cmocka_unit_test(the_prefix_kept_is_the_prefix_computed),
	cmocka_unit_test(a_byte_moved_between_pieces_changes_the_transcript),
	cmocka_unit_test(a_witness_depends_on_all_that_goes_into_it)
};

TEST_MAIN(tests)
