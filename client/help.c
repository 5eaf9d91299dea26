#include <string.h>

#include "base/build.h"
#include "help.h"

void
help_list(FILE *out)
{
	const struct command *c;

	fprintf(out, "usage: foldergate COMMAND ...\n\n");
	for (c = command_table; c->name != NULL; c++)
		fprintf(out, "  %-14s%s\n", c->name, c->summary);
	fprintf(out, "\n"
	    "  foldergate COMMAND --help   how to use one, with an example\n"
	    "  foldergate --version        print the version\n"
	    "\n"
	    "A server's configuration is the file that FOLDERGATE_CONFIG "
	    "names, else\n"
	    "%s.  Your own settings: foldergate config.\n"
	    "\n"
	    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused by the "
	    "service\n"
	    "or the store, 4 no answer from it, 5 done in part, 130 "
	    "stopped.\n",
	    build_config_path);
}

const struct command *
help_find(const char *name)
{
	const struct command *c;

	for (c = command_table; c->name != NULL; c++) {
		if (strcmp(c->name, name) == 0)
			return (c);
	}
	fprintf(stderr, "foldergate: unknown command \"%s\" (see foldergate "
	    "help)\n", name);
	return (NULL);
}

int
help(int argc, char **argv)
{
	static char option[] = "--help";
	char *words[] = { option, NULL };
	const struct command *c;

	if (argc == 0) {
		help_list(stdout);
		return (COMMAND_OK);
	}
	if ((c = help_find(argv[0])) == NULL)
		return (COMMAND_USAGE);
	return (command_run(c, 1, words));
}
