/* POST /get-miner-list: a validator asks for one page of one miner's listing;
   the continuation token is inside the signature, since nobody can add it. */

#include "s3/layout.h"
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
	IN(signature, SCHEMA_TEXT, SCHEMA_SIGNED, "Hex, of the signed text"),
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
	struct vend_listing l = { .token = NULL };
	struct response out;
	struct request in;
	enum err e;

	if ((e = web_parse(w, request_fields, &in, sizeof(in))) != ERR_OK)
		return (e);
	l.hotkey = in.hotkey;
	l.signature = in.signature;
	l.timestamp = in.timestamp;
	l.miner = (struct vend_miner){ in.miner_hotkey, in.miner_coldkey,
	    in.source };
	if (in.continuation_token[0] != '\0')
		l.token = in.continuation_token;
	if ((e = vend_listing(w, &l)) != ERR_OK)
		return (e);
	out.list_url = l.url;
	out.prefix = l.prefix;
	out.expiry = l.expiry;
	out.expires_in_seconds = l.ttl_s;
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
