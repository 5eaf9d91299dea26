/* foldergate form: a grant for one file, as a configuration of curl. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "upload.h"

static void
on_wrong(void *user, const char *path, const char *why)
{

	(void)user;
	command_failed("%s: %s", path, why);
}

/* A configuration of curl has lines. */
static bool
fits_line(const char *s)
{

	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return (false);
	}
	return (true);
}

/* Print ${s} inside the double quotes of curl's configuration. */
static void
quote(const char *s)
{

	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
}

static void
line(const char *option, const char *name, const char *between,
    const char *value)
{

	printf("%s = \"", option);
	quote(name);
	quote(between);
	quote(value);
	printf("\"\n");
}

/* A file's path inside the quotes of a form's part, which are inside those of
   the configuration. */
static void
file_part(const char *path)
{
	const char *s;

	printf("form = \"file=@\\\"");
	for (s = path; *s != '\0'; s++) {
		if (*s == '"')
			printf("\\\\\\\"");
		else if (*s == '\\')
			printf("\\\\\\\\");
		else
			putchar(*s);
	}
	printf("\\\"\"\n");
}

static void
print_form(const struct service_grant *g, const char *key, const char *path)
{
	size_t i;

	line("form-string", "key", "=", key);
	for (i = 0; i < g->n_fields; i++) {
		if (strcmp(g->fields[i].name, "key") != 0)
			line("form-string", g->fields[i].name, "=",
			    g->fields[i].value);
	}
	file_part(path);
}

static int
print(const struct service_folder *f, const struct files_one *one)
{
	const struct service_grant *g = &f->grant[0];
	char *key;
	size_t i;

	if (asprintf(&key, "%s%s", f->folder, one->name) < 0)
		log_die("out_of_memory", "key");
	if (g->key != NULL && strcmp(g->key, key) != 0) {
		free(key);
		return (command_failed("the service's grant is for another "
		    "file"), COMMAND_UNREACHABLE);
	}
	printf("silent\nshow-error\ngloboff\npath-as-is\n");
	printf("write-out = \"%%{http_code}\\n\"\n");
	line("url", g->url, "", "");
	for (i = 0; g->put && i < g->n_headers; i++)
		line("header", g->headers[i].name, ": ", g->headers[i].value);
	if (g->put)
		line("upload-file", one->path, "", "");
	else
		print_form(g, key, one->path);
	free(key);
	return (COMMAND_OK);
}

static int
form(struct connect *c, const struct files_one *one)
{
	const struct service_file file = { one->name, one->st.st_size };
	struct service_answer a = { .result = SERVICE_OK };
	struct service_folder f = { .folder = NULL };
	struct service_limits l;
	int status;

	if (service_limits(c->service, &l, &a) == SERVICE_OK) {
		if (file.bytes < l.min_bytes || file.bytes > l.max_bytes)
			status = command_failed("%s has %lld bytes; %lld to "
			    "%lld may be stored", one->path,
			    (long long)file.bytes, (long long)l.min_bytes,
			    (long long)l.max_bytes);
		else if (service_folder(c->service,
		    c->set.value[SETTING_SOURCE], &file,
		    l.folder_forms ? 0 : 1, NULL, &f, &a) == SERVICE_OK)
			status = print(&f, one);
		else
			status = service_explain(c->service, &a);
	} else {
		status = service_explain(c->service, &a);
	}
	service_folder_free(&f);
	service_clear(&a);
	return (status);
}

int
command_form(int argc, char **argv)
{
	static struct connect c;
	struct files files = { .wrong = on_wrong };
	const char *path = NULL, *job = NULL;
	char prefix[UPLOAD_PREFIX_MAX + 1];
	const struct option_spec options[] = {
		{ "job", &job, NULL },
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), SETTINGS_SOURCE(&c.set),
		{ NULL, NULL, NULL }
	};
	int status;

	if (command_options(argc, argv, options, &path, 1) < 0)
		return (COMMAND_USAGE);
	if (path == NULL)
		return (command_wrong("FILE is missing"));
	if (!upload_prefix(job, prefix))
		return (command_wrong(UPLOAD_JOB_WRONG));

	if (!fits_line(path))
		return (command_failed("the path has control characters"));

	/* curl reads "-" from its standard input. */
	files_add(&files, strcmp(path, "-") == 0 ? "./-" : path, prefix);
	if (files.n != 1 || files.dirs > 0)
		status = files.dirs > 0 ? command_failed("%s is a directory; "
		    "see foldergate upload", path) : COMMAND_FAILED;
	else if ((status = connect_open(&c, CONNECT_COLDKEY)) == COMMAND_OK)
		status = form(&c, &files.file[0]);
	connect_close(&c);
	files_free(&files);
	return (status);
}
