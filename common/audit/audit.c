#include <sys/file.h>
#include <sys/stat.h>

#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/chain.h"
#include "audit/file.h"
#include "audit/tail.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/secret.h"

/*
 * A writer does all of this under the lock, and in this order: repair the state
 * that the last writer left; bring the head file up to date; append; bring the
 * head file up to date again.  So a killed writer leaves a head file that lacks
 * at most one append of the log, and the next writer finds
 *
 * - nothing appended: the head file is right;
 * - a part of the append, cut in mid-line: whole lines follow from the head
 *   file by their MACs, and the rest is marked as torn.  If only the newline is
 *   missing, it is added, and the line counts;
 * - all of the append: it follows from the head file by its MACs;
 * - in a rotation, no log, or an empty one: the head file records the position
 *   of the chain.  It records "at the start of a file" before a file gets its
 *   first byte, so a part of an append follows from it there, too;
 * - at the very first line: the same, with number 0.
 *
 * A writer takes its append back if the disk is full.  If it fails to, or is
 * killed before that, the log has a torn line, or a line whose request got no
 * answer.
 *
 * A MAC protects the head file: only a program that can write lines can move
 * it.  But an older copy of it is believed together with a log cut to match.
 */

#define SUFFIX_SIZE 14			/* .000000000120 */

struct audit {
	int64_t max_bytes, wait_ms;
	struct secret *key;
	struct audit_file log, lock, head;
	struct audit_tail tail;
	const char *reason;		/* why the log cannot be written */
	int64_t lost;			/* lines lost since then */
	bool grows;			/* logged: it cannot be renamed */
	char batch[2 * AUDIT_CHAIN_LINE_MAX];
};

static bool
lock(struct audit *a)
{
	const int rc = audit_file_lock(&a->lock, a->wait_ms);

	if (rc != 1)
		a->reason = rc == 0 ? "others hold the lock" :
		    "the lock cannot be used";
	return (rc == 1);
}

/* Append all of ${data}, or leave the log as it was before. */
static bool
append(struct audit *a, const char *data, size_t len)
{
	ssize_t n;

	do {
		n = write(a->log.fd, data, len);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n == len) {
		a->log.st.st_size += n;
		return (true);
	}
	a->reason = n < 0 ? strerror(errno) : "no room";
	if (n > 0 && ftruncate(a->log.fd, a->log.st.st_size) != 0)
		a->reason = "no room, and a torn line";
	return (false);
}

/* If the log ends in the middle of a line, end that line. */
static bool
close_line(struct audit *a)
{
	const off_t size = a->log.st.st_size;
	const struct audit_tail *t = &a->tail;
	char c;

	if (size == 0 ||
	    (t->event == AUDIT_CHAIN_NONE && t->last.end == size))
		return (true);
	a->reason = "the log cannot be read";
	return (pread(a->log.fd, &c, 1, size - 1) == 1 && (c == '\n' ||
	    append(a, "\n", 1)));
}

static bool
open_files(struct audit *a)
{

	if (audit_file_follow(&a->log) && audit_file_follow(&a->head))
		return (true);
	a->reason = errno == EPERM ? "no file for us alone" :
	    strerror(errno);
	return (false);
}

static bool
keep_head(struct audit *a)
{

	if (audit_tail_keep(&a->tail, a->head.fd) == ERR_OK)
		return (true);
	a->reason = a->tail.reason;
	return (false);
}

/* Make log and head file agree, and find the end of the chain. */
static bool
settle(struct audit *a)
{
	struct audit_tail *t = &a->tail;
	enum err e = ERR_RANGE;
	int i;

	/* Try twice, because another process may have just truncated it. */
	for (i = 0; i < 2 && e == ERR_RANGE; i++) {
		if (!open_files(a))
			return (false);
		e = audit_tail_settle(t, a->log.fd, a->log.st.st_size,
		    a->head.fd);
	}
	if (e != ERR_OK) {
		a->reason = t->reason;
		return (false);
	}
	if (!close_line(a))
		return (false);

	/* Do not correct the head file of a broken chain yet.  If we were
	   killed before the log records the break, it would be hidden. */
	if (t->event >= AUDIT_CHAIN_BROKEN_TAIL ||
	    memcmp(&t->last, &t->head, sizeof(t->last)) == 0)
		return (true);
	return (keep_head(a));
}

/* Rename a log that is too large, and begin a new one.  If that fails, the log
   grows, and the next line tries again. */
static bool
rotate(struct audit *a)
{
	struct audit_tail *t = &a->tail;
	char name[PATH_MAX + SUFFIX_SIZE];
	struct stat st;

	if (t->event != AUDIT_CHAIN_NONE || a->max_bytes <= 0 ||
	    a->log.st.st_size <= a->max_bytes)
		return (true);
	snprintf(name, sizeof(name), "%s.%012lld", a->log.path,
	    (long long)t->last.seq);

	/* Only the holder of the lock makes such names. */
	if (lstat(name, &st) == 0 || rename(a->log.path, name) != 0) {
		if (!a->grows)
			LOG(LOG_WARN, "audit_not_rotated",
			    LOG_S("path", name));
		a->grows = true;
		return (true);
	}
	a->grows = false;
	t->event = AUDIT_CHAIN_ROTATED;
	t->last.start = t->last.end = 0;
	return (open_files(a) && keep_head(a));
}

/* Append the lines that are due, and record them in the head file. */
static bool
append_lines(struct audit *a, const struct audit_entry *entry)
{
	const off_t size = a->log.st.st_size;
	struct audit_tail *t = &a->tail;
	struct audit_chain *c = &t->chain;
	struct audit_mark *m = &t->last;
	struct buf b;

	c->seq = m->seq;
	memcpy(c->mac, m->mac, HMAC_LEN);
	buf_init(&b, a->batch, sizeof(a->batch));
	if (t->event != AUDIT_CHAIN_NONE)
		audit_chain_event(c, entry->time_ms, t->event, &b);
	memcpy(m->prev, c->mac, HMAC_LEN);
	m->start = size + (int64_t)b.len;
	audit_chain_entry(c, entry, &b);
	m->end = size + (int64_t)b.len;
	m->seq = c->seq;
	memcpy(m->mac, c->mac, HMAC_LEN);
	if (buf_end(&b) != ERR_OK || !append(a, b.data, b.len))
		return (false);
	if (keep_head(a))
		return (true);
	if (ftruncate(a->log.fd, size) != 0)
		a->reason = "no head file, and a line for nothing";
	return (false);
}

/* Report an event of the audit log in the program's log, too. */
static void
tell_event(const struct audit *a)
{
	static const char *const what[] = {
		[AUDIT_CHAIN_ROTATED] = "rotated",
		[AUDIT_CHAIN_RESUMED] = "resumed in a new file",
		[AUDIT_CHAIN_TORN] = "a torn line",
		[AUDIT_CHAIN_BROKEN_TAIL] = "broken: the end is not ours",
		[AUDIT_CHAIN_BROKEN_HEAD] = "broken: no good head file",
		[AUDIT_CHAIN_BROKEN_BOTH] = "broken: begun anew",
	};
	const enum audit_chain_event event = a->tail.event;

	if (event != AUDIT_CHAIN_NONE)
		LOG(event == AUDIT_CHAIN_ROTATED ? LOG_INFO : LOG_WARN,
		    "audit_event", LOG_S("path", a->log.path),
		    LOG_S("what", what[event]));
}

/* Log lasting trouble once when it begins and once when it ends. */
static void
tell_trouble(struct audit *a, bool good)
{

	if (good && a->lost > 0)
		LOG(LOG_WARN, "audit_written_again",
		    LOG_S("path", a->log.path), LOG_I("lost", a->lost));
	if (!good && a->lost == 0)
		LOG(LOG_ERROR, "audit_not_written",
		    LOG_S("path", a->log.path), LOG_S("reason", a->reason));
	a->lost = good ? 0 : a->lost + 1;
}

/* Room for a few lines and for the file system's own data about them. */
#define ROOM_BYTES 16384

static bool
has_room(struct audit *a)
{
	struct statvfs fs;
	uint64_t blocks;

	if (a->log.fd == -1 || fstatvfs(a->log.fd, &fs) != 0)
		return (true);
	blocks = geteuid() == 0 ? fs.f_bfree : fs.f_bavail;
	if (blocks >= ROOM_BYTES / fs.f_frsize + 1)
		return (true);
	a->reason = strerror(ENOSPC);
	return (false);
}

enum err
audit_write(struct audit *a, const struct audit_entry *entry)
{
	bool good;

	if (a == NULL)
		return (ERR_OK);
	if ((good = lock(a))) {
		good = settle(a) && has_room(a) && rotate(a) &&
		    append_lines(a, entry);
		audit_file_unlock(&a->lock);
		if (good)
			tell_event(a);
	}
	tell_trouble(a, good);
	return (good ? ERR_OK : ERR_AUDIT);
}

enum err
audit_ready(struct audit *a)
{
	bool good;

	if (a == NULL)
		return (ERR_OK);
	if (a->lost == 0 && a->log.fd != -1) {
		good = has_room(a);
	} else if ((good = lock(a))) {
		good = settle(a) && has_room(a);
		audit_file_unlock(&a->lock);
	}
	if (!good)
		tell_trouble(a, false);
	return (good ? ERR_OK : ERR_AUDIT);
}

_Static_assert(AUDIT_KEY_MIN == 16, "as load_key() says");

static enum err
load_key(const char *path, struct secret **key)
{
	enum err e;

	if ((e = secret_load(path, key)) != ERR_OK)
		return (e);
	if (secret_len(*key) >= AUDIT_KEY_MIN)
		return (ERR_OK);
	LOG(LOG_ERROR, "audit_key_too_short", LOG_S("path", path),
	    LOG_S("reason", "a key must have 16 bytes or more"));
	secret_free(*key);
	return (ERR_FORMAT);
}

enum err
audit_open(const struct audit_options *o, struct hmac *h, struct audit **audit)
{
	struct secret *key;
	struct audit *a;
	enum err e;

	*audit = NULL;
	if (o->path[0] == '\0')
		return (ERR_OK);
	if (strlen(o->path) + SUFFIX_SIZE > PATH_MAX) {
		LOG(LOG_ERROR, "audit_path_too_long", LOG_S("path", o->path));
		return (ERR_FORMAT);
	}
	if ((e = load_key(o->key_file, &key)) != ERR_OK)
		return (e);
	if ((a = calloc(1, sizeof(*a))) == NULL)
		log_die("out_of_memory", "audit");
	a->max_bytes = o->max_bytes;
	a->wait_ms = o->wait_ms > 0 ? o->wait_ms : 1;
	a->key = key;
	audit_tail_init(&a->tail, h, key);
	audit_file_init(&a->log, o->path, "", O_APPEND);
	audit_file_init(&a->lock, o->path, AUDIT_LOCK, 0);
	audit_file_init(&a->head, o->path, AUDIT_HEAD, 0);
	*audit = a;
	return (ERR_OK);
}

void
audit_close(struct audit *a)
{

	if (a == NULL)
		return;
	audit_file_close(&a->log);
	audit_file_close(&a->lock);
	audit_file_close(&a->head);
	secret_free(a->key);
	free(a);
}

/* Open the samples' file with room for ${len} bytes, or return -1.  The lock
   ensures that it is renamed only once.  A process without it just appends. */
static int
open_sample(const char *path, int64_t max_bytes, size_t len)
{
	char old[PATH_MAX];
	struct audit_file f;
	unsigned opened;
	int n;

	n = snprintf(old, sizeof(old), "%s" AUDIT_OLD, path);
	if (n < 0 || (size_t)n >= sizeof(old))
		return (-1);
	audit_file_init(&f, path, "", O_APPEND);
	if (!audit_file_follow(&f))
		return (-1);
	if (f.st.st_size == 0 || f.st.st_size + (int64_t)len <= max_bytes ||
	    flock(f.fd, LOCK_EX | LOCK_NB) != 0)
		return (f.fd);

	/* Another process may have renamed it before we had the lock. */
	opened = f.opened;
	if (!audit_file_follow(&f))
		return (-1);
	if (f.opened == opened && rename(path, old) == 0 &&
	    !audit_file_follow(&f))
		return (-1);
	return (f.fd);
}

void
audit_sample(const char *path, int64_t max_bytes,
    const struct audit_entry *entry)
{
	static bool told;
	char line[AUDIT_CHAIN_LINE_MAX];
	struct buf b;
	int fd;

	buf_init(&b, line, sizeof(line));
	audit_chain_sample(entry, &b);
	fd = open_sample(path, max_bytes, b.len);
	if ((fd == -1 || write(fd, b.data, b.len) != (ssize_t)b.len) &&
	    !told) {
		told = true;
		LOG(LOG_WARN, "audit_sample_not_written",
		    LOG_S("path", path));
	}
	if (fd != -1)
		close(fd);
}
