/* foldergate compare: data sets of the Hub with a folder of the bucket. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "compare.h"
#include "known.h"
#include "progress.h"

static void
on_odd(void *user, const char *path, int64_t bytes, const char *why)
{

	compare_say(user, COMPARE_ODD, path, bytes, why);
}

static int
to_object(const void *key, const void *member)
{
	const struct compare_object *o = member;

	return (strcmp(key, o->name));
}

static struct compare_object *
find(const struct compare *p, const char *name)
{

	return (p->n == 0 ? NULL : bsearch(name, p->object, p->n,
	    sizeof(*p->object), to_object));
}

/* Is the object this file, as far as one can see without reading it? */
static enum compare_result
judge(const struct known *k, const struct hub_item *it,
    const struct compare_object *o)
{
	uint8_t md5[MD5_LEN];

	if (o->bytes != it->bytes)
		return (COMPARE_DIFFERS);
	if (!o->has_md5 || !known_find(k, it, md5))
		return (COMPARE_SIZE);
	return (memcmp(md5, o->md5, MD5_LEN) == 0 ? COMPARE_SAME :
	    COMPARE_DIFFERS);
}

/* Its content decides, if the size is right: that of the object, or that of the
   second one. */
static bool
read_later(struct compare *p, const struct hub_item *it,
    const struct compare_object *o, const struct compare_object *second)
{
	struct compare_read *all;

	if (second != NULL && second->bytes != it->bytes)
		second = NULL;
	if (o == NULL || o->bytes != it->bytes) {
		o = second;
		second = NULL;
	}
	if (o == NULL || !p->content)
		return (false);
	if (p->reads == p->reads_size) {
		p->reads_size = p->reads_size == 0 ? 1000 : 2 * p->reads_size;
		if ((all = reallocarray(p->read, p->reads_size,
		    sizeof(*all))) == NULL)
			log_die("out_of_memory", "compare");
		p->read = all;
	}
	p->read[p->reads++] = (struct compare_read){ .item = it,
	    .object = o, .other = second };
	return (true);
}

/* Look for a file of the Hub in the bucket: under its name, and under the one
   that `migrate --on-conflict rename` gives it. */
static void
look(struct compare *p, const struct known *k, const struct hub_item *it)
{
	char other[HUB_LIST_NAME_MAX + 1], why[100] = "";
	struct compare_object *o = find(p, it->name), *second;
	enum compare_result r = COMPARE_HUB;

	hub_list_other(it, other);
	second = find(p, other);
	if (o != NULL)
		o->seen = true;
	if (second != NULL)
		second->seen = true;
	if (read_later(p, it, o, second))
		return;
	if (o != NULL)
		r = judge(k, it, o);
	if (r != COMPARE_SAME && r != COMPARE_SIZE && second != NULL &&
	    judge(k, it, second) != COMPARE_DIFFERS) {
		o = second;
		r = judge(k, it, o);
	}
	if (r == COMPARE_DIFFERS && o->bytes != it->bytes)
		snprintf(why, sizeof(why), "%" PRId64 " bytes at the Hub, %"
		    PRId64 " in the bucket", it->bytes, o->bytes);
	else if (r == COMPARE_DIFFERS)
		snprintf(why, sizeof(why), "the store's MD5 is another one");
	compare_say(p, r, it->name, it->bytes, why[0] != '\0' ? why : NULL);
}

static void
look_all(struct compare *p)
{
	struct known *k = known_open();
	size_t i;

	for (i = 0; i < p->list.n; i++)
		look(p, k, &p->list.item[i]);
	known_close(k);
	if (p->reads > 0)
		compare_content(p);
	for (i = 0; i < p->n && p->ended == 0; i++) {
		if (!p->object[i].seen)
			compare_say(p, COMPARE_BUCKET, p->object[i].name,
			    p->object[i].bytes, NULL);
	}
}

static void
warn(struct compare *p)
{

	if (p->dropped > 0)
		progress_say(p->progress, true, "foldergate: %zu keys of the "
		    "bucket cannot be read", p->dropped);
	if (p->blind)
		progress_say(p->progress, true, "foldergate: the service "
		    "lists only a part of the folder; what is not in it seems "
		    "to be only at the Hub");
}

static int
compare(struct compare *p)
{
	struct hub *h = hub_new(p->c, p->progress);
	int status = COMMAND_FAILED;

	if (h == NULL)
		return (status);
	if ((status = hub_list_fill(&p->list, h)) == COMMAND_OK &&
	    (status = compare_bucket(p)) == COMMAND_OK) {
		warn(p);
		hub_list_commits(&p->list, &p->c->set);
		look_all(p);
	}
	hub_free(h);
	if (service_stopped(p->c->service))
		return (COMMAND_STOPPED);
	if (status == COMMAND_OK) {
		progress_free(p->progress);
		p->progress = NULL;
		status = compare_sum(p);
	}
	return (status);
}

static void
forget(struct compare *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->object[i].key);
	free(p->object);
	free(p->read);
	hub_list_free(&p->list);
	progress_free(p->progress);
}

int
command_compare(int argc, char **argv)
{
	static struct connect c;
	static struct compare p = { .c = &c };
	const char *file = NULL, *word[2], *why = NULL;
	const struct option_spec options[] = {
		{ "list", &file, NULL },
		{ "content", NULL, &p.content },
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), SETTINGS_SOURCE(&c.set),
		SETTINGS_CONNECTIONS(&c.set), { NULL, NULL, NULL }
	};
	struct miner m;
	int n, at, status;

	if ((n = command_options(argc, argv, options, word, 2)) < 0)
		return (COMMAND_USAGE);
	at = file == NULL ? 1 : 0;
	if (n < at)
		status = command_wrong("HUB is missing");
	else if (n > at + 1)
		status = command_wrong("with --list, HUB is not named");
	else if (n > at && (why = miner_read(word[at], &m)) != NULL)
		status = command_wrong("MINER %s", why);
	else if (p.content && n == at)
		status = command_wrong("--content needs MINER: only a "
		    "validator may read what is stored");
	else
		status = hub_list_read(&p.list, file == NULL ? word[0] : NULL,
		    file);
	if (status == COMMAND_OK)
		status = connect_open(&c, n > at ? CONNECT_HOTKEY :
		    CONNECT_COLDKEY);
	if (status == COMMAND_OK) {
		p.miner = n > at ? &m : NULL;
		p.list.odd = on_odd;
		p.list.user = &p;
		p.progress = progress_new(&c.set, "compare");
		status = compare(&p);
	}
	forget(&p);
	connect_close(&c);
	return (status);
}
