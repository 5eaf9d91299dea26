#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/paste.h"
#include "base/secret.h"
#include "config/form.h"
#include "config/store.h"
#include "s3/key_pair.h"

/* A pair, within the text that the caller has. */
struct pair {
	const char *id;
	size_t id_len;
	const char *secret;
	size_t secret_len;
};

static bool
is_upper_id(const char *s, size_t len)
{

	return (len == 20 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789") >= len);
}

static bool
is_hex(const char *s, size_t len, size_t want)
{

	return (len == want && strspn(s, "0123456789abcdef") >= len);
}

/* Does the secret have the form of an id, and the id that of a secret?  AWS and
   many others have ids of 20 capitals and longer secrets, R2 ids of 32 and
   secrets of 64 digits. */
static bool
are_swapped(const struct pair *p)
{

	return ((is_upper_id(p->secret, p->secret_len) && p->id_len > 30) ||
	    (is_hex(p->secret, p->secret_len, 32) &&
	    is_hex(p->id, p->id_len, 64)));
}

static bool
begins_with_id(const struct pair *p)
{

	return (p->secret_len >= p->id_len &&
	    memcmp(p->secret, p->id, p->id_len) == 0);
}

/* Return what is wrong with the secret of ${p}, or NULL. */
static const char *
secret_wrong(const struct pair *p)
{
	const char *wrong = paste_wrong(p->secret, p->secret_len);

	if (wrong != NULL)
		return (wrong);
	if (p->secret[0] == '{')
		return ("is JSON: write only the secret itself");
	if (paste_has_name(p->secret, p->secret_len))
		return ("has a name before it: write only the secret itself");
	if (begins_with_id(p) && p->secret_len == p->id_len)
		return ("is the key id, not the secret");
	if (begins_with_id(p) && strchr(",:; ", p->secret[p->id_len]) != NULL)
		return ("begins with the key id: write only the secret itself");
	if (are_swapped(p))
		return ("is a key id: the id and the secret are swapped");
	if (is_upper_id(p->id, p->id_len) &&
	    memcmp(p->id, "AKIA", 4) == 0 && p->secret_len != 40)
		return ("has not 40 characters, as secrets of AWS have: copy "
		    "all of it");
	return (NULL);
}

static enum err
make(struct sigv4_key *key, const struct pair *p, const char **wrong)
{

	if ((*wrong = secret_wrong(p)) != NULL)
		return (ERR_FORMAT);
	*wrong = "or its id is malformed";
	return (sigv4_key_init(key, p->id, p->id_len, p->secret,
	    p->secret_len));
}

enum err
key_pair_make(struct sigv4_key *key, const char *id,
    const struct secret *secret, const char **wrong)
{
	const struct pair p = { id, strlen(id), secret_bytes(secret),
	    secret_len(secret) };

	return (make(key, &p, wrong));
}

static enum err
refuse(const char *file, enum err e, const char *before, const char *wrong)
{
	char reason[LOG_VALUE_MAX + 1];

	snprintf(reason, sizeof(reason), "%s%s", before, wrong);
	LOG(LOG_ERROR, "secret_refused", LOG_S("path", file),
	    LOG_S("reason", reason));
	return (e);
}

/* Split the line at the first colon, which no id holds. */
static bool
split(struct pair *p, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);

	if (colon == NULL)
		return (false);
	p->id = line;
	p->id_len = (size_t)(colon - line);
	p->secret = colon + 1;
	p->secret_len = len - p->id_len - 1;
	return (p->id_len > 0 && form_key_id.good(p->id, p->id_len));
}

enum err
key_pair_read(struct sigv4_key *key, const struct secret *line, bool uploads,
    const char *file)
{
	char id[SIGV4_ID_MAX + 1];
	const char *wrong;
	struct pair p;

	if (!split(&p, secret_bytes(line), secret_len(line)))
		return (refuse(file, ERR_FORMAT, "a key pair must be ",
		    "one line, ID:SECRET"));
	memcpy(id, p.id, p.id_len);
	id[p.id_len] = '\0';
	if (strcmp(id, KEY_PAIR_REVOKED) == 0)
		return (refuse(file, ERR_KEY_REVOKED, "the key pair was "
		    "revoked", ": write a new one into its file"));
	if (uploads && (wrong = store_key_id_wrong(id)) != NULL)
		return (refuse(file, ERR_FORMAT, "the id of an S3 key ",
		    wrong));
	if (make(key, &p, &wrong) != ERR_OK)
		return (refuse(file, ERR_FORMAT, "the secret of an S3 key ",
		    wrong));
	return (ERR_OK);
}
