#ifndef CONFIG_FORM_H_
#define CONFIG_FORM_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * The forms that keys.def names: is this word right, and what would be?  They
 * catch what is typed wrong, with its place in the file; what a value means is
 * for whoever uses it.
 */
struct form {
	bool (*good)(const char *s, size_t len);
	const char *right;	/* "must be ..." */
};

extern const struct form form_address,
    form_block_hash,
    form_bucket,
    form_chain_url,
    form_name,
    form_key_id,
    form_path,
    form_range,
    form_redis_url,
    form_sent,
    form_source,
    form_url;

#endif /* !CONFIG_FORM_H_ */
