#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ini.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "base/trusted.h"
#include "config/ini.h"

extern char **environ;

/* inih of Debian 12 splits a longer line without a warning (INI_MAX_LINE
   200). */
#define LINE_MAX_LEN 197

#define NO_FORM "not of the form \"key = value\" or \"[section]\""

void
ini_refuse(struct ini *p, const char *where, const char *fmt, ...)
{
	char what[CONFIG_MESSAGE_MAX + 1];
	struct buf b;
	va_list ap;

	if (p->refused)
		return;
	p->refused = true;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);

	/* A path that is too long for the message is cut, with the rest. */
	buf_init(&b, p->message, CONFIG_MESSAGE_MAX + 1);
	if (where != NULL)
		buf_fmt(&b, "%.200s: ", where);
	else
		buf_fmt(&b, "%.200s:%d: ", p->path, p->line);
	buf_fmt(&b, "%.280s", what);
}

void
ini_set(struct ini *p, const struct key *k, const char *value,
    const char *where)
{
	char right[CONFIG_MESSAGE_MAX + 1];
	const char *why;
	struct buf b;

	if (key_set(k, p->cfg, value) == ERR_OK)
		return;
	buf_init(&b, right, sizeof(right));
	key_right(k, &b);
	why = key_wrong(k, value);
	ini_refuse(p, where, "%s must be %s%s%s", k->name, right,
	    why != NULL ? ": it " : "", why != NULL ? why : "");
}

static void
unknown(struct ini *p, const char *section, const char *key)
{
	size_t i;

	if (strstr(key, "secret") != NULL) {
		ini_refuse(p, NULL, "secrets do not belong in this file: name "
		    "the file that holds it (secret_access_key_file)");
		return;
	}
	for (i = 0; i < KEY_COUNT; i++) {
		if (strcmp(key, key_table[i].key) == 0) {
			ini_refuse(p, NULL, "%.60s belongs into section [%s]",
			    key, key_table[i].section);
			return;
		}
	}
	ini_refuse(p, NULL, "unknown setting %.60s in section [%.60s]; "
	    "foldergate check-config lists all", key, section);
}

static int
on_pair(void *user, const char *section, const char *key, const char *value)
{
	struct ini *p = user;
	size_t i;

	for (i = 0; i < KEY_COUNT; i++) {
		if (strcmp(section, key_table[i].section) != 0 ||
		    strcmp(key, key_table[i].key) != 0)
			continue;
		if (p->origin[i].from == CONFIG_FILE) {
			ini_refuse(p, NULL, "%s repeated, first in line %d",
			    key_table[i].name, p->origin[i].line);
		} else {
			p->origin[i].from = CONFIG_FILE;
			p->origin[i].line = p->line;
			ini_set(p, &key_table[i], value, NULL);
		}
		return (!p->refused);
	}
	unknown(p, section, key);
	return (0);
}

/* inih continues after a malformed line, and would report a later one. */
static bool
has_form(const char *line, size_t len)
{
	const char *end;

	if (len == 0 || strchr(";#", line[0]) != NULL)
		return (true);
	if (line[0] == '[') {
		/* inih would ignore the rest of the line. */
		if ((end = memchr(line, ']', len)) == NULL)
			return (false);
		end++;
		end += strspn(end, " \t");
		return (end == line + len || *end == ';' || *end == '#');
	}
	return (memchr(line, '=', len) != NULL ||
	    memchr(line, ':', len) != NULL);
}

/* Skip the byte order mark (EF BB BF) that some editors put before the
   first line.  The file may be a pipe, so nothing is read twice. */
static void
skip_bom(struct ini *p)
{
	const int c = getc(p->f);

	if (c != 0xef) {
		ungetc(c, p->f);
	} else if (getc(p->f) != 0xbb || getc(p->f) != 0xbf) {
		p->line = 1;
		ini_refuse(p, NULL, NO_FORM);
	}
}

/* fgets() for inih.  It corrects inih's treatment of long and indented
   lines. */
static char *
read_line(char *out, int size, void *user)
{
	struct ini *p = user;
	char line[LINE_MAX_LEN + 3];
	size_t n = 0;
	int c = EOF;

	if (p->refused)
		return (NULL);
	p->line++;
	while (n < sizeof(line) - 1 && (c = getc(p->f)) != EOF && c != '\n') {
		if (c == '\0') {
			ini_refuse(p, NULL, "a NUL byte");
			return (NULL);
		}
		if (n > 0 || (c != ' ' && c != '\t'))
			line[n++] = (char)c;
	}
	if (c == EOF && n == 0)
		return (NULL);
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	if (n > LINE_MAX_LEN || n + 2 > (size_t)size) {
		ini_refuse(p, NULL, "line longer than %d bytes", LINE_MAX_LEN);
		return (NULL);
	}
	if (!has_form(line, n)) {
		ini_refuse(p, NULL, NO_FORM);
		return (NULL);
	}
	memcpy(out, line, n);
	out[n] = '\n';
	out[n + 1] = '\0';
	return (out);
}

enum err
ini_file(struct ini *p)
{
	const char *why;
	struct stat st;
	int bad, fd;
	enum err e;

	fd = trusted_open(p->path, TRUSTED_CONFIG, O_RDONLY, &st, &why);
	if (fd == -1) {
		e = errno == EINVAL ? ERR_FORMAT : errno == EPERM ?
		    ERR_UNSAFE : ERR_IO;
		ini_refuse(p, p->path, "%s", why);
		return (e);
	}
	if ((p->f = fdopen(fd, "r")) == NULL)
		log_die("out_of_memory", "config");
	skip_bom(p);
	bad = ini_parse_stream(read_line, p, on_pair, p);
	if (bad != 0 && !p->refused) {
		p->line = bad > 0 ? bad : p->line;
		ini_refuse(p, NULL, NO_FORM);
	}
	if (ferror(p->f))
		ini_refuse(p, p->path, "cannot be read");
	fclose(p->f);
	return (ERR_OK);
}

/* Does ${name}, such as FOLDERGATE_S3_BUCKET, begin with ${k}'s section?
   Is it ${k}'s variable? */
static bool
in_section(const struct key *k, const char *name, size_t len)
{
	size_t n = strlen(k->section);

	return (len > n && strncasecmp(name, k->section, n) == 0 &&
	    name[n] == '_');
}

static bool
is_variable(const struct key *k, const char *name, size_t len)
{
	char want[64];
	size_t i;

	snprintf(want, sizeof(want), "%s_%s", k->section, k->key);
	for (i = 0; want[i] != '\0'; i++)
		want[i] = (char)toupper((unsigned char)want[i]);
	return (text_equal(name, len, want));
}

/* base/secret handles the variables of secrets. */
static bool
is_secret(const char *name, size_t len)
{

	static const char *const secrets[] = {
		CONFIG_SECRET_ANY, CONFIG_SECRET_UPLOAD, CONFIG_SECRET_READ
	};
	size_t i;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (text_equal(name, len, secrets[i] +
		    strlen(CONFIG_ENV_PREFIX)))
			return (true);
	}
	return (false);
}

/* Read one variable, whose name has no prefix here.  A name that begins
   like a setting must be one. */
static void
variable(struct ini *p, const char *name, size_t len, const char *value)
{
	bool like_one = false, like;
	char where[80];
	size_t i;

	snprintf(where, sizeof(where), CONFIG_ENV_PREFIX "%.*s",
	    (int)(len < 60 ? len : 60), name);
	for (i = 0; i < KEY_COUNT; i++) {
		like = in_section(&key_table[i], name, len);
		like_one |= like;
		if (!like || !is_variable(&key_table[i], name, len))
			continue;
		if (p->origin[i].from == CONFIG_ENV)
			ini_refuse(p, where, "given twice");
		p->origin[i].from = CONFIG_ENV;
		ini_set(p, &key_table[i], value, where);
		return;
	}
	if (like_one && !is_secret(name, len))
		ini_refuse(p, "environment", "%s is no setting", where);
}

void
ini_environment(struct ini *p)
{
	static const char prefix[] = CONFIG_ENV_PREFIX;
	const char *name;
	size_t len;
	char **e;

	for (e = environ; *e != NULL; e++) {
		if (strncmp(*e, prefix, sizeof(prefix) - 1) != 0)
			continue;
		name = *e + sizeof(prefix) - 1;
		len = strcspn(name, "=");
		variable(p, name, len, name[len] == '=' ? name + len + 1 : "");
	}
}
