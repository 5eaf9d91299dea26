#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "web/request.h"
#include "web/web.h"

/* Headers that must not be given twice.  A comma in an X-Tao or X-Bittensor
   header means two headers.  A forwarding header is a chain and grows by
   commas.  Those that identify nobody refuse nothing. */
static const struct {
	const char *name;
	bool comma_ok, harmless;
} single[] = {
	{ "REQUEST_METHOD", true, false },
	{ "CONTENT_TYPE", true, false },
	{ "CONTENT_LENGTH", true, false },
	{ "REMOTE_ADDR", true, false },
	{ "REQUEST_URI", true, false },
	{ "HTTP_AUTHORIZATION", true, false },
	{ "HTTP_X_TAO_VERSION", false, false },
	{ "HTTP_X_TAO_TIMESTAMP", false, false },
	{ "HTTP_X_TAO_NONCE", false, false },
	{ "HTTP_X_TAO_SIGNED_BY", false, false },
	{ "HTTP_X_TAO_SIGNATURE", false, false },
	{ "HTTP_X_BITTENSOR_VERSION", false, false },
	{ "HTTP_X_BITTENSOR_HOTKEY", false, false },
	{ "HTTP_X_BITTENSOR_RECEIVER", false, false },
	{ "HTTP_X_BITTENSOR_NONCE", false, false },
	{ "HTTP_X_BITTENSOR_CRYPTO", false, false },
	{ "HTTP_X_BITTENSOR_SIGNATURE", false, false },
	{ "HTTP_X_FORWARDED_FOR", true, false },
	{ "HTTP_X_REAL_IP", false, false },
	{ "HTTP_FORWARDED", true, false },
	{ "HTTP_ORIGIN", true, true },
	{ "HTTP_ACCESS_CONTROL_REQUEST_METHOD", true, true },
	{ "HTTP_X_REQUEST_ID", true, true },
	{ "HTTP_ACCEPT", true, true },
};

#define REMOTE_ADDR 3
#define REQUEST_URI 4
#define AUTHORIZATION 5
#define FIRST_TAO 6		/* in the order of enum tao_header */
#define FIRST_BTAUTH (FIRST_TAO + TAO_HEADERS)	/* of enum btauth_header */
#define FORWARDED_FOR (FIRST_BTAUTH + BTAUTH_HEADERS)
#define ORIGIN (FORWARDED_FOR + 3)
#define ASKED_METHOD (ORIGIN + 1)
#define REQUEST_ID (ORIGIN + 2)
#define ACCEPT (ORIGIN + 3)

#define SINGLE (sizeof(single) / sizeof(single[0]))

/* The value in "NAME=value" if the name is ${name}, else NULL. */
static const char *
value_of(const char *variable, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(variable, name, n) != 0 || variable[n] != '=')
		return (NULL);
	return (variable + n + 1);
}

static const char *
or_null(const char *s)
{

	return (s == NULL || *s == '\0' ? NULL : s);
}

static bool
good_id(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len;

	if (s == NULL)
		return (false);
	len = strspn(s, letters);
	return (len > 0 && len <= WEB_GIVEN_ID_MAX && s[len] == '\0' &&
	    strstr(s, "409") == NULL);
}

enum err
request_read(char *const *env, struct request *r)
{
	const char *found[SINGLE] = { NULL }, *v;
	bool repeated[SINGLE] = { false };
	enum err e = ERR_OK;
	size_t i;

	for (; *env != NULL; env++) {
		for (i = 0; i < SINGLE; i++) {
			if ((v = value_of(*env, single[i].name)) == NULL)
				continue;
			repeated[i] |= found[i] != NULL ||
			    (!single[i].comma_ok && strchr(v, ',') != NULL);
			found[i] = v;
			break;
		}
	}

	/* Treat a variable given twice as absent. */
	for (i = 0; i < SINGLE; i++) {
		if (!repeated[i])
			continue;
		found[i] = NULL;
		if (!single[i].harmless)
			e = ERR_HEADER;
	}
	r->method = found[0] != NULL ? found[0] : "";
	r->content_type = or_null(found[1]);
	r->content_length = or_null(found[2]);
	r->remote_addr = or_null(found[REMOTE_ADDR]);
	r->target = or_null(found[REQUEST_URI]);
	r->authorization = or_null(found[AUTHORIZATION]);
	r->forwarded_for = or_null(found[FORWARDED_FOR]);
	r->origin = or_null(found[ORIGIN]);
	r->accept = or_null(found[ACCEPT]);
	r->asked_method = or_null(found[ASKED_METHOD]);
	r->id = good_id(found[REQUEST_ID]) ? found[REQUEST_ID] : NULL;
	for (i = 0; i < TAO_HEADERS; i++)
		r->tao.header[i] = or_null(found[FIRST_TAO + i]);
	for (i = 0; i < BTAUTH_HEADERS; i++)
		r->btauth.header[i] = or_null(found[FIRST_BTAUTH + i]);
	return (e);
}
