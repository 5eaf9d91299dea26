#ifndef CLIENT_STORE_RIGHTS_H_
#define CLIENT_STORE_RIGHTS_H_

#include "store.h"

/*
 * What the two keys may do at the store, beyond or within what grants need.
 * foldergate credentials check prints this table, and foldergate check-store
 * looks up in it what a key may do too much.
 */
enum store_rights_found {
	STORE_RIGHTS_DENIED,
	STORE_RIGHTS_ALLOWED,
	STORE_RIGHTS_UNTRIED,
	STORE_RIGHTS_SILENT	/* no answer */
};

struct store_right {
	enum keyring_role_name role;
	bool needed;		/* grants need it; else it must be denied */
	const char *name;	/* for programs */
	const char *verb;	/* what the key can do, to follow "it can" */
	enum store_rights_found (*try)(struct store *s);
};

/* The rows, in the order in which they must run, after store_start().  A row
   without a name ends them.  A try may change STORE_START_FIRST, and nothing
   else that was there before. */
extern const struct store_right store_rights[];

/**
 * store_rights_try(s, r):
 * Try ${r}.  The status of the last request is in ${s}.
 */
enum store_rights_found store_rights_try(struct store *s,
    const struct store_right *r);

#endif /* !CLIENT_STORE_RIGHTS_H_ */
