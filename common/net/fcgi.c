#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "net/fcgi.h"

/* Of a record: its version, and its kinds.
 *   Source  FastCGI Specification 1.0, section 8
 */
enum { VERSION = 1, BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
enum { RESPONDER = 1, HEAD_LEN = 8, LENGTH_SHORT = 127 };

/* The program's answer to a request without a body, and then some. */
#define ANSWER_MAX 65536

struct ask {
	int fd;
	int64_t end_ms;
	const char *why;
};

/* --- the request --------------------------------------------------------- */

static void
record(struct buf *b, int kind, const void *data, size_t len)
{
	const uint8_t head[HEAD_LEN] = { VERSION, (uint8_t)kind, 0, 1,
	    (uint8_t)(len >> 8), (uint8_t)len, 0, 0 };

	buf_add(b, (const char *)head, sizeof(head));
	buf_add(b, data, len);
}

/* Names and values here are short. */
static void
pair(struct buf *b, const char *name, const char *value)
{

	buf_char(b, (char)(strlen(name) & LENGTH_SHORT));
	buf_char(b, (char)(strlen(value) & LENGTH_SHORT));
	buf_str(b, name);
	buf_str(b, value);
}

static enum err
write_request(struct buf *b, const char *method, const char *path)
{
	static const uint8_t begin[8] = { 0, RESPONDER };
	char text[1024];
	struct buf p;

	if (strlen(method) > LENGTH_SHORT || strlen(path) > LENGTH_SHORT)
		return (ERR_FORMAT);
	buf_init(&p, text, sizeof(text));
	pair(&p, "GATEWAY_INTERFACE", "CGI/1.1");
	pair(&p, "SERVER_PROTOCOL", "HTTP/1.1");
	pair(&p, "REQUEST_METHOD", method);
	pair(&p, "REQUEST_URI", path);
	pair(&p, "SCRIPT_NAME", path);
	pair(&p, "REMOTE_ADDR", "127.0.0.1");
	record(b, BEGIN, begin, sizeof(begin));
	record(b, PARAMS, p.data, p.len);
	record(b, PARAMS, "", 0);
	record(b, STDIN, "", 0);
	return (buf_end(&p) == ERR_OK ? buf_end(b) : ERR_FORMAT);
}

/* --- the connection ------------------------------------------------------ */

static enum err
wait_for(struct ask *a, short events)
{
	struct pollfd p = { .fd = a->fd, .events = events };
	const int64_t left = a->end_ms - clock_tick_ms();
	int n;

	n = left <= 0 ? 0 : poll(&p, 1, (int)left);
	if (n > 0 || (n == -1 && errno == EINTR))
		return (ERR_OK);
	a->why = "it does not answer in time";
	return (ERR_IO);
}

static enum err
send_all(struct ask *a, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if (wait_for(a, POLLOUT) != ERR_OK)
			return (ERR_IO);
		n = send(a->fd, data, len, MSG_NOSIGNAL);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			a->why = "it closes the connection";
			return (ERR_IO);
		}
		data += n;
		len -= (size_t)n;
	}
	return (ERR_OK);
}

static enum err
receive(struct ask *a, void *out, size_t len)
{
	uint8_t *p = out;
	ssize_t n;

	while (len > 0) {
		if (wait_for(a, POLLIN) != ERR_OK)
			return (ERR_IO);
		n = recv(a->fd, p, len, 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			a->why = "it ends before it has answered";
			return (ERR_IO);
		}
		p += n;
		len -= (size_t)n;
	}
	return (ERR_OK);
}

static enum err
connect_to(struct ask *a, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return (ERR_IO);
	}
	memcpy(to.sun_path, path, strlen(path));
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd == -1)
		return (ERR_IO);
	return (connect(a->fd, (struct sockaddr *)&to, sizeof(to)) == 0 ?
	    ERR_OK : ERR_IO);
}

/* --- the answer ---------------------------------------------------------- */

/* Add the content of the next record to ${b}, if it is output.  ERR_NOT_READY:
   it is the last one. */
static enum err
read_record(struct ask *a, struct buf *b)
{
	uint8_t head[HEAD_LEN], data[65535 + 255];
	size_t len;

	if (receive(a, head, sizeof(head)) != ERR_OK)
		return (ERR_IO);
	len = (size_t)(head[4] << 8 | head[5]);
	if (head[0] != VERSION) {
		a->why = "its answer is not FastCGI";
		return (ERR_FORMAT);
	}
	if (receive(a, data, len + head[6]) != ERR_OK)
		return (ERR_IO);
	if (head[1] == STDOUT)
		buf_add(b, (const char *)data, len);
	return (head[1] == END ? ERR_NOT_READY : ERR_OK);
}

/* Find the status in the headers of CGI.  Without one it is 200. */
static enum err
find_status(const char *text, size_t len, int *status)
{
	static const char name[] = "Status: ";
	const char *end = memmem(text, len, "\r\n\r\n", 4);
	const char *line = text;
	int64_t n;

	if (end == NULL)
		return (ERR_FORMAT);
	*status = 200;
	while (line < end) {
		if ((size_t)(end - line) >= strlen(name) + 3 &&
		    strncasecmp(line, name, strlen(name)) == 0) {
			if (num_parse(line + strlen(name), 3, 100, 599, &n) !=
			    ERR_OK)
				return (ERR_FORMAT);
			*status = (int)n;
			return (ERR_OK);
		}
		line = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		line += 2;
	}
	return (ERR_OK);
}

static enum err
read_answer(struct ask *a, int *status)
{
	char text[ANSWER_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, text, sizeof(text));
	while ((e = read_record(a, &b)) == ERR_OK)
		continue;
	if (e != ERR_NOT_READY)
		return (e);
	a->why = "its answer is no answer of CGI";
	return (buf_end(&b) == ERR_OK ? find_status(text, b.len, status) :
	    ERR_FORMAT);
}

enum err
fcgi_ask(const char *at, const char *method, const char *path,
    int64_t wait_ms, int *status, const char **why)
{
	struct ask a = { .fd = -1, .end_ms = clock_tick_ms() + wait_ms };
	char text[2048];
	struct buf b;
	int saved = 0;
	enum err e;

	buf_init(&b, text, sizeof(text));
	a.why = "the request is too long";
	if ((e = write_request(&b, method, path)) != ERR_OK)
		goto err0;
	if ((e = connect_to(&a, at)) != ERR_OK) {
		saved = errno;
		a.why = saved == ECONNREFUSED ? "nobody listens on it" :
		    saved == EAGAIN ? "its queue is full" : strerror(saved);
		goto err0;
	}
	if ((e = send_all(&a, text, b.len)) == ERR_OK)
		e = read_answer(&a, status);

err0:
	if (a.fd != -1)
		close(a.fd);
	*why = a.why;
	errno = saved;
	return (e);
}
