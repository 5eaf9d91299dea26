#include "test.h"

#include <stdalign.h>
#include <stdbool.h>

#include "base/arena.h"

static bool
aligned(const void *p)
{

	return ((uintptr_t)p % alignof(max_align_t) == 0);
}

/* Pieces of every size, over the first block and many more: aligned, apart,
   and each keeps what was written into it. */
static void
pieces_of_every_size_are_aligned_and_apart(void **state)
{
	struct arena *a = arena_new(256);
	unsigned char *p[300];
	size_t i, j;

	(void)state;
	for (i = 0; i < 300; i++) {
		p[i] = arena_alloc(a, i);
		assert_non_null(p[i]);
		assert_true(aligned(p[i]));
		memset(p[i], (int)(i % 251), i);
	}
	for (i = 0; i < 300; i++) {
		for (j = 0; j < i; j++)
			assert_int_equal(p[i][j], i % 251);
	}
	arena_free(a);
}

static void
a_piece_may_be_larger_than_a_block(void **state)
{
	struct arena *a = arena_new(64);
	unsigned char *small, *large;

	(void)state;
	small = arena_alloc(a, 10);
	memset(small, 1, 10);
	large = arena_alloc(a, 1 << 20);
	assert_true(aligned(large));
	memset(large, 2, 1 << 20);
	assert_int_equal(small[9], 1);
	memset(arena_alloc(a, 64), 3, 64);
	assert_int_equal(large[(1 << 20) - 1], 2);
	arena_free(a);
}

/* The first block stays, wiped; the others go. */
static void
a_reset_keeps_the_first_block_and_wipes_it(void **state)
{
	struct arena *a = arena_new(128);
	unsigned char *first, *again;
	size_t i, round;

	(void)state;
	first = arena_alloc(a, 128);
	for (round = 0; round < 3; round++) {
		memset(first, 0xaa, 128);
		memset(arena_alloc(a, 128), 0xbb, 128);
		memset(arena_alloc(a, 5000), 0xcc, 5000);
		arena_reset(a);
		again = arena_alloc(a, 128);
		assert_ptr_equal(again, first);
		for (i = 0; i < 128; i++)
			assert_int_equal(again[i], 0);
	}
	arena_free(a);
}

static void
a_text_is_copied_with_a_final_nul(void **state)
{
	struct arena *a = arena_new(64);
	char *s, *empty, *nul;

	(void)state;
	memset(arena_alloc(a, 48), 'z', 48);
	s = arena_text(a, "abcdef", 3);
	empty = arena_text(a, NULL, 0);
	nul = arena_text(a, "a\0b", 3);
	assert_string_equal(s, "abc");
	assert_string_equal(empty, "");
	assert_memory_equal(nul, "a\0b\0", 4);
	arena_free(a);
	arena_free(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(pieces_of_every_size_are_aligned_and_apart),
	cmocka_unit_test(a_piece_may_be_larger_than_a_block),
	cmocka_unit_test(a_reset_keeps_the_first_block_and_wipes_it),
	cmocka_unit_test(a_text_is_copied_with_a_final_nul)
};

TEST_MAIN(tests)
