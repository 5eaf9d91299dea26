#include "test.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/wire.h"

static char got[4096];		/* what the peer was sent */
static struct wire_answer a;

/* Send ${bytes} to a peer that answers ${says} in pieces of ${piece}, and
   then, if it ${stays}, waits for us to close. */
static void
talk(const char *bytes, const char *says, size_t piece, bool bare,
    bool several, bool stays)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	struct wire_request r = { .bytes = bytes, .len = strlen(bytes),
	    .bare = bare, .several = several };
	int l = socket(AF_INET, SOCK_STREAM, 0), fd, back[2], status;
	char url[64];
	size_t n, i;
	pid_t pid;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(l, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(l, 1), 0);
	assert_int_equal(getsockname(l, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(pipe(back), 0);
	if ((pid = fork()) == 0) {
		fd = accept(l, NULL, NULL);
		n = 0;
		while (n < strlen(bytes) && (len = (socklen_t)read(fd, got,
		    sizeof(got))) > 0) {
			n += len;
			(void)!write(back[1], got, len);
		}
		for (i = 0; i < strlen(says); i += piece) {
			n = strlen(says + i) < piece ? strlen(says + i) :
			    piece;
			(void)!send(fd, says + i, n, MSG_NOSIGNAL);
			usleep(2000);
		}
		if (stays)
			(void)!read(fd, got, 1);
		_exit(0);
	}
	close(l);
	close(back[1]);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x?y",
	    ntohs(at.sin_port));
	r.origin = url;
	wire_send(&r, &a);
	memset(got, 0, sizeof(got));
	assert_true(read(back[0], got, sizeof(got) - 1) >= 0);
	close(back[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
is_body(const char *want)
{

	assert_string_equal(a.bytes + a.body, want);
	assert_int_equal(a.len - a.body, strlen(want));
}

static void
the_bytes_are_sent_as_they_are(void **state)
{

	(void)state;
	talk("GET /../\x01 HTTP/1.1\r\nHost : x\r\nA: 1\r\nA: 2\r\n\r\n",
	    "HTTP/1.1 204 No Content\r\n\r\n", 99, false, false, true);
	assert_string_equal(got,
	    "GET /../\x01 HTTP/1.1\r\nHost : x\r\nA: 1\r\nA: 2\r\n\r\n");
	assert_int_equal(a.status, 204);
	is_body("");
	wire_free(&a);
}

static void
an_answer_ends_with_its_length(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 403 Forbidden\r\nContent-length:  5\r\n\r\nhello",
	    7, false, false, true);
	assert_int_equal(a.status, 403);
	assert_int_equal(a.fault, NET_FINE);
	is_body("hello");
	wire_free(&a);
}

static void
an_answer_without_a_length_ends_with_the_connection(void **state)
{

	(void)state;
	talk("x", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhel\r\n\r\nlo", 3, false,
	    false, false);
	assert_int_equal(a.status, 200);
	is_body("hel\r\n\r\nlo");
	wire_free(&a);
}

static void
chunks_are_joined(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nhel\r\n0002;x=y\r\nlo\r\n0\r\n\r\n", 5, false, false, true);
	is_body("hello");
	wire_free(&a);
}

/* The first two pieces end in what also ends an answer. */
static void
chunks_that_look_like_the_last_one_are_read_on(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n";
	char says[256];

	(void)state;
	snprintf(says, sizeof(says), "%s10\r\n\r\n%s", head,
	    "0123456789abcd\r\n0\r\n\r\n");
	talk("x", says, sizeof(head) - 1 + 6, false, false, true);
	is_body("\r\n0123456789abcd");
	wire_free(&a);
	snprintf(says, sizeof(says), "%s7\r\n0\r\n\r\n%s", head,
	    "ab\r\n0\r\nA: b\r\n\r\n");
	talk("x", says, sizeof(head) - 1 + 8, false, false, true);
	is_body("0\r\n\r\nab");
	wire_free(&a);
}

static void
a_malformed_chunk_stays_as_it_is(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nhel\r\nffffffffffffffffff\r\nlo", 99, false, false, false);
	is_body("helffffffffffffffffff\r\nlo");
	wire_free(&a);
}

static void
an_interim_answer_is_skipped(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\n"
	    "Content-Length: 2\r\n\r\nno", 9, false, false, true);
	assert_int_equal(a.status, 400);
	is_body("no");
	wire_free(&a);
}

static void
the_answer_to_head_has_no_body(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 99, true,
	    false, true);
	assert_int_equal(a.status, 200);
	is_body("");
	wire_free(&a);
}

static void
several_answers_are_read_until_silence(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 404 "
	    "No\r\nContent-Length: 1\r\n\r\nb", 20, false, true, true);
	assert_int_equal(a.status, 200);
	is_body("aHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nb");
	wire_free(&a);
}

static void
a_peer_that_only_closes_is_no_answer(void **state)
{

	(void)state;
	talk("x", "HTTP/1.1 20", 99, false, false, false);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.fault, NET_CUT);
	wire_free(&a);
	talk("x", "SSH-2.0-OpenSSH_9.2\r\n", 99, false, false, true);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.fault, NET_NO_HTTP);
	wire_free(&a);
}

static void
a_port_that_nobody_listens_on_is_refused(void **state)
{
	const struct wire_request r = { .origin = "http://127.0.0.1:1/",
	    .bytes = "x", .len = 1 };

	(void)state;
	wire_send(&r, &a);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.fault, NET_REFUSED);
	wire_free(&a);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_bytes_are_sent_as_they_are),
	cmocka_unit_test(an_answer_ends_with_its_length),
	cmocka_unit_test(an_answer_without_a_length_ends_with_the_connection),
	cmocka_unit_test(chunks_are_joined),
	cmocka_unit_test(chunks_that_look_like_the_last_one_are_read_on),
	cmocka_unit_test(a_malformed_chunk_stays_as_it_is),
	cmocka_unit_test(an_interim_answer_is_skipped),
	cmocka_unit_test(the_answer_to_head_has_no_body),
	cmocka_unit_test(several_answers_are_read_until_silence),
	cmocka_unit_test(a_peer_that_only_closes_is_no_answer),
	cmocka_unit_test(a_port_that_nobody_listens_on_is_refused),
};

TEST_MAIN(tests)
