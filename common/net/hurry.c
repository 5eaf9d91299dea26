#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "net/hurry.h"
#include "net/transfer.h"

static int
on_open(void *user, curl_socket_t fd, curlsocktype purpose)
{
	struct hurry *h = user;

	(void)purpose;
	if (h->n < HURRY_MAX)
		h->fd[h->n++] = fd;
	return (CURL_SOCKOPT_OK);
}

static int
on_close(void *user, curl_socket_t fd)
{
	struct hurry *h = user;
	unsigned i;

	for (i = 0; i < h->n; i++) {
		if (h->fd[i] == fd) {
			h->fd[i] = h->fd[--h->n];
			break;
		}
	}
	return (close(fd));
}

void
hurry_prepare(struct hurry *h, CURL *easy)
{

	TRANSFER_SET(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
	TRANSFER_SET(easy, CURLOPT_SOCKOPTDATA, h);
	TRANSFER_SET(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	TRANSFER_SET(easy, CURLOPT_CLOSESOCKETDATA, h);
}

void
hurry_now(const struct hurry *h)
{
#ifdef TCP_QUICKACK
	const int on = 1;
	unsigned i;

	/* The option holds for the data received so far only. */
	for (i = 0; i < h->n; i++)
		(void)setsockopt(h->fd[i], IPPROTO_TCP, TCP_QUICKACK, &on,
		    sizeof(on));
#else
	(void)h;
#endif
}
