/* GET /healthcheck: is this installation able to vend?  Always 200. */

#include "auth/auth.h"
#include "s3/layout.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"
#include "web/endpoint.h"

/* Intervals of bucket-sync that count as lately. */
#define LATELY 3

/* What identity rests on. */
struct metagraph_part {
	int64_t netuid, block, spec_version, hotkeys_count, age_s;
};

#define PART(...) EMIT_FIELD(struct metagraph_part, __VA_ARGS__)
static const struct emit_field metagraph_fields[] = {
	PART(netuid, EMIT_INT, NULL, "The subnet"),
	PART(block, EMIT_INT, NULL, "Finalized block of the snapshot"),
	PART(spec_version, EMIT_INT, NULL, "Of the chain's runtime; 0 unknown"),
	PART(hotkeys_count, EMIT_INT, NULL, "Registered hotkeys"),
	PART(age_s, EMIT_INT, NULL, "Seconds since the block last advanced"),
	EMIT_END
};

struct response {
	const char *status, *reason;
	int64_t timestamp;
	const char *bucket, *region, *folder_structure;
	const struct metagraph_part *metagraph;
	const bool *s3_ok;
	const int64_t *index_age_s;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(status, EMIT_TEXT, NULL, "ok or degraded"),
	OUT(reason, EMIT_TEXT, NULL, "Code of what grants are refused for"),
	OUT(timestamp, EMIT_INT, NULL, "The server's time, Unix seconds"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket that access is vended to"),
	OUT(region, EMIT_TEXT, NULL, "Its region in signatures"),
	OUT(folder_structure, EMIT_TEXT, NULL, "Where miners' files belong"),
	OUT(metagraph, EMIT_OBJECT, metagraph_fields, "The identity snapshot"),
	OUT(s3_ok, EMIT_FLAG_IF, NULL,
	    "Could bucket-sync list the bucket lately?  Absent: never yet"),
	OUT(index_age_s, EMIT_INT_IF, NULL, "When that was, in seconds ago"),
	EMIT_END
};

static enum err
handle(struct web *w)
{
	enum err e = auth_fresh(&w->auth);
	bool good = e == ERR_OK && web_keys_loadable(w);
	const struct metagraph_info *info = metagraph_info(w->auth.metagraph);
	struct metagraph_part part;
	int64_t index_age_s;
	bool s3_ok;
	struct response out = {
		.status = good ? "ok" : "degraded",
		.reason = good ? NULL : e != ERR_OK ? err_code(e) :
		    "secret_unreadable",
		.timestamp = w->auth.now_s,
		.bucket = w->bucket.name,
		.region = w->bucket.region,
		.folder_structure = layout_structure(&w->cfg),
	};

	if (info != NULL) {
		part.netuid = info->netuid;
		part.block = (int64_t)info->block;
		part.spec_version = info->spec_version;
		part.hotkeys_count = info->count;
		part.age_s = w->auth.now_s - info->advanced_at_s;
		out.metagraph = &part;
	}

	/* Measured by bucket-sync: a walk that fails leaves the index alone.
	   One may fail, or take its time. */
	if (bucket_index_refresh(w->index) == ERR_OK) {
		index_age_s = w->auth.now_s -
		    bucket_index_as_of(bucket_index_info(w->index));
		s3_ok = index_age_s <= LATELY * w->cfg.bucket_sync_interval_s;
		out.s3_ok = &s3_ok;
		out.index_age_s = &index_age_s;
	}
	return (web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/healthcheck", .method = "GET",
		.summary = "Whether access can be vended now",
		.needs = NEED_METAGRAPH | NEED_INDEX,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
