#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "filesum.h"
#include "net/stream.h"
#include "names.h"
#include "progress.h"
#include "s3/listing.h"
#include "s3/refusal.h"
#include "upload.h"

/* How often one file is tried, and how long is waited before the second. */
#define TRIES 5
#define WAIT_MS 1000
#define WAIT_MAX_MS 60000

/* Files in a row that the store may refuse. */
#define REFUSED_MAX 8

#define LOOK_MS 50
#define WHY_MAX 160

enum slot_state { SLOT_IDLE, SLOT_WAITS, SLOT_SENDS };

/* A connection, and the file that it sends. */
struct slot {
	struct send *of;
	enum slot_state state;
	struct stream s;
	struct files_one *one;
	size_t at;			/* of it */
	struct upload_grants *grants;	/* while it sends */
	struct text_pair *fields;
	char *key;
	struct filesum *digest;		/* NULL: not asked for */
	unsigned tries, refused;
	unsigned stored_before;		/* send.stored when it began */
	int64_t wake_ms;
};

struct send {
	struct upload *u;
	struct stream_set *set;
	struct slot *slot;
	unsigned slots;
	size_t next;			/* file to look at */
	unsigned stored, refused_row;
};

/* Let go of what one try needs. */
static void
end_try(struct slot *sl)
{

	stream_drop(sl->of->set, &sl->s);
	upload_grant_drop(sl->grants);
	sl->grants = NULL;
	filesum_free(sl->digest);
	sl->digest = NULL;
	free(sl->fields);
	sl->fields = NULL;
	free(sl->key);
	sl->key = NULL;
}

static void
end_file(struct slot *sl, enum upload_result result, const char *why)
{
	struct upload *u = sl->of->u;

	end_try(sl);
	if (sl->s.fd != -1)
		close(sl->s.fd);
	sl->state = SLOT_IDLE;
	sl->one->state = result == UPLOAD_SENT ? FILES_SENT : FILES_FAILED;
	if (result == UPLOAD_SENT)
		u->bytes_sent += sl->one->st.st_size;
	else
		u->bytes_total -= sl->one->st.st_size;
	upload_say(u, sl->one->path, result, sl->one->st.st_size, why);
}

static bool
on_piece(void *user, const void *data, size_t len)
{
	struct slot *sl = user;

	(void)data;
	(void)len;
	if (sl->digest != NULL)
		filesum_to(sl->digest, sl->s.moved);
	return (true);
}

/* Set how the file is sent.  Return false if the grant is for another one. */
static bool
set_stream(struct slot *sl)
{
	const struct service_folder *f = &sl->grants->folder;
	const struct service_grant *g = &f->grant[sl->one->grant];

	if (asprintf(&sl->key, "%s%s", f->folder, sl->one->name) < 0)
		log_die("out_of_memory", "key");
	if (g->key != NULL && strcmp(g->key, sl->key) != 0)
		return (false);
	sl->s.kind = g->put ? STREAM_PUT : STREAM_FORM;
	sl->s.url = g->url;
	sl->s.fields = NULL;
	sl->s.n_fields = 0;
	sl->s.filename = "file";
	sl->s.headers = g->put ? g->headers : NULL;
	sl->s.n_headers = g->put ? g->n_headers : 0;
	sl->s.offset = 0;
	sl->s.bytes = sl->one->st.st_size;
	sl->s.piece = on_piece;
	sl->s.user = sl;
	if (!g->put)
		sl->s.fields = sl->fields = upload_fields(g, sl->key,
		    &sl->s.n_fields);
	return (true);
}

/* Send the file, or say why not. */
static void
try(struct slot *sl)
{
	struct upload *u = sl->of->u;

	/* While it waited, the run may have ended. */
	if (u->ended != 0 || (sl->grants = upload_grant_for(u, sl->at)) ==
	    NULL) {
		end_file(sl, UPLOAD_LEFT, "the run ended before it was sent");
		return;
	}
	if (!set_stream(sl)) {
		end_file(sl, UPLOAD_UNREACHABLE,
		    "the service's grant is for another file");
		return;
	}
	if (files_changed(sl->one, sl->s.fd)) {
		end_file(sl, UPLOAD_FAILED, "it changed while it was sent");
		return;
	}
	sl->digest = u->no_checksum ? NULL :
	    filesum_new(sl->s.fd, connect_stop());
	sl->tries++;
	sl->state = SLOT_SENDS;
	stream_start(sl->of->set, &sl->s);
}

static void
begin_file(struct slot *sl, size_t at)
{
	const char *why;

	sl->one = &sl->of->u->files.file[at];
	sl->at = at;
	sl->tries = sl->refused = 0;
	sl->stored_before = sl->of->stored;
	if ((sl->s.fd = files_open(sl->one, &why)) == -1)
		end_file(sl, UPLOAD_FAILED, why);
	else
		try(sl);
}

/* Try the file again, or give it up. */
static void
again(struct slot *sl, enum upload_result result, const char *why)
{
	struct send *se = sl->of;
	const long after_ms = sl->s.retry_after_s < WAIT_MAX_MS / 1000 ?
	    sl->s.retry_after_s * 1000 : WAIT_MAX_MS;
	const long wait_ms = WAIT_MS << (sl->tries - 1);
	char shown[NAMES_SHOWN_MAX + 1];

	if (sl->tries < TRIES && se->u->ended == 0) {
		end_try(sl);
		sl->state = SLOT_WAITS;
		sl->wake_ms = clock_tick_ms() + (after_ms > wait_ms ?
		    after_ms : wait_ms);
		if (se->u->c->set.verbose && !se->u->c->set.json) {
			names_show(sl->one->path, strlen(sl->one->path),
			    shown);
			progress_say(se->u->progress, true,
			    "foldergate: trying again: %s: %s", shown, why);
		}
		return;
	}
	end_file(sl, result, why);
	if (result == UPLOAD_UNREACHABLE && sl->stored_before == se->stored)
		upload_end(se->u, COMMAND_UNREACHABLE,
		    "the store does not take files now; run this again later");
}

/* Is what the store has what the file is?  A store that does not tell now has
   to show it in a list. */
static bool
is_whole(struct slot *sl)
{
	struct files_one *one = sl->one;
	uint8_t want[MD5_LEN];

	one->unproven = sl->s.etag[0] == '\0';
	return (!listing_md5(sl->s.etag, strlen(sl->s.etag), want) ||
	    memcmp(want, one->md5, MD5_LEN) == 0);
}

static void
stored(struct slot *sl)
{
	struct send *se = sl->of;
	const bool known = sl->digest != NULL &&
	    filesum_end(sl->digest, sl->s.bytes, sl->one->md5);

	if (files_changed(sl->one, sl->s.fd)) {
		end_file(sl, UPLOAD_FAILED, "it changed while it was sent; "
		    "what is stored may be a mixture, so run this again");
	} else if (sl->digest != NULL && !known) {
		if (!service_stopped(se->u->c->service))
			end_file(sl, UPLOAD_FAILED, "it was sent, but cannot "
			    "be read again to compare it");
	} else if (known && !is_whole(sl)) {
		again(sl, UPLOAD_UNREACHABLE, "the store's checksum is not "
		    "that of the file: it was damaged on the way, or the store "
		    "needs --no-checksum");
	} else {
		se->stored++;
		se->refused_row = 0;
		se->u->fruitless = 0;
		end_file(sl, UPLOAD_SENT, NULL);
	}
}

/* A refusal is tried once more: a form may have expired, and what is damaged
   on the way is refused, too. */
static void
refused(struct slot *sl)
{
	struct send *se = sl->of;
	struct refusal r;
	char why[WHY_MAX];

	refusal_read(sl->s.status, sl->s.answer, sl->s.answer_len, &r);
	snprintf(why, sizeof(why), "the store answers %d%s%s", sl->s.status,
	    r.fault->code[0] >= 'A' && r.fault->code[0] <= 'Z' ? " " : "",
	    r.fault->code[0] >= 'A' && r.fault->code[0] <= 'Z' ?
	    r.fault->code : "");
	if (sl->s.status >= 500 || sl->s.status == 429 ||
	    sl->s.status == 408) {
		again(sl, UPLOAD_UNREACHABLE, why);
		return;
	}
	if (sl->s.status == 403)
		upload_grant_refused(se->u, sl->grants);
	if (sl->refused++ == 0) {
		again(sl, UPLOAD_REFUSED, why);
		return;
	}
	end_file(sl, UPLOAD_REFUSED, why);
	if (++se->refused_row == REFUSED_MAX)
		upload_end(se->u, COMMAND_REFUSED, "the store refuses one file "
		    "after the other");
}

static void
no_answer(struct slot *sl)
{
	struct upload *u = sl->of->u;
	const enum net_fault fault = sl->s.fault;
	char why[WHY_MAX];

	if (files_changed(sl->one, sl->s.fd)) {
		end_file(sl, UPLOAD_FAILED, "it changed while it was sent");
	} else if (sl->s.file_errno != 0) {
		end_file(sl, UPLOAD_FAILED, strerror(sl->s.file_errno));
	} else if (fault >= NET_CERT_EXPIRED && fault <= NET_CA_FILE) {
		snprintf(why, sizeof(why), "the store: %s", sl->s.failed);
		end_file(sl, UPLOAD_UNREACHABLE, sl->s.failed);
		upload_end(u, COMMAND_UNREACHABLE, why);
	} else {
		again(sl, UPLOAD_UNREACHABLE, sl->s.failed);
	}
}

static void
done(struct slot *sl)
{

	if (sl->s.fault != NET_FINE)
		no_answer(sl);
	else if (sl->s.status >= 200 && sl->s.status < 300)
		stored(sl);
	else
		refused(sl);
}

/* Return true if there was a file for this connection. */
static bool
next_file(struct send *se, struct slot *sl)
{
	struct files *f = &se->u->files;

	while (sl->state == SLOT_IDLE && se->u->ended == 0 &&
	    se->next < f->n) {
		if (f->file[se->next].state == FILES_NEW)
			begin_file(sl, se->next);
		se->next++;
	}
	return (sl->state != SLOT_IDLE);
}

/* Begin and go on.  Return how many connections have a file. */
static unsigned
start(struct send *se)
{
	const int64_t now_ms = clock_tick_ms();
	struct slot *sl;
	unsigned busy = 0;

	for (sl = se->slot; sl < se->slot + se->slots; sl++) {
		if (sl->state == SLOT_WAITS && (now_ms >= sl->wake_ms ||
		    se->u->ended != 0))
			try(sl);
		busy += next_file(se, sl);
	}
	return (busy);
}

static void
watch(struct send *se)
{
	struct upload *u = se->u;
	struct progress_view v = {
		.bytes = u->bytes_sent + u->bytes_loaded,
		.bytes_total = u->bytes_total,
		.files = (int64_t)u->count[UPLOAD_SENT], .files_total = -1
	};
	struct slot *sl;

	for (sl = se->slot; sl < se->slot + se->slots; sl++) {
		if (sl->state != SLOT_SENDS)
			continue;
		v.bytes += sl->s.moved;
	}
	progress_show(u->progress, &v);
}

static void
run(struct send *se)
{
	struct service *service = se->u->c->service;
	struct stream *s;
	struct slot *sl;

	while (!service_stopped(service) && start(se) > 0) {
		watch(se);
		if (stream_running(se->set) == 0) {
			service_wait(service, LOOK_MS);
			continue;
		}
		if ((s = stream_next(se->set, LOOK_MS)) == NULL)
			continue;
		for (sl = se->slot; &sl->s != s; sl++)
			continue;
		if (!service_stopped(service))
			done(sl);
	}
	for (sl = se->slot; sl < se->slot + se->slots; sl++) {
		if (sl->state != SLOT_IDLE)
			end_file(sl, UPLOAD_LEFT, "stopped");
	}
}

void
upload_send(struct upload *u)
{
	struct send se = { .u = u };
	size_t i;

	se.slots = settings_connections(&u->c->set);
	se.slot = calloc(se.slots, sizeof(*se.slot));
	if (se.slot == NULL)
		log_die("out_of_memory", "upload");
	for (i = 0; i < se.slots; i++)
		se.slot[i] = (struct slot){ .of = &se, .s = { .fd = -1 } };
	se.set = stream_new(connect_stop(), service_ca_file(u->c->service));
	run(&se);
	stream_free(se.set);
	free(se.slot);
}
