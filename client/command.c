#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "settings.h"

/* The running command, for command_wrong(). */
static const char *running = "";

/* The options of SETTINGS_IN_LOOK that are no settings. */
static const struct command_option look[] = {
	{ "json", NULL, "print JSON, for programs" },
	{ "quiet,q", NULL, "print errors only" },
	{ "verbose,v", NULL, "print more" },
	{ "config", "FILE", "your settings; see foldergate config" },
	{ NULL, NULL, NULL }
};

void
command_each_option(const struct command *c,
    void (*found)(void *user, const struct command_option *o), void *user)
{
	const struct command_option *o;
	struct command_option row;
	int k;

	for (o = c->options; o != NULL && o->name != NULL; o++)
		found(user, o);
	for (k = 0; k < SETTINGS; k++) {
		if ((c->groups & settings_group((enum setting)k)) == 0)
			continue;
		row = (struct command_option){ settings_name((enum setting)k),
		    settings_argument((enum setting)k),
		    settings_about((enum setting)k) };
		if (k == SETTING_CONNECTIONS)
			row.name = "connections,n";
		found(user, &row);
	}
	for (o = look; (c->groups & SETTINGS_IN_LOOK) != 0 &&
	    o->name != NULL; o++)
		found(user, o);
}

/* "-o, --output DIR", then what it is, beside that or below. */
static void
print_option(void *user, const struct command_option *o)
{
	const char *comma = strchr(o->name, ','), *line = o->about;
	char words[64];
	size_t len;

	(void)user;
	snprintf(words, sizeof(words), "%s%.1s%s--%.*s%s%s",
	    comma != NULL ? "-" : "", comma != NULL ? comma + 1 : "",
	    comma != NULL ? ", " : "", (int)strcspn(o->name, ","), o->name,
	    o->argument != NULL ? " " : "",
	    o->argument != NULL ? o->argument : "");
	printf("  %-20s  ", words);
	if (strlen(words) > 20)
		printf("\n%24s", "");
	for (;;) {
		len = strcspn(line, "\n");
		printf("%.*s\n", (int)len, line);
		if (line[len] == '\0')
			break;
		line += len + 1;
		printf("%24s", "");
	}
}

static void
print_options(const struct command *c)
{

	if (c->groups == 0 && c->options == NULL)
		return;
	printf("Options:\n");
	command_each_option(c, print_option, NULL);
	printf("\n");
}

/* The synopsis with a line for each form, the text, the options, and the
   examples. */
static void
print_help(const struct command *c)
{
	const char *s = c->synopsis, *word = "usage:", *example;
	size_t len;

	for (;;) {
		len = strcspn(s, "\n");
		printf("%-6s foldergate %s%s%.*s\n", word, c->name,
		    len > 0 ? " " : "", (int)len, s);
		if (s[len] == '\0')
			break;
		s += len + 1;
		word = "";
	}
	if ((example = strstr(c->help, "\nExample")) == NULL)
		example = c->help + strlen(c->help);
	else
		example++;
	printf("\n%s.\n\n%.*s", c->summary, (int)(example - c->help),
	    c->help);
	print_options(c);
	printf("%s", example);
}

static bool
asks_for_help(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return (true);
	}
	return (false);
}

int
command_run(const struct command *c, int argc, char **argv)
{

	if (asks_for_help(argc, argv)) {
		print_help(c);
		return (COMMAND_OK);
	}
	running = c->name;
	return (c->run(argc, argv));
}

int
command_wrong(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "foldergate %s: ", running);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (see foldergate %s --help)\n", running);
	return (COMMAND_USAGE);
}

int
command_failed(const char *fmt, ...)
{
	va_list ap;

	(void)log_replace();
	fprintf(stderr, "foldergate: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return (COMMAND_FAILED);
}

/* Return the option whose name is the first ${len} bytes at ${s}, or NULL. */
static const struct option_spec *
find_option(const struct option_spec *specs, const char *s, size_t len)
{
	const struct option_spec *o;

	for (o = specs; o->name != NULL; o++) {
		if (strcspn(o->name, ",") == len &&
		    memcmp(o->name, s, len) == 0)
			return (o);
	}
	return (NULL);
}

/* Return the option whose letter is ${c}, or NULL. */
static const struct option_spec *
find_letter(const struct option_spec *specs, char c)
{
	const struct option_spec *o;
	const char *comma;

	for (o = specs; o->name != NULL; o++) {
		if ((comma = strchr(o->name, ',')) != NULL && comma[1] == c)
			return (o);
	}
	return (NULL);
}

/* Set the option ${o}, of which the first ${shown} bytes of ${word} are shown.
   ${joined} is the value in the same argument, or NULL, and ${next} the next
   argument.  Return the number of arguments used, or -1. */
static int
set_option(const struct option_spec *o, const char *word, int shown,
    const char *joined, const char *next)
{

	if (o == NULL)
		return (command_wrong("unknown option %.*s", shown, word), -1);
	if (o->value == NULL ? *o->flag : *o->value != NULL)
		return (command_wrong("%.*s is given twice", shown, word), -1);
	if (o->value == NULL && joined != NULL)
		return (command_wrong("%.*s takes no value", shown, word), -1);
	if (o->value == NULL) {
		*o->flag = true;
		return (1);
	}
	*o->value = joined != NULL ? joined : next;
	if (*o->value == NULL)
		return (command_wrong("%.*s needs a value", shown, word), -1);
	return (joined != NULL ? 1 : 2);
}

/* Read the option ${word}, "--name" or "-n", which ${next} follows. */
static int
take_option(const struct option_spec *specs, const char *word,
    const char *next)
{
	size_t len;

	if (word[1] != '-')
		return (set_option(find_letter(specs, word[1]), word, 2,
		    word[2] != '\0' ? word + 2 : NULL, next));
	len = strcspn(word + 2, "=");
	return (set_option(find_option(specs, word + 2, len), word,
	    (int)len + 2, word[2 + len] == '=' ? word + 2 + len + 1 : NULL,
	    next));
}

/* Does any option of this command have a letter?  If none has, an argument with
   one dash is an operand, as it always was. */
static bool
has_letters(const struct option_spec *specs)
{

	for (; specs->name != NULL; specs++) {
		if (strchr(specs->name, ',') != NULL)
			return (true);
	}
	return (false);
}

static bool
is_option(const char *arg, bool letters)
{

	return (arg[0] == '-' && arg[1] != '\0' && (letters ||
	    arg[1] == '-'));
}

int
command_options(int argc, char **argv, const struct option_spec *specs,
    const char **operands, int max)
{
	const bool letters = has_letters(specs);
	bool options = true;
	int i = 0, n = 0, used;

	while (i < argc) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			i++;
		} else if (options && is_option(argv[i], letters)) {
			used = take_option(specs, argv[i],
			    i + 1 < argc ? argv[i + 1] : NULL);
			if (used == -1)
				return (-1);
			i += used;
		} else if (n < max) {
			operands[n++] = argv[i++];
		} else {
			command_wrong("unexpected argument \"%s\"", argv[i]);
			return (-1);
		}
	}
	return (n);
}

bool
command_duration(const char *text, int64_t *seconds)
{
	static const struct { char name; int64_t s; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	const size_t len = strlen(text);
	int64_t n;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (len < 2 || text[len - 1] != units[i].name)
			continue;
		if (num_parse(text, len - 1, 1, TIMEFMT_S_MAX / units[i].s,
		    &n) != ERR_OK)
			return (false);
		*seconds = n * units[i].s;
		return (true);
	}
	return (false);
}

bool
command_config(struct config *cfg)
{
	char message[CONFIG_MESSAGE_MAX + 1];

	if (config_load(config_path(), cfg, NULL, message) == ERR_OK)
		return (true);
	command_failed("%s", message);
	return (false);
}

char *
command_read_file(const char *path, size_t max, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *data;

	if (f == NULL) {
		command_failed("%s: %s", path, strerror(errno));
		return (NULL);
	}
	if ((data = malloc(max + 2)) == NULL)
		log_die("out_of_memory", "file");
	*len = fread(data, 1, max + 1, f);
	if (ferror(f) || *len > max) {
		command_failed("%s: cannot be read, or longer than %zu bytes",
		    path, max);
		free(data);
		data = NULL;
	} else {
		data[*len] = '\0';
	}
	if (f != stdin)
		fclose(f);
	return (data);
}

int
command_finish(int status)
{
	bool good;
	int e;

	/* If an earlier write failed, the present errno does not belong to
	   it. */
	errno = 0;
	good = fflush(stdout) == 0 && !ferror(stdout);
	e = errno;
	log_release();
	if (good)
		return (status);
	command_failed("standard output cannot be written%s%s",
	    e != 0 ? ": " : "", e != 0 ? strerror(e) : "");
	return (status == COMMAND_OK ? COMMAND_FAILED : status);
}
