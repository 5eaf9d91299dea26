#ifndef CLIENT_COMMAND_H_
#define CLIENT_COMMAND_H_

#include <stdbool.h>
#include <stddef.h>

struct config;

/* Exit statuses of every command. */
enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

/*
 * An option "--name VALUE" or, if ${value} is NULL, a flag "--name".  What
 * stands behind the options are operands.
 */
struct option_spec {
	const char *name;
	const char **value;
	bool *flag;
};

/**
 * command_options(argc, argv, specs, operands, max):
 * Read the options and put the rest into ${operands}; return how many there
 * are, or -1 after having said what is wrong: an unknown, repeated or
 * incomplete option, or more than ${max} operands.  "--" ends the options.
 */
int command_options(int argc, char **argv, const struct option_spec *specs,
    const char **operands, int max);

/**
 * command_config(cfg):
 * Read the configuration; if it is refused, say so on standard error.
 */
bool command_config(struct config *cfg);

/**
 * command_read_file(path, max, len):
 * The whole file ${path} ("-": standard input) of at most ${max} bytes, with a
 * NUL behind; to be freed.  NULL after having said what is wrong.
 */
char *command_read_file(const char *path, size_t max, size_t *len);

/* The commands: client/NAME.c or client/foldergate.c.  argv[0] is the first
   argument behind the command's name. */
int command_sign(int argc, char **argv);
int command_snapshot(int argc, char **argv);
int command_check_config(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_deny(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_usage(int argc, char **argv);

#endif /* !CLIENT_COMMAND_H_ */
