#ifndef STATE_SEEN_H_
#define STATE_SEEN_H_

#include <stdbool.h>
#include <stdint.h>

/*
 * The last readings that a sync program took of its peers, for readyz,
 * healthcheck and check-config.  Every user may read this file, because the
 * endpoints may run as another user.  The status file beside it has sentences
 * for people, and only the group may read it.
 */
#define SEEN_STORE "bucket-sync.seen"
#define SEEN_CHAIN "chain-sync.seen"

#define SEEN_FAULT_MAX 40

/* A reading is valid for three intervals, and for at least 300 s. */
#define SEEN_LATELY_S(interval_s)					\
	(3 * (interval_s) > 300 ? 3 * (interval_s) : 300)

struct seen {
	int64_t at_s;			/* when the look ended */
	int64_t skew_ms;		/* of the peers' clocks; base/skew.h */
	int64_t peers;			/* that it was learned from */
	char fault[SEEN_FAULT_MAX + 1];	/* its name; "": no fault */
};

/**
 * seen_write(directory, name, s):
 * Put ${s} into the file ${name} in ${directory}.  If that fails, it is logged
 * and the file is removed, because no file is better than an old one.
 */
void seen_write(const char *directory, const char *name, const struct seen *s);

/**
 * seen_read(directory, name, now_s, max_age_s, s):
 * Read such a file.  Return false if no file can be read, or if the reading
 * ended more than ${max_age_s} before ${now_s}, or after it.  Then the present
 * state is not known.  A reading can be in the future, or very old, if the
 * clock was wrong and has been set since then.
 */
bool seen_read(const char *directory, const char *name, int64_t now_s,
    int64_t max_age_s, struct seen *s);

#endif /* !STATE_SEEN_H_ */
