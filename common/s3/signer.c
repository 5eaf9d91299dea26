#include <string.h>

#include "base/buf.h"
#include "s3/signer.h"

void
s3_signer_init(struct s3_signer *s, struct hmac *hmac, struct sigv4_key *key,
    const struct s3_bucket *bucket)
{

	memset(s, 0, sizeof(*s));
	s->hmac = hmac;
	s->key = key;
	s->bucket = bucket;
	s->now = -1;
}

/* Prepare the texts that all requests of this second have in common. */
static enum err
prepare_canonical(struct s3_signer *s)
{
	const struct sigv4_header host = { "host", s->bucket->host };
	const struct sigv4_request r = {
		.headers = &host, .n_headers = 1,
		.payload = SIGV4_UNSIGNED_PAYLOAD
	};
	const bool root = s->bucket->prefix_len == 0;
	struct buf list, end;

	buf_init(&list, s->list, sizeof(s->list));
	sigv4_canonical_start(&list, "GET", root ? "/" : s->bucket->prefix,
	    root ? 1 : s->bucket->prefix_len);
	buf_add(&list, s->auth, s->auth_len);
	buf_init(&end, s->end, sizeof(s->end));
	sigv4_canonical_end(&end, &r);
	if (buf_end(&list) != ERR_OK || buf_end(&end) != ERR_OK)
		return (ERR_RANGE);
	s->list_len = list.len;
	s->end_len = end.len;
	return (ERR_OK);
}

enum err
s3_signer_at(struct s3_signer *s, int64_t now)
{
	struct buf credential, auth;

	if (now >= 0 && now == s->now)
		return (ERR_OK);
	s->now = -1;
	if (sigv4_scope_set(&s->scope, now, s->bucket->region) != ERR_OK)
		return (ERR_RANGE);
	buf_init(&credential, s->credential, sizeof(s->credential));
	buf_str(&credential, s->key->id);
	buf_char(&credential, '/');
	buf_str(&credential, s->scope.text);
	buf_init(&auth, s->auth, sizeof(s->auth));
	buf_str(&auth, "X-Amz-Algorithm=" SIGV4_ALGORITHM "&X-Amz-Credential=");
	sigv4_encode(&auth, credential.data, credential.len, false);
	buf_str(&auth, "&X-Amz-Date=");
	buf_str(&auth, s->scope.time);
	buf_str(&auth, "&X-Amz-Expires=");
	if (buf_end(&credential) != ERR_OK || buf_end(&auth) != ERR_OK)
		return (ERR_RANGE);
	s->auth_len = auth.len;
	if (prepare_canonical(s) != ERR_OK)
		return (ERR_RANGE);
	s->now = now;
	return (ERR_OK);
}
