#ifndef CLIENT_POLICY_H_
#define CLIENT_POLICY_H_

#include <stddef.h>
#include <stdio.h>

#include "config/config.h"

/*
 * The smallest permissions of the two keys, for each kind of store.
 */
struct policy_names {
	const char *bucket, *upload_user, *read_user;
};

/* A document of a store: what it is for, and its text. */
struct policy {
	enum config_s3_provider provider;
	const char *name;	/* "upload", "read" or "bucket" */
	const char *about;	/* what to do with it */
	const char *text;	/* %B, %U, %R: the names; NULL: there is none */
};

/* One row for each document.  A row without a name ends them. */
extern const struct policy policy_table[];

/**
 * policy_print(p, names):
 * Print the text of ${p}.
 */
void policy_print(const struct policy *p, const struct policy_names *names);

#endif /* !CLIENT_POLICY_H_ */
