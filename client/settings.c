#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "base/trusted.h"
#include "command.h"
#include "crypto/ss58.h"
#include "service.h"
#include "settings.h"

#define FILE_MAX_BYTES 65536
#define BLANKS " \t\r"

/* Return what is wrong with a value, to follow "it", or NULL. */
typedef const char *check(const char *value);

static const char *
check_text(const char *v)
{

	return (v[0] == '\0' ? "is empty" : NULL);
}

/* A name of btcli's is a directory or file; it must not leave its parent. */
static const char *
check_name(const char *v)
{

	return (v[0] == '\0' ? "is empty" : strchr(v, '/') != NULL ||
	    strcmp(v, ".") == 0 || strcmp(v, "..") == 0 ?
	    "must be a name without a slash" : NULL);
}

static const char *
check_ss58(const char *v)
{
	uint8_t key[SS58_KEY_LEN];

	return (ss58_decode(v, strlen(v), key) == ERR_OK ? NULL :
	    ss58_wrong(v, strlen(v)));
}

static const char *
check_source(const char *v)
{

	return (text_is_name(v, strlen(v)) ? NULL :
	    "must be 1 to 32 of a-z, 0-9, _ and -");
}

static const char *
check_scheme(const char *v)
{

	return (strcmp(v, "auto") == 0 || strcmp(v, "text") == 0 ||
	    strcmp(v, "tao") == 0 || strcmp(v, "btauth") == 0 ? NULL :
	    "must be auto, text, tao or btauth");
}

static const char *
check_connections(const char *v)
{
	int64_t n;

	return (num_parse(v, strlen(v), 1, SETTING_CONNECTIONS_MAX, &n) ==
	    ERR_OK ? NULL : "must be a number from 1 to 64");
}

static const char *
check_color(const char *v)
{

	return (strcmp(v, "auto") == 0 || strcmp(v, "always") == 0 ||
	    strcmp(v, "never") == 0 ? NULL :
	    "must be auto, always or never");
}

/* In the order of enum setting. */
static const struct row {
	const char *name, *variable, *fallback;
	check *wrong;
	const char *argument, *about;
	unsigned group;
} rows[SETTINGS] = {
	{ "url", "FOLDERGATE_URL", NULL, service_url_wrong,
	    "URL", "the service, such as https://gate.example.org",
	    SETTINGS_IN_SERVICE },
	{ "wallet", "FOLDERGATE_WALLET", "default", check_name,
	    "NAME", "the wallet, as btcli names it",
	    SETTINGS_IN_KEYS },
	{ "hotkey", "FOLDERGATE_HOTKEY", "default", check_text,
	    "NAME", "the hotkey in it; or, with a slash, a hotkey file",
	    SETTINGS_IN_KEYS },
	{ "wallet-path", "FOLDERGATE_WALLET_PATH", NULL, check_text,
	    "DIR", "the directory of wallets",
	    SETTINGS_IN_KEYS },
	{ "keyfile", "FOLDERGATE_KEYFILE", NULL, check_text,
	    "FILE", "a hotkey file, in place of wallet and hotkey",
	    SETTINGS_IN_KEYS },
	{ "password-file", "FOLDERGATE_PASSWORD_FILE", NULL, check_text,
	    "FILE", "the file with the password of an encrypted hotkey",
	    SETTINGS_IN_KEYS },
	{ "coldkey", "FOLDERGATE_COLDKEY", NULL, check_ss58,
	    "SS58", "the coldkey's address, in place of coldkeypub.txt",
	    SETTINGS_IN_KEYS },
	{ "source", "FOLDERGATE_SOURCE", NULL, check_source,
	    "NAME", "the source, where folders are by source",
	    SETTINGS_IN_SOURCE },
	{ "scheme", "FOLDERGATE_SCHEME", "auto", check_scheme,
	    "WORD", "the proof of requests: auto, text, tao, btauth",
	    SETTINGS_IN_SERVICE },
	{ "receiver", "FOLDERGATE_RECEIVER", NULL, check_ss58,
	    "SS58", "the service's hotkey for btauth; else as it tells",
	    SETTINGS_IN_SERVICE },
	{ "ca-file", "FOLDERGATE_CA_FILE", NULL, check_text,
	    "FILE", "certificates to trust, in place of the system's",
	    SETTINGS_IN_SERVICE },
	{ "connections", "FOLDERGATE_CONNECTIONS", "4", check_connections,
	    "N", "connections at once",
	    SETTINGS_IN_CONNECTIONS },
	{ "color", "FOLDERGATE_COLOR", "auto", check_color,
	    "WHEN", "auto, always or never",
	    SETTINGS_IN_LOOK },
};

const char *
settings_name(enum setting k)
{

	return (rows[k].name);
}

const char *
settings_variable(enum setting k)
{

	return (rows[k].variable);
}

const char *
settings_about(enum setting k)
{

	return (rows[k].about);
}

unsigned
settings_group(enum setting k)
{

	return (rows[k].group);
}

const char *
settings_argument(enum setting k)
{

	return (rows[k].argument);
}

static char *
joined(const char *directory, const char *rest)
{
	char *path;

	if (asprintf(&path, "%s%s", directory, rest) < 0)
		log_die("out_of_memory", "settings");
	return (path);
}

/* A variable that is empty counts as not set. */
static const char *
variable(const char *name)
{
	const char *v = getenv(name);

	return (v != NULL && v[0] != '\0' ? v : NULL);
}

static char *
usual_path(void)
{
	const char *xdg = variable("XDG_CONFIG_HOME");
	const char *home = variable("HOME");

	if (xdg != NULL && xdg[0] == '/')
		return (joined(xdg, "/foldergate/config"));
	return (home != NULL ? joined(home, "/.config/foldergate/config") :
	    NULL);
}

/* Read the whole file into s->text.  Return false after a message. */
static bool
read_file(struct settings *s)
{
	const char *why;
	struct stat st;
	ssize_t n = -1;
	size_t len = 0;
	int fd;

	fd = trusted_open(s->path, TRUSTED_CONFIG, O_RDONLY, &st, &why);
	if (fd == -1 && s->config == NULL &&
	    (errno == ENOENT || errno == ENOTDIR))
		return (true);
	if (fd == -1) {
		command_failed("%s: %s", s->path, why);
		return (false);
	}
	if ((s->text = malloc(FILE_MAX_BYTES + 1)) == NULL)
		log_die("out_of_memory", "settings");
	while (len < FILE_MAX_BYTES && (n = read(fd, s->text + len,
	    FILE_MAX_BYTES - len)) > 0)
		len += (size_t)n;
	close(fd);
	s->text[len] = '\0';
	if (n != 0 || strlen(s->text) != len) {
		command_failed("%s: %s", s->path, n < 0 ? strerror(errno) :
		    "it is no text of at most 64 KiB");
		return (false);
	}
	s->read = true;
	return (true);
}

/* Remove the blanks around ${text}. */
static char *
trimmed(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(BLANKS, end[-1]) != NULL)
		*--end = '\0';
	return (text + strspn(text, BLANKS));
}

/* Take the line "name = value".  Return what is wrong, or NULL. */
static const char *
take_line(struct settings *s, char *line, int number)
{
	char *equals, *name, *value;
	int k;

	line = trimmed(line);
	if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
		return (NULL);
	if ((equals = strchr(line, '=')) == NULL)
		return ("this line is not name = value");
	*equals = '\0';
	name = trimmed(line);
	value = trimmed(equals + 1);
	for (equals = name; *equals != '\0'; equals++)
		if (*equals == '_')
			*equals = '-';
	for (k = 0; k < SETTINGS; k++) {
		if (strcmp(rows[k].name, name) != 0)
			continue;
		if (s->from[k] == SETTINGS_FILE)
			return ("this setting is given twice");
		s->value[k] = value;
		s->from[k] = SETTINGS_FILE;
		s->line[k] = number;
		return (rows[k].wrong(value) != NULL ?
		    "this value cannot be used" : NULL);
	}
	return ("this is no setting; `foldergate config` lists all");
}

static bool
parse_file(struct settings *s)
{
	char *line = s->text, *end;
	const char *why;
	int number = 1;

	/* Some editors write a byte order mark first. */
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (; *line != '\0'; line = end, number++) {
		end = line + strcspn(line, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if ((why = take_line(s, line, number)) != NULL) {
			command_failed("%s:%d: %s", s->path, number, why);
			return (false);
		}
	}
	return (true);
}

/* The environment and the options replace what the file says. */
static int
take_rest(struct settings *s)
{
	const char *v, *why;
	int k;

	for (k = 0; k < SETTINGS; k++) {
		if ((v = variable(rows[k].variable)) != NULL) {
			if ((why = rows[k].wrong(v)) != NULL)
				return (command_failed("%s %s",
				    rows[k].variable, why));
			s->value[k] = v;
			s->from[k] = SETTINGS_ENV;
		}
		if ((v = s->option[k]) == NULL)
			continue;
		if ((why = rows[k].wrong(v)) != NULL)
			return (command_wrong("--%s %s", rows[k].name, why));
		s->value[k] = v;
		s->from[k] = SETTINGS_OPTION;
	}
	return (COMMAND_OK);
}

static void
take_defaults(struct settings *s)
{
	const char *home = variable("HOME");
	int k;

	for (k = 0; k < SETTINGS; k++) {
		if (s->from[k] != SETTINGS_UNSET || rows[k].fallback == NULL)
			continue;
		s->value[k] = rows[k].fallback;
		s->from[k] = SETTINGS_DEFAULT;
	}
	if (s->from[SETTING_WALLET_PATH] == SETTINGS_UNSET && home != NULL) {
		s->made = joined(home, "/.bittensor/wallets");
		s->value[SETTING_WALLET_PATH] = s->made;
		s->from[SETTING_WALLET_PATH] = SETTINGS_DEFAULT;
	}
}

int
settings_load(struct settings *s)
{
	int status;

	s->path = s->config != NULL ? joined(s->config, "") : usual_path();
	if (s->path != NULL && (!read_file(s) ||
	    (s->text != NULL && !parse_file(s))))
		return (COMMAND_FAILED);
	if ((status = take_rest(s)) == COMMAND_OK)
		take_defaults(s);
	return (status);
}

void
settings_free(struct settings *s)
{

	free(s->path);
	free(s->text);
	free(s->made);
	s->path = s->text = s->made = NULL;
}

unsigned
settings_connections(const struct settings *s)
{
	const char *v = s->value[SETTING_CONNECTIONS];
	int64_t n;

	if (num_parse(v, strlen(v), 1, SETTING_CONNECTIONS_MAX, &n) != ERR_OK)
		n = 1;
	return ((unsigned)n);
}

bool
settings_color(const struct settings *s, int fd)
{
	const char *when = s->value[SETTING_COLOR], *term = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return (strcmp(when, "always") == 0);
	return (isatty(fd) && variable("NO_COLOR") == NULL && term != NULL &&
	    strcmp(term, "dumb") != 0);
}
