#ifndef CLIENT_STORE_KEYS_H_
#define CLIENT_STORE_KEYS_H_

#include "store.h"

/**
 * store_keys_clean(s):
 * Delete what is in the scratch folder, with either key.  What is left is in
 * ${s->object} then.  If that cannot be found out, return false.
 */
bool store_keys_clean(struct store *s);

#endif /* !CLIENT_STORE_KEYS_H_ */
