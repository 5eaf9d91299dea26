#ifndef CLIENT_GET_H_
#define CLIENT_GET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connect.h"
#include "miner.h"
#include "place.h"

struct progress;

/* What became of an object. */
enum get_result {
	GET_GOT,
	GET_SAME,		/* the file is there already */
	GET_ODD,		/* no file may have this name */
	GET_FAILED,		/* here: a file, a directory */
	GET_REFUSED, GET_UNREACHABLE,
	GET_RESULTS
};

/* An object of the page that has to be loaded. */
struct get_want {
	const struct listing_item *item;
	const char *path;		/* below the directory */
	char id[PLACE_ID_MAX + 1];	/* of the file that is not whole */
	bool done;
	bool refused;			/* once: the URL may have expired */
	const char *why;		/* it is still not there */
};

struct get {
	struct connect *c;
	const struct miner *miner;
	struct miner_folder folder;
	struct place place;
	struct progress *progress;
	const char *const *pattern;
	int patterns;

	struct get_want *want;		/* of one page */
	size_t n, size;

	int64_t bytes;			/* loaded in this run */
	size_t count[GET_RESULTS];
	int ended;			/* not 0: begin nothing more */
};

/**
 * get_page(g):
 * Load what g->want names, as many at once as --connections says, and try again
 * what fails.  Each object is reported.
 */
void get_page(struct get *g);

/**
 * get_say(g, name, len, result, bytes, why):
 * Count and print what became of an object.
 */
void get_say(struct get *g, const char *name, size_t len,
    enum get_result result, int64_t bytes, const char *why);

/**
 * get_left(g), get_give_up(g):
 * Return how many objects of the page are not done.  Report each of them as
 * unreachable, and end the run if none was loaded so far.
 */
size_t get_left(const struct get *g);
void get_give_up(struct get *g);

/**
 * get_sum(g):
 * Print the sum.  Return the exit status.
 */
int get_sum(struct get *g);

#endif /* !CLIENT_GET_H_ */
