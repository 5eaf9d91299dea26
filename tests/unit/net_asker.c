#include "test.h"

#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

#include "net/asker.h"
#include "net/asker_wire.h"
#include "net/http.h"

#define URL "http://store.test/key?X-Amz-Signature=0"

static const struct http_limits limits = { .total_s = 1, .max_bytes = 100 };

static struct asker *asker;
static bool lost;
static pid_t peer;

/* What a good process answers. */
static struct asker_answer
good(const struct asker_question *q)
{
	struct asker_answer a;

	memset(&a, 0, sizeof(a));
	a.id = q->id;
	a.fault = NET_FINE;
	a.status = 200;
	a.etag = 1;
	a.date_s = 1774000123;
	return (a);
}

/* Make another process that calls ${answers} for each question. */
static void
begin(void (*answers)(int, const struct asker_question *))
{
	struct asker_question q;
	int fd[2];
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	if ((peer = fork()) == 0) {
		close(fd[0]);
		while ((n = recv(fd[1], &q, sizeof(q), 0)) > 0) {
			if (!asker_wire_question(&q, (size_t)n))
				_exit(1);
			answers(fd[1], &q);
		}
		_exit(0);
	}
	assert_true(peer != -1);
	close(fd[1]);
	lost = false;
	asker = asker_over(fd[0], &lost);
}

static void
end(void)
{
	int status;

	asker_free(asker);
	assert_int_equal(waitpid(peer, &status, 0), peer);
	assert_int_equal(status, 0);
}

static void
says(int fd, const struct asker_answer *a)
{

	/* The other end may have gone by now. */
	if (send(fd, a, sizeof(*a), MSG_NOSIGNAL) != (ssize_t)sizeof(*a) &&
	    errno != EPIPE && errno != ECONNRESET)
		_exit(2);
}

static void
says_good(int fd, const struct asker_question *q)
{
	const struct asker_answer a = good(q);

	if (strcmp(q->url, URL) != 0 || q->total_s != 1 || q->max_bytes != 100)
		_exit(3);
	says(fd, &a);
}

static void
says_after_others(int fd, const struct asker_question *q)
{
	struct asker_answer a = good(q);

	a.id--;
	if (a.id != 0) {
		a.status = 404;
		says(fd, &a);
	}
	says_good(fd, q);

	/* It comes before the next question. */
	says_good(fd, q);
}

static void
says_fault(int fd, const struct asker_question *q)
{
	struct asker_answer a = good(q);

	a.fault = NET_TIMEOUT;
	a.status = a.etag = 0;
	a.date_s = -1;
	says(fd, &a);
}

static void
says_died(int fd, const struct asker_question *q)
{
	struct asker_answer a = { .fault = NET_OTHER, .date_s = -1 };

	(void)q;
	says(fd, &a);
}

static void
says_nothing(int fd, const struct asker_question *q)
{

	(void)fd;
	(void)q;
}

static void
ends(int fd, const struct asker_question *q)
{

	(void)fd;
	(void)q;
	_exit(0);
}

static void
floods(int fd, const struct asker_question *q)
{
	struct asker_answer a = good(q);
	int i;

	a.id = q->id + 7;
	for (i = 0; i < 50; i++)
		(void)send(fd, &a, sizeof(a), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
says_too_much(int fd, const struct asker_question *q)
{
	char b[sizeof(struct asker_answer) + 1] = { 0 };
	const struct asker_answer a = good(q);

	memcpy(b, &a, sizeof(a));
	(void)send(fd, b, sizeof(b), MSG_NOSIGNAL);
}

/* Ask once, and compare. */
static void
expect(enum err want, int want_status, bool want_etag, enum net_fault fault)
{
	bool etag = !want_etag;
	int status = -1;

	assert_int_equal(asker_head(asker, URL, &limits, &status, &etag), want);
	assert_int_equal(status, want_status);
	assert_int_equal(etag, want_etag);
	assert_int_equal(asker_fault(asker), fault);
}

static void
an_answer_is_passed_on(void **state)
{

	(void)state;
	begin(says_good);
	expect(ERR_OK, 200, true, NET_FINE);
	assert_int_equal(asker_date(asker), 1774000123);
	expect(ERR_OK, 200, true, NET_FINE);
	assert_false(lost);
	end();
}

static void
an_answer_to_an_earlier_question_is_skipped(void **state)
{
	int i;

	(void)state;
	begin(says_after_others);
	for (i = 0; i < 40; i++)
		expect(ERR_OK, 200, true, NET_FINE);
	assert_false(lost);
	end();
}

static void
a_fault_is_passed_on(void **state)
{

	(void)state;
	begin(says_fault);
	expect(ERR_IO, 0, false, NET_TIMEOUT);
	assert_int_equal(asker_date(asker), -1);
	assert_false(lost);
	end();
}

static void
a_process_that_is_made_again_is_not_lost(void **state)
{

	(void)state;
	begin(says_died);
	expect(ERR_IO, 0, false, NET_OTHER);
	expect(ERR_IO, 0, false, NET_OTHER);
	assert_false(lost);
	end();
}

static void
a_process_that_hangs_costs_two_seconds(void **state)
{

	(void)state;
	begin(says_nothing);
	expect(ERR_IO, 0, false, NET_OTHER);
	assert_false(lost);
	end();
}

static void
a_process_that_ends_is_lost(void **state)
{

	(void)state;
	begin(ends);
	expect(ERR_IO, 0, false, NET_OTHER);
	assert_true(lost);
	expect(ERR_IO, 0, false, NET_OTHER);
	end();
}

static void
a_process_that_answers_other_questions_is_lost(void **state)
{

	(void)state;
	begin(floods);
	expect(ERR_IO, 0, false, NET_OTHER);
	assert_true(lost);
	end();
	begin(says_too_much);
	expect(ERR_IO, 0, false, NET_OTHER);
	assert_true(lost);
	end();
}

static void
a_url_that_is_too_long_is_not_asked_for(void **state)
{
	static char url[ASKER_URL_MAX + 2];
	bool etag;
	int status;

	(void)state;
	memset(url, 'x', sizeof(url) - 1);
	begin(ends);
	assert_int_equal(asker_head(asker, url, &limits, &status, &etag),
	    ERR_IO);
	assert_false(lost);
	end();
}

/* An answer that differs from a good one in one member. */
#define REFUSES(member, value) do {					\
	struct asker_answer other = good(&q);				\
	other.member = (value);						\
	assert_false(asker_wire_answer(&other, sizeof(other)));		\
} while (0)

static void
an_answer_that_cannot_be_is_refused(void **state)
{
	struct asker_question q = { .id = 5 };
	struct asker_answer a = good(&q);

	(void)state;
	assert_true(asker_wire_answer(&a, sizeof(a)));
	assert_false(asker_wire_answer(&a, sizeof(a) - 1));
	assert_false(asker_wire_answer(&a, sizeof(a) + 1));
	assert_false(asker_wire_answer(&a, 0));
	REFUSES(id, 0);
	REFUSES(fault, NET_OTHER + 1);
	REFUSES(fault, NET_TIMEOUT);
	REFUSES(status, 99);
	REFUSES(status, 600);
	REFUSES(status, UINT32_MAX);
	REFUSES(etag, 2);
	REFUSES(date_s, -2);
	REFUSES(date_s, INT64_MAX);
}

static void
a_question_that_cannot_be_is_refused(void **state)
{
	const size_t len = ASKER_QUESTION_LEN(strlen(URL));
	const struct asker_question good_one = { .id = 1, .total_s = 2,
	    .max_bytes = 65536, .sandbox = ASKER_SANDBOX, .url = URL };
	struct asker_question q = good_one;

	(void)state;
	assert_true(asker_wire_question(&q, len));
	assert_false(asker_wire_question(&q, len - 1));
	assert_false(asker_wire_question(&q, len + 1));
	assert_false(asker_wire_question(&q, 0));
	assert_false(asker_wire_question(&q, ASKER_QUESTION_LEN(0)));
	q.id = 0;
	assert_false(asker_wire_question(&q, len));
	q = good_one;
	q.sandbox = ASKER_SANDBOX_REQUIRED + 1;
	assert_false(asker_wire_question(&q, len));
	q = good_one;
	q.total_s = 61;
	assert_false(asker_wire_question(&q, len));
	q = good_one;
	q.max_bytes = UINT32_MAX;
	assert_false(asker_wire_question(&q, len));
	memset(q.url, 'x', sizeof(q.url));
	assert_false(asker_wire_question(&q, sizeof(q)));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_answer_is_passed_on),
	cmocka_unit_test(an_answer_to_an_earlier_question_is_skipped),
	cmocka_unit_test(a_fault_is_passed_on),
	cmocka_unit_test(a_process_that_is_made_again_is_not_lost),
	cmocka_unit_test(a_process_that_hangs_costs_two_seconds),
	cmocka_unit_test(a_process_that_ends_is_lost),
	cmocka_unit_test(a_process_that_answers_other_questions_is_lost),
	cmocka_unit_test(a_url_that_is_too_long_is_not_asked_for),
	cmocka_unit_test(an_answer_that_cannot_be_is_refused),
	cmocka_unit_test(a_question_that_cannot_be_is_refused),
};

TEST_MAIN(tests)
