/* foldergate completion: scripts for shells, from the table of commands. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

/* Print ${text} in single quotes; ${quote} is how that shell writes one. */
static void
print_quoted(const char *text, const char *quote)
{

	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			printf("%s", quote);
		else
			putchar(*text == '\n' ? ' ' : *text);
	}
	putchar('\'');
}

#define QUOTE_SH "'\\''"
#define QUOTE_FISH "\\'"

/* Call ${print} with each word that a form of the command begins with: verify
   and head of "verify FILE\nhead". */
static void
each_word(const struct command *c, void (*print)(const char *s, size_t len))
{
	const char *s = c->synopsis;
	size_t len;

	while (*s != '\0') {
		for (;;) {
			len = strspn(s, "abcdefghijklmnopqrstuvwxyz-");
			if (len > 0 && s[0] != '-' &&
			    strchr(" \n|", s[len]) != NULL)
				print(s, len);
			if (len == 0 || s[len] != '|')
				break;
			s += len + 1;
		}
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
}

static void
print_word(const char *s, size_t len)
{

	printf("%.*s ", (int)len, s);
}

/* "--name -n " */
static void
print_names(void *user, const struct command_option *o)
{
	const char *comma = strchr(o->name, ',');

	(void)user;
	printf("--%.*s ", (int)strcspn(o->name, ","), o->name);
	if (comma != NULL)
		printf("-%s ", comma + 1);
}

/* The values of options that are one of a few words. */
static const struct values {
	const char *option, *words;
} values[] = {
	{ "color", "auto always never" },
	{ "scheme", "auto text tao btauth" },
	{ "as", "miner validator" },
};
#define VALUES (sizeof(values) / sizeof(values[0]))

static void
print_commands(void)
{
	const struct command *c;

	for (c = command_table; c->name != NULL; c++)
		printf("%s ", c->name);
	printf("help");
}

/* The options and words of each command, as cases of sh. */
static void
print_cases(const char *indent)
{
	const struct command *c;

	for (c = command_table; c->name != NULL; c++) {
		printf("%s%s) options='", indent, c->name);
		command_each_option(c, print_names, NULL);
		printf("--help -h' forms='");
		each_word(c, print_word);
		printf("' ;;\n");
	}
	printf("%shelp) options='' forms='", indent);
	print_commands();
	printf("' ;;\n");
}

static void
print_bash(void)
{
	size_t i;

	printf("# foldergate: completion for bash.\n"
	    "_foldergate() {\n"
	    "	local word=${COMP_WORDS[COMP_CWORD]} options='' forms=''\n"
	    "	local before=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "	if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	    "		COMPREPLY=($(compgen -W '");
	print_commands();
	printf(" --help --version' -- \"$word\"))\n"
	    "		return\n"
	    "	fi\n"
	    "	case $before in\n");
	for (i = 0; i < VALUES; i++)
		printf("	--%s)\n		COMPREPLY=($(compgen -W '%s' "
		    "-- \"$word\"))\n		return ;;\n",
		    values[i].option, values[i].words);
	printf("	esac\n"
	    "	case ${COMP_WORDS[1]} in\n");
	print_cases("	");
	printf("	esac\n"
	    "	case $word in\n"
	    "	-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	    "	*)	COMPREPLY=()\n"
	    "		[ \"$COMP_CWORD\" -eq 2 ] &&\n"
	    "		    COMPREPLY=($(compgen -W \"$forms\" -- \"$word\"))"
	    " ;;\n"
	    "	esac\n"
	    "}\n"
	    "# Where nothing fits, names of files do.\n"
	    "complete -o default -F _foldergate foldergate\n");
}

static void
print_zsh(void)
{
	const struct command *c;
	char text[200];
	size_t i;

	printf("#compdef foldergate\n"
	    "# foldergate: completion for zsh.\n"
	    "_foldergate() {\n"
	    "	local options='' forms=''\n"
	    "	local -a commands\n"
	    "	commands=(\n");
	for (c = command_table; c->name != NULL; c++) {
		snprintf(text, sizeof(text), "%s:%s", c->name, c->summary);
		printf("		");
		print_quoted(text, QUOTE_SH);
		printf("\n");
	}
	printf("	)\n"
	    "	if (( CURRENT == 2 )); then\n"
	    "		_describe command commands\n"
	    "		return\n"
	    "	fi\n"
	    "	case $words[CURRENT-1] in\n");
	for (i = 0; i < VALUES; i++)
		printf("	--%s) compadd %s; return ;;\n",
		    values[i].option, values[i].words);
	printf("	esac\n"
	    "	case $words[2] in\n");
	print_cases("	");
	printf("	esac\n"
	    "	if [[ $PREFIX == -* ]]; then\n"
	    "		compadd -- ${=options}\n"
	    "		return\n"
	    "	fi\n"
	    "	(( CURRENT == 3 )) && compadd -- ${=forms}\n"
	    "	_files\n"
	    "}\n"
	    "\n"
	    "# Loaded by compinit, or read by a person's ~/.zshrc.\n"
	    "if [ \"$funcstack[1]\" = _foldergate ]; then\n"
	    "	_foldergate \"$@\"\n"
	    "else\n"
	    "	compdef _foldergate foldergate\n"
	    "fi\n");
}

static void
print_fish_option(void *user, const struct command_option *o)
{
	const struct command *c = user;
	const char *comma = strchr(o->name, ',');
	size_t i;

	printf("complete -c foldergate -n "
	    "'__fish_seen_subcommand_from %s' -l %.*s", c->name,
	    (int)strcspn(o->name, ","), o->name);
	if (comma != NULL)
		printf(" -s %s", comma + 1);
	if (o->argument != NULL)
		printf(" -r");
	for (i = 0; i < VALUES; i++) {
		if (strcmp(values[i].option, o->name) == 0)
			printf(" -f -a '%s'", values[i].words);
	}
	printf(" -d ");
	print_quoted(o->about, QUOTE_FISH);
	printf("\n");
}

static void
print_fish(void)
{
	const struct command *c;

	printf("# foldergate: completion for fish.\n");
	for (c = command_table; c->name != NULL; c++) {
		printf("complete -c foldergate -n __fish_use_subcommand -f "
		    "-a %s -d ", c->name);
		print_quoted(c->summary, QUOTE_FISH);
		printf("\n");
		command_each_option(c, print_fish_option,
		    (void *)(uintptr_t)c);
		printf("complete -c foldergate -n "
		    "'__fish_seen_subcommand_from %s' -a '", c->name);
		each_word(c, print_word);
		printf("'\n");
	}
}

int
command_completion(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	const char *shell = NULL;

	if (command_options(argc, argv, none, &shell, 1) < 0)
		return (COMMAND_USAGE);
	if (shell == NULL)
		return (command_wrong("the shell is missing: bash, zsh or "
		    "fish"));
	if (strcmp(shell, "bash") == 0)
		print_bash();
	else if (strcmp(shell, "zsh") == 0)
		print_zsh();
	else if (strcmp(shell, "fish") == 0)
		print_fish();
	else
		return (command_wrong("unexpected argument \"%s\"", shell));
	return (COMMAND_OK);
}
