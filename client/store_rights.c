/* What the two keys may do at the store. */

#include <string.h>

#include "store_look.h"
#include "store_rights.h"
#include "store_sign.h"
#include "store_start.h"

#define FIRST STORE_START_FIRST
#define UPLOAD KEYRING_UPLOAD
#define READ KEYRING_READ

/* Only a status of success is one.  Some stores answer 404 or 405 to what they
   do not have, which is as good as denied. */
static enum store_rights_found
found(const struct store *s)
{

	if (s->status == 0 || s->status == 429 || s->status == 500 ||
	    s->status >= 502)
		return (STORE_RIGHTS_SILENT);
	return (s->status / 100 == 2 ? STORE_RIGHTS_ALLOWED :
	    STORE_RIGHTS_DENIED);
}

static enum store_rights_found
judge(const struct store *s, bool good)
{

	return (s->lost ? STORE_RIGHTS_SILENT : good ? STORE_RIGHTS_ALLOWED :
	    STORE_RIGHTS_DENIED);
}

/* --- requests ------------------------------------------------------------ */

static enum store_rights_found
list(struct store *s, enum keyring_role_name role)
{
	const struct presign_list want = { .prefix = text_span(s->folder) };
	char url[PRESIGN_LIST_MAX + 1];

	store_sign_list(s, role, &want, url);
	(void)store_send(s, "GET", url, NULL, NULL, 0);
	return (found(s));
}

static enum store_rights_found
object(struct store *s, enum keyring_role_name role, enum presign_method method,
    const char *verb, const char *name)
{
	const struct store_sign_url u = { role, method, name, NULL, 0 };
	char url[PRESIGN_OBJECT_MAX + 1];

	store_sign_url(s, &u, url);
	(void)store_send(s, verb, url, NULL, NULL, 0);
	return (found(s));
}

static enum store_rights_found
put(struct store *s, enum keyring_role_name role, const char *name,
    const char *const *headers)
{
	const size_t bytes = headers != NULL ? 0 : store_size(s);
	const struct store_sign_url u = { role, PRESIGN_PUT, name, NULL, -1 };
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES];

	store_fill(data, bytes);
	store_sign_url(s, &u, url);
	(void)store_send(s, "PUT", url, headers, data, bytes);
	return (found(s));
}

/* No store can take this text for a policy, so nothing changes.  But one that
   reads it (400) lets this key write a policy. */
static enum store_rights_found
policy(struct store *s, enum keyring_role_name role)
{
	static const char text[] = "not a policy";
	char url[PRESIGN_OBJECT_MAX + 1];

	store_sign_sub(s, role, "", "policy", NULL, url);
	(void)store_send(s, "PUT", url, NULL, text, strlen(text));
	return (s->status == 400 ? STORE_RIGHTS_ALLOWED : found(s));
}

static enum store_rights_found
acl(struct store *s, enum keyring_role_name role)
{
	static const char *const headers[] = { "x-amz-acl: private", NULL };
	char url[PRESIGN_OBJECT_MAX + 1];

	store_sign_sub(s, role, FIRST, "acl", "private", url);
	(void)store_send(s, "PUT", url, headers, "", 0);
	return (found(s));
}

/* The file must be there for what comes next. */
static void
restore(struct store *s)
{

	(void)store_start_file(s, STORE_START_OWN, FIRST);
}

static enum store_rights_found
delete(struct store *s, enum keyring_role_name role)
{
	const enum store_rights_found f = object(s, role, PRESIGN_DELETE,
	    "DELETE", FIRST);
	const int status = s->status;

	if (f == STORE_RIGHTS_ALLOWED)
		restore(s);
	s->status = status;
	return (f);
}

/* --- the upload key ------------------------------------------------------ */

static enum store_rights_found
upload_file(struct store *s)
{

	return (judge(s, store_start_file(s, STORE_START_OWN, FIRST)));
}

static enum store_rights_found
upload_get(struct store *s)
{

	return (object(s, UPLOAD, PRESIGN_GET, "GET", FIRST));
}

static enum store_rights_found
upload_list(struct store *s)
{

	return (list(s, UPLOAD));
}

static enum store_rights_found
upload_delete(struct store *s)
{

	return (delete(s, UPLOAD));
}

/* As a presigned PUT of a client: x-amz-copy-source is not signed. */
static enum store_rights_found
upload_copy(struct store *s)
{
	char header[sizeof("x-amz-copy-source: //") + STORE_KEY_MAX +
	    CONFIG_TEXT_MAX + 1];
	const char *const headers[] = { header, NULL };
	const struct store_key from = store_key(s, STORE_LOOK_VICTIM);
	struct buf b;

	buf_init(&b, header, sizeof(header));
	buf_fmt(&b, "x-amz-copy-source: /%s/", s->cfg->s3_bucket);
	sigv4_encode(&b, from.text, from.len, true);
	if (buf_end(&b) != ERR_OK)
		return (STORE_RIGHTS_UNTRIED);
	return (put(s, UPLOAD, "own/copied", headers));
}

static enum store_rights_found
upload_acl(struct store *s)
{

	return (acl(s, UPLOAD));
}

static enum store_rights_found
upload_policy(struct store *s)
{

	return (policy(s, UPLOAD));
}

static enum store_rights_found
upload_elsewhere(struct store *s)
{
	enum store_rights_found f;

	if (s->other == NULL)
		return (STORE_RIGHTS_UNTRIED);
	s->role[UPLOAD].signer.bucket = s->other;
	s->role[UPLOAD].signer.now = -1;
	f = put(s, UPLOAD, FIRST, NULL);
	s->left_elsewhere = f == STORE_RIGHTS_ALLOWED && object(s, UPLOAD,
	    PRESIGN_DELETE, "DELETE", FIRST) != STORE_RIGHTS_ALLOWED;
	s->role[UPLOAD].signer.bucket = &s->bucket;
	s->role[UPLOAD].signer.now = -1;
	return (f);
}

/* --- the read key -------------------------------------------------------- */

static enum store_rights_found
read_list(struct store *s)
{

	return (list(s, READ));
}

static enum store_rights_found
read_get(struct store *s)
{

	return (object(s, READ, PRESIGN_GET, "GET", FIRST));
}

/* get-file-upload-url must learn that a file is not there. */
static enum store_rights_found
read_absent(struct store *s)
{

	(void)object(s, READ, PRESIGN_HEAD, "HEAD", "own/absent");
	return (judge(s, s->status == 404));
}

static enum store_rights_found
read_put(struct store *s)
{

	return (put(s, READ, "own/by-read", NULL));
}

static enum store_rights_found
read_delete(struct store *s)
{

	return (delete(s, READ));
}

static enum store_rights_found
read_acl(struct store *s)
{

	return (acl(s, READ));
}

static enum store_rights_found
read_policy(struct store *s)
{

	return (policy(s, READ));
}

const struct store_right store_rights[] = {
	{ UPLOAD, true, "upload", "upload as a grant does", upload_file },
	{ UPLOAD, false, "list", "list", upload_list },
	{ UPLOAD, false, "get", "read", upload_get },
	{ UPLOAD, false, "delete", "delete", upload_delete },
	{ UPLOAD, false, "copy", "copy another's file", upload_copy },
	{ UPLOAD, false, "put-acl", "set an ACL", upload_acl },
	{ UPLOAD, false, "put-policy", "set the bucket's policy",
	    upload_policy },
	{ UPLOAD, false, "other-bucket", "put into another bucket",
	    upload_elsewhere },
	{ READ, true, "list", "list", read_list },
	{ READ, true, "get", "read", read_get },
	{ READ, true, "absent", "learn that a file is not there", read_absent },
	{ READ, false, "put", "write", read_put },
	{ READ, false, "delete", "delete", read_delete },
	{ READ, false, "put-acl", "set an ACL", read_acl },
	{ READ, false, "put-policy", "set the bucket's policy", read_policy },
	{ 0 }
};

enum store_rights_found
store_rights_try(struct store *s, const struct store_right *r)
{

	s->lost = false;
	return (r->try(s));
}
