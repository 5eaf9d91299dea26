#ifndef CLIENT_STORE_H_
#define CLIENT_STORE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "s3/keyring.h"
#include "s3/layout.h"
#include "s3/presign.h"

struct asker;
struct http;

/*
 * The object store from a client's side, for foldergate check-store.  s3/ signs
 * forms and URLs, with the keys and the bucket of the configuration.  They are
 * then sent with something changed.  The result is read from the store with the
 * read key.  All objects are below one scratch folder.
 */

/* What a form may upload, and the time that a form or URL is valid for. */
#define STORE_MIN_BYTES 1024
#define STORE_MAX_BYTES 4096
#define STORE_TTL_S 120

/* The longest wait for one answer, and for all of them. */
#define STORE_WAIT_S 10
#define STORE_TOTAL_MS (180 * 1000)

#define STORE_NAME_MAX 63	/* a key below the scratch folder */
#define STORE_KEY_MAX (LAYOUT_FOLDER_MAX + STORE_NAME_MAX)
#define STORE_OBJECTS_MAX 128

/* An object that is there, as far as we know. */
struct store_object {
	char name[STORE_NAME_MAX + 1];
	int64_t bytes;
};

struct store {
	const struct config *cfg;
	const char *endpoint;
	struct s3_bucket bucket;
	struct hmac *hmac;
	struct keyring keyring;
	struct keyring_role role[KEYRING_ROLES];
	struct http *http;
	struct asker *asker;		/* sends an endpoint's question */
	bool asker_lost;
	char folder[LAYOUT_FOLDER_MAX + 1];	/* the scratch folder */
	const struct s3_bucket *other;	/* another bucket; NULL: none known */
	bool left_elsewhere;		/* own/first was left there */
	int64_t end_ms;			/* no request is sent after that */
	size_t next_size;		/* no two files have the same one */

	/* The last request.  Status 0: no answer. */
	int status;
	const char *answer;
	size_t answer_len;
	bool lost;			/* some request had no usable answer */
	unsigned silent;		/* requests in a row, not answered */

	struct store_object object[STORE_OBJECTS_MAX];
	size_t n;

	/* What was found out: the store takes forms, and PUTs; what of the
	   bucket's fields had to be left out of a form; its listings are
	   encoded. */
	bool forms, puts, no_acl, no_class, encodes;
};

/**
 * store_open(s, cfg, internal), store_close(s):
 * Prepare the bucket at s3.public_endpoint, or at s3.endpoint if ${internal},
 * both roles, and a scratch folder with a random name.  Nothing is sent yet.
 *   Errors  any, logged; ${s} can be closed in that case, too
 */
CHECKED enum err store_open(struct store *s, const struct config *cfg,
    bool internal);
void store_close(struct store *s);

/**
 * store_send(s, method, url, headers, body, len):
 * Send a request and return its status.  0: there was no answer, or time was
 * up.  A status 429 or 503 is tried once more, then counts as no answer.
 */
int store_send(struct store *s, const char *method, const char *url,
    const char *const *headers, const char *body, size_t len);

/**
 * store_reason(s):
 * Return why the last request was not answered with 200, in fixed words.
 */
const char *store_reason(const struct store *s);

/* The full key of a name below the scratch folder. */
struct store_key {
	char text[STORE_KEY_MAX + 1];
	size_t len;
};

/**
 * store_key(s, name):
 * Return the key of ${name}, at most STORE_NAME_MAX bytes.
 */
struct store_key store_key(const struct store *s, const char *name);

/**
 * store_size(s):
 * Return a size that no file has, and that forms accept.
 */
size_t store_size(struct store *s);

/**
 * store_fill(data, bytes):
 * Fill ${data} with the content of a file of ${bytes} bytes.  Files of
 * different sizes have different contents.
 */
void store_fill(char *data, size_t bytes);

#endif /* !CLIENT_STORE_H_ */
