#ifndef LEDGER_ENGINE_H_
#define LEDGER_ENGINE_H_

#include "ledger/ledger.h"

/*
 * What ledger.c wants of an engine.  An engine gets requests whose shape has
 * been checked.  It logs configuration errors only: behind ERR_LEDGER, its
 * trouble is a static string in ${reason}.
 */
struct ledger_engine {
	const char *name;
	enum err (*open)(const struct ledger_options *o, void **engine);
	enum err (*admit)(void *engine, const struct ledger_request *r,
	    struct ledger_result *out, const char **reason);
	enum err (*undo)(void *engine, const struct ledger_request *r,
	    const struct ledger_result *was, const char **reason);
	enum err (*usage)(void *engine, int64_t day, const char *prefix,
	    void (*each)(void *user, const char *name, int64_t used),
	    void *user, const char **reason);
	void (*free)(void *engine);
};

/**
 * ledger_was_counted(r, was, i):
 * Did ledger_admit(s, ${r}, ${was}) count counter ${i} up?
 */
bool ledger_was_counted(const struct ledger_request *r,
    const struct ledger_result *was, size_t i);

extern const struct ledger_engine ledger_sqlite, ledger_redis;

/* Old rows that one request cleans away, at most, of each kind. */
#define LEDGER_PURGE_MAX 200

#endif /* !LEDGER_ENGINE_H_ */
