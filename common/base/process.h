#ifndef BASE_PROCESS_H_
#define BASE_PROCESS_H_

/**
 * process_harden():
 * No core dumps, and other processes of the same user may not trace this one.
 * Whatever the parent left is undone: blocked and ignored signals (but for
 * SIGHUP, which nohup ignores), timers, the umask, which becomes 077.  SIGPIPE
 * and SIGXFSZ are ignored: the write fails instead.  The first statement of
 * every main.
 */
void process_harden(void);

/**
 * process_alone():
 * Close every descriptor but the standard streams.  For programs that no
 * person starts by hand, since a shell passes descriptors on purpose.
 */
void process_alone(void);

/**
 * process_warn_root():
 * Log a warning if we are root.  For programs that stay.
 */
void process_warn_root(void);

#endif /* !BASE_PROCESS_H_ */
