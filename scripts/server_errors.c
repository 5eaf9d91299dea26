#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "json/schema.h"
#include "server_errors.h"

static const struct schema_field fields[] = {
	SCHEMA_FIELD(struct server_error, detail, SCHEMA_TEXT, SCHEMA_REQUIRED,
	    ""),
	SCHEMA_FIELD(struct server_error, code, SCHEMA_TEXT, SCHEMA_REQUIRED,
	    ""),
	SCHEMA_END
};

const struct server_error *
server_error(int status)
{
	static struct server_error found;
	struct schema_errors errors;
	char path[64], text[1024];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "errors/%d.html", status);
	if ((f = fopen(path, "r")) == NULL)
		return (NULL);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	if (schema_parse(fields, &(struct schema_body){ text, len, false,
	    NULL }, &found, sizeof(found), &errors) != ERR_OK) {
		fprintf(stderr, "%s is not detail and code\n", path);
		exit(1);
	}
	return (&found);
}
