/* foldergate ls and foldergate du: what is in the store, for a validator. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/log.h"
#include "base/timefmt.h"
#include "command.h"
#include "connect.h"
#include "miner.h"
#include "names.h"
#include "progress.h"

/* Sources that are summed: more than a service has. */
#define SOURCES_MAX 256

struct sum {
	int64_t files, bytes;
};

struct du {
	struct connect *c;
	struct {
		char name[TEXT_NAME_MAX + 1];
		struct sum sum;
	} source[SOURCES_MAX];
	size_t sources;
	struct sum all;
	int status;
};

static struct json_object *
new_object(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "list");
	return (o);
}

static void
print_json(struct json_object *o)
{

	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void
add_text(struct json_object *o, const char *name, const char *text)
{

	json_object_object_add(o, name, json_object_new_string(text));
}

static void
add_int(struct json_object *o, const char *name, int64_t n)
{

	json_object_object_add(o, name, json_object_new_int64(n));
}

static bool
print_miner(void *user, const struct miner *m)
{
	const struct connect *c = user;
	struct json_object *o;

	if (!c->set.json) {
		printf("%s\n", m->name);
	} else {
		o = new_object();
		add_text(o, "miner", m->name);
		print_json(o);
	}
	return (!service_stopped(c->service));
}

static void
print_item(const struct connect *c, const struct listing_item *it,
    const char *name, size_t len)
{
	char shown[NAMES_SHOWN_MAX + 1];
	char when[TIMEFMT_ZULU_MAX + 1] = "-";
	const char *odd = names_odd(name, len);
	struct json_object *o;

	names_show(name, len, shown);
	if (it->modified_s >= 0)
		timefmt_zulu(it->modified_s, when);
	if (!c->set.json) {
		printf("%14" PRId64 "  %s  %s\n", it->bytes, when, shown);
		return;
	}
	o = new_object();
	add_text(o, "file", odd != NULL ? shown : name);
	if (odd != NULL)
		add_text(o, "odd", odd);
	add_int(o, "bytes", it->bytes);
	if (it->modified_s >= 0)
		add_text(o, "modified", when);
	print_json(o);
}

/* A folder's end: what could not be read makes the whole thing a part. */
static int
folder_status(const struct miner_folder *f)
{

	if (service_stopped(f->service))
		return (COMMAND_STOPPED);
	if (f->dropped > 0)
		command_failed("%zu keys of %s cannot be read", f->dropped,
		    f->miner->name);
	return (f->status != COMMAND_OK ? f->status : f->dropped > 0 ?
	    COMMAND_PARTLY : COMMAND_OK);
}

/* Print a page.  Return false if no later key can begin with ${prefix}. */
static bool
print_page(const struct connect *c, const struct miner_folder *f,
    const char *prefix)
{
	const size_t want = strlen(prefix);
	const char *name;
	size_t i, len;

	for (i = 0; i < f->page.n; i++) {
		name = miner_below(f, &f->page.item[i], &len);
		if (name == NULL)
			continue;
		if (len >= want && memcmp(name, prefix, want) == 0)
			print_item(c, &f->page.item[i], name, len);
		else if (strcmp(name, prefix) > 0)
			return (false);
	}
	return (true);
}

static int
list(struct connect *c, const struct miner *m, const char *prefix)
{
	static struct miner_folder f;
	int status;

	f.service = c->service;
	f.miner = m;
	while (!service_stopped(c->service) && miner_next(&f)) {
		if (!print_page(c, &f, prefix))
			break;
	}
	status = folder_status(&f);
	miner_free(&f);
	return (status);
}

int
command_ls(int argc, char **argv)
{
	static struct connect c;
	const struct option_spec options[] = {
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), { NULL, NULL, NULL }
	};
	const char *word[2], *why = NULL;
	struct miner m;
	bool all;
	int n, status;

	if ((n = command_options(argc, argv, options, word, 2)) < 0)
		return (COMMAND_USAGE);
	all = n == 0 || strcmp(word[0], "miners") == 0;
	if (all ? n == 2 : (why = miner_read(word[0], &m)) != NULL)
		return (all ? command_wrong("\"miners\" takes no PREFIX") :
		    command_wrong("MINER %s", why));
	if ((status = connect_open(&c, CONNECT_HOTKEY)) == COMMAND_OK)
		status = all ? miner_each(c.service, print_miner, &c) :
		    list(&c, &m, n == 2 ? word[1] : "");
	if (status != COMMAND_USAGE && c.service != NULL &&
	    service_stopped(c.service))
		status = COMMAND_STOPPED;
	connect_close(&c);
	return (status);
}

static void
add(struct sum *s, const struct sum *more)
{

	s->files += more->files;

	/* A store may name any sizes. */
	if (__builtin_add_overflow(s->bytes, more->bytes, &s->bytes))
		s->bytes = INT64_MAX;
}

static void
add_source(struct du *d, const struct miner *m, const struct sum *sum)
{
	size_t i = 0;

	while (i < d->sources && strcmp(d->source[i].name, m->source) != 0)
		i++;
	if (i == SOURCES_MAX)
		return;
	if (i == d->sources) {
		memcpy(d->source[i].name, m->source, sizeof(m->source));
		d->sources++;
	}
	add(&d->source[i].sum, sum);
}

static void
print_sum(const struct du *d, const char *what, const char *name,
    const struct sum *sum)
{
	char size[PROGRESS_WORD_MAX + 1];
	struct json_object *o;

	if (!d->c->set.json) {
		progress_size(sum->bytes, size);
		printf("%14" PRId64 "  %10s  %8" PRId64 "  %s%s\n", sum->bytes,
		    size, sum->files, strcmp(what, "source") == 0 ?
		    "source " : "", name);
		return;
	}
	o = new_object();
	add_text(o, what, name);
	add_int(o, "files", sum->files);
	add_int(o, "bytes", sum->bytes);
	print_json(o);
}

static bool
sum_miner(void *user, const struct miner *m)
{
	static struct miner_folder f;
	struct du *d = user;
	struct sum sum = { 0, 0 }, one = { .files = 1 };
	size_t i, len;
	int status;

	memset(&f, 0, sizeof(f));
	f.service = d->c->service;
	f.miner = m;
	while (!service_stopped(d->c->service) && miner_next(&f)) {
		for (i = 0; i < f.page.n; i++) {
			if (miner_below(&f, &f.page.item[i], &len) == NULL)
				continue;
			one.bytes = f.page.item[i].bytes > 0 ?
			    f.page.item[i].bytes : 0;
			add(&sum, &one);
		}
	}
	status = folder_status(&f);
	miner_free(&f);
	if (status != COMMAND_OK)
		d->status = status == COMMAND_STOPPED ? status :
		    d->all.files > 0 || status == COMMAND_PARTLY ?
		    COMMAND_PARTLY : status;
	if (status == COMMAND_OK || status == COMMAND_PARTLY) {
		print_sum(d, "miner", m->name, &sum);
		add_source(d, m, &sum);
		add(&d->all, &sum);
	}
	return (status == COMMAND_OK || status == COMMAND_PARTLY);
}

static void
print_sums(const struct du *d)
{
	size_t i;

	for (i = 0; i < d->sources; i++)
		print_sum(d, "source", d->source[i].name[0] != '\0' ?
		    d->source[i].name : "(hotkeys)", &d->source[i].sum);
	print_sum(d, "sum", "all", &d->all);
}

int
command_du(int argc, char **argv)
{
	static struct connect c;
	static struct du d = { .c = &c };
	const struct option_spec options[] = {
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), { NULL, NULL, NULL }
	};
	const char *word[1], *why;
	struct miner m;
	int n, status;

	if ((n = command_options(argc, argv, options, word, 1)) < 0)
		return (COMMAND_USAGE);
	if (n == 1 && (why = miner_read(word[0], &m)) != NULL)
		return (command_wrong("MINER %s", why));
	if ((status = connect_open(&c, CONNECT_HOTKEY)) == COMMAND_OK) {
		if (n == 1)
			(void)sum_miner(&d, &m);
		else
			status = miner_each(c.service, sum_miner, &d);
		if (d.status != COMMAND_OK)
			status = d.status;
		if (status == COMMAND_OK || status == COMMAND_PARTLY)
			print_sums(&d);
		if (service_stopped(c.service))
			status = COMMAND_STOPPED;
	}
	connect_close(&c);
	return (status);
}
