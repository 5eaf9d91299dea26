#ifndef CLIENT_STORE_START_H_
#define CLIENT_STORE_START_H_

#include <stdbool.h>

#include "store.h"

/* The folder of the miner that tries everything, and its first file.  The other
   miner's file is STORE_LOOK_VICTIM. */
#define STORE_START_OWN "own/"
#define STORE_START_FIRST "own/first"

#define STORE_START_NOTE_MAX 255

/**
 * store_start(s, note):
 * Store a file in the folder of each of two miners, by form, or by PUT if the
 * store takes no forms.  Form fields that the store refuses are removed from
 * the bucket's settings in ${s}.
 *   Errors  false: neither works; ${note} says why
 */
bool store_start(struct store *s, char note[STORE_START_NOTE_MAX + 1]);

/**
 * store_start_file(s, folder, name):
 * Store a file as ${name}, by the form for ${folder}, or by PUT if the store
 * takes no forms.  Return whether it is there.
 */
bool store_start_file(struct store *s, const char *folder, const char *name);

/**
 * store_start_again(s):
 * Store both files again, after an attack has changed one of them.
 */
void store_start_again(struct store *s);

#endif /* !CLIENT_STORE_START_H_ */
