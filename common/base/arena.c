#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *top;	/* the block that allocations use */
	struct block *first;	/* the block that stays; end of the list */
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *b;

	if (size > SIZE_MAX - sizeof(*b) ||
	    (b = malloc(sizeof(*b) + size)) == NULL)
		log_die("out_of_memory", "arena");
	b->next = next;
	b->size = size;
	b->used = 0;
	return (b);
}

struct arena *
arena_new(size_t first_size)
{
	struct arena *a;

	if ((a = malloc(sizeof(*a))) == NULL)
		log_die("out_of_memory", "arena");
	a->top = a->first = block_new(first_size, NULL);
	return (a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	void *p;

	if (size > SIZE_MAX - align)
		log_die("out_of_memory", "arena");
	size = (size + align - 1) / align * align;
	if (size > a->top->size - a->top->used)
		a->top = block_new(size > a->first->size ? size :
		    a->first->size, a->top);
	p = a->top->data + a->top->used;
	a->top->used += size;
	return (p);
}

char *
arena_text(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		log_die("out_of_memory", "arena");
	p = arena_alloc(a, len + 1);
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return (p);
}

void
arena_reset(struct arena *a)
{
	struct block *b;

	while ((b = a->top) != a->first) {
		a->top = b->next;
		explicit_bzero(b->data, b->used);
		free(b);
	}
	explicit_bzero(a->first->data, a->first->used);
	a->first->used = 0;
}

void
arena_free(struct arena *a)
{

	if (a == NULL)
		return;
	arena_reset(a);
	free(a->first);
	free(a);
}
