/* POST /get-miner-specific-access: a validator asks for one miner's listing. */

#include "web/miner.h"
#include "web/program.h"

static const struct schema_field request_fields[] = {
	ENDPOINT_HOTKEY,
	ENDPOINT_TIMESTAMP,
	ENDPOINT_SIGNATURE,
	MINER_HOTKEY,
	MINER_COLDKEY,
	MINER_SOURCE,
	SCHEMA_END
};

struct response {
	const char *bucket, *region, *miner_hotkey, *miner_coldkey;
	struct emit_url miner_url;
	const char *prefix, *expiry;
	int64_t expires_in_seconds;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT(region, EMIT_TEXT, NULL, "Region used in signatures"),
	OUT_MAYBE(miner_hotkey, EMIT_TEXT, NULL,
	    "The miner, if named by hotkey"),
	OUT_MAYBE(miner_coldkey, EMIT_TEXT, NULL,
	    "The miner, if named by coldkey"),
	OUT(miner_url, EMIT_URL, NULL, "GET: the first page of its listing"),
	OUT(prefix, EMIT_TEXT, NULL, "Prefix of the miner's keys"),
	OUT(expiry, EMIT_TEXT, NULL, "Time when the URL expires"),
	OUT(expires_in_seconds, EMIT_INT, NULL,
	    "Seconds until the URL expires"),
	EMIT_END
};

static const char *
or_null(const char *text)
{

	return (text[0] != '\0' ? text : NULL);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	const struct miner_request *r = in;
	struct response *o = out;

	o->bucket = w->bucket.name;
	o->region = w->bucket.region;
	o->miner_hotkey = or_null(r->miner_hotkey.text);
	o->miner_coldkey = or_null(r->miner_coldkey.text);
	miner_list(w, p, "", &o->miner_url);
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
		.path = "/get-miner-specific-access", .method = "POST",
		.summary = "A validator's access to one miner's listing",
		.who = &endpoint_validator, .counts = ADMIT_VALIDATOR_URL,
		.proofs = ENDPOINT_TEXT | ENDPOINT_TAO_WIDE | ENDPOINT_BTAUTH,
		.needs = needs,
		.request = request_fields,
		.request_size = sizeof(struct miner_request),
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .plan = miner_plan, .vend = vend,
	};

	return (program_main(&ep));
}
