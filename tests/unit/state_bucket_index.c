#include "test.h"
#include "tmpdir.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "crypto/hmac.h"
#include "state/bucket_draft.h"
#include "state/bucket_index.h"

#define DAMAGED BUCKET_INDEX_DAMAGED
#define TRUNCATED BUCKET_INDEX_TRUNCATED

static char dir[4000], path[4096];
static struct hmac *h;
static struct bucket_index *b;
static struct bucket_draft *d;

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/" BUCKET_INDEX_FILE, dir);
	h = hmac_new();
	b = bucket_index_new(dir, h);
	d = bucket_draft_new();
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	bucket_draft_free(d);
	bucket_index_free(b);
	hmac_free(h);
	unlink(path);
	return (rmdir(dir));
}

static const uint8_t *
key(uint8_t first)
{
	static uint8_t k[2][32];
	static unsigned turn;

	turn = !turn;
	memset(k[turn], 7, sizeof(k[turn]));
	k[turn][0] = first;
	return (k[turn]);
}

static enum err
write_it(void)
{
	struct bucket_index_info info;

	memset(&info, 0, sizeof(info));
	info.written_at_s = 1795360700;
	info.complete_at_s = 1795360600;
	info.walk_ms = 42;
	info.complete = 1;
	info.ignored = 3;
	return (bucket_draft_write(dir, &info, d, h));
}

static void
some(void)
{

	assert_int_equal(bucket_draft_add_folder(d, key(9), "x", 5, 0), 0);
	assert_int_equal(bucket_draft_add_folder(d, key(1), "x", 6, DAMAGED),
	    0);
	assert_int_equal(bucket_draft_add_folder(d, key(9), "reddit", 7, 0), 0);
	assert_int_equal(bucket_draft_add_miner(d, key(8), 11, 0), 0);
	assert_int_equal(bucket_draft_add_job(d, "b", 1), 0);
	assert_int_equal(bucket_draft_add_job(d, "\xff\x01 ", 3), 0);
	assert_int_equal(bucket_draft_add_job(d, "", 0), 0);
	assert_int_equal(bucket_draft_add_job(d, "ba", 2), 0);
	assert_int_equal(bucket_draft_add_job(d, "b", 1), 0);
	assert_int_equal(bucket_draft_add_miner(d, key(250), 12, 0), 0);
	bucket_draft_mark(d, DAMAGED);
	assert_int_equal(bucket_draft_add_miner(d, key(2), 13, 0), 0);
	assert_int_equal(bucket_draft_add_job(d, "z", 1), 0);
}

static void
is_job(const struct bucket_index_miner *m, uint32_t j, const char *id)
{
	const char *s;
	size_t len;

	s = bucket_index_job(b, m, j, &len);
	assert_int_equal(len, strlen(id));
	assert_memory_equal(s, id, len);
}

static void
an_index_is_read_as_it_was_written(void **state)
{
	const struct bucket_index_info *info;
	const struct bucket_index_miner *m;

	(void)state;
	assert_null(bucket_index_info(b));
	assert_int_equal(bucket_index_refresh(b), ERR_NO_INDEX);
	some();
	assert_int_equal(write_it(), ERR_OK);
	assert_int_equal(bucket_index_refresh(b), ERR_OK);
	info = bucket_index_info(b);
	assert_int_equal(info->folders, 3);
	assert_int_equal(info->miners, 3);
	assert_int_equal(info->jobs, 5);
	assert_int_equal(info->written_at_s, 1795360700);
	assert_int_equal(info->complete_at_s, 1795360600);
	assert_int_equal(info->walk_ms, 42);
	assert_int_equal(info->complete, 1);
	assert_int_equal(info->ignored, 3);

	assert_memory_equal(bucket_index_folder(b, 0)->coldkey, key(1), 32);
	assert_int_equal(bucket_index_folder(b, 0)->flags, DAMAGED);
	assert_int_equal(bucket_index_folder(b, 0)->last_seen_s, 6);
	assert_string_equal(bucket_index_folder(b, 1)->source, "reddit");
	assert_string_equal(bucket_index_folder(b, 2)->source, "x");
	assert_memory_equal(bucket_index_folder(b, 2)->coldkey, key(9), 32);

	m = bucket_index_miner(b, 0);
	assert_memory_equal(m->hotkey, key(2), 32);
	assert_int_equal(m->jobs, 1);
	is_job(m, 0, "z");
	m = bucket_index_miner(b, 1);
	assert_ptr_equal(bucket_index_find(b, key(8)), m);
	assert_int_equal(m->jobs, 4);
	assert_int_equal(m->flags, 0);
	assert_int_equal(m->last_seen_s, 11);
	is_job(m, 0, "");
	is_job(m, 1, "b");
	is_job(m, 2, "ba");
	is_job(m, 3, "\xff\x01 ");
	m = bucket_index_miner(b, 2);
	assert_int_equal(m->jobs, 0);
	assert_int_equal(m->flags, DAMAGED);
	assert_null(bucket_index_find(b, key(3)));
}

static void
an_index_of_an_empty_bucket_is_read(void **state)
{

	(void)state;
	assert_int_equal(write_it(), ERR_OK);
	assert_int_equal(bucket_index_refresh(b), ERR_OK);
	assert_int_equal(bucket_index_info(b)->folders, 0);
	assert_int_equal(bucket_index_info(b)->miners, 0);
	assert_null(bucket_index_find(b, key(3)));
}

static void
entries_that_cannot_be_are_refused(void **state)
{
	char id[BUCKET_INDEX_JOB_MAX + 2];

	(void)state;
	memset(id, 'j', sizeof(id));
	assert_int_equal(bucket_draft_add_folder(d, key(1), "", 0, 0),
	    ERR_FORMAT);
	assert_int_equal(bucket_draft_add_folder(d, key(1), "a/b", 0, 0),
	    ERR_FORMAT);
	assert_int_equal(bucket_draft_add_folder(d, key(1),
	    "123456789012345678901234567890123", 0, 0), ERR_FORMAT);
	assert_int_equal(bucket_draft_add_miner(d, key(1), 0, 0), ERR_OK);
	assert_int_equal(bucket_draft_add_job(d, "a/b", 3), ERR_FORMAT);
	assert_int_equal(bucket_draft_add_job(d, "a\0b", 3), ERR_FORMAT);
	assert_int_equal(bucket_draft_add_job(d, id, BUCKET_INDEX_JOB_MAX + 1),
	    ERR_FORMAT);
	assert_int_equal(bucket_draft_add_job(d, id, BUCKET_INDEX_JOB_MAX),
	    ERR_OK);
	assert_int_equal(bucket_draft_add_miner(d, key(1), 0, 0), ERR_OK);
	assert_int_equal(write_it(), ERR_FORMAT);
	assert_int_equal(bucket_index_refresh(b), ERR_NO_INDEX);
}

/* A miner has so many jobs, and so many bytes of them; then others go on. */
static void
a_miner_with_too_many_jobs_is_cut(void **state)
{
	char id[BUCKET_INDEX_JOB_MAX + 1];
	const struct bucket_index_miner *m;
	uint32_t i;

	(void)state;
	assert_int_equal(bucket_draft_add_miner(d, key(1), 0, 0), ERR_OK);
	for (i = 0; i <= BUCKET_INDEX_JOBS_MAX; i++) {
		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(bucket_draft_add_job(d, id, strlen(id)),
		    i < BUCKET_INDEX_JOBS_MAX ? ERR_OK : ERR_RANGE);
	}
	assert_int_equal(bucket_draft_add_miner(d, key(2), 0, 0), ERR_OK);
	for (i = 0; i <= BUCKET_INDEX_TEXT_MAX / BUCKET_INDEX_JOB_MAX; i++) {
		snprintf(id, sizeof(id), "%01024u", i);
		assert_int_equal(bucket_draft_add_job(d, id, 1024), i <
		    BUCKET_INDEX_TEXT_MAX / BUCKET_INDEX_JOB_MAX ? ERR_OK :
		    ERR_RANGE);
	}
	assert_int_equal(bucket_draft_add_miner(d, key(3), 0, 0), ERR_OK);
	assert_int_equal(bucket_draft_add_job(d, "last", 4), ERR_OK);
	assert_int_equal(write_it(), ERR_OK);
	assert_int_equal(bucket_index_refresh(b), ERR_OK);
	m = bucket_index_miner(b, 0);
	assert_int_equal(m->jobs, BUCKET_INDEX_JOBS_MAX);
	assert_int_equal(m->flags, TRUNCATED);
	is_job(m, 1, "1");
	is_job(m, 2, "10");
	m = bucket_index_miner(b, 1);
	assert_int_equal(m->jobs, 1024);
	assert_int_equal(m->flags, TRUNCATED);
	m = bucket_index_miner(b, 2);
	assert_int_equal(m->flags, 0);
	is_job(m, 0, "last");
}

/* --- damage -------------------------------------------------------------- */

static uint8_t file[4096];
static size_t file_len;

static void
slurp(void)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_true(fd != -1);
	n = read(fd, file, sizeof(file));
	assert_true(n > 0 && (size_t)n < sizeof(file));
	file_len = (size_t)n;
	close(fd);
}

/* Put these bytes there, under a checksum that is right if wanted, and see
   whether somebody who knows nothing takes them. */
static enum err
taken(const uint8_t *data, size_t len, bool sealed)
{
	static uint8_t copy[sizeof(file)];
	uint8_t in[offsetof(struct bucket_index_info, checksum) + 32];
	const size_t at = offsetof(struct bucket_index_info, checksum);
	struct bucket_index *fresh = bucket_index_new(dir, h);
	enum err e;
	int fd;

	memcpy(copy, data, len);
	if (sealed) {
		memcpy(in, copy, at);
		hmac_hash(h, copy + at + 32, len - at - 32, in + at);
		hmac_hash(h, in, sizeof(in), copy + at);
	}
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd != -1);
	assert_int_equal(write(fd, copy, len), (ssize_t)len);
	close(fd);
	e = bucket_index_refresh(fresh);
	bucket_index_free(fresh);
	return (e);
}

static void
an_index_with_any_byte_damaged_is_refused(void **state)
{
	uint8_t copy[sizeof(file)];
	size_t i;

	(void)state;
	some();
	assert_int_equal(write_it(), ERR_OK);
	assert_int_equal(bucket_index_refresh(b), ERR_OK);
	slurp();
	assert_int_equal(taken(file, file_len, false), ERR_OK);
	assert_int_equal(taken(file, file_len, true), ERR_OK);
	for (i = 1; i < file_len; i += 7)
		assert_int_equal(taken(file, i, false), ERR_NO_INDEX);
	for (i = 0; i < file_len; i++) {
		memcpy(copy, file, file_len);
		copy[i] ^= 0x40;
		assert_int_equal(taken(copy, file_len, false), ERR_NO_INDEX);
	}
	memcpy(copy, file, file_len);
	copy[file_len] = 0;
	assert_int_equal(taken(copy, file_len + 1, false), ERR_NO_INDEX);

	/* Who has a good one keeps it. */
	assert_int_equal(bucket_index_refresh(b), ERR_OK);
	assert_int_equal(bucket_index_info(b)->miners, 3);
}

/* The checksum is right, what it is of is not. */
static void
a_wrong_index_with_a_right_checksum_is_refused(void **state)
{
	struct bucket_index_info *info;
	struct bucket_index_folder *f;
	struct bucket_index_miner *m;
	uint32_t *job;
	uint8_t *text;
	union {
		uint8_t bytes[sizeof(file)];
		uint64_t align;
	} u;

	(void)state;
	some();
	assert_int_equal(write_it(), ERR_OK);
	slurp();
	info = (void *)u.bytes;
	f = (void *)(info + 1);
	m = (void *)(f + 3);
	job = (void *)(m + 3);
	text = (void *)(job + 10);
#define BROKEN(change)							\
	do {								\
		memcpy(u.bytes, file, file_len);			\
		change;							\
		assert_int_equal(taken(u.bytes, file_len, true),	\
		    ERR_NO_INDEX);					\
	} while (0)
	BROKEN(info->folders = 2);
	BROKEN(info->folders = UINT32_MAX);
	BROKEN(info->miners = 1000001);
	BROKEN(info->jobs = UINT64_MAX / 8);
	BROKEN(info->text_bytes = UINT64_MAX - 7);
	BROKEN(info->text_bytes--);
	BROKEN(info->complete = 2);
	BROKEN(info->version++);
	BROKEN(info->written_at_s = -1);
	BROKEN(info->complete_at_s = INT64_C(253402300800));
	BROKEN(info->walk_ms = -1);
	BROKEN(info->walk_ms = INT64_MAX);
	BROKEN(f[0].last_seen_s = INT64_MIN);
	BROKEN(m[0].last_seen_s = INT64_MAX);
	BROKEN(f[0].coldkey[0] = 10);
	BROKEN(f[1].source[0] = 'z');
	BROKEN(memset(f[2].source, 'x', sizeof(f[2].source)));
	BROKEN(f[0].source[0] = '\0');
	BROKEN(f[0].flags = 4);
	BROKEN(m[0].hotkey[0] = 9);
	BROKEN(memcpy(m[1].hotkey, m[0].hotkey, 32));
	BROKEN(m[0].flags = 8);
	BROKEN(m[1].job_first = 0);
	BROKEN(m[1].jobs = 3);
	BROKEN(m[2].jobs = 1);
	BROKEN(m[2].jobs = UINT32_MAX);
	BROKEN(m[1].text_at = UINT64_MAX);
	BROKEN(job[2] = 1);
	BROKEN(job[5] = UINT32_MAX);
	BROKEN(job[9]++);
	BROKEN(text[0] = '/');
	BROKEN(text[0] = '\0');
	BROKEN(text[1] = 'z');
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(an_index_is_read_as_it_was_written),
	T(an_index_of_an_empty_bucket_is_read),
	T(entries_that_cannot_be_are_refused),
	T(a_miner_with_too_many_jobs_is_cut),
	T(an_index_with_any_byte_damaged_is_refused),
	T(a_wrong_index_with_a_right_checksum_is_refused)
};

TEST_MAIN(tests)
