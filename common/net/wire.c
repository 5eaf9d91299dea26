#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "net/transfer.h"
#include "net/wire.h"

/* The longest time until a stop is noticed. */
#define LOOK_MS 100
#define PIECE 16384

struct line {
	const struct wire_request *r;
	struct wire_answer *a;
	struct transfer t;
	curl_socket_t fd;
	size_t sent, size;
	int64_t end_ms, heard_ms;
	size_t head;			/* of the answer that counts */
	bool closed;
};

static bool
is_stopped(const struct wire_request *r)
{

	return (r->stop != NULL && *r->stop != 0);
}

static int
on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c,
    curl_off_t d)
{

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return (is_stopped(user));
}

static bool
connect_to(struct line *l)
{
	CURL *easy = l->t.easy;
	CURLcode rc;

	transfer_prepare(&l->t, l->r->origin, WIRE_TOTAL_MS, 1);
	TRANSFER_SET(easy, CURLOPT_CONNECT_ONLY, 1L);

	/* libcurl then keeps a SIGPIPE from the program. */
	TRANSFER_SET(easy, CURLOPT_NOSIGNAL, 0L);
	TRANSFER_SET(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	TRANSFER_SET(easy, CURLOPT_NOPROGRESS, 0L);
	TRANSFER_SET(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	TRANSFER_SET(easy, CURLOPT_XFERINFODATA, l->r);
	if (l->r->ca_file != NULL)
		TRANSFER_SET(easy, CURLOPT_CAINFO, l->r->ca_file);
	if ((rc = curl_easy_perform(easy)) != CURLE_OK) {
		l->a->fault = rc == CURLE_ABORTED_BY_CALLBACK ? NET_STOPPED :
		    transfer_fault(&l->t, rc);
		return (false);
	}
	if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &l->fd) !=
	    CURLE_OK || l->fd == CURL_SOCKET_BAD) {
		l->a->fault = NET_OTHER;
		return (false);
	}
	return (true);
}

/* Send what the peer takes now.  One that takes no more may still answer. */
static void
send_some(struct line *l)
{
	size_t n = 0;

	while (l->sent < l->r->len) {
		switch (curl_easy_send(l->t.easy, l->r->bytes + l->sent,
		    l->r->len - l->sent, &n)) {
		case CURLE_OK:
			l->sent += n;
			break;
		case CURLE_AGAIN:
			return;
		default:
			l->sent = l->r->len;
			return;
		}
	}
}

static void
make_room(struct line *l)
{
	char *p;

	if (l->size - l->a->len > PIECE)
		return;
	l->size = 2 * l->size + 2 * PIECE;
	if ((p = realloc(l->a->bytes, l->size + 1)) == NULL)
		log_die("out_of_memory", "wire");
	l->a->bytes = p;
}

/* Read what is there.  Return false at the end of the connection. */
static bool
read_some(struct line *l)
{
	size_t n = 0;
	CURLcode rc;

	for (;;) {
		make_room(l);
		rc = curl_easy_recv(l->t.easy, l->a->bytes + l->a->len, PIECE,
		    &n);
		if (rc == CURLE_AGAIN)
			return (true);
		if (rc != CURLE_OK || n == 0)
			return (false);
		l->a->len += n;
		l->heard_ms = clock_tick_ms();
		if (l->a->len > WIRE_ANSWER_MAX)
			return (false);
	}
}

/* The head of an answer that begins at ${at}: its status, and where its body
   begins.  Return 0 if it is not whole, and -1 if it is none. */
static int
read_head(const struct wire_answer *a, size_t at, size_t *body)
{
	const char *s = a->bytes + at, *end;

	if (a->len - at < 12)
		return (0);
	if (strncmp(s, "HTTP/1.", 7) != 0 || s[8] != ' ' ||
	    s[9] < '1' || s[9] > '5' || s[10] < '0' || s[10] > '9' ||
	    s[11] < '0' || s[11] > '9')
		return (-1);
	if ((end = memmem(s, a->len - at, "\r\n\r\n", 4)) == NULL)
		return (0);
	*body = (size_t)(end - a->bytes) + 4;
	return ((s[9] - '0') * 100 + (s[10] - '0') * 10 + s[11] - '0');
}

/* The value of a header, up to the end of its line, or NULL. */
static const char *
find_header(const struct wire_answer *a, size_t at, const char *name)
{
	const char *s = a->bytes + at, *end = a->bytes + a->body;
	const size_t len = strlen(name);

	while (s < end && (s = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		s++;
		if ((size_t)(end - s) > len && s[len] == ':' &&
		    strncasecmp(s, name, len) == 0) {
			for (s += len + 1; *s == ' '; s++)
				continue;
			return (s);
		}
	}
	return (NULL);
}

/* Read the size of a chunk at ${s}.  Return where its bytes begin, or NULL. */
static char *
chunk_at(char *s, char *end, size_t *n)
{
	char *line = memchr(s, '\n', (size_t)(end - s));
	int digit;

	*n = 0;
	if (line == NULL || hex_digit(*s) < 0)
		return (NULL);
	for (; (digit = hex_digit(*s)) >= 0; s++) {
		if (*n > WIRE_ANSWER_MAX)
			return (NULL);
		*n = 16 * *n + (size_t)digit;
	}
	return (*n <= (size_t)(end - (line + 1)) ? line + 1 : NULL);
}

/* Where the next chunk begins, after ${n} bytes at ${data}. */
static char *
chunk_next(char *data, size_t n, const char *end)
{
	char *s = data + n;

	return (end - s >= 2 && s[0] == '\r' && s[1] == '\n' ? s + 2 : s);
}

/* Do the chunks of the body have their last one, with all that follows it? */
static bool
chunks_end(const struct wire_answer *a)
{
	char *s = a->bytes + a->body, *end = a->bytes + a->len, *data;
	size_t n;

	if (end - s < 5 || memcmp(end - 4, "\r\n\r\n", 4) != 0)
		return (false);
	while ((data = chunk_at(s, end, &n)) != NULL && n > 0)
		s = chunk_next(data, n, end);
	return (data != NULL);
}

/* Is the answer with this head whole, without the end of the connection? */
static bool
is_whole(const struct line *l, size_t head)
{
	const struct wire_answer *a = l->a;
	const size_t have = a->len - a->body;
	const char *s;
	int64_t want;

	if (l->r->bare || a->status == 204 || a->status == 304)
		return (true);
	if (find_header(a, head, "transfer-encoding") != NULL)
		return (chunks_end(a));
	if ((s = find_header(a, head, "content-length")) == NULL)
		return (false);
	return (num_parse(s, strcspn(s, " \r\n"), 0, WIRE_ANSWER_MAX,
	    &want) == ERR_OK && have >= (size_t)want);
}

/* Look at what came.  Return whether it is enough. */
static bool
look(struct line *l)
{
	struct wire_answer *a = l->a;
	size_t at = 0, body = 0;
	int status;

	make_room(l);
	a->bytes[a->len] = '\0';
	while ((status = read_head(a, at, &body)) / 100 == 1)
		at = body;
	if (status == -1) {
		a->fault = NET_NO_HTTP;
		return (true);
	}
	if (status == 0)
		return (false);
	a->status = status;
	a->fault = NET_FINE;
	a->body = body;
	l->head = at;
	return (!l->r->several && is_whole(l, at));
}

/* Acknowledge at once: see net/http.c. */
static void
hurry(const struct line *l)
{
#ifdef TCP_QUICKACK
	const int on = 1;

	(void)setsockopt(l->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
#else
	(void)l;
#endif
}

/* Return whether the dialog goes on. */
static bool
step(struct line *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	const int64_t now = clock_tick_ms();

	if (is_stopped(l->r)) {
		l->a->status = 0;
		l->a->fault = NET_STOPPED;
		return (false);
	}
	if (now >= l->end_ms || (l->r->several && l->a->len > 0 &&
	    now - l->heard_ms >= WIRE_SILENT_MS))
		return (false);
	send_some(l);
	if (l->sent < l->r->len)
		p.events |= POLLOUT;
	hurry(l);
	(void)poll(&p, 1, LOOK_MS);
	l->closed = !read_some(l);
	return (!look(l) && !l->closed);
}

/* Move the chunks of the body together.  From a malformed one on, the rest
   stays as it is. */
static void
join_chunks(struct wire_answer *a, size_t head)
{
	char *to = a->bytes + a->body, *s = to, *end = a->bytes + a->len;
	char *data;
	size_t n;

	if (find_header(a, head, "transfer-encoding") == NULL)
		return;
	while ((data = chunk_at(s, end, &n)) != NULL && n > 0) {
		memmove(to, data, n);
		to += n;
		s = chunk_next(data, n, end);
	}
	if (data == NULL) {
		memmove(to, s, (size_t)(end - s));
		to += end - s;
	}
	a->len = (size_t)(to - a->bytes);
	a->bytes[a->len] = '\0';
}

void
wire_send(const struct wire_request *r, struct wire_answer *a)
{
	struct line l = { .r = r, .a = a };

	memset(a, 0, sizeof(*a));
	transfer_init(&l.t);
	l.end_ms = clock_tick_ms() + (r->several ? WIRE_SEVERAL_MS :
	    WIRE_TOTAL_MS);
	make_room(&l);
	a->bytes[0] = '\0';
	if (connect_to(&l)) {
		a->fault = NET_TIMEOUT;
		while (step(&l))
			continue;
		if (l.closed && a->status == 0 && a->fault == NET_TIMEOUT)
			a->fault = NET_CUT;
	}
	transfer_free(&l.t);
	if (a->status != 0 && !r->several && !r->bare)
		join_chunks(a, l.head);
}

void
wire_free(struct wire_answer *a)
{

	free(a->bytes);
	memset(a, 0, sizeof(*a));
}
