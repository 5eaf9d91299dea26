#ifndef CLIENT_SERVICE_H_
#define CLIENT_SERVICE_H_

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signed_text.h"
#include "base/err.h"

struct json_object;
struct wallet;

/*
 * The connection to a service: its URL, the keys that sign, and how requests
 * are proven.  One thread, one request at a time.  Certificates are verified.
 * Nothing that is secret is ever printed: no key, no signature, no URL of the
 * store.  The words of a peer are cut and escaped before they are printed.
 */
struct service;

enum service_scheme {
	/* btauth if the service offers it; else a signed text, or X-Tao
	   headers for what has no text */
	SERVICE_SCHEME_AUTO,
	SERVICE_SCHEME_TEXT, SERVICE_SCHEME_TAO, SERVICE_SCHEME_BTAUTH
};

/* All texts must stay valid until service_free(). */
struct service_options {
	const char *url;	/* http:// or https://, maybe with a path */
	const char *ca_file;	/* NULL: the system's certificates */
	const struct wallet *hotkey;	/* NULL: nothing can be signed */
	const struct ss58 *coldkey;	/* the hotkey's owner; NULL: unknown */
	enum service_scheme scheme;
	const char *receiver;	/* for btauth; NULL: as the service tells */
	unsigned tries;		/* of one request; 0: SERVICE_TRIES */
	long first_wait_ms;	/* before the second; 0: SERVICE_WAIT_MS */
	const volatile sig_atomic_t *stop;	/* not 0: give up; or NULL */

	/* Called before a wait, with the reason; or NULL. */
	void (*notice)(void *user, const char *why, long wait_ms);
	void *user;
};

#define SERVICE_TRIES 5
#define SERVICE_WAIT_MS 1000

/* A longer Retry-After is not waited for. */
#define SERVICE_WAIT_MAX_S 60

/* Why a request was answered, or was not. */
enum service_result {
	SERVICE_OK,		/* 2xx, and a JSON object */
	SERVICE_REFUSED,	/* 4xx: asking again changes nothing now */
	SERVICE_BROKEN,		/* 5xx, or an answer that is no JSON object */
	SERVICE_UNREACHABLE,	/* no answer */
	SERVICE_STOPPED,	/* by stop */
	SERVICE_UNABLE		/* nothing was sent: no key, or no scheme */
};

#define SERVICE_CODE_MAX 40
#define SERVICE_DETAIL_MAX 200

/* An answer.  It starts as all zero, and service_clear() frees it. */
struct service_answer {
	enum service_result result;
	int status;		/* HTTP's; 0: there was none */
	struct json_object *json;	/* an object; NULL: there was none */

	/* Of a refusal.  Words of lower case and "_", or "". */
	char code[SERVICE_CODE_MAX + 1];

	/* Of any failure.  Printable ASCII, safe to print. */
	char detail[SERVICE_DETAIL_MAX + 1];
};

/* A request that must be proven, or a GET that anybody may send. */
struct service_request {
	const char *path;	/* "/get-folder-access" */
	bool get;		/* a GET without a proof; the rest is unused */

	/* The fields of the body; NULL: none.  The proof is added: hotkey,
	   timestamp and signature.  The caller keeps it. */
	struct json_object *body;

	/* The text to sign, SIGNED_TEXT_KINDS if there is none for this path
	   (then the proof is in headers); and its parts.  hotkey, coldkey
	   and timestamp are filled in if they are not given. */
	enum signed_text_kind text;
	struct signed_parts parts;

	/* Bounds: 0 for the usual ones, SERVICE_BYTES and so on. */
	size_t max_bytes, max_values;
	long total_s;
};

#define SERVICE_BYTES (4 << 20)
#define SERVICE_VALUES 100000
#define SERVICE_TOTAL_S 30

/**
 * service_url_wrong(url):
 * Return why ${url} is no URL of a service, to follow its name, or NULL.
 *   Shape   http:// or https://, a host, maybe a path; printable ASCII without
 *	     blanks, quotes, "@" in the host, "?" and "#"; at most
 *	     SERVICE_URL_MAX bytes
 */
#define SERVICE_URL_MAX 1000
const char *service_url_wrong(const char *url);

/**
 * service_new(o), service_free(s):
 * Make a connection to the service at o->url, which service_url_wrong()
 * accepts.  Nothing is sent yet.
 */
struct service *service_new(const struct service_options *o);
void service_free(struct service *s);

/**
 * service_ask(s, request, answer):
 * Send ${request} and read ${answer}, which is cleared before.  A lost
 * connection, a 5xx, and a 429 that asks for at most SERVICE_WAIT_MAX_S are
 * tried again after a growing time, or after the service's Retry-After.  Each
 * try has a signature of its own.  Return answer->result.
 */
enum service_result service_ask(struct service *s,
    const struct service_request *request, struct service_answer *answer);

/**
 * service_fetch(s, url, max_bytes, answer, text, len):
 * GET a URL that the service gave, such as a listing in the store, with the
 * same certificates, bounds and tries.  Set ${text} and ${len} to the body,
 * which is valid until the next request; answer->json stays NULL.  Of a
 * refusal, answer->code is the store's, such as "AccessDenied".
 */
enum service_result service_fetch(struct service *s, const char *url,
    size_t max_bytes, struct service_answer *answer, const char **text,
    size_t *len);

/**
 * service_explain(s, answer):
 * If ${answer} is not SERVICE_OK, print on standard error why, with advice
 * for the codes that a caller can do something about.  Return the exit status.
 */
int service_explain(const struct service *s,
    const struct service_answer *answer);

/**
 * service_status(result):
 * Return the exit status for ${result}.
 */
int service_status(enum service_result result);

/**
 * service_url(s), service_hotkey(s), service_coldkey(s), service_stopped(s):
 * Return the base URL without a slash at its end; the keys, or NULL; whether
 * stop is set.
 */
const char *service_url(const struct service *s);
const struct wallet *service_hotkey(const struct service *s);
const struct ss58 *service_coldkey(const struct service *s);
bool service_stopped(const struct service *s);

/**
 * service_ca_file(s):
 * Return the file of certificates for transfers, or NULL.
 */
const char *service_ca_file(const struct service *s);

/**
 * service_wait(s, ms):
 * Sleep that long.  Return false at once if stop is or becomes set.
 */
bool service_wait(const struct service *s, long ms);

/**
 * service_clear(answer):
 * Free what ${answer} holds and make it all zero.
 */
void service_clear(struct service_answer *answer);

/**
 * service_text(o, name), service_int(o, name, fallback),
 * service_object(o, name):
 * Return the member ${name} of the JSON object ${o}: a text, a whole number,
 * an object or array.  Return NULL or ${fallback} if it is absent or of another
 * type.
 */
const char *service_text(struct json_object *o, const char *name);
int64_t service_int(struct json_object *o, const char *name,
    int64_t fallback);
struct json_object *service_object(struct json_object *o, const char *name);

#endif /* !CLIENT_SERVICE_H_ */
