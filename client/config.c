/* foldergate config: print which settings apply, and where they come from. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "command.h"
#include "settings.h"

#define FROM_MAX 1200
#define TEXT_MAX 16384

/* Describe where the value comes from. */
static void
where(const struct settings *s, enum setting k, char out[FROM_MAX])
{

	switch (s->from[k]) {
	case SETTINGS_OPTION:
		snprintf(out, FROM_MAX, "--%s", settings_name(k));
		break;
	case SETTINGS_ENV:
		snprintf(out, FROM_MAX, "%s", settings_variable(k));
		break;
	case SETTINGS_FILE:
		snprintf(out, FROM_MAX, "%s:%d", s->path, s->line[k]);
		break;
	case SETTINGS_DEFAULT:
		snprintf(out, FROM_MAX, "default");
		break;
	case SETTINGS_UNSET:
	default:
		snprintf(out, FROM_MAX, "not set");
		break;
	}
}

static void
print_table(const struct settings *s)
{
	char from[FROM_MAX];
	enum setting k;

	for (k = 0; k < SETTINGS; k++) {
		where(s, k, from);
		printf("%-14s %s  (%s)\n", settings_name(k),
		    s->value[k] != NULL ? s->value[k] : "-", from);
	}
	if (s->path != NULL && !s->read)
		printf("\n%s does not exist.\n", s->path);
}

/* One object: each setting with its value and origin. */
static int
print_json(const struct settings *s)
{
	char text[TEXT_MAX], from[FROM_MAX];
	struct buf b;
	enum setting k;

	printf("{");
	for (k = 0; k < SETTINGS; k++) {
		where(s, k, from);
		buf_init(&b, text, sizeof(text));
		buf_fmt(&b, "\"%s\":{\"value\":", settings_name(k));
		if (s->value[k] != NULL)
			buf_json(&b, s->value[k], strlen(s->value[k]));
		else
			buf_str(&b, "null");
		buf_str(&b, ",\"from\":");
		buf_json(&b, from, strlen(from));
		buf_char(&b, '}');
		if (buf_end(&b) != ERR_OK)
			return (command_failed("%s is too long",
			    settings_name(k)));
		printf("%s%s", k > 0 ? "," : "", text);
	}
	printf("}\n");
	return (COMMAND_OK);
}

int
command_show_config(int argc, char **argv)
{
	static struct settings s;
	const struct option_spec options[] = {
		SETTINGS_LOOK(&s), SETTINGS_SERVICE(&s), SETTINGS_KEYS(&s),
		SETTINGS_SOURCE(&s), SETTINGS_CONNECTIONS(&s),
		{ NULL, NULL, NULL }
	};
	int status;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if ((status = settings_load(&s)) == COMMAND_OK) {
		if (s.json)
			status = print_json(&s);
		else
			print_table(&s);
	}
	settings_free(&s);
	return (status);
}
