#include <string.h>

#include "selftest_look.h"
#include "service.h"

/* A page of 1,000 keys, each byte of which is encoded. */
#define PAGE_BYTES ((size_t)8 << 20)

static bool
same_key(const struct listing_item *a, const struct listing_item *b)
{

	return (a->key_len == b->key_len &&
	    memcmp(a->key, b->key, a->key_len) == 0);
}

static const struct listing_item *
find(const struct listing *l, const struct listing_item *want)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (same_key(&l->item[i], want))
			return (&l->item[i]);
	}
	return (NULL);
}

const struct listing_item *
selftest_look_find(const struct selftest_look *l, const char *key)
{
	const struct listing_item want = { .key = (char *)(uintptr_t)key,
	    .key_len = strlen(key) };

	return (find(&l->was, &want));
}

/* The same object, as far as a list tells? */
static bool
is_same(const struct listing_item *a, const struct listing_item *b)
{

	return (a->is_prefix == b->is_prefix && a->bytes == b->bytes &&
	    a->has_md5 == b->has_md5 && a->modified_s == b->modified_s &&
	    (!a->has_md5 || memcmp(a->md5, b->md5, sizeof(a->md5)) == 0));
}

static bool
is_excepted(const struct selftest_look *l, const struct listing_item *it)
{
	size_t i, len;

	for (i = 0; i < 2; i++) {
		len = l->except[i] != NULL ? strlen(l->except[i]) : 0;
		if (len > 0 && it->key_len >= len &&
		    memcmp(it->key, l->except[i], len) == 0)
			return (true);
	}
	return (false);
}

/* Compare ${now} with the last look, in both directions. */
static enum selftest_seen
compare(struct selftest_look *l, const struct listing *now)
{
	const struct listing_item *other;
	size_t i;

	memset(&l->found, 0, sizeof(l->found));
	for (i = 0; i < now->n; i++) {
		if (is_excepted(l, &now->item[i]))
			continue;
		other = find(&l->was, &now->item[i]);
		if (other == NULL || !is_same(other, &now->item[i])) {
			l->found = now->item[i];
			return (SELFTEST_CHANGED);
		}
	}
	if (now->dropped != l->was.dropped)
		return (SELFTEST_CHANGED);
	for (i = 0; i < l->was.n; i++) {
		if (!is_excepted(l, &l->was.item[i]) &&
		    find(now, &l->was.item[i]) == NULL)
			return (SELFTEST_CHANGED);
	}
	return (SELFTEST_SAME);
}

static bool
fetch(struct selftest_look *l, struct listing *now)
{
	struct service_answer a = { .result = SERVICE_OK };
	const char *text;
	size_t len;
	bool got;

	got = service_fetch(l->service, l->url, PAGE_BYTES, &a, &text,
	    &len) == SERVICE_OK && (listing_parse(now, text, len) == ERR_OK ||
	    listing_salvage(now, text, len) == ERR_OK);
	l->truncated = got && now->truncated;
	service_clear(&a);
	return (got && !now->truncated);
}

enum selftest_seen
selftest_look_again(struct selftest_look *l)
{
	enum selftest_seen seen = SELFTEST_UNSEEN;
	struct listing now;

	if (l->url == NULL)
		return (SELFTEST_UNSEEN);
	listing_init(&now);
	if (!fetch(l, &now)) {
		listing_free(&now);
		return (SELFTEST_UNSEEN);
	}
	if (l->begun) {
		seen = compare(l, &now);
		listing_free(&l->was);
	} else {
		seen = SELFTEST_SAME;
		l->begun = true;
	}

	/* The arena of the keys moves with it. */
	l->was = now;
	return (seen);
}

void
selftest_look_free(struct selftest_look *l)
{

	if (l->begun)
		listing_free(&l->was);
	l->begun = false;
}
