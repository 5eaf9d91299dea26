#ifndef CLIENT_SETTINGS_H_
#define CLIENT_SETTINGS_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * What a person types often: options, the environment and a file, in this order
 * of precedence, then a default.  The file is --config, or
 * $XDG_CONFIG_HOME/foldergate/config, or ~/.config/foldergate/config; it need
 * not exist.  It has lines "name = value", and lines that begin with "#".  It
 * has nothing to do with the configuration of a server, which
 * FOLDERGATE_CONFIG names.
 */
enum setting {
	SETTING_URL,		/* FOLDERGATE_URL, url = */
	SETTING_WALLET, SETTING_HOTKEY, SETTING_WALLET_PATH, SETTING_KEYFILE,
	SETTING_PASSWORD_FILE, SETTING_COLDKEY,
	SETTING_SOURCE,
	SETTING_SCHEME, SETTING_RECEIVER, SETTING_CA_FILE,
	SETTING_CONNECTIONS,	/* at once; a number from 1 to 64 */
	SETTING_COLOR,		/* auto, always, never */
	SETTINGS
};

#define SETTING_CONNECTIONS_MAX 64

enum settings_from {
	SETTINGS_UNSET, SETTINGS_DEFAULT, SETTINGS_FILE, SETTINGS_ENV,
	SETTINGS_OPTION
};

struct settings {
	/* Filled from options by command_options(). */
	const char *option[SETTINGS];
	const char *config;
	bool json, quiet, verbose;

	/* Set by settings_load(). */
	const char *value[SETTINGS];	/* NULL: not set */
	enum settings_from from[SETTINGS];
	int line[SETTINGS];		/* in the file */
	char *path;			/* of the file; NULL: no home */
	bool read;			/* the file exists */
	char *text;			/* owns the values of the file */
	char *made;			/* owns a default */
};

/* The groups of options, as in struct command. */
enum {
	SETTINGS_IN_LOOK = 1, SETTINGS_IN_SERVICE = 2, SETTINGS_IN_KEYS = 4,
	SETTINGS_IN_SOURCE = 8, SETTINGS_IN_CONNECTIONS = 16,
	SETTINGS_IN_ALL = 31
};

/* Rows for a table of struct option_spec.  Each command takes the groups that
   it uses.  ${s} is a struct settings that is all zero and lives as long as
   the command runs. */
#define SETTINGS_OPTION_ROW(s, name, setting)				\
	{ name, &(s)->option[setting], NULL }

/* How it prints. */
#define SETTINGS_LOOK(s)						\
	{ "json", NULL, &(s)->json },					\
	{ "quiet,q", NULL, &(s)->quiet },				\
	{ "verbose,v", NULL, &(s)->verbose },				\
	SETTINGS_OPTION_ROW(s, "color", SETTING_COLOR),			\
	{ "config", &(s)->config, NULL }

/* Whom it asks. */
#define SETTINGS_SERVICE(s)						\
	SETTINGS_OPTION_ROW(s, "url", SETTING_URL),			\
	SETTINGS_OPTION_ROW(s, "ca-file", SETTING_CA_FILE),		\
	SETTINGS_OPTION_ROW(s, "scheme", SETTING_SCHEME),		\
	SETTINGS_OPTION_ROW(s, "receiver", SETTING_RECEIVER)

/* Who asks. */
#define SETTINGS_KEYS(s)						\
	SETTINGS_OPTION_ROW(s, "wallet", SETTING_WALLET),		\
	SETTINGS_OPTION_ROW(s, "hotkey", SETTING_HOTKEY),		\
	SETTINGS_OPTION_ROW(s, "wallet-path", SETTING_WALLET_PATH),	\
	SETTINGS_OPTION_ROW(s, "keyfile", SETTING_KEYFILE),		\
	SETTINGS_OPTION_ROW(s, "password-file", SETTING_PASSWORD_FILE),	\
	SETTINGS_OPTION_ROW(s, "coldkey", SETTING_COLDKEY)

/* Files. */
#define SETTINGS_SOURCE(s)						\
	SETTINGS_OPTION_ROW(s, "source", SETTING_SOURCE)
#define SETTINGS_CONNECTIONS(s)						\
	SETTINGS_OPTION_ROW(s, "connections,n", SETTING_CONNECTIONS)

/**
 * settings_load(s):
 * Set the values.  A fault is printed: in an option as wrong usage, elsewhere
 * with its place.  A value that cannot be used is refused, even if this command
 * does not use it.  Return the exit status.
 */
int settings_load(struct settings *s);

/**
 * settings_free(s):
 * Free what settings_load() allocated.
 */
void settings_free(struct settings *s);

/**
 * settings_name(k), settings_variable(k), settings_about(k):
 * Return the name of the option and in the file ("wallet-path"), the variable
 * of the environment, one line of explanation.
 */
const char *settings_name(enum setting k);
const char *settings_variable(enum setting k);
const char *settings_about(enum setting k);

/**
 * settings_group(k), settings_argument(k):
 * Return the group of the option, and what its value is called in help, such
 * as NAME.
 */
unsigned settings_group(enum setting k);
const char *settings_argument(enum setting k);

/**
 * settings_connections(s):
 * Return SETTING_CONNECTIONS as a number.
 */
unsigned settings_connections(const struct settings *s);

/**
 * settings_color(s, fd):
 * May colour be written to ${fd}?  --color decides; auto means a terminal
 * without NO_COLOR, and not TERM=dumb.
 */
bool settings_color(const struct settings *s, int fd);

#endif /* !CLIENT_SETTINGS_H_ */
