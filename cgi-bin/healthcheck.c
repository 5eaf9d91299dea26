/* GET /healthcheck: whether this installation can vend.  Always 200. */

#include <string.h>

#include "auth/ready.h"
#include "base/arena.h"
#include "base/log.h"
#include "s3/bucket.h"
#include "s3/fault.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"
#include "state/seen.h"
#include "web/endpoint.h"
#include "web/program.h"

/* The number of bucket-sync intervals that count as "lately". */
#define LATELY 3

/* The snapshot that identity data comes from. */
struct snapshot {
	int64_t netuid, block, spec_version, hotkeys_count, age_s;
};

#define SNAPSHOT(...) EMIT_FIELD(struct snapshot, __VA_ARGS__)
static const struct emit_field snapshot_fields[] = {
	SNAPSHOT(netuid, EMIT_INT, NULL, "The subnet"),
	SNAPSHOT(block, EMIT_INT, NULL, "Finalized block of the snapshot"),
	SNAPSHOT(spec_version, EMIT_INT, NULL,
	    "Version of the chain's runtime; 0: not known"),
	SNAPSHOT(hotkeys_count, EMIT_INT, NULL, "Registered hotkeys"),
	SNAPSHOT(age_s, EMIT_INT, NULL,
	    "Seconds since the block last advanced"),
	EMIT_END
};

struct response {
	const char *status, *reason;
	int64_t timestamp;
	const char *bucket, *region, *folder_structure, *migration_phase;
	const struct snapshot *metagraph;
	const bool *s3_ok;
	const char *s3_fault;
	const int64_t *index_age_s;
};

#define OUT(...) EMIT_FIELD(struct response, __VA_ARGS__)
#define OUT_MAYBE(...) EMIT_MAYBE(struct response, __VA_ARGS__)
static const struct emit_field response_fields[] = {
	OUT(status, EMIT_TEXT, NULL, "ok or degraded"),
	OUT_MAYBE(reason, EMIT_TEXT, NULL, "Code of why no grants are made"),
	OUT(timestamp, EMIT_INT, NULL, "The server's time, Unix seconds"),
	OUT(bucket, EMIT_TEXT, NULL, "The bucket"),
	OUT_MAYBE(region, EMIT_TEXT, NULL,
	    "Its region in signatures.  Absent: its address makes no sense"),
	OUT(folder_structure, EMIT_TEXT, NULL, "Where miners' files belong"),
	OUT(migration_phase, EMIT_TEXT, NULL,
	    "hf_only, dual_hf, dual_s3 or s3_only"),
	OUT_MAYBE(metagraph, EMIT_OBJECT, snapshot_fields,
	    "The identity snapshot"),
	OUT(s3_ok, EMIT_FLAG_IF, NULL,
	    "Did bucket-sync list the bucket lately?  Absent: no index yet"),
	OUT_MAYBE(s3_fault, EMIT_TEXT, NULL,
	    "What the store refused bucket-sync with.  Absent: nothing"),
	OUT(index_age_s, EMIT_INT_IF, NULL,
	    "Age of the bucket index in seconds"),
	EMIT_END
};

static void
tell_identity(struct web *w, struct response *o)
{
	const struct metagraph_info *info = metagraph_info(w->auth.metagraph);
	struct snapshot *s;

	if (info == NULL)
		return;
	s = arena_alloc(w->arena, sizeof(*s));
	s->netuid = info->netuid;
	s->block = (int64_t)info->block;
	s->spec_version = info->spec_version;
	s->hotkeys_count = info->count;
	s->age_s = w->auth.now_s - info->advanced_at_s;
	o->metagraph = s;
}

/* The age of the index shows whether bucket-sync lists the bucket.  A failed
   walk leaves the index as it was.  One walk may fail or be slow. */
static void
tell_index(struct web *w, struct response *o)
{
	const struct bucket_index_info *info = bucket_index_info(w->index);
	int64_t *age_s = arena_alloc(w->arena, sizeof(*age_s));
	bool *ok = arena_alloc(w->arena, sizeof(*ok));

	if (info == NULL)
		return;
	*age_s = w->auth.now_s - bucket_index_as_of(info);
	*ok = *age_s <= LATELY * w->cfg.bucket_sync_interval_s;
	o->s3_ok = ok;
	o->index_age_s = age_s;
}

/* An address that makes no sense is a fault that is reported, so the bucket is
   not a need of this endpoint. */
static void
tell_bucket(struct web *w, struct response *o)
{
	const bool was = log_quiet(true);

	o->bucket = w->cfg.s3_bucket;
	if (s3_bucket_configure(&w->bucket, &w->cfg,
	    w->cfg.s3_public_endpoint) == ERR_OK)
		o->region = w->bucket.region;
	(void)log_quiet(was);
}

/* The code is one of our own table, so it is safe to show. */
static void
tell_fault(struct web *w, struct response *o)
{
	const struct s3_fault *f;
	struct seen s;

	if (!seen_read(w->cfg.state_directory, SEEN_STORE, w->auth.now_s,
	    SEEN_LATELY_S(w->cfg.bucket_sync_interval_s), &s))
		return;
	if ((f = s3_fault_named(s.fault, strlen(s.fault))) != NULL)
		o->s3_fault = f->code;
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct response *o = out;
	const struct ready_found *fault;

	(void)in;
	(void)p;
	/* This also loads the snapshot and the index. */
	need_ready_look(w);
	if ((fault = ready_fault(w->ready)) != NULL)
		o->reason = fault->code;
	o->status = o->reason == NULL ? "ok" : "degraded";
	o->timestamp = w->auth.now_s;
	tell_bucket(w, o);
	o->folder_structure = layout_structure(&w->cfg);
	o->migration_phase = config_migration_phase(&w->cfg);
	tell_identity(w, o);
	tell_index(w, o);
	tell_fault(w, o);
	return (ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_keyring, &need_identity, &need_index, &need_ready, NULL
	};
	static const struct endpoint ep = {
		.path = "/healthcheck", .method = "GET",
		.summary = "Status of the service, and what it rests on",
		.needs = needs,
		.response = response_fields,
		.response_size = sizeof(struct response), .vend = vend,
	};

	return (program_main(&ep));
}
