/* POST /get-miner-list: a validator asks for one page of one miner's listing;
   the continuation token is inside the signature, since nobody can add it. */

#include <string.h>

#include "auth/layout.h"
#include "web/endpoint.h"
#include "web/vend.h"

struct request {
	struct ss58 hotkey, miner_hotkey, miner_coldkey;
	char source[LAYOUT_SOURCE_MAX + 1], signature[AUTH_SIGNATURE_MAX + 1];
	char continuation_token[PRESIGN_TOKEN_MAX + 1];
	int64_t timestamp;
};

#define IN(...) SCHEMA_FIELD(struct request, __VA_ARGS__)
static const struct schema_field request_fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_SIGNED, "Validator hotkey, the signer"),
	IN(timestamp, SCHEMA_TIME, SCHEMA_SIGNED, "When it was signed"),
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the words"),
	IN(miner_hotkey, SCHEMA_SS58, SCHEMA_NULLABLE, "Whose folder"),
	IN(miner_coldkey, SCHEMA_SS58, SCHEMA_NULLABLE, "Or this one's"),
	IN(source, SCHEMA_NAME, SCHEMA_OPTIONAL, "Of the coldkey's folder"),
	IN(continuation_token, SCHEMA_TEXT, SCHEMA_NULLABLE,
	    "NextContinuationToken of the page before"),
	SCHEMA_END
};

struct response {
	const char *list_url, *prefix, *expiry;
	int64_t expires_in_seconds;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(list_url, EMIT_TEXT, NULL, "GET: the page"),
	OUT(prefix, EMIT_TEXT, NULL, "What the miner's keys start with"),
	OUT(expiry, EMIT_TEXT, NULL, "When the URL ends"),
	OUT(expires_in_seconds, EMIT_INT, NULL, "How long that is from now"),
	EMIT_END
};

static enum err
handle(struct web *w)
{
	struct response out = { 0 };
	struct presign_list list = { .max_keys = PRESIGN_KEYS_MAX };
	const struct ss58 *miner_key;
	struct auth_identity id;
	struct auth_caller who;
	struct vend_miner miner;
	struct claims words;
	struct request in;
	enum err e;

	/* Parse. */
	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	miner.hotkey = in.miner_hotkey;
	miner.coldkey = in.miner_coldkey;
	miner.source = in.source;
	if ((e = vend_miner_key(&miner, &miner_key)) != ERR_OK)
		return (e);
	if ((e = web_caller(w, &in.hotkey, in.timestamp, in.signature, &who)) !=
	    ERR_OK)
		return (e);

	/* Authorise and authenticate: a validator, asking for this miner. */
	claims_miner(&words, miner_key, in.timestamp);
	if ((e = web_validator(w, &who, &words, &id)) != ERR_OK)
		return (e);
	if ((e = vend_miner_folder(w, &miner, &out.prefix)) != ERR_OK)
		return (e);

	/* Admit: the only step that spends. */
	if ((e = web_admit(w, &id, &who, ADMIT_VALIDATOR_URL)) !=
	    ERR_OK)
		return (e);

	/* Sign. */
	list.prefix.s = out.prefix;
	list.prefix.len = strlen(out.prefix);
	if (in.continuation_token[0] != '\0') {
		list.continuation_token.s = in.continuation_token;
		list.continuation_token.len = strlen(in.continuation_token);
	}
	out.expires_in_seconds = w->cfg.access_list_ttl_s;
	if ((e = vend_list(w, &list, out.expires_in_seconds,
	    &out.list_url)) != ERR_OK)
		return (e);
	out.expiry = vend_time(w, w->auth.now_s + out.expires_in_seconds);
	web_granted(w, out.prefix, "list", 1, out.expires_in_seconds);
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/get-miner-list", .method = "POST",
		.summary = "One page of one miner's listing, for a validator",
		.needs = NEED_GUARD | NEED_METAGRAPH | NEED_READ_KEY,
		.request = request_fields, .response = response_fields,
		.handle = handle,
	};

	return (endpoint_main(&ep));
}
