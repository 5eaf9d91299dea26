#ifndef CLIENT_SERVICE_UPLOAD_H_
#define CLIENT_SERVICE_UPLOAD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "service.h"

/*
 * What a miner asks a service for: what uploads must be, and grants to upload.
 */

/* What /structure-info tells of uploads.  A service that tells nothing, such
   as the one that foldergate replaces, has its values. */
struct service_limits {
	int64_t min_bytes, max_bytes;
	bool put;		/* the file alone by PUT, not a form by POST */
	bool folder_forms;	/* one grant is for the whole folder */
	bool file_uploads;	/* /get-file-upload-url is served */
	bool hotkey_layout, coldkey_layout;
};

/* How to send one file, or any file of a folder. */
struct service_grant {
	const char *key;	/* of the file; NULL: any key in the folder */
	const char *url;
	bool put;		/* PUT the file; else POST a form */
	struct text_pair *fields;	/* of the form, before the file */
	size_t n_fields;
	struct text_pair *headers;	/* to send with a PUT */
	size_t n_headers;
};

/* Grants for one folder.  It starts as all zero. */
struct service_folder {
	const char *folder;	/* prefix of every key, ends with "/" */
	const char *list_url;	/* what is in it; NULL: not told */
	int64_t ends_ms;	/* by clock_tick_ms() */
	bool any;		/* grant[0] is for the whole folder */
	struct service_grant *grant;
	size_t n;
	struct json_object *json;	/* owns the texts */
};

/* A file that is to be uploaded, for a service without folder_forms. */
struct service_file {
	const char *name;	/* below the folder */
	int64_t bytes;
};

/* The most files in one request. */
#define SERVICE_FILES_MAX 1000

/**
 * service_limits(s, limits, answer):
 * Ask what uploads must be.
 */
enum service_result service_limits(struct service *s,
    struct service_limits *limits, struct service_answer *answer);

/**
 * service_folder(s, source, files, n, after, folder, answer):
 * Ask for grants to upload into the own folder: data/hotkey=<hotkey>/ if
 * ${source} is NULL, else data/<source>/<coldkey>/.  The ${n} ${files} are
 * named to the service; 0 where limits.folder_forms is set.  folder->list_url
 * begins after the name ${after} (NULL: at the first one), if the service knows
 * how to.  The coldkey must be known.  service_folder_free() must be called in
 * any case.
 * An answer whose form is not as described, or whose grants are for other keys
 * than ${folder} begins with, is SERVICE_BROKEN.
 */
enum service_result service_folder(struct service *s, const char *source,
    const struct service_file *files, size_t n, const char *after,
    struct service_folder *folder, struct service_answer *answer);

/**
 * service_folder_until(s, source, until, folder, answer):
 * The same for a grant without files that ends at the Unix second ${until}, or
 * before, if the service knows how to.
 */
enum service_result service_folder_until(struct service *s,
    const char *source, int64_t until, struct service_folder *folder,
    struct service_answer *answer);

/**
 * service_job_file(s, job, name, bytes, folder, answer):
 * Ask for a grant for one new file of a job, by /get-file-upload-url.  If the
 * file exists, that is a refusal of status 409, code "exists".
 */
enum service_result service_job_file(struct service *s, const char *job,
    const char *name, int64_t bytes, struct service_folder *folder,
    struct service_answer *answer);

/**
 * service_folder_free(folder):
 * Free what ${folder} holds and make it all zero.
 */
void service_folder_free(struct service_folder *folder);

#endif /* !CLIENT_SERVICE_UPLOAD_H_ */
