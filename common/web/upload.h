#ifndef WEB_UPLOAD_H_
#define WEB_UPLOAD_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "json/emit.h"
#include "json/schema.h"
#include "s3/grant.h"

struct endpoint_plan;
struct web;

/*
 * The grant that a miner uploads with: a form for its folder or, if the bucket
 * has no folder_forms, a form or a URL for each file.
 */

/* A file to upload, as a request names it. */
struct upload_file {
	char name[S3_KEY_MAX + 1];	/* below the folder */
	struct schema_int size;
};


#define UPLOAD_FILES_MAX 1000

extern const struct schema_field upload_file_fields[];

/**
 * upload_check(w, files, folder_len):
 * Check that these files, struct upload_file, may be uploaded below a folder
 * of ${folder_len} bytes: each name is allowed, and no file is too small or
 * too large.
 *   Errors  ERR_KEY_NAME, ERR_SIZE
 */
CHECKED enum err upload_check(const struct web *w,
    const struct schema_objects *files, size_t folder_len);

/**
 * upload_check_size(w, size):
 *   Errors  ERR_SIZE the size is given and outside the limits
 */
CHECKED enum err upload_check_size(const struct web *w,
    const struct schema_int *size);

/**
 * upload_size(size):
 * Return the size for upload_make(): the given one, or GRANT_ANY_SIZE.
 */
int64_t upload_size(const struct schema_int *size);

/**
 * upload_make(w, p, of, key, size, until_s, made):
 * Set ${made} to a grant for ${key}, a folder or a key as ${of} says, of
 * ${size} bytes, or of GRANT_ANY_SIZE, until ${until_s}.  Calls
 * endpoint_granted().
 *   Errors  those of grant_make()
 */
CHECKED enum err upload_make(struct web *w, const struct endpoint_plan *p,
    enum grant_of of, const char *key, int64_t size, int64_t until_s,
    const struct grant_upload **made);

/* The shortest lifetime of all URLs of an answer. */
struct upload_lifetime {
	int64_t *seconds;
	const char **expiry;
};

/* The fields of each row that upload_rows() returns. */
extern const struct emit_field upload_row_fields[];

/**
 * upload_rows(w, p, files, lifetime):
 * Return a grant for each of the ${files}, valid for *${lifetime->seconds}.
 * That value becomes less if a URL must be signed for less.  URLs are signed
 * while the rows are written, so ${lifetime} must be written after them.
 * Calls endpoint_granted().
 */
struct emit_rows upload_rows(struct web *w, const struct endpoint_plan *p,
    const struct schema_objects *files,
    const struct upload_lifetime *lifetime);

#endif /* !WEB_UPLOAD_H_ */
