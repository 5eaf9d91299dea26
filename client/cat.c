/* foldergate cat: one object to standard output. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "connect.h"
#include "miner.h"
#include "net/stream.h"
#include "s3/refusal.h"

#define TRIES 5
#define WAIT_MS 1000

struct out {
	struct service *service;
	int64_t written;
	int error;		/* of standard output */
};

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct out *o = user;
	const char *at = data;
	ssize_t put;

	while (len > 0) {
		put = write(STDOUT_FILENO, at, len);
		if (put == -1 && errno == EINTR &&
		    !service_stopped(o->service))
			continue;
		if (put <= 0) {
			o->error = put == 0 ? EIO : errno;
			return (false);
		}
		at += put;
		len -= (size_t)put;
		o->written += put;
	}
	return (true);
}

static int
refused(const struct stream *s)
{
	struct refusal r;

	refusal_read(s->status, s->answer, s->answer_len, &r);
	command_failed("the store answers %d%s%s", s->status,
	    r.fault->code[0] >= 'A' && r.fault->code[0] <= 'Z' ? " " : "",
	    r.fault->code[0] >= 'A' && r.fault->code[0] <= 'Z' ?
	    r.fault->code : "");
	return (COMMAND_REFUSED);
}

/* Load once, from where the try before ended.  Return -1 to try again. */
static int
load(struct stream_set *set, struct stream *s, struct out *o)
{

	s->offset = o->written;
	stream_start(set, s);
	while (stream_next(set, 1000) == NULL) {
		if (service_stopped(o->service))
			return (COMMAND_STOPPED);
	}
	if (o->error != 0)
		return (command_failed("standard output: %s",
		    strerror(o->error)));
	if (s->fault == NET_FINE && (s->status == 200 || s->status == 206))
		return (COMMAND_OK);
	if (s->fault == NET_FINE && s->status == 412)
		return (command_failed("the object changed while it was "
		    "read"), COMMAND_UNREACHABLE);
	if (s->fault == NET_FINE && s->status < 500 && s->status != 429)
		return (refused(s));
	return (-1);
}

static int
to_output(struct connect *c, const char *url)
{
	struct stream_set *set = stream_new(connect_stop(),
	    service_ca_file(c->service));
	struct out o = { c->service, 0, 0 };
	char etag[STREAM_ETAG_MAX + 1];
	const struct text_pair match = { "If-Match", etag };
	struct stream s = { .kind = STREAM_GET, .url = url, .fd = -1,
	    .bytes = INT64_MAX / 2, .piece = on_piece, .user = &o };
	int status, tries = 0;

	while ((status = load(set, &s, &o)) == -1 && ++tries < TRIES) {
		/* What follows must be of the same object. */
		if (o.written > 0 && s.n_headers == 0) {
			if (s.etag[0] == '\0')
				break;
			memcpy(etag, s.etag, sizeof(etag));
			s.headers = &match;
			s.n_headers = 1;
		}
		if (!service_wait(c->service, WAIT_MS << (tries - 1)))
			break;
	}
	if (status == -1) {
		command_failed("the store: %s", s.failed != NULL ? s.failed :
		    "it answers that it cannot serve now");
		status = COMMAND_UNREACHABLE;
	}
	stream_drop(set, &s);
	stream_free(set);
	return (service_stopped(c->service) ? COMMAND_STOPPED : status);
}

/* ${key} is a name below the folder. */
static int
cat(struct connect *c, const struct miner *m, const char *key)
{
	static struct miner_folder f;
	static char whole[2 * LISTING_KEY_MAX];
	const struct service_miner of = miner_of(m);
	const char *keys[1] = { whole }, *url;
	struct service_answer a = { .result = SERVICE_OK };
	int status;

	f.service = c->service;
	f.miner = m;
	if ((status = miner_prefix(&f)) != COMMAND_OK)
		return (status);
	if (snprintf(whole, sizeof(whole), "%s%s", f.prefix, key) >=
	    (int)sizeof(whole) || !text_is_utf8(key, strlen(key)))
		return (command_failed("no object has such a name"));
	if (service_files(c->service, &of, keys, 1, 0, &a) != SERVICE_OK)
		status = service_explain(c->service, &a);
	else if ((url = service_file_url(&a, whole)) != NULL)
		status = to_output(c, url);
	else
		status = (command_failed("the service gives no download of "
		    "this key"), COMMAND_REFUSED);
	service_clear(&a);
	return (status);
}

int
command_cat(int argc, char **argv)
{
	static struct connect c;
	const struct option_spec options[] = {
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), { NULL, NULL, NULL }
	};
	const char *word[2], *why;
	struct miner m;
	int n, status;

	if ((n = command_options(argc, argv, options, word, 2)) < 0)
		return (COMMAND_USAGE);
	if (n < 2)
		return (command_wrong("%s is missing", n == 0 ? "MINER" :
		    "KEY"));
	if ((why = miner_read(word[0], &m)) != NULL)
		return (command_wrong("MINER %s", why));
	if ((status = connect_open(&c, CONNECT_HOTKEY)) == COMMAND_OK)
		status = cat(&c, &m, word[1]);
	connect_close(&c);
	return (status);
}
