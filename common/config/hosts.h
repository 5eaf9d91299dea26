#ifndef CONFIG_HOSTS_H_
#define CONFIG_HOSTS_H_

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * The hosts of well-known stores, as their documentation names them, and the
 * other hosts that their consoles show to somebody who looks for an endpoint.
 */
struct hosts_known {
	const char *form;	/* "https://REGION.digitaloceanspaces.com" */
	enum config_s3_provider provider;
	const char *region;	/* in the host, or the only one; "": none */
	size_t region_len;
	bool strict;		/* no other region works */
	bool takes_forms;	/* it has POST policies */
};

/**
 * hosts_elsewhere(host, len):
 * Return what ${host} is if it is no S3 endpoint, such as "is a web console".
 * NULL: not known to be something else.
 */
const char *hosts_elsewhere(const char *host, size_t len);

/**
 * hosts_find(host, len, known):
 * If ${host} belongs to a store in the table, fill ${known} and return true.
 * Its ${region} is NULL if the host has more or less than ${form}.
 */
bool hosts_find(const char *host, size_t len, struct hosts_known *known);

#endif /* !CONFIG_HOSTS_H_ */
