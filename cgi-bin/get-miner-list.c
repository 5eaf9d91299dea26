/* POST /get-miner-list: a validator asks for one page of one miner's
   listing.  The continuation token is part of the signed URL, since a
   client cannot add it later. */

#include "s3/presign.h"
#include "web/miner.h"
#include "web/program.h"

struct request {
	struct miner_request of;
	char continuation_token[PRESIGN_TOKEN_MAX + 1];
};

static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	MINER_HOTKEY,
	MINER_COLDKEY,
	MINER_SOURCE,
	SCHEMA_FIELD(struct request, continuation_token, SCHEMA_TOKEN,
	    SCHEMA_NULLABLE, "NextContinuationToken of the last page"),
	SCHEMA_END
};

struct response {
	struct emit_url list_url;
	const char *prefix, *expiry;
	int64_t expires_in_seconds;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(list_url, EMIT_URL, NULL, "GET: the page"),
	OUT(prefix, EMIT_TEXT, NULL, "Prefix of the miner's keys"),
	OUT(expiry, EMIT_TEXT, NULL, "Time when the URL expires"),
	OUT(expires_in_seconds, EMIT_INT, NULL,
	    "Seconds until the URL expires"),
	EMIT_END
};

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	const struct request *r = in;
	struct response *o = out;

	miner_list(w, p, r->continuation_token, &o->list_url);
	o->prefix = p->with;
	o->expires_in_seconds = w->cfg.access_list_ttl_s;
	o->expiry = endpoint_time(w, w->auth.now_s + o->expires_in_seconds);
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_bucket, &need_keyring, &need_read_key, NULL
	};
	static const enum err refuses[] = {
		ERR_MINER_REQUIRED, ERR_LAYOUT, ERR_SOURCE, ERR_OK
	};
	static const struct endpoint ep = {
		.path = "/get-miner-list", .method = "POST",
		.summary = "One page of one miner's listing, for a validator",
		.who = &endpoint_validator, .counts = ADMIT_VALIDATOR_URL,
		.proofs = ENDPOINT_TEXT | ENDPOINT_TAO | ENDPOINT_BTAUTH,
		.needs = needs,
		.request = request_fields,
		.request_size = sizeof(struct request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = miner_plan, .vend = vend,
	};

	return (program_main(&ep));
}
