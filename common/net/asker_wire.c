#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "net/asker_wire.h"
#include "net/http.h"

/* A server's answer has a status in this range. */
#define STATUS_MIN 100
#define STATUS_MAX 599

/* Longer waits or answers make no sense for headers. */
#define TOTAL_S_MAX 60
#define BYTES_MAX (1u << 20)

/* The year 9999. */
#define DATE_MAX 253402300799

bool
asker_wire_question(const struct asker_question *q, size_t len)
{
	const size_t before = offsetof(struct asker_question, url);

	return (len > before + 1 && len <= sizeof(*q) && q->id != 0 &&
	    q->sandbox <= ASKER_SANDBOX_REQUIRED &&
	    q->total_s >= 1 && q->total_s <= TOTAL_S_MAX &&
	    q->max_bytes <= BYTES_MAX &&
	    strnlen(q->url, len - before) == len - before - 1);
}

bool
asker_wire_answer(const struct asker_answer *a, size_t len)
{

	return (len == sizeof(*a) && a->fault <= NET_OTHER && a->etag <= 1 &&
	    a->date_s >= -1 && a->date_s <= DATE_MAX &&
	    (a->fault == NET_FINE ? a->id != 0 && a->status >= STATUS_MIN &&
	    a->status <= STATUS_MAX : a->status == 0 && a->etag == 0));
}

/* The process holds no secret.  Even so it may touch nothing. */
static bool
limit(uint32_t wanted)
{
	static struct sandbox s;
	enum err files, calls;

	if (wanted == ASKER_FREE || (s.abi != 0 && s.filtered))
		return (true);
	s.connects = s.names = true;
	files = sandbox_files(&s);
	calls = sandbox_calls(&s);
	if ((files == ERR_OK && calls == ERR_OK) || wanted == ASKER_SANDBOX)
		return (true);
	LOG(LOG_ERROR, "sandbox_refused", LOG_S("reason", s.why));
	return (false);
}

static void
ask(struct http *h, const struct asker_question *q, struct asker_answer *a)
{
	const struct http_limits limits = {
		.total_s = (long)q->total_s, .max_bytes = q->max_bytes
	};
	bool etag;
	int status;

	memset(a, 0, sizeof(*a));
	a->id = q->id;
	a->fault = NET_OTHER;
	a->date_s = -1;
	if (http_head(h, q->url, &limits, &status, &etag) == ERR_OK) {
		a->fault = NET_FINE;
		a->status = (uint32_t)status;
		a->etag = etag;
		a->date_s = http_date(h);
	} else if (http_fault(h) != NET_FINE) {
		a->fault = http_fault(h);
	}
}

int
asker_wire_serve(int fd)
{
	static struct asker_question q;
	struct http *h = NULL;
	struct asker_answer a;
	ssize_t n;

	for (;;) {
		n = recv(fd, &q, sizeof(q), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (n == 0 ? 0 : 1);
		if (!asker_wire_question(&q, (size_t)n) || !limit(q.sandbox))
			return (1);
		if (h == NULL)
			h = http_new(NULL);
		ask(h, &q, &a);
		if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(a))
			return (1);
	}
}
