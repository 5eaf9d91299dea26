#ifndef CLIENT_HUB_LIST_H_
#define CLIENT_HUB_LIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hub.h"

/*
 * The files of one data set or of several that belong into one folder: those
 * below data/, or those that patterns choose, each under its basename.
 */
struct hub_item {
	size_t repo;		/* in the list */
	char *path;		/* in the data set */
	const char *name;	/* its last part */
	int64_t bytes;
	bool lfs;		/* as of struct hub_file */
	uint8_t id[DIGEST_MAX];
};

struct hub_list {
	struct hub_repo *repo;
	size_t repos;
	const char *const *pattern;
	int patterns;

	struct hub_item *item;	/* by name; those of one name in the order of
				   their data sets */
	size_t n, size;
	size_t left_out, chosen;	/* files of the data sets */

	/* Called for each file that cannot be used, with the reason. */
	void (*odd)(void *user, const char *path, int64_t bytes,
	    const char *why);
	void *user;

	size_t reading;		/* the data set whose list is read */
};

/**
 * hub_list_read(l, word, file):
 * Take the data set ${word}, or those of the lines of ${file} ("-": standard
 * input); one of them is NULL.  Empty lines and lines that begin with "#" are
 * left out.  A fault is printed.  Return the exit status.
 */
int hub_list_read(struct hub_list *l, const char *word, const char *file);

/**
 * hub_list_fill(l, h):
 * Pin each data set and read its list.  A fault is printed, also that no file
 * is chosen.  Return the exit status.
 */
int hub_list_fill(struct hub_list *l, struct hub *h);

/**
 * hub_list_same(a, b):
 * Have these two the same content, as the Hub says?
 */
bool hub_list_same(const struct hub_item *a, const struct hub_item *b);

/**
 * hub_list_other(item, name):
 * Write the name that ${item} gets where another content has its own name: the
 * first digits of the content's id are put before the ending.  The same content
 * always gets the same name.
 */
#define HUB_LIST_NAME_MAX 300
void hub_list_other(const struct hub_item *item,
    char name[HUB_LIST_NAME_MAX + 1]);

/**
 * hub_list_shown(l, item, out):
 * Write hf://datasets/USER/REPO/PATH, for people.  It is cut if it is too long.
 */
#define HUB_LIST_SHOWN_MAX 1200
void hub_list_shown(const struct hub_list *l, const struct hub_item *item,
    char out[HUB_LIST_SHOWN_MAX + 1]);

/**
 * hub_list_commits(l, set):
 * Print the commit of each data set, a line each, unless ${set} is quiet.
 */
void hub_list_commits(const struct hub_list *l, const struct settings *set);

/**
 * hub_list_free(l):
 * Free what ${l} holds.
 */
void hub_list_free(struct hub_list *l);

#endif /* !CLIENT_HUB_LIST_H_ */
