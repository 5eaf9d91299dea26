#include <stddef.h>

#include "web/need.h"

void
need_before(struct web *w, const struct need *const *needs)
{

	for (; needs != NULL && *needs != NULL; needs++) {
		if ((*needs)->before != NULL)
			(*needs)->before(w);
	}
}

enum err
need_open(struct web *w, const struct need *const *needs)
{
	enum err e;

	for (; needs != NULL && *needs != NULL; needs++) {
		if ((e = (*needs)->open(w)) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

void
need_close(struct web *w, const struct need *const *needs)
{
	size_t n = 0;

	while (needs != NULL && needs[n] != NULL)
		n++;
	while (n-- > 0) {
		if (needs[n]->close != NULL)
			needs[n]->close(w);
	}
}
