/* Prints what an endpoint declares.  Linked to an endpoint of cgi-bin/ in place
   of web/program.c, so that the program that runs has no way to be asked. */

#include <stdio.h>

#include "web/endpoint.h"
#include "web/program.h"
#include "web/transport.h"

static size_t
body_max(const struct endpoint *ep)
{
	size_t max = ep->body_max != 0 ? ep->body_max : TRANSPORT_BODY_USUAL;

	return (ep->put_body_max > max ? ep->put_body_max : max);
}

/* One line: name, method, largest body in bytes. */
int
program_main(const struct endpoint *ep)
{

	printf("%s %s %zu\n", ep->path + 1, ep->method, body_max(ep));
	return (0);
}
