#ifndef WEB_ENDPOINT_H_
#define WEB_ENDPOINT_H_

#include "web/web.h"

/* One URL: what a program in cgi-bin/ says about itself. */
struct endpoint {
	const char *path;		/* /get-folder-access */
	const char *method;		/* the one it answers */
	const char *summary;
	unsigned needs;			/* NEED_... */
	size_t body_max;		/* 0: TRANSPORT_BODY_USUAL */
	size_t put_body_max;		/* where files have to be named */
	bool headers_only;		/* the proof is in X-Tao headers */
	const struct schema_field *request;	/* NULL: no body */
	const struct emit_field *response;

	/* Answer by web_reply() and return ERR_OK, or say what is wrong. */
	enum err (*handle)(struct web *w);
};

/**
 * endpoint_main(ep):
 * Serve ${ep} until told to stop (FastCGI), or once (CGI).  Return the
 * program's exit status.
 */
int endpoint_main(const struct endpoint *ep);

#endif /* !WEB_ENDPOINT_H_ */
