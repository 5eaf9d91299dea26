#ifndef NET_CA_H_
#define NET_CA_H_

/*
 * The file of trusted certificates.  A program that was linked on one system
 * and runs on another does not find it where its libcurl looks.
 */

/**
 * ca_choose(own, usual):
 * Return NULL if ${own}, the file that libcurl was built with, can be read, or
 * if no other can; then libcurl decides.  Otherwise return the first file of
 * ${usual} that can be read.  NULL ends ${usual}.  ${own} may be NULL.
 */
const char *ca_choose(const char *own, const char *const *usual);

/**
 * ca_file(void):
 * The same for this libcurl, with the files of Debian, Red Hat, SUSE, Alpine
 * and FreeBSD.
 */
const char *ca_file(void);

#endif /* !NET_CA_H_ */
