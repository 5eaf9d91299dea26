#ifndef BASE_ARENA_H_
#define BASE_ARENA_H_

#include <stddef.h>

/*
 * Memory that lives as long as one request.  Allocation always succeeds: out
 * of memory is logged and ends the program. arena_reset() gives back all
 * blocks but the first, so that memory of one large answer is not kept
 * forever.
 */
struct arena;

/**
 * arena_new(first_size):
 * Return a new arena whose first block holds ${first_size} bytes.
 */
struct arena *arena_new(size_t first_size);

/**
 * arena_alloc(a, size):
 * Return ${size} bytes, not cleared, aligned for any type.
 */
void *arena_alloc(struct arena *a, size_t size);

/**
 * arena_text(a, s, len):
 * Return a copy of the ${len} bytes at ${s}, ended by a NUL.
 */
char *arena_text(struct arena *a, const char *s, size_t len);

/**
 * arena_reset(a), arena_free(a):
 * Release every allocation.  The first block is wiped and kept, or freed.
 */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif /* !BASE_ARENA_H_ */
