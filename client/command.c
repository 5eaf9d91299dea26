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

/* The running command, for command_wrong(). */
static const char *running = "";

/* Print a line of the synopsis for each form. */
static void
print_help(const struct command *c)
{
	const char *s = c->synopsis, *word = "usage:";
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
	printf("\n%s.\n\n%s", c->summary, c->help);
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
		if (strlen(o->name) == len && memcmp(o->name, s, len) == 0)
			return (o);
	}
	return (NULL);
}

/* Read the option ${word}, which ${next} follows.  Return the number of
   arguments used, or -1. */
static int
take_option(const struct option_spec *specs, const char *word,
    const char *next)
{
	const size_t len = strcspn(word + 2, "=");
	const char *value = word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
	const struct option_spec *o = find_option(specs, word + 2, len);
	const int shown = (int)len + 2;
	const bool joined = value != NULL;

	if (o == NULL)
		return (command_wrong("unknown option %.*s", shown, word), -1);
	if (o->value == NULL ? *o->flag : *o->value != NULL)
		return (command_wrong("%.*s is given twice", shown, word), -1);
	if (o->value == NULL && joined)
		return (command_wrong("%.*s takes no value", shown, word), -1);
	if (o->value == NULL) {
		*o->flag = true;
		return (1);
	}
	if (!joined && (value = next) == NULL)
		return (command_wrong("%.*s needs a value", shown, word), -1);
	*o->value = value;
	return (joined ? 1 : 2);
}

int
command_options(int argc, char **argv, const struct option_spec *specs,
    const char **operands, int max)
{
	int i = 0, n = 0, used;
	bool options = true;

	while (i < argc) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			i++;
		} else if (options && strncmp(argv[i], "--", 2) == 0) {
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
