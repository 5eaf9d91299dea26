#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "compare.h"
#include "own.h"

#define OBJECTS_MAX 2000000

static bool
add(void *user, const struct listing_item *it, const char *name, size_t len)
{
	struct compare *p = user;
	struct compare_object *all, *o;

	/* No file of the Hub has such a name. */
	if (strlen(name) != len) {
		p->dropped++;
		return (true);
	}
	if (p->n == OBJECTS_MAX) {
		command_failed("the folder has more than %d objects",
		    OBJECTS_MAX);
		p->ended = COMMAND_FAILED;
		return (false);
	}
	if (p->n == p->size) {
		p->size = p->size == 0 ? 1000 : 2 * p->size;
		if ((all = reallocarray(p->object, p->size, sizeof(*all))) ==
		    NULL)
			log_die("out_of_memory", "compare");
		p->object = all;
	}
	o = &p->object[p->n++];
	*o = (struct compare_object){ .bytes = it->bytes,
	    .has_md5 = it->has_md5 };
	memcpy(o->md5, it->md5, MD5_LEN);
	if ((o->key = strdup(it->key)) == NULL)
		log_die("out_of_memory", "compare");
	o->name = o->key + (name - it->key);
	return (true);
}

static int
of_miner(struct compare *p)
{
	static struct miner_folder f;
	const struct listing_item *it;
	const char *name;
	size_t i, len;

	f.service = p->c->service;
	f.miner = p->miner;
	while (p->ended == 0 && !service_stopped(f.service) &&
	    miner_next(&f)) {
		for (i = 0; i < f.page.n && p->ended == 0; i++) {
			it = &f.page.item[i];
			if ((name = miner_below(&f, it, &len)) != NULL)
				(void)add(p, it, name, len);
		}
	}
	p->dropped += f.dropped;
	miner_free(&f);
	return (f.status);
}

static int
of_own(struct compare *p)
{
	static struct own o;
	int status;

	o.service = p->c->service;
	o.source = p->c->set.value[SETTING_SOURCE];
	o.sample = (struct service_file){ p->list.n > 0 ?
	    p->list.item[0].name : "compare", p->list.n > 0 ?
	    p->list.item[0].bytes : 0 };
	status = own_each(&o, add, p);
	p->dropped += o.dropped;
	p->blind = o.blind;
	return (status);
}

static int
by_name(const void *a, const void *b)
{
	const struct compare_object *x = a, *y = b;

	return (strcmp(x->name, y->name));
}

int
compare_bucket(struct compare *p)
{
	const int status = p->miner != NULL ? of_miner(p) : of_own(p);

	if (p->n > 0)
		qsort(p->object, p->n, sizeof(*p->object), by_name);
	return (status != COMMAND_OK ? status : p->ended);
}
