#ifndef CLIENT_HUB_GET_H_
#define CLIENT_HUB_GET_H_

#include "hub.h"
#include "net/stream.h"

/*
 * Requests to the Hub, for client/hub*.c alone.
 */
struct hub {
	const struct connect *c;
	struct progress *progress;
	struct stream_set *set;
	char base[HUB_URL_MAX + 1];	/* without a slash at its end */
	struct secret *bearer;		/* "Bearer TOKEN"; NULL: none */
	int64_t not_before_ms;		/* by clock_tick_ms() */
};

/* How often one thing is asked for, and the wait before the second time. */
#define HUB_TRIES 5
#define HUB_WAIT_MS 1000

/**
 * hub_quote(b, s, whole):
 * Append ${s} for the path of a URL; its slashes are quoted, too, if ${whole}.
 */
void hub_quote(struct buf *b, const char *s, bool whole);

/**
 * hub_ask(h, url, what, text, g):
 * GET a small thing, and append it to ${text}, which grows up to its bound.
 * ${g} is room; g->head is then that of the answer.  It is a fault that an
 * answer takes ten minutes.  A fault is printed after ${what}.  Return the exit
 * status.
 */
struct hub_get;
int hub_ask(struct hub *h, const char *url, const char *what,
    struct buf *text, struct hub_get *g);

/* A GET, with the redirects that it takes.  The caller drives its stream.  It
   starts as all zero but hub, s.fd, s.bytes, piece and user. */
struct hub_get {
	struct hub *hub;
	struct stream s;
	bool (*piece)(void *user, const void *data, size_t len);
	void *user;

	/* Set by hub_get_start() and hub_get_done(). */
	char url[HUB_URL_MAX + 1];	/* of the present answer */
	struct hub_head head;
	char linked[HUB_ID_MAX + 1];	/* of the first answer that had it */
	int64_t linked_bytes;
	unsigned hops;
	bool left;			/* another host has answered */
	struct text_pair headers[2];
	const char *why;		/* of HUB_AGAIN and HUB_FAILED */
	char words[100];
	long wait_ms;			/* of HUB_AGAIN: at least so long */
	int status;			/* of HUB_FAILED: the exit status */
};

enum hub_step {
	HUB_MORE,		/* a redirect: the stream runs again */
	HUB_WHOLE,		/* 200 or 206, to its end */
	HUB_ANEW,		/* no such part: begin at the first byte */
	HUB_AGAIN,		/* it may work later */
	HUB_FAILED
};

/**
 * hub_get_start(g, url):
 * Begin.  The rest of g->s counts: fd, offset, bytes.
 */
void hub_get_start(struct hub_get *g, const char *url);

/**
 * hub_get_done(g):
 * The stream is done.  Return what follows.
 */
enum hub_step hub_get_done(struct hub_get *g);

/**
 * hub_pause_ms(h):
 * Return how long nothing may be sent, because the Hub has asked to wait.
 */
int64_t hub_pause_ms(const struct hub *h);

/**
 * hub_say(h, why, ms):
 * Print that it is waited so long, if that is worth a line.
 */
void hub_say(const struct hub *h, const char *why, long ms);

#endif /* !CLIENT_HUB_GET_H_ */
