#ifndef CLIENT_CONNECT_H_
#define CLIENT_CONNECT_H_

#include <signal.h>

#include "identity.h"
#include "service.h"
#include "settings.h"

/*
 * What a command that asks a service begins with: settings, keys, connection.
 *
 *	static struct connect c;
 *	const struct option_spec options[] = {
 *		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
 *		SETTINGS_KEYS(&c.set), { NULL, NULL, NULL }
 *	};
 *	if (command_options(argc, argv, options, words, MAX) < 0)
 *		return (COMMAND_USAGE);
 *	if ((status = connect_open(&c, CONNECT_COLDKEY)) == COMMAND_OK)
 *		status = work(&c);
 *	connect_close(&c);
 */
struct connect {
	struct settings set;
	bool second;		/* another's keys: the person's own coldkey, in
				   the environment or the file, is not theirs */
	struct identity keys;
	struct service *service;
};

/* What is needed; each includes the ones before it. */
enum connect_needs { CONNECT_URL, CONNECT_HOTKEY, CONNECT_COLDKEY };

/**
 * connect_open(c, needs):
 * Load the settings and the keys, and make c->service.  Nothing is sent.  From
 * now on the first Ctrl-C, SIGTERM or SIGHUP sets *connect_stop(), and the
 * second ends the program.  A fault is printed.  Return the exit status.
 */
int connect_open(struct connect *c, enum connect_needs needs);

/**
 * connect_close(c):
 * Free everything and wipe the keys.  A ${c} that was never opened is fine.
 */
void connect_close(struct connect *c);

/**
 * connect_stop():
 * Return the flag that signals set, for streams and loops.
 */
const volatile sig_atomic_t *connect_stop(void);

#endif /* !CLIENT_CONNECT_H_ */
