#ifndef BASE_CLOCK_H_
#define BASE_CLOCK_H_

#include <stdint.h>

/**
 * clock_now_ms():
 * Return the time in Unix milliseconds.  Only web/ and the programs' mains
 * call it.  All lower layers take the time as an argument.  The test build
 * links tests/support/clock_fixed.c in place of clock.c.
 */
int64_t clock_now_ms(void);

/**
 * clock_boot_ms():
 * Return the time when this machine was started, in Unix milliseconds.  The
 * same rules apply.
 */
int64_t clock_boot_ms(void);

/**
 * clock_boot_id():
 * Return the kernel's id for this start of the machine.  Each start has another
 * id.  Return "" on a machine without /proc/sys.
 */
const char *clock_boot_id(void);

/**
 * clock_run_us():
 * Return microseconds since some moment, for durations.  They only run forward.
 */
int64_t clock_run_us(void);

/**
 * clock_tick_ms():
 * Return milliseconds that only run forward, in the test build as well.  Use
 * them for waiting, never for a decision that a test must be able to repeat.
 */
int64_t clock_tick_ms(void);

#endif /* !BASE_CLOCK_H_ */
