#ifndef CLIENT_COMMAND_H_
#define CLIENT_COMMAND_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

/* Exit statuses of every command.  The first is the whole success.  A command
   that works on many files exits with COMMAND_PARTLY if some succeeded. */
enum {
	COMMAND_OK = 0,
	COMMAND_FAILED = 1,		/* here: a file, a setting, a key */
	COMMAND_USAGE = 2,
	COMMAND_REFUSED = 3,		/* by the service or the store */
	COMMAND_UNREACHABLE = 4,	/* no answer, or a broken one */
	COMMAND_PARTLY = 5,
	COMMAND_STOPPED = 130		/* Ctrl-C: 128 and SIGINT's number */
};

/* An entry of the table of commands, which is in foldergate.c. */
struct command {
	const char *name;
	const char *synopsis;	/* arguments; a line for each form */
	const char *summary;	/* one line, for the list of all commands */
	const char *help;	/* the rest of --help, examples last */
	int (*run)(int argc, char **argv);

	/* Groups of settings that the command takes as options, SETTINGS_IN_*,
	   and its own options, ended by one without a name, or NULL.  --help
	   lists them, and shells complete them. */
	unsigned groups;
	const struct command_option *options;
};

/* An option of the table, for people.  The command reads it by a struct
   option_spec of the same name. */
struct command_option {
	const char *name;	/* "output" or "output,o" */
	const char *argument;	/* NULL: a flag */
	const char *about;	/* lines of at most 50 characters */
};

/*
 * An option "--name VALUE" or "--name=VALUE" or, if ${value} is NULL, a flag
 * "--name".  A name "output,o" is also "-o VALUE" and "-oVALUE".  All other
 * arguments are operands.
 */
struct option_spec {
	const char *name;
	const char **value;
	bool *flag;
};

/* All commands; a row without a name ends them.  It is in foldergate.c. */
extern const struct command command_table[];

/**
 * command_run(c, argc, argv):
 * Run ${c} with the ${argc} arguments after its name.  Print its help instead
 * if --help or -h is one of those before "--".  Return the exit status.
 */
int command_run(const struct command *c, int argc, char **argv);

/**
 * command_each_option(c, found, user):
 * Call ${found} with each option of the table: the command's own ones, then
 * those of its groups.  The row is valid during the call.
 */
void command_each_option(const struct command *c,
    void (*found)(void *user, const struct command_option *o), void *user);

/**
 * command_wrong(fmt, ...):
 * Print one line on standard error: the fault in the arguments of the running
 * command, and how to get its help.  Return COMMAND_USAGE.
 */
int command_wrong(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/**
 * command_failed(fmt, ...):
 * Print one line on standard error: what failed.  It replaces the error that
 * was logged last.  Return COMMAND_FAILED.
 */
int command_failed(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/**
 * command_options(argc, argv, specs, operands, max):
 * Read the options and put the rest into ${operands}.  Return their number.
 * "--" ends the options.
 *   Errors  -1, after command_wrong(): an unknown, repeated or incomplete
 *	     option, a flag with a value, or more than ${max} operands
 */
int command_options(int argc, char **argv, const struct option_spec *specs,
    const char **operands, int max);

/**
 * command_duration(text, seconds):
 * Set ${seconds} to the duration of "90s", "30m", "12h" or "7d".
 *   Shape   a whole number from 1, and one unit
 *   Errors  false: another form, or beyond the year 9999; seconds untouched
 */
bool command_duration(const char *text, int64_t *seconds);

/**
 * command_config(cfg):
 * Read the configuration.  If it is refused, print why on standard error and
 * return false.
 */
bool command_config(struct config *cfg);

/**
 * command_read_file(path, max, len):
 * Return the whole file ${path} ("-": standard input) of at most ${max} bytes,
 * with a NUL after it.  The caller frees it.  On failure print the reason and
 * return NULL.
 */
char *command_read_file(const char *path, size_t max, size_t *len);

/**
 * command_finish(status):
 * Flush standard output, and print the error that was logged last, if no
 * command_failed() replaced it.  Return ${status}.  If standard output fails,
 * report that, and return COMMAND_FAILED in place of COMMAND_OK.
 */
int command_finish(int status);

/* The commands: client/NAME.c.  argv[0] is the first argument after the
   command's name. */
int command_ls(int argc, char **argv);
int command_du(int argc, char **argv);
int command_get(int argc, char **argv);
int command_cat(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_keygen(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_snapshot(int argc, char **argv);
int command_check_config(int argc, char **argv);
int command_check_store(int argc, char **argv);
int command_credentials(int argc, char **argv);
int command_upload(int argc, char **argv);
int command_form(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_selftest(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_deny(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_usage(int argc, char **argv);
int command_top(int argc, char **argv);
int command_completion(int argc, char **argv);
int command_logs(int argc, char **argv);
int command_show_config(int argc, char **argv);	/* foldergate config */

#endif /* !CLIENT_COMMAND_H_ */
