#ifndef CLIENT_SERVICE_PROVE_H_
#define CLIENT_SERVICE_PROVE_H_

#include <stdbool.h>
#include <stddef.h>

#include "crypto/ss58.h"
#include "proof.h"
#include "service.h"

/*
 * How requests to one service are proven.  It starts with ${o}, the rest zero.
 * For client/service.c.
 */
struct service_prove {
	const struct service_options *o;
	bool noted;			/* what the service accepts */
	bool takes_text, takes_btauth;
	struct ss58 receiver;		/* empty: the service told none */
};

/**
 * service_prove_note(p, formats):
 * Note what /commitment-formats, an object or NULL, tells.
 */
void service_prove_note(struct service_prove *p, struct json_object *formats);

/**
 * service_prove_can(p, r):
 * Is there a way to prove ${r} under the scheme that is set?
 */
bool service_prove_can(const struct service_prove *p,
    const struct service_request *r);

/**
 * service_prove_make(p, r, url, body, text, len, lines):
 * Make the body of ${r}, which goes to ${url}, with its proof: ${text} of
 * ${len} bytes, which belongs to ${body}, and header ${lines}.  The caller puts
 * ${body}.
 *   Errors  ERR_BTAUTH_RECEIVER it is not known; those of proof_btauth(); then
 *	     ${body} is NULL
 */
CHECKED enum err service_prove_make(const struct service_prove *p,
    const struct service_request *r, const char *url,
    struct json_object **body, const char **text, size_t *len,
    struct proof_lines *lines);

#endif /* !CLIENT_SERVICE_PROVE_H_ */
