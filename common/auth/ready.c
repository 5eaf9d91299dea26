#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "auth/ready.h"
#include "auth/ready_checks.h"
#include "base/text.h"

/* How long a result stays valid. */
#define STAYS_MS 1000

struct ready {
	struct ready_checks checks;
	size_t n;
	const char *codes[READY_CHECKS + 1];

	/* One entry for each check.  The functions below log a lasting fault
	   only once, so its reason is kept here until it ends. */
	bool wrong[READY_CHECKS], logged[READY_CHECKS];

	/* Large, and not read before they are written: the first n, and those
	   of what is wrong. */
	struct ready_found found[READY_CHECKS];
	char reason[READY_CHECKS][LOG_VALUE_MAX + 1];
};

struct ready *
ready_new(const struct ready_uses *uses)
{
	struct ready *r;

	if ((r = malloc(sizeof(*r))) == NULL)
		log_die("out_of_memory", "ready");
	memset(r, 0, offsetof(struct ready, found));
	r->checks.uses = *uses;
	r->checks.auth.cfg = uses->cfg;
	r->checks.auth.metagraph = uses->metagraph;
	return (r);
}

void
ready_free(struct ready *r)
{

	if (r == NULL)
		return;
	ready_checks_free(&r->checks);
	free(r);
}

void
ready_as_us(struct ready_as *as)
{

	snprintf(as->user, sizeof(as->user), "%u", (unsigned)geteuid());
	snprintf(as->group, sizeof(as->group), "%u", (unsigned)getegid());
}

/* Read the present owner and mode of the file. */
static void
look_at(struct ready_found *f)
{
	struct stat st;

	if (f->path[0] == '\0' || lstat(f->path, &st) != 0)
		return;
	f->is_there = true;
	f->uid = st.st_uid;
	f->gid = st.st_gid;
	f->mode = st.st_mode;
}

/* Set the reason why the ${i}-th check failed.  It comes from the check itself,
   from the error logged now, or from the error logged when the fault began. */
static void
explain(struct ready *r, size_t i, struct ready_found *f)
{
	const char *logged = log_replace();

	if (f->reason[0] != '\0')
		return;
	if (logged == NULL)
		logged = r->wrong[i] ? r->reason[i] : "";
	snprintf(f->reason, sizeof(f->reason), "%s", logged[0] != '\0' ?
	    logged : "cannot be used");
}

static void
run(struct ready *r, size_t i)
{
	const struct ready_check *c = &ready_checks_table[i];
	struct ready_found *f = &r->found[r->n];

	memset(f, 0, sizeof(*f));
	f->code = c->code;
	f->what = c->what;
	(void)log_replace();
	if (c->good(&r->checks, f)) {
		r->wrong[i] = false;
		return;
	}
	explain(r, i, f);
	look_at(f);
	memcpy(r->reason[i], f->reason, sizeof(f->reason));
	r->wrong[i] = true;
	r->n++;
}

void
ready_each(const struct ready *r, void (*each)(void *user, const char *code,
    const char *what, const struct ready_found *f), void *user)
{
	const bool looked = r->checks.can_read && r->checks.can_write;
	const struct ready_check *c;
	size_t i, next = 0;

	for (i = 0; i < READY_CHECKS; i++) {
		c = &ready_checks_table[i];
		if (r->wrong[i])
			each(user, r->found[next].code, c->what,
			    &r->found[next]);
		else if ((c->part & r->checks.parts) != 0 &&
		    (looked || (c->part & READY_NOW) == 0))
			each(user, c->code, c->what, NULL);
		next += r->wrong[i];
	}
}

const struct ready_found *
ready_fault(const struct ready *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (!r->found[i].warns)
			return (&r->found[i]);
	}
	return (NULL);
}

static void
list_codes(struct ready *r)
{
	const bool warns = ready_fault(r) == NULL;
	size_t i, j, n = 0;

	for (i = 0; i < r->n; i++) {
		if (r->found[i].warns != warns)
			continue;
		for (j = 0; j < n && strcmp(r->codes[j], r->found[i].code) != 0;
		    j++)
			continue;
		if (j == n)
			r->codes[n++] = r->found[i].code;
	}
	r->codes[n] = NULL;
}

size_t
ready_look(struct ready *r, unsigned parts, int64_t now_ms, int64_t boot_ms)
{
	struct ready_checks *c = &r->checks;
	bool was;
	size_t i;

	if (parts == c->parts && now_ms >= c->now_ms &&
	    now_ms - c->now_ms < STAYS_MS)
		return (r->n);
	c->parts = parts;
	c->now_ms = now_ms;
	c->boot_ms = boot_ms;
	c->auth.now_s = now_ms / 1000;
	c->can_read = c->can_write = true;
	r->n = 0;
	was = log_quiet(true);
	for (i = 0; i < READY_CHECKS; i++) {
		if ((ready_checks_table[i].part & parts) != 0)
			run(r, i);
		else
			r->wrong[i] = false;
	}
	audit_close(c->audit);
	c->audit = NULL;
	(void)log_replace();
	(void)log_quiet(was);
	list_codes(r);
	return (r->n);
}

const struct ready_found *
ready_found(const struct ready *r, size_t i)
{

	return (&r->found[i]);
}

const char *const *
ready_codes(const struct ready *r)
{

	return (r->codes);
}

static void
log_one(const struct ready_found *f, const char *event)
{
	char owner[32] = "", mode[8] = "";

	if (f->is_there) {
		snprintf(owner, sizeof(owner), "%u:%u", (unsigned)f->uid,
		    (unsigned)f->gid);
		snprintf(mode, sizeof(mode), "%04o",
		    (unsigned)(f->mode & 07777));
	}
	LOG(f->warns ? LOG_WARN : LOG_ERROR, event, LOG_S("code", f->code),
	    LOG_S("reason", f->reason), LOG_S("path", f->path),
	    LOG_S("owner", owner), LOG_S("mode", mode),
	    LOG_S("mend", f->mend));
}

void
ready_log(struct ready *r, const char *event)
{
	size_t i, next = 0;

	for (i = 0; i < READY_CHECKS; i++) {
		if (r->wrong[i] && !r->logged[i])
			log_one(&r->found[next], event);
		else if (!r->wrong[i] && r->logged[i])
			LOG(LOG_WARN, "ready_again",
			    LOG_S("after", ready_checks_table[i].code));
		next += r->wrong[i];
		r->logged[i] = r->wrong[i];
	}
}
