/* Prints what an endpoint declares.  Linked to an endpoint of cgi-bin/ in place
   of web/program.c, so that the program that runs has no way to be asked. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "describe.h"
#include "web/endpoint.h"
#include "web/program.h"
#include "web/transport.h"

int64_t
describe_body_max(const struct endpoint *ep)
{
	size_t max = ep->body_max != 0 ? ep->body_max : TRANSPORT_BODY_USUAL;

	return ((int64_t)(ep->put_body_max > max ? ep->put_body_max : max));
}

void
describe_die(const struct endpoint *ep, const char *what, const char *name)
{

	fprintf(stderr, "describe: %s: %s %s\n", ep->path, what, name);
	exit(1);
}

/* A line for endpoints.conf: name, method, largest body in bytes.  After it
   the endpoint's part of openapi.json. */
int
program_main(const struct endpoint *ep)
{

	printf("%s %s %" PRId64 "\n", ep->path + 1, ep->method,
	    describe_body_max(ep));
	path_item(ep);
	return (fflush(stdout) == 0 ? 0 : 1);
}
