#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "files.h"
#include "hub_list.h"

#define USUAL "data/*"
#define CARD "README.md"

#define LIST_BYTES ((size_t)1 << 20)
#define REPOS_MAX 10000

/* Files of all data sets, chosen or not. */
#define FILES_MAX ((size_t)1000000)

/* Digits of the id in another name. */
#define DIGITS 8

static const char *
add_repo(struct hub_list *l, const char *text)
{
	struct hub_repo *all;
	const char *why;

	if (l->repos == REPOS_MAX)
		return ("is one too many");
	if ((all = reallocarray(l->repo, l->repos + 1, sizeof(*all))) == NULL)
		log_die("out_of_memory", "hub");
	l->repo = all;
	if ((why = hub_read(text, &all[l->repos])) == NULL)
		l->repos++;
	return (why);
}

/* Take the lines of ${text}, which is changed. */
static int
add_lines(struct hub_list *l, char *text, const char *file)
{
	char *line, *end;
	const char *why;
	unsigned n = 0;

	while ((line = strsep(&text, "\n")) != NULL) {
		n++;
		line += strspn(line, " \t");
		for (end = line + strlen(line); end > line &&
		    strchr(" \t\r", end[-1]) != NULL; end--)
			continue;
		*end = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if ((why = add_repo(l, line)) != NULL)
			return (command_failed("%s:%u: it %s", file, n, why));
	}
	return (l->repos > 0 ? COMMAND_OK :
	    command_failed("%s names no data set", file));
}

int
hub_list_read(struct hub_list *l, const char *word, const char *file)
{
	const char *why;
	char *text;
	size_t len;
	int status;

	if (word != NULL)
		return ((why = add_repo(l, word)) == NULL ? COMMAND_OK :
		    command_wrong("\"%s\" %s", word, why));
	if ((text = command_read_file(file, LIST_BYTES, &len)) == NULL)
		return (COMMAND_FAILED);
	status = strlen(text) == len ? add_lines(l, text, file) :
	    command_failed("%s has a NUL", file);
	free(text);
	return (status);
}

static bool
is_chosen(const struct hub_list *l, const char *path)
{
	int i;

	for (i = 0; i < l->patterns; i++) {
		if (fnmatch(l->pattern[i], path, 0) == 0)
			return (true);
	}
	return (l->patterns == 0 && fnmatch(USUAL, path, 0) == 0);
}

static void
on_file(void *user, const struct hub_file *f)
{
	struct hub_list *l = user;
	struct hub_item *all, *it;
	const char *why = f->odd, *slash = strrchr(f->path, '/');

	if (strcmp(f->path, CARD) == 0)
		l->repo[l->reading].card = true;
	if (!is_chosen(l, f->path)) {
		l->left_out++;
		return;
	}
	if (why == NULL)
		why = files_name_wrong(slash != NULL ? slash + 1 : f->path);
	l->chosen++;
	if (why != NULL) {
		l->odd(l->user, f->path, f->bytes, why);
		return;
	}
	if (l->n == l->size) {
		l->size = l->size == 0 ? 1000 : 2 * l->size;
		if ((all = reallocarray(l->item, l->size, sizeof(*all))) ==
		    NULL)
			log_die("out_of_memory", "hub");
		l->item = all;
	}
	it = &l->item[l->n++];
	*it = (struct hub_item){ .repo = l->reading, .bytes = f->bytes,
	    .lfs = f->lfs };
	memcpy(it->id, f->id, sizeof(it->id));
	if ((it->path = strdup(f->path)) == NULL)
		log_die("out_of_memory", "hub");
	it->name = slash != NULL ? it->path + (slash + 1 - f->path) : it->path;
}

static int
in_order(const void *a, const void *b)
{
	const struct hub_item *x = a, *y = b;
	const int order = strcmp(x->name, y->name);

	if (order != 0)
		return (order);
	return (x->repo != y->repo ? (x->repo < y->repo ? -1 : 1) :
	    strcmp(x->path, y->path));
}

/* Take one data set.  One without data is named wrongly, or its files are
   elsewhere: nobody must think that all of it is moved. */
static int
fill_one(struct hub_list *l, struct hub *h, struct hub_repo *repo)
{
	const size_t before = l->chosen;
	int status;

	if ((status = hub_pin(h, repo)) == COMMAND_OK)
		status = hub_tree(h, repo, FILES_MAX - l->chosen -
		    l->left_out, on_file, l);
	if (status == COMMAND_OK && l->patterns == 0 && l->chosen == before)
		status = command_failed("hf://datasets/%s has no files below "
		    "data/", repo->name);
	return (status);
}

int
hub_list_fill(struct hub_list *l, struct hub *h)
{
	int status = COMMAND_OK;

	for (l->reading = 0; l->reading < l->repos && status == COMMAND_OK;
	    l->reading++)
		status = fill_one(l, h, &l->repo[l->reading]);
	if (status == COMMAND_OK && l->chosen == 0)
		status = command_failed("no file at the Hub has such a path");
	if (l->n > 0)
		qsort(l->item, l->n, sizeof(*l->item), in_order);
	return (status);
}

bool
hub_list_same(const struct hub_item *a, const struct hub_item *b)
{

	return (a->lfs == b->lfs && a->bytes == b->bytes &&
	    memcmp(a->id, b->id, sizeof(a->id)) == 0);
}

void
hub_list_other(const struct hub_item *it, char name[HUB_LIST_NAME_MAX + 1])
{
	const char *dot = strrchr(it->name, '.');
	char digits[DIGITS + 1];

	if (dot == NULL || dot == it->name)
		dot = it->name + strlen(it->name);
	hex_encode(digits, it->id, DIGITS / 2);
	snprintf(name, HUB_LIST_NAME_MAX + 1, "%.*s.%s%s",
	    (int)(dot - it->name), it->name, digits, dot);
}

void
hub_list_shown(const struct hub_list *l, const struct hub_item *it,
    char out[HUB_LIST_SHOWN_MAX + 1])
{

	if (snprintf(out, HUB_LIST_SHOWN_MAX + 1, "hf://datasets/%s/%s",
	    l->repo[it->repo].name, it->path) > HUB_LIST_SHOWN_MAX)
		out[HUB_LIST_SHOWN_MAX] = '\0';
}

static void
commit_json(const struct hub_repo *repo)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		log_die("out_of_memory", "hub");
	json_object_object_add(o, "repo", json_object_new_string(repo->name));
	json_object_object_add(o, "revision",
	    json_object_new_string(repo->revision));
	json_object_object_add(o, "sha", json_object_new_string(repo->sha));
	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void
hub_list_commits(const struct hub_list *l, const struct settings *set)
{
	size_t i;

	for (i = 0; i < l->repos; i++) {
		if (set->json)
			commit_json(&l->repo[i]);
		else if (!set->quiet)
			printf("hf://datasets/%s at %s\n", l->repo[i].name,
			    l->repo[i].sha);
	}
	fflush(stdout);
}

void
hub_list_free(struct hub_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->item[i].path);
	free(l->item);
	free(l->repo);
}
