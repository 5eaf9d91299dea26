#ifndef STATE_STORE_ENGINE_H_
#define STATE_STORE_ENGINE_H_

#include "state/store.h"

/*
 * What store.c wants of an engine.  An engine gets requests whose shape has
 * been checked.  It logs configuration errors only: behind ERR_STORE, its
 * trouble is a static string in ${reason}.
 */
struct store_engine {
	const char *name;
	enum err (*open)(const struct store_options *o, void **engine);
	enum err (*admit)(void *engine, const struct store_request *r,
	    struct store_result *out, const char **reason);
	enum err (*usage)(void *engine, int64_t day, const char *prefix,
	    void (*each)(void *user, const char *name, int64_t used),
	    void *user, const char **reason);
	void (*free)(void *engine);
};

extern const struct store_engine store_local, store_redis;

/* Old rows that one request cleans away, at most, of each kind. */
#define STORE_PURGE_MAX 200

#endif /* !STATE_STORE_ENGINE_H_ */
