#ifndef BASE_PROCESS_H_
#define BASE_PROCESS_H_

/**
 * process_harden():
 * Disable core dumps, and keep other processes of the same user from tracing
 * this one.  Reset what the parent left: blocked and ignored signals (except
 * SIGHUP, which nohup ignores), timers, and the umask, which becomes 077.
 * Ignore SIGPIPE and SIGXFSZ, so that the write fails instead.  The first
 * statement of every main.
 */
void process_harden(void);

/**
 * process_alone():
 * Close every descriptor except the standard streams.  This is for programs
 * that a person does not start by hand, since a shell passes descriptors on
 * purpose.
 */
void process_alone(void);

/**
 * process_warn_root():
 * Log a warning if the program runs as root.  For programs that keep running.
 */
void process_warn_root(void);

#endif /* !BASE_PROCESS_H_ */
