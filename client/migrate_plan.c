#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "migrate.h"
#include "progress.h"

static void
check_size(struct migrate *m, struct migrate_one *one)
{
	const struct service_limits *l = &m->u.limits;
	char least[PROGRESS_WORD_MAX + 1], most[PROGRESS_WORD_MAX + 1];
	char why[100];

	if (one->item->bytes >= l->min_bytes &&
	    one->item->bytes <= l->max_bytes)
		return;
	progress_size(l->min_bytes, least);
	progress_size(l->max_bytes, most);
	snprintf(why, sizeof(why), "it has %" PRId64 " bytes; %s to %s may be "
	    "stored", one->item->bytes, least, most);
	migrate_say(m, one, MIGRATE_FAILED, why);
}

/* Have all of these the content of the first? */
static bool
are_same(const struct migrate_one *one, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (!hub_list_same(one[0].item, one[i].item))
			return (false);
	}
	return (true);
}

/* Decide about ${n} files of one name. */
static void
share_name(struct migrate *m, struct migrate_one *one, size_t n)
{
	const bool fail = m->conflict == MIGRATE_FAIL && !are_same(one, n);
	char name[HUB_LIST_NAME_MAX + 1];
	size_t i;

	for (i = fail ? 0 : 1; i < n; i++) {
		if (one[i].done)
			continue;
		if (fail) {
			migrate_say(m, &one[i], MIGRATE_CONFLICT, "another "
			    "file of the Hub has the same name and another "
			    "content");
		} else if (hub_list_same(one[0].item, one[i].item)) {
			migrate_say(m, &one[i], MIGRATE_SAME,
			    "another data set has the same file");
		} else if (m->conflict == MIGRATE_SKIP) {
			migrate_say(m, &one[i], MIGRATE_SKIPPED, "another "
			    "file of the Hub has the same name");
		} else {
			hub_list_other(one[i].item, name);
			free(one[i].name);
			if ((one[i].name = strdup(name)) == NULL)
				log_die("out_of_memory", "migrate");
			one[i].renamed = true;
		}
	}
}

static void
make(struct migrate *m)
{
	struct migrate_one *one;
	size_t i, n;

	m->n = m->list.n;
	if ((m->one = calloc(m->n + 1, sizeof(*m->one))) == NULL)
		log_die("out_of_memory", "migrate");
	for (i = 0; i < m->n; i++) {
		one = &m->one[i];
		one->item = &m->list.item[i];
		one->fd = -1;
		if ((one->name = strdup(one->item->name)) == NULL)
			log_die("out_of_memory", "migrate");
		check_size(m, one);
	}
	for (i = 0; i < m->n; i += n) {
		for (n = 1; i + n < m->n && strcmp(m->one[i].item->name,
		    m->one[i + n].item->name) == 0; n++)
			continue;
		share_name(m, &m->one[i], n);
	}
}

static size_t
pending(struct migrate *m, struct migrate_one **ones)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++) {
		if (!m->one[i].done)
			ones[n++] = &m->one[i];
	}
	return (n);
}

/* Look for ${ones}, and keep those that need another look. */
static bool
look(struct migrate *m, struct migrate_one **ones, size_t *n, bool last)
{
	size_t i, left = 0;

	if (!migrate_look(m, ones, *n))
		return (false);
	for (i = 0; i < *n; i++) {
		if (!ones[i]->done && migrate_judge(m, ones[i], last) ==
		    MIGRATE_OTHER)
			ones[left++] = ones[i];
	}
	*n = left;
	return (true);
}

int
migrate_plan(struct migrate *m)
{
	struct service_answer a = { .result = SERVICE_OK };
	struct migrate_one **ones;
	size_t n;

	if (service_limits(m->c->service, &m->u.limits, &a) != SERVICE_OK)
		m->ended = service_explain(m->c->service, &a);
	service_clear(&a);
	if (m->ended != 0)
		return (m->ended);
	make(m);
	if ((ones = calloc(m->n + 1, sizeof(*ones))) == NULL)
		log_die("out_of_memory", "migrate");
	n = pending(m, ones);
	if (look(m, ones, &n, false) && n > 0)
		(void)look(m, ones, &n, true);
	files_free(&m->u.files);
	free(ones);
	return (m->ended);
}
