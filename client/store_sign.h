#ifndef CLIENT_STORE_SIGN_H_
#define CLIENT_STORE_SIGN_H_

#include "s3/post_policy.h"
#include "store.h"

/*
 * Forms and URLs that s3/ signs as for a miner or a validator, and that are
 * then changed.
 */

/* A form, and the changes to it before it is sent. */
struct store_sign_form {
	enum post_policy_kind kind;
	const char *granted;	/* the name of the folder or the file */
	const char *sent;	/* the name that is sent in its place */
	int64_t age_s;		/* signed so long ago, valid STORE_TTL_S */
	const char *field, *value;	/* replaced or added; NULL: none */
};

/**
 * store_sign_form(s, f, bytes, file_name):
 * Post a file of ${bytes} bytes by the form ${f}.  Return the status.
 */
int store_sign_form(struct store *s, const struct store_sign_form *f,
    size_t bytes, const char *file_name);

/* A URL, signed for a name by a role.  path replaces that name in the URL after
   it was signed (NULL: it stays). */
struct store_sign_url {
	enum keyring_role_name role;
	enum presign_method method;
	const char *name, *path;
	int64_t bytes;		/* PUT: the signed length, else -1 */
};

/**
 * store_sign_url(s, u, out):
 * Write the URL into ${out}, PRESIGN_OBJECT_MAX + 1 bytes.
 */
void store_sign_url(struct store *s, const struct store_sign_url *u, char *out);

/**
 * store_sign_plain(s, name, out):
 * Write the URL of ${name} without any signature, for everybody.
 */
void store_sign_plain(const struct store *s, const char *name, char *out);

/**
 * store_sign_list(s, role, list, out):
 * Write the URL of a listing into ${out}, PRESIGN_LIST_MAX + 1 bytes.
 */
void store_sign_list(struct store *s, enum keyring_role_name role,
    const struct presign_list *list, char *out);

/**
 * store_sign_sub(s, role, name, sub, acl, out):
 * Write the URL that puts the subresource ${sub} of the object ${name}, or of
 * the bucket ("") into ${out}, PRESIGN_OBJECT_MAX + 1 bytes.  The request has
 * the header x-amz-acl: ${acl}, unless that is NULL: AWS refuses one that is
 * not signed before it looks at any right.
 *   Shape   sub: a word that sorts after X-Amz-SignedHeaders
 */
void store_sign_sub(struct store *s, enum keyring_role_name role,
    const char *name, const char *sub, const char *acl, char *out);

#endif /* !CLIENT_STORE_SIGN_H_ */
