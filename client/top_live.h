#ifndef CLIENT_TOP_LIVE_H_
#define CLIENT_TOP_LIVE_H_

#include <stdbool.h>
#include <stdint.h>

struct top_take;

/* The longest time between two looks. */
#define TOP_LIVE_INTERVAL_MAX_S 3600

/**
 * top_live_run(t, interval_s, color):
 * Show on the terminal what ${t} finds, every ${interval_s}, until a person
 * quits.  Return the exit status.
 */
int top_live_run(struct top_take *t, int64_t interval_s, bool color);

#endif /* !CLIENT_TOP_LIVE_H_ */
