#ifndef CLIENT_OWN_H_
#define CLIENT_OWN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "s3/listing.h"
#include "service.h"
#include "service_upload.h"

/*
 * What is in a miner's own folder, by the lists that come with grants.
 */
struct own {
	struct service *service;
	const char *source;		/* as of service_folder() */
	struct service_file sample;	/* a file that a service without
					   folder_forms gets to hear of */
	char prefix[LISTING_KEY_MAX + 1];	/* of the keys */
	size_t dropped;			/* items that cannot be read */
	bool blind;			/* the service lists only a part */
};

/**
 * own_each(o, found, user):
 * Call ${found} with each object below the folder and its name there, until it
 * returns false.  A fault is printed.  Return the exit status.  Each page costs
 * one grant.
 */
int own_each(struct own *o, bool (*found)(void *user,
    const struct listing_item *it, const char *name, size_t len), void *user);

#endif /* !CLIENT_OWN_H_ */
