#ifndef BASE_SINK_H_
#define BASE_SINK_H_

#include <stdbool.h>

#include "base/err.h"

/*
 * Where the lines of a log go, if that is not standard error: a file or
 * syslog.  A line that cannot be written there goes to standard error, so no
 * line is lost in silence.
 *
 * A file may be renamed or deleted at any time, and the next line is then in a
 * new one: no signal is needed.  Each line is one write() at the end of the
 * file, so lines of many processes do not mix.
 *
 * A line for syslog is one datagram in the form of RFC 3164 without a time,
 * because each daemon notes its own.  The socket is not connected, so a daemon
 * that was restarted gets the next line.
 */
#define SINK_SYSLOG "/dev/log"

/**
 * sink_file(path):
 * Send each further line of this process to the end of the file ${path}, which
 * the first line opens as trusted_open() does.  A file that is made here can be
 * read by its group.
 */
void sink_file(const char *path);

/**
 * sink_syslog(path):
 * Send each further line to the daemon that reads the socket ${path}, usually
 * SINK_SYSLOG.
 *   Errors  ERR_IO there can be no such socket: standard error stays
 */
CHECKED enum err sink_syslog(const char *path);

/**
 * sink_close():
 * Send further lines to standard error again.
 */
void sink_close(void);

#endif /* !BASE_SINK_H_ */
