/* What a way did: to the two folders, to the bucket, and in its answer. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "names.h"
#include "selftest_cross.h"

/* What is known after a way. */
struct effect {
	enum selftest_seen own;
	bool accepted, shows, copied;
};

static void
say(struct selftest_row *row, enum selftest_verdict v, const char *why)
{

	row->verdict = v;
	snprintf(row->why, sizeof(row->why), "%s", why);
}

/* Is the key of a list that ends at ${end} the canary's, up to its token?  The
   caller's own files may have the canary's key in theirs. */
static bool
is_canary(const struct selftest_cross *x, const char *begin, const char *end)
{
	const char *want = x->canary, *s = end;
	int c;

	while (s > begin && s[-1] != '>' && s[-1] != '"')
		s--;
	for (; s < end; s++, want++) {
		c = (unsigned char)*s;
		if (c == '%' && end - s > 2 && hex_digit(s[1]) >= 0 &&
		    hex_digit(s[2]) >= 0) {
			c = 16 * hex_digit(s[1]) + hex_digit(s[2]);
			s += 2;
		}
		if (c != (unsigned char)*want)
			return (false);
	}
	return (true);
}

bool
selftest_judge_shows(const struct selftest_cross *x,
    const struct wire_answer *a, bool asks_key)
{
	const char *s = a->bytes != NULL ? a->bytes : "", *end = s + a->len;

	if (memmem(s, a->len, x->token.content, SELFTEST_TOKEN_LEN) != NULL)
		return (true);

	/* A refusal may repeat the key that was asked for. */
	while (!asks_key && (s = memmem(s, (size_t)(end - s), x->token.key,
	    SELFTEST_TOKEN_LEN)) != NULL) {
		s += SELFTEST_TOKEN_LEN;
		if (is_canary(x, a->bytes, s))
			return (true);
	}
	return (false);
}

/* Does the new object hold what the canary holds? */
static bool
is_copy(const struct selftest_cross *x, const struct listing_item *it)
{
	const struct listing_item *canary = selftest_look_find(
	    &x->other.look, x->canary);

	return (canary != NULL && canary->has_md5 && it->has_md5 &&
	    memcmp(canary->md5, it->md5, sizeof(it->md5)) == 0);
}

/* Can everybody read the object that was stored? */
static enum selftest_seen
look_public(struct selftest_cross *x, const struct listing_item *it)
{
	struct service_answer a = { .result = SERVICE_OK };
	enum selftest_seen seen = SELFTEST_UNSEEN;
	char url[4 * SELFTEST_TEXT_MAX];
	const char *text;
	size_t i, len;
	struct buf b;

	if (it->key == NULL || it->is_prefix)
		return (SELFTEST_UNSEEN);
	buf_init(&b, url, sizeof(url));
	buf_fmt(&b, "%s%s/", x->origin, x->at);
	for (i = 0; i < it->key_len; i++) {
		if ((it->key[i] >= '0' && it->key[i] <= '9') ||
		    (it->key[i] >= 'a' && it->key[i] <= 'z') ||
		    (it->key[i] >= 'A' && it->key[i] <= 'Z') ||
		    (it->key[i] != '\0' && strchr("-._~/", it->key[i]) != NULL))
			buf_char(&b, it->key[i]);
		else
			buf_fmt(&b, "%%%02X", (unsigned char)it->key[i]);
	}
	if (buf_end(&b) != ERR_OK)
		return (SELFTEST_UNSEEN);
	(void)service_fetch(x->own.c->service, url, SELFTEST_SEND_MAX * 2, &a,
	    &text, &len);
	if (a.result == SERVICE_OK)
		seen = SELFTEST_CHANGED;
	else if (a.result == SERVICE_REFUSED)
		seen = SELFTEST_SAME;
	service_clear(&a);
	return (seen);
}

/* Look at everything. */
static void
look(struct selftest_cross *x, struct selftest_row *row, struct effect *e)
{
	const struct listing_item *it = &x->own.look.found;

	row->other = selftest_look_again(&x->other.look);
	e->own = selftest_look_again(&x->own.look);
	row->bucket = selftest_look_again(&x->bucket);
	if (e->own != SELFTEST_CHANGED)
		return;
	if (it->key == NULL) {
		snprintf(row->key, sizeof(row->key), "a name that the list "
		    "cannot show");
		return;
	}
	names_show(it->key, it->key_len, row->key);
	e->copied = is_copy(x, it);
	row->acl = look_public(x, it);
}

/* Which of the things that must not happen has happened? */
static const char *
breach(const struct selftest_way *w, const struct selftest_row *row,
    const struct effect *e)
{

	if (row->other == SELFTEST_CHANGED)
		return ("the other's folder changed");
	if (row->bucket == SELFTEST_CHANGED)
		return ("the bucket changed outside both folders");
	if (e->shows)
		return ("the answer shows the other's file");
	if (e->copied)
		return ("the file that was stored holds what the other's "
		    "file holds");
	if (row->acl == SELFTEST_CHANGED)
		return ("everybody can read the file");
	if (w->rule == SELFTEST_NOTHING && e->own == SELFTEST_CHANGED)
		return ("it was stored");
	if (w->rule == SELFTEST_CLOSED && e->accepted)
		return ("it was answered with success");
	return (NULL);
}

static bool
is_upload(const struct selftest_way *w)
{

	return (w->base == SELFTEST_FORM || w->base == SELFTEST_EXACT ||
	    w->base == SELFTEST_PUT);
}

const char *
selftest_judge_nothing(const struct selftest_way *w,
    const struct wire_answer *a, bool lies)
{
	const bool alone = w->rule == SELFTEST_BLIND ||
	    w->rule == SELFTEST_CLOSED;

	if (a->status == 503 || a->status == 429)
		return ("the store is busy");
	if (a->status == 0 && (!lies || (a->fault != NET_CUT &&
	    a->fault != NET_TIMEOUT && a->fault != NET_NO_HTTP)))
		return (net_fault_words(a->fault));
	if (alone && !lies && a->status >= 500 && a->status != 501)
		return ("the store could not decide");
	return (NULL);
}

/* Nothing bad was seen.  Is that enough? */
static void
judge_quiet(const struct selftest_cross *x, const struct selftest_way *w,
    const struct wire_answer *a, bool lies, const struct effect *e,
    struct selftest_row *row)
{
	const char *why = selftest_judge_nothing(w, a, lies);

	if (row->other == SELFTEST_UNSEEN || e->own == SELFTEST_UNSEEN)
		say(row, SELFTEST_NOT_TRIED, "the folders cannot be seen");
	else if (is_upload(w) && e->accepted && e->own == SELFTEST_SAME)
		say(row, x->own.look.partial ? SELFTEST_NOT_TRIED :
		    SELFTEST_BREACHED, "it was accepted, and is not in the "
		    "caller's folder");
	else if (why != NULL)
		say(row, SELFTEST_NOT_TRIED, why);
	else
		say(row, SELFTEST_HELD, a->status == 0 ? "no answer" : "");
}

void
selftest_judge(struct selftest_cross *x, const struct selftest_way *w,
    const struct wire_answer *a, const struct selftest_sent *sent,
    struct selftest_row *row)
{
	struct effect e = { .own = SELFTEST_UNSEEN };
	const char *why;

	row->status = a->status;
	e.accepted = a->status / 100 == 2 || a->status == 303;
	e.shows = selftest_judge_shows(x, a, sent->asks_key);
	look(x, row, &e);
	if ((why = breach(w, row, &e)) != NULL)
		say(row, SELFTEST_BREACHED, why);
	else
		judge_quiet(x, w, a, sent->lies, &e, row);
}
