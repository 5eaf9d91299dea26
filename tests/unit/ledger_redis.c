/* What only the ledger in Redis can meet: servers of all sorts, addresses. */
#include "ledger.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>

#include "ledger/redis_says.h"
#include "ledger/redis_url.h"

/* Ask our Redis for something it must grant. */
static void
command(const char *line)
{
	const char *answer = redis_say(socket_path, line);

	assert_non_null(answer);
	if (answer[0] == '-')
		fail_msg("%s: %s", line, answer);
}

static enum err
open_with(const char *password_file, struct ledger **s)
{
	struct ledger_options o = { .directory = dir, .redis_url = url,
	    .redis_password_file = password_file, .wait_ms = 100 };

	return (ledger_open(&o, s));
}

static void
the_url_of_redis_is_read_in_all_its_forms(void **state)
{
	static const struct {
		const char *url, *host, *path;
		int port;
		int64_t db;
		const char *user, *password;
	} good[] = {
		{ "redis://h", "h", "", 6379, 0, "", "" },
		{ "redis://h/", "h", "", 6379, 0, "", "" },
		{ "redis://h:1", "h", "", 1, 0, "", "" },
		{ "redis://10.0.0.1:65535/15", "10.0.0.1", "", 65535, 15, "",
		    "" },
		{ "redis://[::1]:99/3", "::1", "", 99, 3, "", "" },
		{ "redis://[::1]", "::1", "", 6379, 0, "", "" },
		{ "redis://:p@h", "h", "", 6379, 0, "", "p" },
		{ "redis://u@h", "h", "", 6379, 0, "u", "" },
		{ "redis://u:p@h:2/1", "h", "", 2, 1, "u", "p" },
		{ "redis://%75%3a:%40%2F:%25@h", "h", "", 6379, 0, "u:",
		    "@/:%" },
		{ "redis://a@b:c@h", "h", "", 6379, 0, "a@b", "c" },
		{ "unix:///run/r.sock", "", "/run/r.sock", 0, 0, "", "" },
		{ "unix:///r?db=7", "", "/r", 0, 7, "", "" },
		{ "unix://u:p@/r?db=7", "", "/r", 0, 7, "u", "p" },
	};
	static const char *const bad[] = { "h", "redis:", "redis://",
	    "redis://:6379", "redis://h:", "redis://h:0", "redis://h:65536",
	    "redis://h:-1", "redis://h:6379x", "redis://h:1:2", "redis://h/x",
	    "redis://h/-1", "redis://h/0/1", "redis://h/65536", "redis://[::1",
	    "redis://[]", "redis://[::1]x", "redis://u:%4@h", "redis://u:%@h",
	    "redis://u:%zz@h", "redis://u:%00@h", "redis://@", "unix://",
	    "unix://r", "unix://h/r", "unix:///r?", "unix:///r?db=",
	    "unix:///r?db=x", "unix:///r?x=1", "rediss://h", "REDIS://h",
	    "http://h" };
	struct redis_url u;
	char longer[600] = "redis://";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(redis_url_parse(good[i].url, &u), ERR_OK);
		assert_string_equal(u.host, good[i].host);
		assert_string_equal(u.path, good[i].path);
		assert_int_equal(u.port, good[i].port);
		assert_int_equal(u.db, good[i].db);
		assert_string_equal(u.user, good[i].user);
		assert_string_equal(u.password, good[i].password);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (redis_url_parse(bad[i], &u) != ERR_FORMAT)
			fail_msg("%s", bad[i]);
	}
	memset(longer + 8, 'h', 256);
	assert_int_equal(redis_url_parse(longer, &u), ERR_FORMAT);
	longer[8 + 100] = '@';
	assert_int_equal(redis_url_parse(longer, &u), ERR_OK);
	memset(longer + 8, 'p', 256);
	longer[8 + 256] = '@';
	longer[8 + 257] = 'h';
	assert_int_equal(redis_url_parse(longer, &u), ERR_FORMAT);
	memcpy(longer, "unix:///", 8);
	memset(longer + 8, 'p', 107);
	longer[8 + 107] = '\0';
	assert_int_equal(redis_url_parse(longer, &u), ERR_FORMAT);
	longer[8 + 106] = '\0';
	assert_int_equal(redis_url_parse(longer, &u), ERR_OK);
	assert_int_equal(logged("stunnel"), 1);
}

static void
each_error_of_redis_has_its_meaning(void **state)
{
	char word[REDIS_SAYS_MAX + 1], longer[100] = "run_id:";
	bool passes;

	(void)state;
	assert_string_equal(redis_says_error("ERR Error running script (call "
	    "to f_12): @user_script:9: @user_script: 9: -READONLY You can't "
	    "write against a read only replica.", "EVALSHA", &passes),
	    "Redis is a replica");
	assert_false(passes);
	assert_string_equal(redis_says_error("", "", &passes),
	    "Redis refused a command");
	assert_false(passes);
	assert_string_equal(redis_says_error("ERR new", "AUTH", &passes),
	    "Redis refused the command AUTH");
	assert_string_equal(redis_says_error("ERR max number of clients "
	    "reached", "INFO", &passes), "Redis has too many clients");
	assert_string_equal(redis_says_error("ERR wrong number of arguments "
	    "for 'auth' command", "AUTH", &passes),
	    "Redis is older than 6, and knows no users");

	assert_true(redis_says_info("run_id:a-1\r\n", "run_id", word));
	assert_string_equal(word, "a-1");
	assert_true(redis_says_info("x:1\r\nxrun_id:b\r\nrun_id2:b\r\n"
	    "run_id:a", "run_id", word));
	assert_string_equal(word, "a");
	assert_false(redis_says_info("", "run_id", word));
	assert_false(redis_says_info("run_id:\r\nx", "run_id", word));
	assert_false(redis_says_info("run_i\nrun_id\n", "run_id", word));
	memset(longer + 7, 'a', REDIS_SAYS_MAX);
	assert_true(redis_says_info(longer, "run_id", word));
	longer[7 + REDIS_SAYS_MAX] = 'a';
	assert_false(redis_says_info(longer, "run_id", word));
}

static void
a_redis_that_was_flushed_begins_a_new_ledger(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW), ERR_OK);
	command("FLUSHALL");
	assert_int_equal(admit(s, 2, NOW, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 3, NOW + 5, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 3, NOW + 6, NOW + 5), ERR_OK);
	assert_int_equal(spend(s, "a", 1, NOW + 6), ERR_OK);
	ledger_free(s);
}

/* Restarted with what it had saved, it may lack what came later. */
static void
a_restarted_redis_refuses_what_it_may_have_lost(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	command("SAVE");
	assert_int_equal(admit(s, 3, NOW + 1, NOW + 1), ERR_OK);
	redis_stop(&redis_pid);
	redis_pid = redis_start(socket_path, NULL, NULL);

	/* Nobody need fail for a connection that was closed meanwhile. */
	assert_int_equal(admit(s, 3, NOW + 1, NOW + 5), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 4, NOW + 5, NOW + 6), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 4, NOW + 6, NOW + 6), ERR_OK);
	ledger_free(s);

	/* For the next to connect nothing is new, even if his clock is back. */
	s = opened();
	assert_int_equal(admit(s, 5, NOW + 5, NOW - 9), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 5, NOW + 6, NOW + 9), ERR_OK);
	assert_int_equal(logged("\n"), 0);
	ledger_free(s);
}

static void
a_script_that_was_flushed_is_sent_again(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	command("SCRIPT FLUSH");
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), 2);
	assert_int_equal(logged("\n"), 0);
	ledger_free(s);
}

static void
the_counters_of_a_day_expire_by_themselves(void **state)
{
	struct ledger *s = born();
	char line[100];

	(void)state;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	snprintf(line, sizeof(line), "TTL foldergate:{1}:day:%" PRId64, TODAY);
	assert_string_equal(redis_say(socket_path, line), ":691200\r\n");
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	assert_string_equal(redis_say(socket_path,
	    "TTL foldergate:{1}:replay"), ":-1\r\n");
	assert_string_equal(redis_say(socket_path, "DBSIZE"), ":3\r\n");
	ledger_free(s);
}

/* Nobody there: told so at once, and not asked again for a while. */
static void
a_redis_that_is_down_is_told_at_once(void **state)
{
	struct ledger *s = born();
	int64_t now = NOW;
	double start;
	int i;

	(void)state;
	redis_stop(&redis_pid);
	assert_int_equal(spend(s, "a", 9, now), ERR_LEDGER);
	redis_pid = redis_start(socket_path, NULL, NULL);
	assert_int_equal(spend(s, "a", 9, now + 49), ERR_LEDGER);
	assert_int_equal(spend(s, "a", 9, now + 50), ERR_OK);
	assert_int_equal(logged("ledger_unavailable"), 1);
	assert_int_equal(logged("ledger_available"), 1);

	/* 50 ms, and twice as much each time, up to 2 s. */
	redis_stop(&redis_pid);
	unlink(socket_path);
	start = seconds();
	for (i = 0; i < 20; i++)
		assert_int_equal(spend(s, "a", 9, now += 2000), ERR_LEDGER);
	assert_true(seconds() - start < 5);
	assert_int_equal(logged("ledger_unavailable"), 2);
	redis_pid = redis_start(socket_path, NULL, NULL);
	assert_int_equal(spend(s, "a", 9, now + 1999), ERR_LEDGER);
	assert_int_equal(spend(s, "a", 9, now + 2000), ERR_OK);

	/* A clock that was put back does not make the wait longer. */
	redis_stop(&redis_pid);
	assert_int_equal(spend(s, "a", 9, NOW + DAY_MS), ERR_LEDGER);
	redis_pid = redis_start(socket_path, NULL, NULL);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	ledger_free(s);
}

/* It stops answering.  What was sent may count, and is not sent again. */
static void
a_redis_that_hangs_is_given_up_in_time(void **state)
{
	struct ledger *s = born();
	double start;

	(void)state;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	kill(redis_pid, SIGSTOP);
	start = seconds();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(spend(s, "a", 9, NOW + 50), ERR_LEDGER);
	assert_true(seconds() - start < 8);
	assert_int_equal(logged("too slow"), 1);
	kill(redis_pid, SIGCONT);
	assert_int_equal(spend(s, "a", 9, NOW + 5000), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), 3);
	ledger_free(s);
}

static void
a_password_is_read_from_its_file_or_the_url(void **state)
{
	struct ledger *s;

	(void)state;
	command("CONFIG SET requirepass s3cr:t");
	assert_int_equal(open_with("", &s), ERR_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("Redis wants a password"), 1);
	ledger_free(s);

	write_file(in_dir("password"), "s3cr:t\n", 0600);
	assert_int_equal(open_with(in_dir("password"), &s), ERR_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	ledger_free(s);

	write_file(in_dir("password"), "wrong\n", 0600);
	assert_int_equal(open_with(in_dir("password"), &s), ERR_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("Redis refuses user or password"), 1);
	ledger_free(s);

	chmod(in_dir("password"), 0644);
	assert_int_equal(open_with(in_dir("password"), &s), ERR_UNSAFE);
	assert_int_equal(open_with(in_dir("none"), &s), ERR_IO);
	assert_null(s);

	snprintf(url, sizeof(url), "unix://:s3cr%%3at@%s", socket_path);
	assert_int_equal(open_with("", &s), ERR_OK);
	assert_int_equal(logged("others may see a URL"), 1);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	ledger_free(s);
	assert_int_equal(logged("s3cr"), 0);
}

static void
a_user_of_redis_needs_its_password(void **state)
{
	struct ledger *s;

	(void)state;
	command("ACL SETUSER fg on >pw ~foldergate:* +@all");
	snprintf(url, sizeof(url), "unix://fg@%s?db=3", socket_path);
	assert_int_equal(open_with("", &s), ERR_FORMAT);
	write_file(in_dir("password"), "pw", 0600);
	assert_int_equal(open_with(in_dir("password"), &s), ERR_OK);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_string_equal(redis_say(socket_path, "DBSIZE"), ":0\r\n");

	/* Less than it needs, and just what it needs. */
	command("ACL SETUSER fg -@all +@connection +info +script|load "
	    "+evalsha");
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	command("ACL SETUSER fg +eval +hget +hmget +hset +hincrby +zadd "
	    "+zcount +zscore +zrange +zremrangebyrank +ttl +expire "
	    "+time");
	assert_int_equal(spend(s, "a", 9, NOW + 5000), ERR_OK);
	assert_int_equal(logged("Redis allows this user too little"), 1);
	ledger_free(s);
}

static void
a_replica_of_redis_is_refused(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	command("REPLICAOF 127.0.0.1 1");
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("Redis is a replica"), 1);
	command("REPLICAOF NO ONE");

	/* Another one may be behind this address by now. */
	assert_int_equal(spend(s, "a", 9, NOW + 49), ERR_LEDGER);
	assert_int_equal(spend(s, "a", 9, NOW + 50), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), 2);
	ledger_free(s);
}

/* No memory: all or nothing still, and it goes on as soon as there is. */
static void
a_redis_without_memory_takes_all_or_nothing(void **state)
{
	struct ledger *s = born();
	struct ledger_counter c = { "a", 9, false };
	struct ledger_request r = request(2, NOW, NOW);
	struct ledger_result out;

	(void)state;
	r.counter = &c;
	r.counters = 1;
	command("CONFIG SET maxmemory 1");
	assert_int_equal(ledger_admit(s, &r, &out), ERR_LEDGER);
	assert_int_equal(logged("Redis has no memory left"), 1);
	assert_int_equal(used(s, TODAY, "a"), 0);
	command("CONFIG SET maxmemory 0");
	assert_int_equal(ledger_admit(s, &r, &out), ERR_OK);
	assert_int_equal(ledger_admit(s, &r, &out), ERR_REPLAY);
	assert_int_equal(used(s, TODAY, "a"), 1);
	ledger_free(s);
}

static void
a_redis_that_may_evict_keys_is_refused(void **state)
{
	struct ledger *s;

	(void)state;
	command("CONFIG SET maxmemory-policy allkeys-lru");
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("set maxmemory-policy noeviction"), 1);
	command("CONFIG SET maxmemory-policy noeviction");
	assert_int_equal(spend(s, "a", 9, NOW + 5000), ERR_OK);
	ledger_free(s);
}

/* Its disk fails: it takes nothing more, and neither do we. */
static void
a_redis_that_cannot_save_is_refused(void **state)
{
	struct ledger *s = born();
	int i;

	(void)state;
	assert_int_equal(mkdir(in_dir("dump.rdb"), 0700), 0);
	command("CONFIG SET save \"3600 1000\"");
	command("BGSAVE");
	for (i = 0; i < 500; i++) {
		if (spend(s, "a", INT64_MAX, NOW) != ERR_OK)
			break;
		nap_ms(10);
	}
	assert_int_equal(logged("Redis cannot write to its disk"), 1);
	command("CONFIG SET stop-writes-on-bgsave-error no");
	assert_int_equal(spend(s, "a", INT64_MAX, NOW), ERR_OK);
	assert_int_equal(used(s, TODAY, "a"), i + 1);
	ledger_free(s);
}

/* Keys of somebody else under our names: nothing is changed. */
static void
keys_of_others_under_our_names_are_left_alone(void **state)
{
	static const char *const count[] = { "x", "-1", "1.5", "01", "0", "",
	    " 1", "1e3", "nan", "9223372036854775807" };
	struct ledger *s = born();
	char line[200];
	int64_t now = NOW;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(count) / sizeof(count[0]); i++) {
		snprintf(line, sizeof(line), "HSET foldergate:{1}:day:%" PRId64
		    " a \"%s\"", TODAY, count[i]);
		command(line);
		assert_int_equal(spend(s, "a", INT64_MAX, now += 2000),
		    ERR_LEDGER);
	}
	snprintf(line, sizeof(line), "SET foldergate:{1}:day:%" PRId64 " 1",
	    TODAY);
	command(line);
	assert_int_equal(spend(s, "a", 9, now += 2000), ERR_LEDGER);
	command("DEL foldergate:{1}:meta");
	command("HSET foldergate:{1}:meta floor nan");
	now += 2000;
	assert_int_equal(admit(s, 2, now, now), ERR_LEDGER);
	command("FLUSHALL");
	command("SET foldergate:{1}:replay 1");
	now += 2000;
	assert_int_equal(admit(s, 2, now + 1, now), ERR_LEDGER);
	assert_int_equal(logged("ledger_unavailable"), 1);
	assert_int_equal(logged("Redis holds keys that are not ours"), 1);
	command("FLUSHALL");
	assert_int_equal(admit(s, 2, now + 2001, now + 2000), ERR_OK);
	ledger_free(s);
}

/* A port that nobody listens at. */
static int
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	close(fd);
	return (ntohs(in.sin_port));
}

static void
a_redis_is_reached_by_tcp(void **state)
{
	char port[8];
	struct ledger *s;

	(void)state;
	redis_stop(&redis_pid);
	snprintf(port, sizeof(port), "%d", free_port());
	snprintf(url, sizeof(url), "redis://127.0.0.1:%s/2", port);
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("Redis cannot be reached"), 1);
	redis_pid = redis_start(socket_path, "--port", port);
	assert_int_equal(spend(s, "a", 9, NOW + 50), ERR_OK);
	assert_string_equal(redis_say(socket_path, "DBSIZE"), ":0\r\n");
	assert_int_equal(used(s, TODAY, "a"), 1);
	ledger_free(s);
}

/* Listen at the socket.  Whatever is said is answered with the next of the
   ${answers}, the last one again and again, ${pause} between bytes. */
static pid_t
pretend(const char *const *answers, long pause_ms)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char heard[65536];
	const char *s;
	int fd, c, i;
	pid_t pid;

	unlink(socket_path);
	snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", socket_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 5), 0);
	if ((pid = fork()) != 0) {
		close(fd);
		return (pid);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((c = accept(fd, NULL, NULL)) != -1) {
		for (i = 0; recv(c, heard, sizeof(heard), 0) > 0; ) {
			s = answers[i];
			i += answers[i + 1] != NULL;
			if (pause_ms == 0)
				send(c, s, strlen(s), MSG_NOSIGNAL);
			for (; pause_ms != 0 && *s != '\0'; s++) {
				send(c, s, 1, MSG_NOSIGNAL);
				nap_ms(pause_ms);
			}
		}
		close(c);
	}
	_exit(0);
}

/* What the script never says, though all before it is as it should be. */
static void
strange_answers_of_redis_are_refused(void **state)
{
	static const char *const scripts[] = {
		"*3\r\n:0\r\n:0\r\n:5\r\n",	/* this is a good one */
		"+OK\r\n", ":0\r\n", "*0\r\n", "*-1\r\n", "*1\r\n:0\r\n",
		"*1\r\n:9\r\n", "*2\r\n:0\r\n:0\r\n", "*1\r\n:3\r\n",
		"*2\r\n:3\r\n:1\r\n", "*2\r\n:3\r\n:-1\r\n",
		"*2\r\n:3\r\n$1\r\n0\r\n", "*1\r\n*1\r\n:0\r\n",
		"*3\r\n:0\r\n:0\r\n$-1\r\n",
		"*4\r\n:0\r\n:0\r\n:5\r\n:5\r\n",
	};
	const char *answers[] = { "$8\r\nrun_id:a\r\n", "$40\r\n"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", NULL, NULL };
	struct ledger *s;
	pid_t pid;
	size_t i;

	(void)state;
	snprintf(url, sizeof(url), "unix://%s", socket_path);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		answers[2] = scripts[i];
		pid = pretend(answers, 0);
		s = opened();
		assert_int_equal(spend(s, "a", 9, NOW), i == 0 ? ERR_OK :
		    ERR_LEDGER);
		ledger_free(s);
		redis_stop(&pid);
	}
	assert_int_equal(logged("does not keep to its protocol"), (int)i - 1);
}

/* What is no Redis, and what wants to waste our time. */
static void
peers_that_are_no_redis_are_given_up(void **state)
{
	static const struct {
		const char *answer;
		long pause_ms;
	} peers[] = {
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", 0 },
		{ "+OK\r\n", 0 },
		{ ":1\r\n", 0 },
		{ "$-1\r\n", 0 },
		{ "*-1\r\n", 0 },
		{ "$5\r\nhello\r\n", 0 },
		{ "$9999999999999\r\n", 0 },
		{ "*9999999999999\r\n", 0 },
		{ "*1000000000\r\n:1\r\n", 0 },
		{ "-ERR <secret>\r\n", 0 },
		{ "$22\r\n\nrun_id:aaaaaaaaaaaaaa\r\n", 0 },
		{ "", 0 },
		{ "$1000\r\n123456789012345678901234567890", 300 },
	};
	const char *answers[] = { NULL, NULL };
	struct ledger *s;
	double start;
	pid_t pid;
	size_t i;

	(void)state;
	snprintf(url, sizeof(url), "unix://%s", socket_path);
	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		answers[0] = peers[i].answer;
		pid = pretend(answers, peers[i].pause_ms);
		s = opened();
		start = seconds();
		assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
		assert_true(seconds() - start < 4);
		ledger_free(s);
		redis_stop(&pid);
	}
	assert_int_equal(logged("<secret>"), 0);
	assert_int_equal(logged("ledger_unavailable"), (int)i);
}

/* On the same connection: it is looked at again after a second. */
static void
a_policy_that_changes_on_a_live_connection_is_noticed(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	command("CONFIG SET maxmemory-policy allkeys-lru");
	assert_int_equal(spend(s, "a", 9, NOW + 1000), ERR_LEDGER);
	assert_int_equal(logged("set maxmemory-policy noeviction"), 1);
	command("CONFIG SET maxmemory-policy noeviction");
	assert_int_equal(spend(s, "a", 9, NOW + 3000), ERR_OK);

	/* Nor does a clock that was put back keep it from that. */
	command("CONFIG SET maxmemory-policy allkeys-lru");
	assert_int_equal(spend(s, "a", 9, NOW - DAY_MS), ERR_LEDGER);
	ledger_free(s);
}

/* Each with a Redis of its own: the log names what is wrong with it. */
static void
a_refused_command_is_named_in_the_log(void **state)
{
	static const struct {
		const char *conf, *query, *says;
	} cases[] = {
		{ "", "?db=99", "no database of that number" },
		{ "rename-command INFO x\n", "", "the command INFO" },
		{ "rename-command SCRIPT x\n", "", "the command SCRIPT" },
		{ "rename-command SELECT x\n", "?db=1",
		    "the command SELECT" },
		{ "rename-command HMGET x\n", "",
		    "a command of the script" },
	};
	struct ledger *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		redis_stop(&redis_pid);
		write_file(in_dir("conf"), cases[i].conf, 0600);
		redis_pid = redis_start(socket_path, "--include",
		    in_dir("conf"));
		snprintf(url, sizeof(url), "unix://%s%s", socket_path,
		    cases[i].query);
		s = opened();
		assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
		if (logged(cases[i].says) != 1)
			fail_msg("%s", cases[i].says);
		ledger_free(s);
	}
}

/* --- clocks -------------------------------------------------------------- */

/* At its birth, and when Redis was restarted: for the others, too, signatures
   would count from a time that is still to come. */
static void
a_machine_with_a_wrong_clock_begins_no_ledger(void **state)
{
	struct ledger *s = opened();

	(void)state;
	redis_ahead_ms = -DAY_MS;
	assert_int_equal(spend(s, "a", 9, NOW + DAY_MS), ERR_LEDGER);
	assert_int_equal(logged("the clocks of this machine and of Redis "
	    "differ"), 1);
	redis_ahead_ms = DAY_MS;
	assert_int_equal(spend(s, "a", 9, NOW - DAY_MS), ERR_LEDGER);
	redis_ahead_ms = 0;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	assert_int_equal(logged("ledger_available"), 1);

	redis_stop(&redis_pid);
	redis_pid = redis_start(socket_path, NULL, NULL);
	redis_ahead_ms = -10001;
	assert_int_equal(spend(s, "a", 9, NOW + 10001), ERR_LEDGER);
	redis_ahead_ms = 0;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 2, NOW + 1, NOW), ERR_OK);
	ledger_free(s);
}

/* Within ten seconds the later time counts. */
static void
a_ledger_in_redis_is_born_by_the_later_of_two_clocks(void **state)
{
	struct ledger *s = opened();

	(void)state;
	redis_ahead_ms = 9000;
	assert_int_equal(admit(s, 2, NOW + 9000, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 2, NOW + 9001, NOW), ERR_OK);
	command("FLUSHALL");
	redis_ahead_ms = -9000;
	assert_int_equal(admit(s, 3, NOW, NOW), ERR_SIGNED_EARLY);
	assert_int_equal(admit(s, 3, NOW + 1, NOW), ERR_OK);
	ledger_free(s);
}

static void
a_machine_with_a_wrong_clock_makes_redis_forget_nothing(void **state)
{
	struct ledger *s = born();

	(void)state;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_OK);
	redis_ahead_ms = -DAY_MS;
	assert_int_equal(spend(s, "a", 9, NOW + DAY_MS), ERR_OK);
	redis_ahead_ms = DAY_MS;
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	redis_ahead_ms = 0;
	assert_int_equal(admit(s, 2, NOW, NOW), ERR_REPLAY);
	assert_int_equal(admit(s, 3, NOW - 1, NOW), ERR_OK);
	ledger_free(s);
}

/* --- names --------------------------------------------------------------- */

static _Atomic bool silent;

/* In place of libc's, which hiredis calls, too: a name server that may be
   silent, and knows one name. */
int
getaddrinfo(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
	void *next = dlsym(RTLD_NEXT, "getaddrinfo");

	memcpy(&real, &next, sizeof(real));
	if (strncmp(node, "127.", 4) == 0)
		return (real(node, service, hints, res));
	while (silent)
		nap_ms(10);
	return (strcmp(node, "redis.test") != 0 ? EAI_NONAME :
	    real("127.0.0.1", service, hints, res));
}

static void
a_silent_name_server_is_given_up_in_time(void **state)
{
	char port[8];
	struct ledger *s;
	double start;
	int i;

	(void)state;
	redis_stop(&redis_pid);
	snprintf(port, sizeof(port), "%d", free_port());
	redis_pid = redis_start(socket_path, "--port", port);
	snprintf(url, sizeof(url), "redis://redis.test:%s", port);
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_OK);
	ledger_free(s);

	silent = true;
	s = opened();
	for (i = 0; i < 2; i++) {
		start = seconds();
		assert_int_equal(spend(s, "a", 9, NOW + 5000 * i), ERR_LEDGER);
		assert_true(seconds() - start < 2.5);
	}
	assert_int_equal(logged("no name server tells where Redis is"), 1);
	silent = false;
	assert_int_equal(spend(s, "a", 9, NOW + 10000), ERR_OK);
	ledger_free(s);

	/* Nor does anybody wait for it at the end. */
	silent = true;
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	start = seconds();
	ledger_free(s);
	assert_true(seconds() - start < 1);
	silent = false;

	snprintf(url, sizeof(url), "redis://nobody.test:%s", port);
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("the host of Redis has no address"), 1);
	ledger_free(s);
}

static void
a_socket_that_others_can_replace_is_not_used(void **state)
{
	struct ledger *s = opened();

	(void)state;
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("belongs to others"), 1);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(spend(s, "a", 9, NOW + 5000), ERR_OK);
	ledger_free(s);
}

/* Bind a socket as root, and let another user listen on it. */
static pid_t
listen_as(uid_t uid, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ready[2];
	pid_t pid;
	char c;

	snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(pipe(ready), 0);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setuid(uid) != 0 || listen(fd, 8) != 0 ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(fd);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return (pid);
}

static void
a_socket_where_another_user_answers_is_not_used(void **state)
{
	struct ledger *s;

	(void)state;
	if (geteuid() != 0)
		skip();
	redis_pid = listen_as(65534, socket_path);
	snprintf(url, sizeof(url), "unix://%s", socket_path);
	s = opened();
	assert_int_equal(spend(s, "a", 9, NOW), ERR_LEDGER);
	assert_int_equal(logged("another user answers"), 1);
	ledger_free(s);
}

static int
with_redis(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_REDIS(test)						\
	{ #test, IF_REDIS(test), make_redis, remove_dir, NULL }
		cmocka_unit_test_setup_teardown(
		    the_url_of_redis_is_read_in_all_its_forms, make_dir,
		    remove_dir),
		cmocka_unit_test(each_error_of_redis_has_its_meaning),
		WITH_REDIS(a_redis_that_was_flushed_begins_a_new_ledger),
		WITH_REDIS(a_restarted_redis_refuses_what_it_may_have_lost),
		WITH_REDIS(a_script_that_was_flushed_is_sent_again),
		WITH_REDIS(the_counters_of_a_day_expire_by_themselves),
		WITH_REDIS(a_redis_that_is_down_is_told_at_once),
		WITH_REDIS(a_redis_that_hangs_is_given_up_in_time),
		WITH_REDIS(a_password_is_read_from_its_file_or_the_url),
		WITH_REDIS(a_user_of_redis_needs_its_password),
		WITH_REDIS(a_replica_of_redis_is_refused),
		WITH_REDIS(a_redis_without_memory_takes_all_or_nothing),
		WITH_REDIS(a_redis_that_may_evict_keys_is_refused),
		WITH_REDIS(a_redis_that_cannot_save_is_refused),
		WITH_REDIS(keys_of_others_under_our_names_are_left_alone),
		WITH_REDIS(a_redis_is_reached_by_tcp),
		WITH_REDIS(
		    a_policy_that_changes_on_a_live_connection_is_noticed),
		WITH_REDIS(a_refused_command_is_named_in_the_log),
		WITH_REDIS(a_machine_with_a_wrong_clock_begins_no_ledger),
		WITH_REDIS(
		    a_ledger_in_redis_is_born_by_the_later_of_two_clocks),
		WITH_REDIS(
		    a_machine_with_a_wrong_clock_makes_redis_forget_nothing),
		WITH_REDIS(a_silent_name_server_is_given_up_in_time),
		WITH_REDIS(a_socket_that_others_can_replace_is_not_used),
		cmocka_unit_test_setup_teardown(
		    a_socket_where_another_user_answers_is_not_used, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    strange_answers_of_redis_are_refused, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    peers_that_are_no_redis_are_given_up, make_dir, remove_dir),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

int
main(void)
{

	return (test_main(with_redis));
}
