#include "test.h"
#include "tmpdir.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "state/exposition.h"
#include "state/metrics.h"

#define CHILDREN 8
#define TIMES 20000

static char dir[4000], path[4096];
static struct metrics *m;
static int saved_stderr;

static int
setup(void **state)
{
	int null;

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/%s", dir, METRICS_FILE);

	/* What is refused is logged as well: not here. */
	saved_stderr = dup(2);
	null = open("/dev/null", O_WRONLY);
	if (saved_stderr == -1 || null == -1 || dup2(null, 2) == -1 ||
	    close(null) != 0)
		return (-1);
	return (metrics_open(dir, "one", true, &m) == ERR_OK ? 0 : -1);
}

static int
teardown(void **state)
{

	(void)state;
	metrics_close(m);
	(void)dup2(saved_stderr, 2);
	close(saved_stderr);
	unlink(path);
	return (rmdir(dir));
}

static uint64_t
requests(const struct metrics *of, unsigned place, enum err e)
{

	return (metrics_counted(of, METRICS_COUNTED_REQUESTS, place,
	    (unsigned)e));
}

/* The text of one family. */
static const char *
text_of(const struct metrics *of, enum metrics_id id, bool open)
{
	static char text[65536];
	struct buf b;
	struct exposition x = { &b, open };

	buf_init(&b, text, sizeof(text));
	exposition_counted(&x, of, id);
	exposition_end(&x);
	assert_int_equal(buf_end(&b), ERR_OK);
	return (text);
}

/* --- counts -------------------------------------------------------------- */

static void
what_processes_count_is_added_up_also_for_those_that_were_killed(void **state)
{
	pid_t child[CHILDREN];
	struct metrics *own;
	int i, k, status;

	(void)state;
	for (i = 0; i < CHILDREN; i++) {
		if ((child[i] = fork()) != 0)
			continue;
		if (metrics_open(dir, i % 2 == 0 ? "one" : "two", false,
		    &own) != ERR_OK)
			_exit(1);
		for (k = 0; k < TIMES; k++)
			metrics_count(own, METRICS_COUNTED_REQUESTS, 99,
			    ERR_REPLAY, 1);
		raise(SIGKILL);
	}
	for (i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFSIGNALED(status));
	}
	assert_string_equal(metrics_endpoint(m, 0), "one");
	assert_string_equal(metrics_endpoint(m, 1), "two");
	assert_null(metrics_endpoint(m, 2));
	for (i = 0; i < 2; i++)
		assert_int_equal(requests(m, (unsigned)i, ERR_REPLAY),
		    CHILDREN / 2 * TIMES);
	assert_int_equal(requests(m, 0, ERR_OK), 0);
}

static void
a_count_stays_when_the_file_is_opened_again(void **state)
{

	(void)state;
	metrics_count(m, METRICS_COUNTED_URLS, METRICS_KIND_LIST, 0, 7);
	metrics_close(m);
	assert_int_equal(metrics_open(dir, "one", true, &m), ERR_OK);
	assert_int_equal(metrics_counted(m, METRICS_COUNTED_URLS,
	    METRICS_KIND_LIST, 0), 7);
}

static void
a_value_that_a_label_does_not_have_counts_nothing(void **state)
{
	int id;

	(void)state;
	metrics_count(m, METRICS_COUNTED_URLS, METRICS_COUNT_KIND, 0, 1);
	metrics_count(m, METRICS_COUNTED_URLS, 0, 1, 1);
	metrics_count(m, METRICS_COUNTED_GRANTS, 0, METRICS_COUNT_KIND, 1);
	metrics_time(m, METRICS_TIMED_PROOF, METRICS_COUNT_SCHEME, 1);
	for (id = 0; id < METRICS_FAMILIES; id++) {
		if (metrics_families[id].type == METRICS_COUNTER)
			assert_int_equal(metrics_counted(m,
			    (enum metrics_id)id, 0, 0), 0);
	}
}

static void
a_program_without_a_file_counts_nothing_and_goes_on(void **state)
{
	const uint8_t *salt = NULL;
	uint64_t in[METRICS_BUCKETS + 1];

	(void)state;
	metrics_count(NULL, METRICS_COUNTED_REQUESTS, 0, 0, 1);
	metrics_time(NULL, METRICS_TIMED_REQUEST, 0, 1);
	metrics_alive(NULL, METRICS_SANDBOX_ON);
	metrics_close(NULL);
	assert_int_equal(requests(NULL, 0, ERR_OK), 0);
	assert_int_equal(metrics_timed(NULL, METRICS_TIMED_REQUEST, 0, in), 0);
	assert_null(metrics_endpoint(NULL, 0));
	assert_null(metrics_busiest(NULL, &salt));
}

static void
more_endpoints_than_there_are_places_are_not_counted(void **state)
{
	struct metrics *other;
	char name[24];
	int i;

	(void)state;
	for (i = 0; i < METRICS_ENDPOINTS + 3; i++) {
		snprintf(name, sizeof(name), "more-%d", i);
		assert_int_equal(metrics_open(dir, name, false, &other),
		    ERR_OK);
		metrics_count(other, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 1);
		metrics_close(other);
	}
	for (i = 1; i < METRICS_ENDPOINTS; i++)
		assert_int_equal(requests(m, (unsigned)i, ERR_OK), 1);
	assert_int_equal(requests(m, 0, ERR_OK), 0);
}

static void
a_file_of_another_layout_is_replaced(void **state)
{
	struct metrics *other;
	uint32_t byte = 7;
	int fd;

	(void)state;
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 1);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, &byte, 1, 24), 1);
	close(fd);
	assert_int_equal(metrics_open(dir, "one", false, &other), ERR_OK);
	assert_int_equal(requests(other, 0, ERR_OK), 0);
	assert_int_equal(requests(m, 0, ERR_OK), 1);
	metrics_close(other);
}

static void
a_file_that_others_may_read_is_not_used(void **state)
{
	struct metrics *other;

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(metrics_open(dir, "one", false, &other), ERR_IO);
	assert_null(other);
}

/* --- durations ----------------------------------------------------------- */

static void
a_duration_is_in_the_first_bucket_that_holds_it(void **state)
{
	const int64_t last = metrics_bucket_us[METRICS_BUCKETS - 1];
	uint64_t in[METRICS_BUCKETS + 1];
	int64_t sum;
	int i;

	(void)state;
	metrics_time(m, METRICS_TIMED_LEDGER, 0, -5);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, metrics_bucket_us[0]);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, metrics_bucket_us[0] + 1);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, last);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, last + 1);
	sum = (int64_t)metrics_timed(m, METRICS_TIMED_LEDGER, 0, in);
	assert_int_equal(sum, 2 * metrics_bucket_us[0] + 2 * last + 2);
	assert_int_equal(in[0], 2);
	assert_int_equal(in[1], 1);
	assert_int_equal(in[METRICS_BUCKETS - 1], 1);
	assert_int_equal(in[METRICS_BUCKETS], 1);
	for (i = 1; i < METRICS_BUCKETS; i++)
		assert_true(metrics_bucket_us[i] > metrics_bucket_us[i - 1]);
}

/* --- processes ----------------------------------------------------------- */

static void
a_process_is_alive_until_it_is_killed_and_counts_once(void **state)
{
	pid_t child[CHILDREN];
	struct metrics *own;
	int ready[2], i;
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	for (i = 0; i < CHILDREN; i++) {
		if ((child[i] = fork()) != 0)
			continue;
		if (metrics_open(dir, "two", true, &own) != ERR_OK)
			_exit(1);
		metrics_alive(own, METRICS_SANDBOX_OFF);
		metrics_alive(own, METRICS_SANDBOX_ON);
		metrics_alive(own, METRICS_SANDBOX_ON);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	for (i = 0; i < CHILDREN; i++)
		assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(metrics_processes(m, 1, METRICS_SANDBOX_ON),
	    CHILDREN);
	assert_int_equal(metrics_processes(m, 1, METRICS_SANDBOX_OFF), 0);
	assert_int_equal(metrics_processes(m, 0, METRICS_SANDBOX_ON), 0);
	metrics_alive(m, METRICS_SANDBOX_ON);
	assert_int_equal(metrics_processes(m, 0, METRICS_SANDBOX_ON), 1);
	for (i = 0; i < CHILDREN; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
		assert_int_equal(metrics_processes(m, 1, METRICS_SANDBOX_ON),
		    CHILDREN - 1 - i);
	}
	close(ready[0]);
	close(ready[1]);
}

/* --- text ---------------------------------------------------------------- */

static void
errors_that_are_one_to_a_client_are_one_line(void **state)
{
	const char *text, *line;

	(void)state;
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_NOT_REGISTERED, 2);
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_NO_VALIDATOR, 3);
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 1);
	text = text_of(m, METRICS_COUNTED_REQUESTS, false);
	line = "# HELP foldergate_requests_total Requests answered, by "
	    "endpoint, HTTP status and code of the answer.\n"
	    "# TYPE foldergate_requests_total counter\n"
	    "foldergate_requests_total{endpoint=\"one\",status=\"200\","
	    "code=\"ok\"} 1\n"
	    "foldergate_requests_total{endpoint=\"one\",status=\"401\","
	    "code=\"not_registered\"} 5\n"
	    "foldergate_requests_total{endpoint=\"one\",status=\"401\","
	    "code=\"denied\"} 0\n";
	assert_memory_equal(text, line, strlen(line));
	assert_null(strstr(text + strlen(line), "not_registered"));
}

static void
errors_that_alerts_watch_are_written_before_the_first(void **state)
{
	const char *text;

	(void)state;
	text = text_of(m, METRICS_COUNTED_REQUESTS, false);
	assert_non_null(strstr(text, "code=\"replay_detected\"} 0\n"));
	assert_non_null(strstr(text, "code=\"internal\"} 0\n"));
	assert_null(strstr(text, "code=\"ok\""));
}

static void
openmetrics_names_a_counter_without_total_and_ends(void **state)
{

	(void)state;
	assert_string_equal(text_of(m, METRICS_COUNTED_GRANTS, true),
	    "# HELP foldergate_grants Answers that granted something, by kind "
	    "of grant.\n# TYPE foldergate_grants counter\n# EOF\n");
}

static void
the_buckets_of_a_histogram_are_cumulative_and_in_seconds(void **state)
{
	const char *text;

	(void)state;
	metrics_time(m, METRICS_TIMED_LEDGER, 0, 60);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, 60);
	metrics_time(m, METRICS_TIMED_LEDGER, 0, 2000000);
	text = text_of(m, METRICS_TIMED_LEDGER, false);
	assert_non_null(strstr(text, "_bucket{le=\"0.00005\"} 0\n"));
	assert_non_null(strstr(text, "_bucket{le=\"0.0001\"} 2\n"));
	assert_non_null(strstr(text, "_bucket{le=\"1.0\"} 2\n"));
	assert_non_null(strstr(text, "_bucket{le=\"2.5\"} 3\n"));
	assert_non_null(strstr(text, "_bucket{le=\"+Inf\"} 3\n"));
	assert_non_null(strstr(text, "ledger_seconds_sum 2.00012\n"));
	assert_non_null(strstr(text, "ledger_seconds_count 3\n"));
}

static void
a_label_and_a_negative_value_are_written_as_prometheus_reads_them(void **state)
{
	char text[200];
	struct buf b;
	const struct exposition x = { &b, false };

	(void)state;
	buf_init(&b, text, sizeof(text));
	exposition_gauge(&x, METRICS_GAUGE_BUILD, "a\\b\"c\nd", NULL, 1000);
	exposition_gauge(&x, METRICS_GAUGE_SKEW, "store", NULL, -31050);
	assert_string_equal(text,
	    "foldergate_build_info{version=\"a\\\\b\\\"c\\nd\"} 1\n"
	    "foldergate_clock_skew_seconds{peer=\"store\"} -31.05\n");
}

/* --- copies -------------------------------------------------------------- */

static void
a_copy_has_what_was_counted_until_then_and_changes_nothing(void **state)
{
	struct metrics *copy;
	struct stat was, is;
	const char *why;

	(void)state;
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 3);
	metrics_alive(m, METRICS_SANDBOX_ON);
	assert_int_equal(stat(path, &was), 0);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_OK);
	assert_int_equal(metrics_processes(copy, 0, METRICS_SANDBOX_ON), 1);
	metrics_count(m, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 4);
	metrics_count(copy, METRICS_COUNTED_REQUESTS, 0, ERR_OK, 100);
	assert_int_equal(requests(copy, 0, ERR_OK), 3);
	assert_int_equal(requests(m, 0, ERR_OK), 7);
	metrics_close(copy);
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_ino, was.st_ino);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_OK);
	assert_int_equal(requests(copy, 0, ERR_OK), 7);
	metrics_close(copy);
}

static void
no_copy_is_made_of_what_is_no_table(void **state)
{
	struct metrics *copy;
	struct stat st;
	const char *why;
	uint32_t byte = 7;
	int fd;

	(void)state;
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, &byte, sizeof(byte), 8), sizeof(byte));
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_IO);
	assert_null(copy);
	assert_string_equal(why, "of another version, or damaged");
	assert_int_equal(ftruncate(fd, 5000), 0);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_IO);
	assert_string_equal(why, "of another version, or damaged");
	close(fd);
	unlink(path);
	assert_int_equal(metrics_copy(dir, &copy, &why), ERR_IO);
	assert_string_equal(why, "there is none");
	assert_int_equal(lstat(path, &st), -1);
}

static const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	T(what_processes_count_is_added_up_also_for_those_that_were_killed),
	T(a_count_stays_when_the_file_is_opened_again),
	T(a_value_that_a_label_does_not_have_counts_nothing),
	T(a_program_without_a_file_counts_nothing_and_goes_on),
	T(more_endpoints_than_there_are_places_are_not_counted),
	T(a_file_of_another_layout_is_replaced),
	T(a_file_that_others_may_read_is_not_used),
	T(a_duration_is_in_the_first_bucket_that_holds_it),
	T(a_process_is_alive_until_it_is_killed_and_counts_once),
	T(errors_that_are_one_to_a_client_are_one_line),
	T(errors_that_alerts_watch_are_written_before_the_first),
	T(openmetrics_names_a_counter_without_total_and_ends),
	T(the_buckets_of_a_histogram_are_cumulative_and_in_seconds),
	T(a_label_and_a_negative_value_are_written_as_prometheus_reads_them),
	T(a_copy_has_what_was_counted_until_then_and_changes_nothing),
	T(no_copy_is_made_of_what_is_no_table),
};

TEST_MAIN(tests)
