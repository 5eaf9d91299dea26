/* foldergate sign --btauth: the headers of a signed request. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/btauth.h"
#include "command.h"
#include "proof.h"
#include "sign_btauth.h"
#include "wallet.h"

#define BODY_MAX (1 << 20)

/* The part of a URL that a client sends: path and query.  A path alone
   starts with a slash already.  An empty path is sent as a slash. */
static bool
url_target(const char *url, char out[BTAUTH_TARGET_MAX + 1])
{
	const char *host = strstr(url, "://"), *s = url;
	int n;

	if (url[0] != '/') {
		if (host == NULL)
			return (false);
		s = host + 3 + strcspn(host + 3, "/?#");
	}
	n = snprintf(out, BTAUTH_TARGET_MAX + 1, "%s%.*s", *s == '/' ? "" : "/",
	    (int)strcspn(s, "#"), s);
	return (n >= 0 && n <= BTAUTH_TARGET_MAX);
}

static int
print_headers(const struct btauth_request *r, const struct wallet *w,
    int64_t nonce_ns)
{
	struct proof_lines lines;
	enum err e;

	e = proof_btauth(w, r, nonce_ns, &lines);
	if (e == ERR_BTAUTH_TARGET)
		return (command_wrong("--url needs printable ASCII without "
		    "blanks, --method at most %d letters", BTAUTH_METHOD_MAX));
	if (e != ERR_OK)
		return (COMMAND_FAILED);
	sign_print(&lines);
	return (COMMAND_OK);
}

int
sign_btauth(const struct sign_btauth *o, const struct wallet *w)
{
	char target[BTAUTH_TARGET_MAX + 1];
	uint8_t receiver[SS58_KEY_LEN];
	struct btauth_request r = {
		.method = o->method != NULL ? o->method : "POST",
		.target = target, .receiver = o->receiver,
	};
	char *body;
	int status;

	if (o->receiver == NULL || ss58_decode(o->receiver,
	    strlen(o->receiver), receiver) != ERR_OK)
		return (command_wrong("--receiver needs the SS58 address of "
		    "the service's hotkey; it %s", o->receiver == NULL ?
		    "is missing" : ss58_wrong(o->receiver,
		    strlen(o->receiver))));
	if (o->url == NULL || !url_target(o->url, target))
		return (command_wrong("--url needs the URL of the request, or "
		    "its path and query, of at most %d bytes",
		    BTAUTH_TARGET_MAX));
	if ((body = command_read_file(o->body, BODY_MAX, &r.len)) == NULL)
		return (COMMAND_FAILED);
	r.body = body;
	status = print_headers(&r, w, o->now_ns);
	free(body);
	return (status);
}
