#ifndef CLIENT_SERVICE_READ_H_
#define CLIENT_SERVICE_READ_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

/*
 * What a validator asks a service for.  Each function sends one request; the
 * URLs are members of answer->json, and stay valid until service_clear().
 */

/* A miner: by hotkey, or by coldkey and source. */
struct service_miner {
	const struct ss58 *key;
	bool coldkey;		/* ${key} is a coldkey */
	const char *source;	/* of the coldkey's folder; NULL: default */
};

/**
 * service_list_all(s, answer):
 * Listings of everything: /get-validator-access without single miners, since
 * an answer with all of them has no useful bound.  urls.global.list_all_data,
 * urls.miners.list_all_miners, urls.sources.<name>.list_miners.
 */
enum service_result service_list_all(struct service *s,
    struct service_answer *answer);

/**
 * service_list(s, miner, token, answer, url):
 * Set ${url} to the listing of ${miner} that begins at ${token} (NULL: the
 * first page): /get-miner-list.
 */
enum service_result service_list(struct service *s,
    const struct service_miner *miner, const char *token,
    struct service_answer *answer, const char **url);

/**
 * service_jobs(s, miner, answer):
 * Listings of each job of ${miner}, or of every miner if that is NULL:
 * /get-folder-presigned-urls.
 * folder_urls.<hotkey>.job_folders[].{job_id,path,presigned_url}.
 */
enum service_result service_jobs(struct service *s, const struct ss58 *miner,
    struct service_answer *answer);

/**
 * service_files(s, miner, keys, n, hours, answer):
 * Downloads of ${n} files of ${miner} by key, at most SERVICE_KEYS_MAX, valid
 * for ${hours} (0: the service's default): /get-file-presigned-urls.
 * service_file_url() finds each; invalid_files names keys without one.
 */
#define SERVICE_KEYS_MAX 1000
enum service_result service_files(struct service *s,
    const struct service_miner *miner, const char *const *keys, size_t n,
    int64_t hours, struct service_answer *answer);

/**
 * service_file_url(answer, key):
 * Return the URL of ${key} in an answer of service_files(), or NULL.
 */
const char *service_file_url(const struct service_answer *answer,
    const char *key);

/**
 * service_files_ttl_s(answer, key):
 * Return for how many seconds that URL is valid, from 0 to a week.
 */
int64_t service_files_ttl_s(const struct service_answer *answer,
    const char *key);

#endif /* !CLIENT_SERVICE_READ_H_ */
