#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ini.h>

#include "base/buf.h"
#include "base/build.h"
#include "base/num.h"
#include "base/text.h"
#include "config/config.h"
#include "config/form.h"

extern char **environ;

/* keys.def as a table. */
struct key {
	const char *section, *key, *name, *about;
	enum { KIND_TEXT, KIND_LIST, KIND_INT, KIND_BOOL, KIND_ENUM, KIND_SET,
	    KIND_MAYBE } kind;
	const char *fallback;		/* of a text, list or set */
	int64_t number;			/* the default of the others */
	const struct form *form;	/* of a text or list */
	const char *const *words;	/* of an enum or set, then NULL */
	int64_t min, max;		/* of an integer */
	size_t offset;
};

#define VALUE(name, word) word,
#define ITEM(name) #name,
#define ENUM(s, k, d, values, a)					\
	static const char *const words_##s##_##k[] = { values NULL };	\
	_Static_assert(sizeof(enum config_##s##_##k) == sizeof(int),	\
	    "set_enum() writes an int");
#define SET(s, k, d, items, a)						\
	static const char *const words_##s##_##k[] = { items NULL };
#include "config/keys.def"
#undef VALUE
#undef ITEM

#define ROW(s, k, a) .section = #s, .key = #k, .name = #s "." #k,	\
	.about = a, .offset = offsetof(struct config, s##_##k)
static const struct key keys[] = {
#define TEXT(s, k, d, f, a)						\
	{ ROW(s, k, a), .kind = KIND_TEXT, .fallback = d,		\
	    .form = &form_##f },
#define LIST(s, k, d, f, a)						\
	{ ROW(s, k, a), .kind = KIND_LIST, .fallback = d,		\
	    .form = &form_##f },
#define INT(s, k, d, lo, hi, a)						\
	{ ROW(s, k, a), .kind = KIND_INT, .number = d, .min = lo,	\
	    .max = hi },
#define BOOL(s, k, d, a)						\
	{ ROW(s, k, a), .kind = KIND_BOOL, .number = d },
#define ENUM(s, k, d, values, a)					\
	{ ROW(s, k, a), .kind = KIND_ENUM, .number = CONFIG_##d,	\
	    .words = words_##s##_##k },
#define SET(s, k, d, items, a)						\
	{ ROW(s, k, a), .kind = KIND_SET, .fallback = d,		\
	    .words = words_##s##_##k },
#define MAYBE(s, k, f, a)						\
	{ ROW(s, k, a), .kind = KIND_MAYBE, .form = &form_##f },
#include "config/keys.def"
};
#undef ROW

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* inih of Debian 12 splits a longer line in silence (INI_MAX_LINE 200). */
#define LINE_MAX_LEN 197

#define NO_FORM "not of the form \"key = value\" or \"[section]\""

struct parse {
	const char *path;
	FILE *f;
	int line;
	struct config *cfg;
	struct config_origin origin[KEYS];
	char *message;
	bool failed;
};

static void complain(struct parse *p, const char *where, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Keep the first complaint: later ones often follow from it. */
static void
complain(struct parse *p, const char *where, const char *fmt, ...)
{
	char what[CONFIG_MESSAGE_MAX + 1];
	struct buf b;
	va_list ap;

	if (p->failed)
		return;
	p->failed = true;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);

	/* A path too long for the message is cut, with the rest. */
	buf_init(&b, p->message, CONFIG_MESSAGE_MAX + 1);
	if (where != NULL)
		buf_fmt(&b, "%.200s: ", where);
	else
		buf_fmt(&b, "%.200s:%d: ", p->path, p->line);
	buf_fmt(&b, "%.280s", what);
}

static void *
field(const struct key *k, struct config *cfg)
{

	return ((char *)cfg + k->offset);
}

static bool
set_text(const struct key *k, const char *s, size_t len, char *out)
{

	if (len > CONFIG_TEXT_MAX || !k->form->good(s, len))
		return (false);
	memcpy(out, s, len);
	out[len] = '\0';
	return (true);
}

static bool
set_list(const struct key *k, const char *s, struct config_list *list)
{
	size_t len;

	list->n = 0;
	for (s += strspn(s, ", \t"); *s != '\0'; s += strspn(s, ", \t")) {
		len = strcspn(s, ", \t");
		if (list->n == CONFIG_ITEMS_MAX ||
		    !set_text(k, s, len, list->item[list->n]) ||
		    config_has(list, list->item[list->n]))
			return (false);
		list->n++;
		s += len;
	}
	return (list->n > 0);
}

/* Where ${s} stands among ${words}, or -1. */
static int
word_at(const char *const *words, const char *s, size_t len)
{
	int i;

	for (i = 0; words[i] != NULL; i++) {
		if (text_equal(s, len, words[i]))
			return (i);
	}
	return (-1);
}

static const char *const yes_no[] = { "yes", "no", NULL };

static bool
set_bool(const char *s, size_t len, bool *out)
{
	const int i = word_at(yes_no, s, len);

	*out = i == 0;
	return (i != -1);
}

/* An enum in memory is an int; which one, only keys.def knows. */
static bool
set_enum(const struct key *k, const char *s, size_t len, void *out)
{
	const int i = word_at(k->words, s, len);

	memcpy(out, &i, sizeof(i));
	return (i != -1);
}

/* A set in memory is one bool after the other, in the order of its words. */
static bool
set_set(const struct key *k, const char *s, bool *has)
{
	size_t len, n = 0;
	int i;

	for (i = 0; k->words[i] != NULL; i++)
		has[i] = false;
	for (s += strspn(s, ", \t"); *s != '\0'; s += strspn(s, ", \t")) {
		len = strcspn(s, ", \t");
		if ((i = word_at(k->words, s, len)) == -1 || has[i])
			return (false);
		has[i] = true;
		n++;
		s += len;
	}
	return (n > 0);
}

static bool
set_maybe(const struct key *k, const char *s, size_t len,
    struct config_maybe *out)
{

	if (text_equal(s, len, "default"))
		out->is = CONFIG_MAYBE_DEFAULT;
	else if (text_equal(s, len, "none"))
		out->is = CONFIG_MAYBE_NONE;
	else
		out->is = CONFIG_MAYBE_GIVEN;
	return (out->is != CONFIG_MAYBE_GIVEN ||
	    set_text(k, s, len, out->text));
}

static bool
set_value(const struct key *k, const char *s, void *out)
{
	const size_t len = strlen(s);

	switch (k->kind) {
	case KIND_TEXT:
		return (set_text(k, s, len, out));
	case KIND_LIST:
		return (set_list(k, s, out));
	case KIND_INT:
		return (num_parse(s, len, k->min, k->max, out) == ERR_OK);
	case KIND_BOOL:
		return (set_bool(s, len, out));
	case KIND_ENUM:
		return (set_enum(k, s, len, out));
	case KIND_SET:
		return (set_set(k, s, out));
	case KIND_MAYBE:
		return (set_maybe(k, s, len, out));
	}
	return (false);
}

static void
add_words(struct buf *b, const char *const *words, const char *last)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (i > 0)
			buf_str(b, words[i + 1] == NULL ? last : ", ");
		buf_str(b, words[i]);
	}
}

/* What would be right: "must be ..." */
static void
add_right(struct buf *b, const struct key *k)
{

	switch (k->kind) {
	case KIND_TEXT:
		buf_str(b, k->form->right);
		break;
	case KIND_LIST:
		buf_fmt(b, "a list, without repetition and at most %d long, "
		    "of: %s", CONFIG_ITEMS_MAX, k->form->right);
		break;
	case KIND_INT:
		buf_fmt(b, "a whole number, %" PRId64 " to %" PRId64, k->min,
		    k->max);
		break;
	case KIND_BOOL:
		add_words(b, yes_no, " or ");
		break;
	case KIND_ENUM:
		add_words(b, k->words, " or ");
		break;
	case KIND_SET:
		buf_str(b, "a list, without repetition, of: ");
		add_words(b, k->words, ", ");
		break;
	case KIND_MAYBE:
		buf_fmt(b, "default, none, or %s", k->form->right);
		break;
	}
}

/* Set one value, or complain with what would be right. */
static void
set(struct parse *p, const struct key *k, const char *value, const char *where)
{
	char right[CONFIG_MESSAGE_MAX + 1];
	struct buf b;

	if (set_value(k, value, field(k, p->cfg)))
		return;
	buf_init(&b, right, sizeof(right));
	add_right(&b, k);
	complain(p, where, "%s must be %s", k->name, right);
}

static void
unknown(struct parse *p, const char *section, const char *key)
{
	size_t i;

	if (strstr(key, "secret") != NULL) {
		complain(p, NULL, "secrets do not belong in this file: name "
		    "the file that holds it (secret_access_key_file)");
		return;
	}
	for (i = 0; i < KEYS; i++) {
		if (strcmp(key, keys[i].key) == 0) {
			complain(p, NULL, "%.60s belongs into section [%s]",
			    key, keys[i].section);
			return;
		}
	}
	complain(p, NULL, "unknown setting %.60s in section [%.60s]; "
	    "foldergate check-config lists all", key, section);
}

static int
on_pair(void *user, const char *section, const char *key, const char *value)
{
	struct parse *p = user;
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if (strcmp(section, keys[i].section) != 0 ||
		    strcmp(key, keys[i].key) != 0)
			continue;
		if (p->origin[i].from == CONFIG_FILE) {
			complain(p, NULL, "%s repeated, first in line %d",
			    keys[i].name, p->origin[i].line);
		} else {
			p->origin[i].from = CONFIG_FILE;
			p->origin[i].line = p->line;
			set(p, &keys[i], value, NULL);
		}
		return (!p->failed);
	}
	unknown(p, section, key);
	return (0);
}

/* inih goes on behind a line of no form, and a later one would be blamed.  A
   line that starts with 0xef may be a BOM's and is left to inih. */
static bool
has_form(const char *line, size_t len)
{
	const char *end;

	if (len == 0 || strchr(";#\xef", line[0]) != NULL)
		return (true);
	if (line[0] == '[') {
		/* inih would pass over what stands behind. */
		if ((end = memchr(line, ']', len)) == NULL)
			return (false);
		end++;
		end += strspn(end, " \t");
		return (end == line + len || *end == ';' || *end == '#');
	}
	return (memchr(line, '=', len) != NULL ||
	    memchr(line, ':', len) != NULL);
}

/* fgets() for inih, minus what inih gets wrong: long and indented lines. */
static char *
read_line(char *out, int size, void *user)
{
	struct parse *p = user;
	char line[LINE_MAX_LEN + 3];
	size_t n = 0;
	int c = EOF;

	if (p->failed)
		return (NULL);
	p->line++;
	while (n < sizeof(line) - 1 && (c = getc(p->f)) != EOF && c != '\n') {
		if (c == '\0') {
			complain(p, NULL, "a NUL byte");
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
		complain(p, NULL, "line longer than %d bytes", LINE_MAX_LEN);
		return (NULL);
	}
	if (!has_form(line, n)) {
		complain(p, NULL, NO_FORM);
		return (NULL);
	}
	memcpy(out, line, n);
	out[n] = '\n';
	out[n + 1] = '\0';
	return (out);
}

/* FOLDERGATE_S3_BUCKET and so on: does ${name} begin with ${k}'s section; is it
   ${k}'s variable? */
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

/* Secrets themselves are base/secret's business. */
static bool
is_secret(const char *name, size_t len)
{

	return (text_equal(name, len, "S3_SECRET_ACCESS_KEY") ||
	    text_equal(name, len, "S3_UPLOAD_SECRET_ACCESS_KEY") ||
	    text_equal(name, len, "S3_READ_SECRET_ACCESS_KEY"));
}

/* One variable, its name without the prefix.  What begins like a setting must
   be one. */
static void
variable(struct parse *p, const char *name, size_t len, const char *value)
{
	bool like_one = false;
	char where[80];
	size_t i;

	snprintf(where, sizeof(where), "FOLDERGATE_%.*s",
	    (int)(len < 60 ? len : 60), name);
	for (i = 0; i < KEYS; i++) {
		like_one |= in_section(&keys[i], name, len);
		if (!is_variable(&keys[i], name, len))
			continue;
		if (p->origin[i].from == CONFIG_ENV)
			complain(p, where, "given twice");
		p->origin[i].from = CONFIG_ENV;
		set(p, &keys[i], value, where);
		return;
	}
	if (like_one && !is_secret(name, len))
		complain(p, "environment", "%s is no setting", where);
}

static void
environment(struct parse *p)
{
	static const char prefix[] = "FOLDERGATE_";
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

/* A default that is words, or none. */
static void
default_words(struct parse *p, const struct key *k, struct config_origin *o)
{

	if (k->fallback == NULL) {
		complain(p, p->path, "%s is missing: %s", k->name, k->about);
	} else if (k->fallback[0] != '\0') {
		o->from = CONFIG_DEFAULT;
		set(p, k, k->fallback, "default");
	}
}

static void
default_number(struct parse *p, const struct key *k, struct config_origin *o)
{
	const int number = (int)k->number;
	void *out = field(k, p->cfg);

	o->from = CONFIG_DEFAULT;
	if (k->kind == KIND_INT)
		*(int64_t *)out = k->number;
	else if (k->kind == KIND_BOOL)
		*(bool *)out = k->number != 0;
	else
		memcpy(out, &number, sizeof(number));
}

static void
defaults(struct parse *p)
{
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if (p->origin[i].from != CONFIG_UNSET)
			continue;
		switch (keys[i].kind) {
		case KIND_TEXT:
		case KIND_LIST:
		case KIND_SET:
			default_words(p, &keys[i], &p->origin[i]);
			break;
		case KIND_INT:
		case KIND_BOOL:
		case KIND_ENUM:
		case KIND_MAYBE:
			default_number(p, &keys[i], &p->origin[i]);
			break;
		}
	}
}

/* A file that is not named is in the state directory. */
static void
beside_state(struct parse *p, char file[CONFIG_TEXT_MAX + 1], const char *name)
{
	struct buf b;

	if (file[0] != '\0')
		return;
	buf_init(&b, file, CONFIG_TEXT_MAX + 1);
	buf_fmt(&b, "%s/%s", p->cfg->state_directory, name);
	if (buf_end(&b) != ERR_OK)
		complain(p, p->path, "state.directory is too long");
}

static bool
begins(const char *s, const char *with)
{

	return (strncmp(s, with, strlen(with)) == 0);
}

/* What no single setting can tell. */
static void
check_together(struct parse *p)
{
	struct config *c = p->cfg;

	if (c->s3_public_endpoint[0] == '\0')
		memcpy(c->s3_public_endpoint, c->s3_endpoint,
		    sizeof(c->s3_endpoint));
	if ((c->s3_upload_access_key_id[0] == '\0' &&
	    c->s3_upload_secret_access_key_file[0] != '\0') ||
	    (c->s3_read_access_key_id[0] == '\0' &&
	    c->s3_read_secret_access_key_file[0] != '\0'))
		complain(p, p->path, "a role's secret_access_key_file in "
		    "section s3 wants that role's access_key_id");
	beside_state(p, c->audit_file, "audit.log");
	beside_state(p, c->audit_refusals_file, "refusals.log");
	if (begins(c->audit_refusals_file, c->audit_file) ||
	    begins(c->audit_file, c->audit_refusals_file))
		complain(p, p->path, "audit.refusals_file and audit.file must "
		    "not begin alike: both have files beside them");
	if (c->audit_required && c->audit_key_file[0] == '\0')
		complain(p, p->path, "audit.required wants audit.key_file");
	if (c->access_min_bytes > c->access_max_bytes)
		complain(p, p->path, "access.min_bytes must not be above "
		    "access.max_bytes");
}

const char *
config_path(void)
{
	const char *path = getenv(CONFIG_PATH_VARIABLE);

	return (path != NULL && *path != '\0' ? path : build_config_path);
}

enum err
config_load(const char *path, struct config *cfg, struct config_origin *origins,
    char message[CONFIG_MESSAGE_MAX + 1])
{
	struct parse p = { .path = path, .cfg = cfg, .message = message };
	int bad;

	memset(cfg, 0, sizeof(*cfg));
	if ((p.f = fopen(path, "re")) == NULL) {
		complain(&p, path, "%s", strerror(errno));
		return (ERR_IO);
	}
	bad = ini_parse_stream(read_line, &p, on_pair, &p);
	if (bad != 0 && !p.failed) {
		p.line = bad > 0 ? bad : p.line;
		complain(&p, NULL, NO_FORM);
	}
	if (ferror(p.f))
		complain(&p, path, "cannot be read");
	fclose(p.f);
	environment(&p);
	if (!p.failed)
		defaults(&p);
	if (!p.failed)
		check_together(&p);
	if (origins != NULL)
		memcpy(origins, p.origin, sizeof(p.origin));
	return (p.failed ? ERR_FORMAT : ERR_OK);
}

bool
config_has(const struct config_list *list, const char *word)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (strcmp(list->item[i], word) == 0)
			return (true);
	}
	return (false);
}

size_t
config_count(void)
{

	return (KEYS);
}

const char *
config_name(size_t i)
{

	return (keys[i].name);
}

const char *
config_about(size_t i)
{

	return (keys[i].about);
}

/* A URL of Redis may hold a password in front of the host. */
static void
show_text(struct buf *b, const struct key *k, const char *text)
{
	const char *host = strrchr(text, '@'), *scheme = strstr(text, "://");

	if (k->form != &form_redis_url || host == NULL || scheme == NULL) {
		buf_str(b, text);
		return;
	}
	buf_add(b, text, (size_t)(scheme + 3 - text));
	buf_str(b, "...");
	buf_str(b, host);
}

/* A node's URL may hold a token behind the host. */
static void
show_item(struct buf *b, const struct key *k, const char *item)
{
	const char *host = strstr(item, "://");
	size_t n;

	if (k->form != &form_chain_url || host == NULL) {
		buf_str(b, item);
		return;
	}
	host += 3;
	n = (size_t)(host - item) + strcspn(host, "/?");
	buf_add(b, item, n);
	if (item[n] != '\0' && strcmp(item + n, "/") != 0)
		buf_str(b, "/...");
}

static void
show_list(struct buf *b, const struct key *k, const struct config_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		buf_str(b, i > 0 ? ", " : "");
		show_item(b, k, list->item[i]);
	}
}

static void
show_set(struct buf *b, const struct key *k, const bool *has)
{
	const char *comma = "";
	size_t i;

	for (i = 0; k->words[i] != NULL; i++) {
		if (!has[i])
			continue;
		buf_str(b, comma);
		buf_str(b, k->words[i]);
		comma = ", ";
	}
}

static void
show_maybe(struct buf *b, const struct config_maybe *m)
{

	buf_str(b, m->is == CONFIG_MAYBE_DEFAULT ? "default" :
	    m->is == CONFIG_MAYBE_NONE ? "none" : m->text);
}

void
config_show(const struct config *cfg, size_t i, char *out, size_t size)
{
	const struct key *k = &keys[i];
	const void *v = (const char *)cfg + k->offset;
	struct buf b;
	int word;

	buf_init(&b, out, size);
	switch (k->kind) {
	case KIND_TEXT:
		show_text(&b, k, v);
		break;
	case KIND_LIST:
		show_list(&b, k, v);
		break;
	case KIND_INT:
		buf_int(&b, *(const int64_t *)v);
		break;
	case KIND_BOOL:
		buf_str(&b, *(const bool *)v ? "yes" : "no");
		break;
	case KIND_ENUM:
		memcpy(&word, v, sizeof(word));
		buf_str(&b, k->words[word]);
		break;
	case KIND_SET:
		show_set(&b, k, v);
		break;
	case KIND_MAYBE:
		show_maybe(&b, v);
		break;
	}
}
