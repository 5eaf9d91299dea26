#ifndef NET_HURRY_H_
#define NET_HURRY_H_

#include <curl/curl.h>

/*
 * Acknowledge at once.  Ceph's gateway sends the head and the body of an answer
 * one after the other, and the body waits until the head is acknowledged
 * (Nagle's algorithm).  The kernel delays that by 40 ms, for each answer.  For
 * net/ only.
 */

/* Connections at once; others are not hurried. */
#define HURRY_MAX 64

struct hurry {
	curl_socket_t fd[HURRY_MAX];
	unsigned n;
};

/**
 * hurry_prepare(h, easy):
 * Note the connections that ${easy} opens.  ${h}, all zero at first, must stay
 * until they are closed.
 */
void hurry_prepare(struct hurry *h, CURL *easy);

/**
 * hurry_now(h):
 * Acknowledge what all connections have received so far.
 */
void hurry_now(const struct hurry *h);

#endif /* !NET_HURRY_H_ */
