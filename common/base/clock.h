#ifndef BASE_CLOCK_H_
#define BASE_CLOCK_H_

#include <stdint.h>

/**
 * clock_now_ms():
 * The time, in Unix milliseconds.  Only web/ and the programs' mains call it;
 * everything below takes the time as an argument.  The test build links
 * tests/support/clock_fixed.c in place of clock.c.
 */
int64_t clock_now_ms(void);

/**
 * clock_boot_ms():
 * When this machine was started, likewise.
 */
int64_t clock_boot_ms(void);

/**
 * clock_boot_id():
 * Which start of the machine that was, as the kernel names it: another one for
 * each.  "" where there is no /proc/sys.
 */
const char *clock_boot_id(void);

/**
 * clock_run_us():
 * Microseconds that only ever run forward, since some moment: for durations.
 */
int64_t clock_run_us(void);

/**
 * clock_tick_ms():
 * Milliseconds that only ever run forward, in the test build as well: for
 * waiting, never for a decision that a test must be able to repeat.
 */
int64_t clock_tick_ms(void);

#endif /* !BASE_CLOCK_H_ */
