#include <sys/mman.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "filesum.h"
#include "test.h"

#define SMALL 2000
#define LARGE (3 << 20)

/* Of so many letters "a", by md5sum(1). */
#define SMALL_MD5 "7c1c566ab4cdb11ac8971191694e8bec"
#define LARGE_MD5 "6a11a8872b36343799a15617bea78cef"

static volatile sig_atomic_t stop;

/* A file of ${n} letters "a". */
static int
file(int n)
{
	char a[4096];
	int fd = memfd_create("digest", 0), put;

	assert_int_not_equal(fd, -1);
	memset(a, 'a', sizeof(a));
	for (; n > 0; n -= put) {
		put = n < (int)sizeof(a) ? n : (int)sizeof(a);
		assert_int_equal(write(fd, a, (size_t)put), put);
	}
	return (fd);
}

/* Let the digest have ${n} bytes in ${steps}, and compare it. */
static void
assert_md5(int n, int steps, const char *want)
{
	const int fd = file(n);
	struct filesum *d = filesum_new(fd, &stop);
	uint8_t out[MD5_LEN];
	char hex[2 * MD5_LEN + 1];
	int i;

	assert_non_null(d);
	for (i = 1; i < steps; i++)
		filesum_to(d, (int64_t)n * i / steps);
	assert_true(filesum_end(d, n, out));
	hex_encode(hex, out, MD5_LEN);
	assert_string_equal(hex, want);
	filesum_free(d);
	close(fd);
}

static void
a_digest_is_that_of_md5sum_however_the_file_grows(void **state)
{

	(void)state;
	assert_md5(SMALL, 1, SMALL_MD5);
	assert_md5(SMALL, 7, SMALL_MD5);
	assert_md5(LARGE, 1, LARGE_MD5);
	assert_md5(LARGE, 100, LARGE_MD5);
	assert_md5(LARGE, 2, LARGE_MD5);
}

static void
a_file_that_became_shorter_has_no_digest(void **state)
{
	static const int sizes[] = { SMALL, LARGE };
	struct filesum *d;
	uint8_t out[MD5_LEN];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fd = file(sizes[i]);
		assert_non_null(d = filesum_new(fd, &stop));
		filesum_to(d, sizes[i] / 2);
		assert_false(filesum_end(d, sizes[i] + 1, out));
		filesum_free(d);
		close(fd);
	}
}

static void
a_stop_ends_the_wait_for_a_digest(void **state)
{
	const int fd = file(LARGE);
	struct filesum *d = filesum_new(fd, &stop);
	uint8_t out[MD5_LEN];

	(void)state;
	assert_non_null(d);
	stop = 1;
	assert_false(filesum_end(d, LARGE, out));
	stop = 0;
	filesum_free(d);
	close(fd);
}

static void
a_digest_may_be_given_up_at_any_time(void **state)
{
	const int fd = file(LARGE);
	struct filesum *d;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_non_null(d = filesum_new(fd, &stop));
		filesum_to(d, LARGE / 20 * i);
		filesum_free(d);
	}
	filesum_free(NULL);
	close(fd);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_digest_is_that_of_md5sum_however_the_file_grows),
	cmocka_unit_test(a_file_that_became_shorter_has_no_digest),
	cmocka_unit_test(a_stop_ends_the_wait_for_a_digest),
	cmocka_unit_test(a_digest_may_be_given_up_at_any_time),
};

TEST_MAIN(tests)
