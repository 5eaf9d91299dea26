#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/paste.h"
#include "base/text.h"
#include "config/key.h"

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
const struct key key_table[KEY_COUNT] = {
#define TEXT(s, k, d, f, a)						\
	{ ROW(s, k, a), .kind = KEY_TEXT, .fallback = d,		\
	    .form = &form_##f },
#define LIST(s, k, d, f, a)						\
	{ ROW(s, k, a), .kind = KEY_LIST, .fallback = d,		\
	    .form = &form_##f },
#define INT(s, k, d, lo, hi, a)						\
	{ ROW(s, k, a), .kind = KEY_INT, .number = d, .min = lo,	\
	    .max = hi },
#define BOOL(s, k, d, a)						\
	{ ROW(s, k, a), .kind = KEY_BOOL, .number = d },
#define ENUM(s, k, d, values, a)					\
	{ ROW(s, k, a), .kind = KEY_ENUM, .number = CONFIG_##d,	\
	    .words = words_##s##_##k },
#define SET(s, k, d, items, a)						\
	{ ROW(s, k, a), .kind = KEY_SET, .fallback = d,		\
	    .words = words_##s##_##k },
#define MAYBE(s, k, f, a)						\
	{ ROW(s, k, a), .kind = KEY_MAYBE, .form = &form_##f },
#include "config/keys.def"
};
#undef ROW

static const char *const yes_no[] = { "yes", "no", NULL };

static bool
set_text(const struct key *k, const char *s, size_t len, char *out)
{

	if (len > CONFIG_TEXT_MAX || !k->form->good(s, len))
		return (false);
	memcpy(out, s, len);
	out[len] = '\0';
	return (true);
}

/* Move ${s} to its next item.  Return its length, or 0 if there is none. */
static size_t
next_item(const char **s)
{

	*s += strspn(*s, ", \t");
	return (strcspn(*s, ", \t"));
}

static bool
set_list(const struct key *k, const char *s, struct config_list *list)
{
	size_t len;

	list->n = 0;
	for (; (len = next_item(&s)) > 0; s += len) {
		if (list->n == CONFIG_ITEMS_MAX ||
		    !set_text(k, s, len, list->item[list->n]) ||
		    config_has(list, list->item[list->n]))
			return (false);
		list->n++;
	}
	return (list->n > 0);
}

/* Return the index of ${s} in ${words}, or -1. */
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

static bool
set_bool(const char *s, size_t len, bool *out)
{
	const int i = word_at(yes_no, s, len);

	*out = i == 0;
	return (i != -1);
}

/* In memory every enum is an int.  Only keys.def knows which one it is. */
static bool
set_enum(const struct key *k, const char *s, size_t len, void *out)
{
	const int i = word_at(k->words, s, len);

	/* After a wrong word the field keeps a value that can be printed. */
	if (i != -1)
		memcpy(out, &i, sizeof(i));
	return (i != -1);
}

/* In memory a set is one bool after the other, in the order of its words. */
static bool
set_set(const struct key *k, const char *s, bool *has)
{
	bool any = false;
	size_t len;
	int i;

	for (i = 0; k->words[i] != NULL; i++)
		has[i] = false;
	for (; (len = next_item(&s)) > 0; s += len) {
		if ((i = word_at(k->words, s, len)) == -1 || has[i])
			return (false);
		has[i] = any = true;
	}
	return (any);
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

static void *
field(const struct key *k, struct config *cfg)
{

	return ((char *)cfg + k->offset);
}

/* ${s} does not start with a blank.  After its ${len} bytes there are only
   blanks. */
static bool
set_value(const struct key *k, const char *s, size_t len, void *out)
{

	switch (k->kind) {
	case KEY_TEXT:
		return (set_text(k, s, len, out));
	case KEY_LIST:
		return (set_list(k, s, out));
	case KEY_INT:
		return (num_parse(s, len, k->min, k->max, out) == ERR_OK);
	case KEY_BOOL:
		return (set_bool(s, len, out));
	case KEY_ENUM:
		return (set_enum(k, s, len, out));
	case KEY_SET:
		return (set_set(k, s, out));
	case KEY_MAYBE:
		return (set_maybe(k, s, len, out));
	}
	return (false);
}

enum err
key_set(const struct key *k, struct config *cfg, const char *value)
{
	size_t len;

	value += strspn(value, " \t");
	len = strlen(value);
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return (set_value(k, value, len, field(k, cfg)) ? ERR_OK : ERR_FORMAT);
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

void
key_right(const struct key *k, struct buf *b)
{

	switch (k->kind) {
	case KEY_TEXT:
		buf_str(b, k->form->right);
		break;
	case KEY_LIST:
		buf_fmt(b, "a list, without repetition and at most %d long, "
		    "of: %s", CONFIG_ITEMS_MAX, k->form->right);
		break;
	case KEY_INT:
		buf_fmt(b, "a whole number, %" PRId64 " to %" PRId64, k->min,
		    k->max);
		break;
	case KEY_BOOL:
		add_words(b, yes_no, " or ");
		break;
	case KEY_ENUM:
		add_words(b, k->words, " or ");
		break;
	case KEY_SET:
		buf_str(b, "a list, without repetition, of: ");
		add_words(b, k->words, ", ");
		break;
	case KEY_MAYBE:
		buf_fmt(b, "default, none, or %s", k->form->right);
		break;
	}
}

static const char *
item_wrong(const struct key *k, const char *s, size_t len)
{

	return (k->form != NULL && k->form->wrong != NULL && len > 0 &&
	    !k->form->good(s, len) ? k->form->wrong(s, len) : NULL);
}

const char *
key_wrong(const struct key *k, const char *value)
{
	const char *s = value + strspn(value, " \t"), *why;
	size_t len = strlen(s);

	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	if (len == 0)
		return ("is empty");
	if ((why = paste_wrong(s, len)) != NULL)
		return (why);
	if (strstr(s, " #") != NULL)
		return ("has a comment after it: begin that with ; and not "
		    "with #");
	if (k->kind != KEY_LIST)
		return (item_wrong(k, s, len));
	for (; (len = next_item(&s)) > 0; s += len) {
		if ((why = item_wrong(k, s, len)) != NULL)
			return (why);
	}
	return (NULL);
}

bool
key_required(const struct key *k)
{

	return (k->kind == KEY_TEXT && k->fallback == NULL);
}

enum err
key_default(const struct key *k, struct config *cfg, enum config_from *from)
{
	const int number = (int)k->number;
	void *out = field(k, cfg);

	*from = CONFIG_DEFAULT;
	switch (k->kind) {
	case KEY_TEXT:
	case KEY_LIST:
	case KEY_SET:
		if (k->fallback[0] != '\0')
			return (key_set(k, cfg, k->fallback));
		*from = CONFIG_UNSET;
		break;
	case KEY_INT:
		*(int64_t *)out = k->number;
		break;
	case KEY_BOOL:
		*(bool *)out = k->number != 0;
		break;
	case KEY_ENUM:
		memcpy(out, &number, sizeof(number));
		break;
	case KEY_MAYBE:
		((struct config_maybe *)out)->is = CONFIG_MAYBE_DEFAULT;
		break;
	}
	return (ERR_OK);
}
