#include "auth/ready.h"
#include "base/sandbox.h"
#include "s3/keyring.h"
#include "web/need.h"
#include "web/web.h"

/* Both come after need_bucket and need_keyring. */

static enum err
open_upload_key(struct web *w)
{

	return (keyring_load(&w->keyring, &w->cfg, KEYRING_UPLOAD,
	    need_hmac(w), &w->bucket, &w->upload));
}

static void
close_upload_key(struct web *w)
{

	sigv4_key_wipe(&w->upload.key);
}

static enum err
open_read_key(struct web *w)
{

	return (keyring_load(&w->keyring, &w->cfg, KEYRING_READ, need_hmac(w),
	    &w->bucket, &w->read));
}

static void
close_read_key(struct web *w)
{

	sigv4_key_wipe(&w->read.key);
}

enum err
need_key_follow(struct web *w)
{
	struct keyring_role *const role[] = {
		[KEYRING_UPLOAD] = w->upload.signer.hmac != NULL ?
		    &w->upload : NULL,
		[KEYRING_READ] = w->read.signer.hmac != NULL ?
		    &w->read : NULL,
	};

	return (w->once ? ERR_OK : keyring_follow(&w->keyring, &w->cfg,
	    w->now_ms, role));
}

/* A secret may be read again. */
static void
ask_upload_key(const struct web *w, struct sandbox *s)
{

	sandbox_beside(s, keyring_file(&w->cfg, KEYRING_UPLOAD), SANDBOX_READ);
}

static void
ask_read_key(const struct web *w, struct sandbox *s)
{

	sandbox_beside(s, keyring_file(&w->cfg, KEYRING_READ), SANDBOX_READ);
}

const struct need need_upload_key = {
	"upload key", true, READY_UPLOAD, open_upload_key, close_upload_key,
	NULL, ask_upload_key
};

const struct need need_read_key = {
	"read key", true, READY_READ, open_read_key, close_read_key,
	NULL, ask_read_key
};
