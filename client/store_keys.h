#ifndef CLIENT_STORE_KEYS_H_
#define CLIENT_STORE_KEYS_H_

#include "store.h"

/**
 * store_keys_clean(s):
 * Delete the objects in the scratch folder, with either key.  Then ${s->object}
 * has those that are left.  Return false if that is not known.
 */
bool store_keys_clean(struct store *s);

#endif /* !CLIENT_STORE_KEYS_H_ */
