#ifndef CLIENT_HUB_LOAD_H_
#define CLIENT_HUB_LOAD_H_

#include "crypto/md5.h"
#include "hub_list.h"

/*
 * Files of the Hub into files of this machine, several at once.
 */
enum hub_load_result {
	HUB_LOAD_LEFT,		/* not whole, because the run ended */
	HUB_LOAD_WHOLE,		/* with the digest that the Hub names */
	HUB_LOAD_FAILED,	/* here: the file, or the disk */
	HUB_LOAD_REFUSED, HUB_LOAD_UNREACHABLE
};

#define HUB_LOAD_WHY_MAX 160

struct hub_load {
	/* The caller's. */
	const struct hub_item *item;
	const struct hub_repo *repo;
	int fd;			/* what it has is kept, if it fits */

	/* Set when it is done. */
	enum hub_load_result result;
	char why[HUB_LOAD_WHY_MAX];
	uint8_t md5[MD5_LEN];	/* of HUB_LOAD_WHOLE */
	bool has_md5;		/* false where the system forbids MD5 */
};

/**
 * hub_load_all(h, load, n, shown, user):
 * Load the ${n} files at ${load}.  Call ${shown} now and then with the bytes
 * that they have.  What fails is tried HUB_TRIES times, after the time that the
 * Hub asks for; if one fails for good and none has succeeded since it began,
 * or the Hub refuses one after the other, the others are left.  Return the exit
 * status of that, or COMMAND_OK.
 */
int hub_load_all(struct hub *h, struct hub_load *load, size_t n,
    void (*shown)(void *user, int64_t bytes), void *user);

#endif /* !CLIENT_HUB_LOAD_H_ */
