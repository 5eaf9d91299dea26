#include "test.h"
#include "tmpdir.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"

#define NETUID 13

static char dir[4000], path[4096];
static struct hmac *h;
static int saved_stderr, said;

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/" METAGRAPH_FILE, dir);
	h = hmac_new();

	/* What is logged goes where it can be counted. */
	saved_stderr = dup(2);
	said = memfd_create("said", 0);
	return (saved_stderr == -1 || dup2(said, 2) == -1 ? -1 : 0);
}

static int
teardown(void **state)
{

	(void)state;
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	close(said);
	hmac_free(h);
	unlink(path);
	return (rmdir(dir));
}

/* Bytes logged since the last call. */
static off_t
said_since(void)
{
	static off_t last;
	off_t now = lseek(said, 0, SEEK_CUR), new = now - last;

	if (now < last)
		new = now;
	last = now;
	return (new);
}

/* The i-th of many different neurons, no two in order. */
static void
neuron_make(struct metagraph_neuron *n, uint32_t i)
{

	memset(n, 0, sizeof(*n));
	hmac_hash(h, &i, sizeof(i), n->hotkey);
	hmac_hash(h, n->hotkey, 31, n->coldkey);
	n->alpha_stake_rao = UINT64_MAX - i;
	n->uid = (uint16_t)i;
	n->permit = i % 3 == 0;
}

static void
info_make(struct metagraph_info *info, uint32_t count)
{

	memset(info, 0, sizeof(*info));
	info->netuid = NETUID;
	info->count = count;
	info->spec_version = 454;
	info->block = 7654321;
	memset(info->block_hash, 0xbb, sizeof(info->block_hash));
	info->written_at_s = 1795360700;
	info->advanced_at_s = 1795360631;
}

static void
write_many(uint32_t count)
{
	struct metagraph_neuron *n = calloc(count, sizeof(*n));
	struct metagraph_info info;
	uint32_t i;

	assert_non_null(n);
	for (i = 0; i < count; i++)
		neuron_make(&n[i], i);
	info_make(&info, count);
	assert_int_equal(metagraph_write(dir, &info, n, h), ERR_OK);
	free(n);
}

static void
round_trip(uint32_t count)
{
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	const struct metagraph_neuron *got, *all;
	const struct metagraph_info *info;
	struct metagraph_neuron want;
	uint32_t i;

	write_many(count);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	info = metagraph_info(m);
	assert_int_equal(info->count, count);
	assert_int_equal(info->netuid, NETUID);
	assert_int_equal(info->spec_version, 454);
	assert_int_equal(info->block, 7654321);
	assert_int_equal(info->block_hash[31], 0xbb);
	assert_int_equal(info->written_at_s, 1795360700);
	assert_int_equal(info->advanced_at_s, 1795360631);
	for (i = 0; i < count; i++) {
		neuron_make(&want, i);
		got = metagraph_find(m, want.hotkey);
		assert_non_null(got);
		assert_memory_equal(got, &want, sizeof(want));

		/* Misses: one bit off at either end; somebody else. */
		want.hotkey[31] ^= 1;
		assert_null(metagraph_find(m, want.hotkey));
		want.hotkey[31] ^= 1;
		want.hotkey[0] ^= 0x80;
		assert_null(metagraph_find(m, want.hotkey));
		assert_null(metagraph_find(m, want.coldkey));
	}
	all = metagraph_neurons(m);
	for (i = 1; i < count; i++)
		assert_true(memcmp(all[i - 1].hotkey, all[i].hotkey, 32) < 0);
	memset(want.hotkey, 0, 32);
	assert_null(metagraph_find(m, want.hotkey));
	memset(want.hotkey, 0xff, 32);
	assert_null(metagraph_find(m, want.hotkey));
	metagraph_free(m);
}

static void
snapshots_of_many_sizes_are_read_as_written(void **state)
{
	static const uint32_t counts[] = { 1, 2, 3, 4, 5, 255, 256, 257 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		round_trip(counts[i]);
}

static void
a_snapshot_of_as_many_neurons_as_can_be_is_read(void **state)
{

	(void)state;
	round_trip(METAGRAPH_NEURONS_MAX);
}

/* All in one bucket of the directory, and at both ends of it. */
static void
keys_with_the_same_first_bytes_are_found(void **state)
{
	static struct metagraph_neuron n[1000];
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	const struct metagraph_neuron *got;
	struct metagraph_info info;
	static const uint8_t starts[] = { 0x00, 0x7f, 0xff };
	uint8_t key[32];
	uint32_t i, s;

	(void)state;
	for (s = 0; s < sizeof(starts); s++) {
		for (i = 0; i < 1000; i++) {
			neuron_make(&n[i], i);
			memset(n[i].hotkey, starts[s], 3);
		}
		info_make(&info, 1000);
		assert_int_equal(metagraph_write(dir, &info, n, h), ERR_OK);
		assert_int_equal(metagraph_refresh(m), ERR_OK);
		for (i = 0; i < 1000; i++) {
			got = metagraph_find(m, n[i].hotkey);
			assert_non_null(got);
			assert_int_equal(got->uid, n[i].uid);
			memcpy(key, n[i].hotkey, 32);
			key[31] ^= 1;
			assert_null(metagraph_find(m, key));
			key[31] ^= 1;
			key[2] ^= 1;
			assert_null(metagraph_find(m, key));
		}
	}
	metagraph_free(m);
}

static void
a_snapshot_that_cannot_be_is_not_written(void **state)
{
	static struct metagraph_neuron n[METAGRAPH_NEURONS_MAX + 1];
	struct metagraph_info info;
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		neuron_make(&n[i], i);
	info_make(&info, 0);
	assert_int_equal(metagraph_write(dir, &info, n, h), ERR_FORMAT);
	info_make(&info, METAGRAPH_NEURONS_MAX + 1);
	assert_int_equal(metagraph_write(dir, &info, n, h), ERR_FORMAT);
#define REFUSED(change)							\
	do {								\
		for (i = 0; i < 4; i++)					\
			neuron_make(&n[i], i);				\
		change;							\
		info_make(&info, 4);					\
		assert_int_equal(metagraph_write(dir, &info, n, h),	\
		    ERR_FORMAT);					\
	} while (0)
	REFUSED(n[1].permit = 2);

	/* Nothing is left. */
	REFUSED(for (i = 0; i < 4; i++) memset(n[i].hotkey, 0, 32));
	REFUSED(for (i = 0; i < 4; i++) memset(n[i].coldkey, 0, 32));
	REFUSED(for (i = 0; i < 4; i++) memset(n[i].hotkey, 7, 32));
#undef REFUSED
	assert_int_equal(access(path, F_OK), -1);

	/* Two hotkeys of one coldkey are no mistake. */
	for (i = 0; i < 4; i++)
		neuron_make(&n[i], i);
	memcpy(n[3].coldkey, n[0].coldkey, 32);
	info_make(&info, 4);
	assert_int_equal(metagraph_write(dir, &info, n, h), ERR_OK);
	assert_int_equal(unlink(path), 0);
	info_make(&info, 4);
	assert_int_equal(metagraph_write("/nonexistent", &info, n, h), ERR_IO);
}

/* Rows that nobody can use cost themselves and nobody else. */
static void
rows_that_nobody_can_use_cost_only_themselves(void **state)
{
	static const uint16_t want[] = { 1, 2, 4, 6, 7, 9 };
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	struct metagraph_neuron n[10], made;
	struct metagraph_info info;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < 10; i++)
		neuron_make(&n[i], i);
	memset(n[1].hotkey, 0, 32);
	memset(n[1].coldkey, 0, 32);
	memcpy(n[7].hotkey, n[2].hotkey, 32);
	memcpy(n[4].hotkey, n[2].hotkey, 32);
	memset(n[6].coldkey, 0, 32);
	memset(n[9].hotkey, 0, 32);
	info_make(&info, 10);
	assert_int_equal(metagraph_write(dir, &info, n, h), ERR_OK);
	assert_int_equal(info.count, 4);
	assert_int_equal(info.left_out, 6);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(metagraph_info(m)->count, 4);
	assert_int_equal(metagraph_info(m)->left_out, 6);
	for (i = k = 0; i < 10; i++) {
		neuron_make(&made, i);
		if (k < 6 && want[k] == i) {
			assert_int_equal(metagraph_left_out(m)[k], i);
			assert_int_equal(n[4 + k].uid, i);
			assert_null(metagraph_find(m, made.hotkey));
			k++;
		} else {
			assert_memory_equal(metagraph_find(m, made.hotkey),
			    &made, sizeof(made));
		}
	}
	metagraph_free(m);
	assert_int_equal(unlink(path), 0);
}

/* A snapshot of another network is none; the network may be unknown. */
static void
a_snapshot_of_another_network_is_refused(void **state)
{
	static const uint8_t ours[32] = { 1 };
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	struct metagraph_neuron n;
	struct metagraph_info info;
	uint8_t k;

	(void)state;
	metagraph_expect(m, ours);
	for (k = 3; k-- > 0; ) {
		neuron_make(&n, 1);
		info_make(&info, 1);
		info.genesis[0] = k;
		assert_int_equal(metagraph_write(dir, &info, &n, h), ERR_OK);
		assert_int_equal(metagraph_refresh(m),
		    k == 2 ? ERR_NO_IDENTITY : ERR_OK);
		if (k < 2)
			assert_int_equal(metagraph_info(m)->genesis[0], k);
	}
	metagraph_free(m);
	assert_int_equal(unlink(path), 0);
}

/* A file of five neurons to spoil: bytes, and where its parts are. */
#define COUNT 5
static union {
	uint8_t bytes[4096];
	struct metagraph_info info;
} f;
static size_t f_len;
#define DIR ((uint32_t *)(void *)(f.bytes + sizeof(f.info)))
#define NEURONS ((struct metagraph_neuron *)(void *)(DIR +		\
	((size_t)1 << 4) + 2))

static void
f_read(void)
{
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY);
	assert_true(fd != -1);
	n = read(fd, f.bytes, sizeof(f.bytes));
	assert_true(n > 0 && (size_t)n < sizeof(f.bytes));
	f_len = (size_t)n;
	close(fd);
	assert_int_equal(f.info.dir_bits, 4);
	assert_int_equal(f_len, sizeof(f.info) + 18 * 4 + COUNT * 88);
}

/* As the header says it is made: SHA-256(all above, SHA-256(rest)). */
static void
f_sign(void)
{
	uint8_t in[144 + HMAC_LEN];

	assert_int_equal(offsetof(struct metagraph_info, checksum), 144);
	memcpy(in, f.bytes, 144);
	hmac_hash(h, f.bytes + sizeof(f.info), f_len - sizeof(f.info),
	    in + 144);
	hmac_hash(h, in, sizeof(in), f.info.checksum);
}

static void
f_write(const uint8_t *data, size_t len)
{

	assert_int_equal(file_replace(path, data, len, 0644), ERR_OK);
}

/* A fresh reader takes it for what it is. */
static enum err
f_try(void)
{
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	enum err e;

	e = metagraph_refresh(m);
	assert_int_equal(metagraph_info(m) != NULL, e == ERR_OK);
	assert_int_equal(metagraph_neurons(m) != NULL, e == ERR_OK);
	if (e != ERR_OK)
		assert_null(metagraph_find(m, f.info.block_hash));
	metagraph_free(m);
	return (e);
}

static void
a_snapshot_with_any_byte_damaged_or_cut_is_refused(void **state)
{
	size_t i;

	(void)state;
	write_many(COUNT);
	f_read();
	assert_int_equal(f_try(), ERR_OK);
	for (i = 0; i < f_len; i++) {
		f.bytes[i] ^= (uint8_t)(1 << i % 8);
		f_write(f.bytes, f_len);
		assert_int_equal(f_try(), ERR_NO_IDENTITY);
		f.bytes[i] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < f_len; i++) {
		f_write(f.bytes, i);
		assert_int_equal(f_try(), ERR_NO_IDENTITY);
	}
	f.bytes[f_len] = 0;
	f_write(f.bytes, f_len + 1);
	assert_int_equal(f_try(), ERR_NO_IDENTITY);
	f_write(f.bytes, f_len + 88);
	assert_int_equal(f_try(), ERR_NO_IDENTITY);
	f_write(f.bytes, f_len);
	assert_int_equal(f_try(), ERR_OK);
}

/* Damage under a checksum that is right: each check on its own. */
static void
a_wrong_snapshot_with_a_right_checksum_is_refused(void **state)
{
	uint8_t whole[sizeof(f.bytes)];
	struct metagraph_neuron swap;
	size_t i, len;

	(void)state;
	write_many(COUNT);
	f_read();
	memcpy(whole, f.bytes, sizeof(whole));
	len = f_len;
#define DAMAGED(change, e)						\
	do {								\
		memcpy(f.bytes, whole, sizeof(whole));			\
		f_len = len;						\
		change;							\
		f_sign();						\
		f_write(f.bytes, f_len);				\
		assert_int_equal(f_try(), e);				\
	} while (0)
	DAMAGED((void)0, ERR_OK);
	DAMAGED(f.info.block++, ERR_OK);
	DAMAGED(f.info.magic[0] ^= 1, ERR_NO_IDENTITY);
	DAMAGED(f.info.magic[7] ^= 1, ERR_NO_IDENTITY);
	DAMAGED(f.info.version = 3, ERR_NO_IDENTITY);
	DAMAGED(f.info.left_out = 1, ERR_NO_IDENTITY);
	DAMAGED(f.info.left_out = UINT32_MAX, ERR_NO_IDENTITY);
	DAMAGED((f.info.left_out = METAGRAPH_NEURONS_MAX + 1,
	    f.info.file_bytes += 2 * (METAGRAPH_NEURONS_MAX + 1)),
	    ERR_NO_IDENTITY);
	DAMAGED(f.info.byte_order = 0x04030201, ERR_NO_IDENTITY);
	DAMAGED(f.info.written_at_s = -1, ERR_NO_IDENTITY);
	DAMAGED(f.info.written_at_s = INT64_MAX, ERR_NO_IDENTITY);
	DAMAGED(f.info.advanced_at_s = INT64_MIN, ERR_NO_IDENTITY);
	DAMAGED(f.info.advanced_at_s = INT64_C(253402300800), ERR_NO_IDENTITY);
	DAMAGED(f.info.advanced_at_s = INT64_C(253402300799), ERR_OK);
	DAMAGED(f.info.netuid = 14, ERR_NO_IDENTITY);
	DAMAGED(f.info.file_bytes++, ERR_NO_IDENTITY);
	DAMAGED(f.info.file_bytes = 0, ERR_NO_IDENTITY);
	DAMAGED(f.info.file_bytes = UINT64_MAX, ERR_NO_IDENTITY);
	DAMAGED(f.info.count = 0, ERR_NO_IDENTITY);
	DAMAGED(f.info.count--, ERR_NO_IDENTITY);
	DAMAGED(f.info.count++, ERR_NO_IDENTITY);
	DAMAGED(f.info.count = UINT32_MAX, ERR_NO_IDENTITY);
	DAMAGED(f.info.count = METAGRAPH_NEURONS_MAX + 1, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 0, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 3, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 5, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 18, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 32, ERR_NO_IDENTITY);
	DAMAGED(f.info.dir_bits = 64, ERR_NO_IDENTITY);
	DAMAGED(f_len += 8, ERR_NO_IDENTITY);
	DAMAGED((f_len += 88, f.info.file_bytes += 88), ERR_NO_IDENTITY);
	DAMAGED((f_len -= 88, f.info.file_bytes -= 88), ERR_NO_IDENTITY);

	/* Sizes that agree, of nothing. */
	DAMAGED((f.info.count = 0, f.info.file_bytes = f_len =
	    sizeof(f.info) + 18 * 4, memset(DIR, 0, 18 * 4)), ERR_NO_IDENTITY);
	DAMAGED((f.info.dir_bits = 0, f.info.file_bytes = f_len =
	    sizeof(f.info) + 3 * 4 + COUNT * 88), ERR_NO_IDENTITY);

	/* The directory. */
	DAMAGED(DIR[0] = 1, ERR_NO_IDENTITY);
	DAMAGED(for (i = 0; DIR[i] == 0; i++) DIR[i] = 1, ERR_NO_IDENTITY);
	DAMAGED(DIR[16] = COUNT + 1, ERR_NO_IDENTITY);
	DAMAGED(DIR[16] = COUNT - 1, ERR_NO_IDENTITY);
	DAMAGED(DIR[8] = UINT32_MAX, ERR_NO_IDENTITY);
	DAMAGED(DIR[15] = COUNT + 1, ERR_NO_IDENTITY);

	/* The neurons. */
	DAMAGED((swap = NEURONS[1], NEURONS[1] = NEURONS[2], NEURONS[2] = swap),
	    ERR_NO_IDENTITY);
	DAMAGED(memcpy(NEURONS[3].hotkey, NEURONS[2].hotkey, 32),
	    ERR_NO_IDENTITY);
	DAMAGED(memset(NEURONS[0].hotkey, 0, 32), ERR_NO_IDENTITY);
	DAMAGED(memset(NEURONS[4].coldkey, 0, 32), ERR_NO_IDENTITY);
	DAMAGED(NEURONS[2].permit = 2, ERR_NO_IDENTITY);
#undef DAMAGED
}

static void
a_file_too_large_to_map_is_refused(void **state)
{
	int fd;

	(void)state;
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	close(fd);
	assert_int_equal(f_try(), ERR_NO_IDENTITY);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(5);
	assert_int_equal(f_try(), ERR_NO_IDENTITY);
	alarm(0);
}

static void
the_last_good_snapshot_stays_in_use(void **state)
{
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	struct metagraph_neuron five, seven;
	int fd, i;

	(void)state;
	neuron_make(&five, 4);
	neuron_make(&seven, 6);

	/* Nothing there yet: said once. */
	(void)said_since();
	assert_int_equal(metagraph_refresh(m), ERR_NO_IDENTITY);
	assert_int_not_equal(said_since(), 0);
	assert_int_equal(metagraph_refresh(m), ERR_NO_IDENTITY);
	assert_null(metagraph_info(m));
	assert_null(metagraph_neurons(m));
	assert_null(metagraph_find(m, five.hotkey));
	assert_int_equal(said_since(), 0);

	write_many(COUNT);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(metagraph_info(m)->count, COUNT);
	f_read();

	/* Written into, not replaced: refused, and what we have is ours. */
	assert_int_equal((fd = open(path, O_WRONLY)) != -1, 1);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, f.bytes, f_len - 1), (ssize_t)f_len - 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(metagraph_info(m)->count, COUNT);
	assert_non_null(metagraph_find(m, five.hotkey));
	assert_int_equal(said_since() != 0, 1);

	/* A damaged one: refused, logged once, the mapped one stays. */
	f.bytes[f_len - 1] ^= 1;
	f_write(f.bytes, f_len);
	for (i = 0; i < 3; i++) {
		assert_int_equal(metagraph_refresh(m), ERR_OK);
		assert_int_equal(metagraph_info(m)->count, COUNT);
		assert_non_null(metagraph_find(m, five.hotkey));
		assert_int_equal(said_since() != 0, i == 0);
	}
	f_write((const uint8_t *)"x", 1);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(said_since() != 0, 1);
	f_write((const uint8_t *)"", 0);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(said_since() != 0, 1);

	/* Deleted: the mapped one stays. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_non_null(metagraph_find(m, five.hotkey));
	assert_null(metagraph_find(m, seven.hotkey));
	assert_int_not_equal(said_since(), 0);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(said_since(), 0);

	/* A good one is taken, once; then another. */
	write_many(7);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(metagraph_info(m)->count, 7);
	assert_non_null(metagraph_find(m, seven.hotkey));
	write_many(COUNT);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(metagraph_info(m)->count, COUNT);
	assert_null(metagraph_find(m, seven.hotkey));
	assert_int_equal(said_since(), 0);
	metagraph_free(m);
	metagraph_free(NULL);
}

static void
a_snapshot_of_another_subnet_is_refused(void **state)
{
	struct metagraph *m = metagraph_new(dir, NETUID + 1, h);

	(void)state;
	write_many(COUNT);
	assert_int_equal(metagraph_refresh(m), ERR_NO_IDENTITY);
	assert_null(metagraph_info(m));
	metagraph_free(m);
}

/* What is not replaced is not mapped again: pointers stay good. */
static void
a_snapshot_that_is_not_replaced_stays_mapped(void **state)
{
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	const struct metagraph_info *info;

	(void)state;
	write_many(COUNT);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	info = metagraph_info(m);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_ptr_equal(metagraph_info(m), info);
	metagraph_free(m);
}

static void
a_directory_with_too_long_a_path_is_refused(void **state)
{
	static char long_dir[8192];
	struct metagraph *m;

	(void)state;
	memset(long_dir, 'd', sizeof(long_dir) - 1);
	long_dir[0] = '/';
	m = metagraph_new(long_dir, NETUID, h);
	assert_int_equal(metagraph_refresh(m), ERR_NO_IDENTITY);
	metagraph_free(m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(snapshots_of_many_sizes_are_read_as_written),
	T(a_snapshot_of_as_many_neurons_as_can_be_is_read),
	T(keys_with_the_same_first_bytes_are_found),
	T(a_snapshot_that_cannot_be_is_not_written),
	T(rows_that_nobody_can_use_cost_only_themselves),
	T(a_snapshot_of_another_network_is_refused),
	T(a_snapshot_with_any_byte_damaged_or_cut_is_refused),
	T(a_wrong_snapshot_with_a_right_checksum_is_refused),
	T(a_file_too_large_to_map_is_refused),
	T(the_last_good_snapshot_stays_in_use),
	T(a_snapshot_of_another_subnet_is_refused),
	T(a_snapshot_that_is_not_replaced_stays_mapped),
	T(a_directory_with_too_long_a_path_is_refused)
};

TEST_MAIN(tests)
