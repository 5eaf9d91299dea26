#include "test.h"
#include "tmpdir.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"

#define NETUID 13
#define COUNT 300
#define KILLS 500
#define REPLACEMENTS 1000

static char dir[4000], path[4096];
static struct hmac *h;

/* What a kill leaves does not hang on the disk: without one this is quick. */
static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make_in("/dev/shm", dir, sizeof(dir)) != 0 &&
	    tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/" METAGRAPH_FILE, dir);
	h = hmac_new();
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	hmac_free(h);
	unlink(path);
	return (rmdir(dir));
}

static unsigned
files(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return (n - 2);
}

/* The same neurons at each block, with the block as everybody's stake. */
static void
write_at(uint64_t block, struct hmac *with)
{
	static struct metagraph_neuron n[COUNT];
	struct metagraph_info info;
	uint32_t i;

	memset(&info, 0, sizeof(info));
	info.netuid = NETUID;
	info.count = COUNT;
	info.block = info.advanced_block = block;
	for (i = 0; i < COUNT; i++) {
		memset(&n[i], 0, sizeof(n[i]));
		hmac_hash(with, &i, sizeof(i), n[i].hotkey);
		n[i].coldkey[0] = 1;
		n[i].uid = (uint16_t)i;
		n[i].alpha_stake_rao = block;
	}
	if (metagraph_write(dir, &info, n, with) != ERR_OK)
		abort();
}

/* Writes until it is killed, or ${last} has been written. */
static pid_t
writer(uint64_t block, uint64_t last)
{
	struct hmac *own;
	pid_t pid;

	if ((pid = fork()) != 0)
		return (pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	own = hmac_new();
	for (; block <= last; block++) {
		write_at(block, own);

		/* Where there is an end, somebody wants to see it all. */
		if (last != UINT64_MAX)
			nanosleep(&(struct timespec){ 0, 200000 }, NULL);
	}
	_exit(0);
}

/* The block of the snapshot that is mapped, which is all of one piece. */
static uint64_t
one_piece(struct metagraph *m)
{
	const struct metagraph_info *info = metagraph_info(m);
	const struct metagraph_neuron *n = metagraph_neurons(m);
	uint32_t i;

	assert_int_equal(info->count, COUNT);
	for (i = 0; i < COUNT; i++)
		assert_int_equal(n[i].alpha_stake_rao, info->block);
	return (info->block);
}

static void
writers_killed_at_any_moment_leave_a_whole_snapshot(void **state)
{
	struct metagraph *m;
	uint64_t last = 0, now, moved = 0;
	uint32_t chance = 1;
	unsigned i, left;
	int status;
	pid_t pid;

	(void)state;
	write_at(1, h);
	for (i = 0; i < KILLS; i++) {
		pid = writer(last + 2, UINT64_MAX);
		assert_true(pid > 0);
		chance = chance * 1664525 + 1013904223;
		nanosleep(&(struct timespec){ 0, chance % 3000000 }, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));

		/* A reader that knows nothing of before. */
		m = metagraph_new(dir, NETUID, h);
		assert_int_equal(metagraph_refresh(m), ERR_OK);
		now = one_piece(m);
		assert_true(now >= last);
		moved += now > last;
		last = now;
		metagraph_free(m);
	}
	left = files() - 1;
	printf("# %u killed: %u snapshots moved on, %u temporary files left\n",
	    KILLS, (unsigned)moved, left);
	assert_true(left > 0);

	/* They are swept once they are old, and nothing else is. */
	file_sweep(path, 0);
	assert_int_equal(files(), left + 1);
	file_sweep("/nonexistent/directory", INT64_MAX);
	file_sweep(path, INT64_MAX);
	assert_int_equal(files(), 1);
	m = metagraph_new(dir, NETUID, h);
	assert_int_equal(metagraph_refresh(m), ERR_OK);
	assert_int_equal(one_piece(m), last);
	metagraph_free(m);
}

/* One reader, mapping and looking up while the file is replaced under it. */
static void
a_reader_sees_only_whole_snapshots(void **state)
{
	struct metagraph *m = metagraph_new(dir, NETUID, h);
	const struct metagraph_neuron *n;
	uint64_t block = 0, now, seen = 0, looks = 0;
	uint8_t hotkey[32];
	uint32_t i;
	int status;
	pid_t pid;

	(void)state;
	write_at(1, h);
	alarm(60);
	pid = writer(2, 1 + REPLACEMENTS);
	assert_true(pid > 0);
	while (block < 1 + REPLACEMENTS) {
		assert_int_equal(metagraph_refresh(m), ERR_OK);
		now = one_piece(m);
		assert_true(now >= block);
		seen += now > block;
		block = now;

		/* What was found stays while the writer goes on. */
		i = (uint32_t)(looks++ % COUNT);
		hmac_hash(h, &i, sizeof(i), hotkey);
		n = metagraph_find(m, hotkey);
		assert_non_null(n);
		assert_int_equal(n->uid, i);
		assert_int_equal(n->alpha_stake_rao, block);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	printf("# %u replacements, %u of them seen in %u looks\n", REPLACEMENTS,
	    (unsigned)seen, (unsigned)looks);
	assert_true(seen > REPLACEMENTS / 10);
	alarm(0);
	metagraph_free(m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(writers_killed_at_any_moment_leave_a_whole_snapshot),
	T(a_reader_sees_only_whole_snapshots)
};

TEST_MAIN(tests)
