#ifndef LEDGER_ENGINE_H_
#define LEDGER_ENGINE_H_

#include "ledger/ledger.h"

/*
 * The interface of an engine of ledger.c.  The shape of a request has been
 * checked before.  An engine logs configuration errors only.  With ERR_LEDGER
 * its fault is a static string in ${reason}.
 */
struct ledger_engine {
	const char *name;
	enum err (*open)(const struct ledger_options *o, void **engine);
	bool (*is_born)(void *engine);	/* NULL: only the ledger knows */
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
 * Did ledger_admit(s, ${r}, ${was}) increment counter ${i}?
 */
bool ledger_was_counted(const struct ledger_request *r,
    const struct ledger_result *was, size_t i);

extern const struct ledger_engine ledger_sqlite, ledger_redis;

/* The most old rows of each kind that one request removes. */
#define LEDGER_PURGE_MAX 200

#endif /* !LEDGER_ENGINE_H_ */
