#ifndef CONFIG_FORM_H_
#define CONFIG_FORM_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * The forms that keys.def names.  A form checks one word and describes a right
 * one.  Forms catch typing errors and report their place in the file.  The code
 * that uses a value checks its meaning.
 */
struct form {
	bool (*good)(const char *s, size_t len);
	const char *right;	/* "must be ..." */

	/* Return what is wrong, to follow "it", or NULL if that is not known.
	   NULL: it never is. */
	const char *(*wrong)(const char *s, size_t len);
};

/* An item of web.trusted_proxies: every peer on a unix socket. */
#define FORM_RANGE_SOCKETS "unix"

/* Values of log.to that are no file. */
#define FORM_LOG_STDERR "stderr"
#define FORM_LOG_SYSLOG "syslog"

/* The item of cors.origins that stands for every page, and stands alone. */
#define FORM_ORIGIN_ANY "*"

extern const struct form form_address,
    form_block_hash,
    form_bucket,
    form_chain_url,
    form_name,
    form_host_port,
    form_network,
    form_key_id,
    form_log_to,
    form_origin,
    form_path,
    form_range,
    form_redis_master,
    form_redis_url,
    form_region,
    form_sent,
    form_source,
    form_url;

#endif /* !CONFIG_FORM_H_ */
