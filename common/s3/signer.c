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
	s->now = now;
	return (ERR_OK);
}
