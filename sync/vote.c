#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "vote.h"

/* More than half of all. */
static size_t
majority(const struct party *p)
{

	return (p->n / 2 + 1);
}

/* May this endpoint take part?  A majority overrules the known snapshot, so
   doubts based on that do not keep one of several from voting. */
static bool
takes_part(const struct party *p, const struct look *l)
{

	if (!l->told || l->state == LOOK_OUT)
		return (false);
	return (party_believes(p, l) || (p->n > 1 && l->doubt != LOOK_STALE));
}

/* Is this endpoint's head still unknown? */
static bool
to_come(const struct look *l)
{

	return (!l->told && l->state == LOOK_BUSY);
}

static int
descending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y ? -1 : x < y);
}

/* Return the next height to ask for: the highest one that a majority has
   finalized or, after a ${last} one, the highest below both. */
static bool
next_target(const struct party *p, uint64_t *height)
{
	uint64_t told[CONFIG_ITEMS_MAX];
	size_t i, n = 0;

	for (i = 0; i < p->n; i++) {
		if (takes_part(p, &p->look[i]))
			told[n++] = p->look[i].height;
	}
	qsort(told, n, sizeof(told[0]), descending);
	for (i = majority(p) - 1; i < n; i++) {
		if (!p->targeted || told[i] < p->target) {
			*height = told[i];
			return (true);
		}
	}
	return (false);
}

/* Ask each endpoint that has not been asked about the target.  Return
   whether an answer is still missing. */
static bool
ask_all(struct party *p)
{
	struct look *l;
	bool out = false;
	size_t i;

	for (i = 0; i < p->n; i++) {
		l = &p->look[i];
		if (!takes_part(p, l))
			continue;
		if (l->state == LOOK_TOLD || l->target != p->target)
			look_go(l, p->target);
		out |= l->state == LOOK_BUSY;
	}
	return (out);
}

static bool
same(const struct look *a, const struct look *b)
{
	const struct look_view *v = &a->view, *w = &b->view;

	/* Neurons are cleared before they are filled: padding is zero. */
	return (a->state == LOOK_DONE && b->state == LOOK_DONE &&
	    a->target == b->target &&
	    memcmp(v->genesis, w->genesis, sizeof(v->genesis)) == 0 &&
	    memcmp(v->hash, w->hash, sizeof(v->hash)) == 0 &&
	    v->n == w->n && v->left_out == w->left_out &&
	    memcmp(v->neurons, w->neurons, ((size_t)v->n + v->left_out) *
	    sizeof(*v->neurons)) == 0);
}

/* Return the first one that a majority agrees with, or ${n} if there is
   none. */
static size_t
find_winner(const struct party *p)
{
	size_t i, j, with;

	for (i = 0; i < p->n; i++) {
		for (with = j = 0; j < p->n; j++)
			with += same(&p->look[i], &p->look[j]);
		if (with >= majority(p))
			return (i);
	}
	return (p->n);
}

bool
vote_agrees(const struct party *p, size_t i)
{

	return (same(&p->look[p->winner], &p->look[i]));
}

static int
ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y ? -1 : x > y);
}

int64_t
vote_time_ms(const struct party *p)
{
	int64_t told[CONFIG_ITEMS_MAX];
	size_t i, n = 0;

	for (i = 0; i < p->n; i++) {
		if (vote_agrees(p, i))
			told[n++] = p->look[i].view.time_ms;
	}
	qsort(told, n, sizeof(told[0]), ascending);
	return (told[(n - 1) / 2]);
}

/* Choose the next height, once slow endpoints have had their time. */
static bool
choose_target(struct party *p)
{
	const bool waited = p->wake_ms > 0 && clock_tick_ms() >= p->wake_ms;
	uint64_t height;
	size_t i;

	if (!next_target(p, &height))
		return (false);
	for (i = 0; i < p->n && !waited; i++) {
		if (to_come(&p->look[i])) {
			if (p->wake_ms == 0)
				p->wake_ms = party_patience(p);
			return (false);
		}
	}
	p->target = height;
	p->targeted = true;
	p->wake_ms = 0;
	return (true);
}

void
vote(struct party *p)
{
	bool out;

	if (p->winner < p->n)
		return;
	if (!p->targeted && !choose_target(p))
		return;
	for (;;) {
		out = ask_all(p);
		if ((p->winner = find_winner(p)) < p->n) {
			p->wake_ms = party_patience(p);
			return;
		}
		if (p->wake_ms == 0 && out)
			p->wake_ms = party_patience(p);

		/* One more answer may still make a majority, but the wait
		   has an end. */
		if ((out && clock_tick_ms() < p->wake_ms) ||
		    !choose_target(p))
			return;
	}
}
