#ifndef CLIENT_HELP_H_
#define CLIENT_HELP_H_

#include <stdio.h>

#include "command.h"

/**
 * help_list(out):
 * Print the list of all commands.
 */
void help_list(FILE *out);

/**
 * help_find(name):
 * Return the command ${name}, or NULL after a line on standard error.
 */
const struct command *help_find(const char *name);

/**
 * help(argc, argv):
 * foldergate help [COMMAND].  Return the exit status.
 */
int help(int argc, char **argv);

#endif /* !CLIENT_HELP_H_ */
