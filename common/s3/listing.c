#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "s3/listing.h"
#include "s3/listing_blank.h"
#include "s3/xml.h"

#define TEXT_MAX (3 * LISTING_KEY_MAX)

/* Room for the keys of a page of a thousand, without growing. */
#define KEYS_FIRST 131072

/* The elements that we read, by their parents.  All others are ignored. */
enum element {
	OTHER, ROOT, CONTENTS, PREFIXES, TRUNCATED, TOKEN, ENCODING, KEY, SIZE,
	MODIFIED, ETAG, PREFIX
};

/* How keys are written.  A store may name it after the keys. */
enum encoding { UNTOLD, PLAIN, URL };

static const struct {
	enum element parent;
	const char *name;
	enum element element;
} elements[] = {
	{ ROOT, "Contents", CONTENTS },
	{ ROOT, "CommonPrefixes", PREFIXES },
	{ ROOT, "IsTruncated", TRUNCATED },
	{ ROOT, "NextContinuationToken", TOKEN },
	{ ROOT, "EncodingType", ENCODING },
	{ CONTENTS, "Key", KEY },
	{ CONTENTS, "Size", SIZE },
	{ CONTENTS, "LastModified", MODIFIED },
	{ CONTENTS, "ETag", ETAG },
	{ PREFIXES, "Prefix", PREFIX },
};

struct parser {
	struct listing *l;
	enum element stack[XML_DEPTH_MAX];
	size_t depth;			/* of the stack */
	struct listing_item item;	/* the item that is being read */
	bool spoilt;			/* that item is left out */
	enum encoding encoding;
	bool told_truncated;
	char text[TEXT_MAX + 1];
	size_t len;
};

static enum element
element_of(const struct parser *p, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (elements[i].parent == p->stack[p->depth - 1] &&
		    strcmp(name, elements[i].name) == 0)
			return (elements[i].element);
	}
	return (OTHER);
}

static bool
on_start(void *user, const char *name, size_t depth)
{
	struct parser *p = user;
	enum element e = ROOT;

	if (depth > 0)
		e = element_of(p, name);
	else if (strcmp(name, "ListBucketResult") != 0)
		return (false);
	if (e == CONTENTS || e == PREFIXES) {
		memset(&p->item, 0, sizeof(p->item));
		p->item.bytes = p->item.modified_s = -1;
		p->item.is_prefix = e == PREFIXES;
		p->spoilt = false;
	}
	p->stack[p->depth++] = e;
	p->len = 0;
	return (true);
}

/* The text of ignored elements, and white space, is not kept. */
static bool
on_text(void *user, const char *s, size_t len)
{
	struct parser *p = user;
	const enum element e = p->stack[p->depth - 1];

	if (e < TRUNCATED)
		return (true);
	if (len > TEXT_MAX - p->len) {
		p->spoilt = true;
		return (e >= KEY);
	}
	memcpy(p->text + p->len, s, len);
	p->len += len;
	return (true);
}

/* Keep the key as it is written, until the encoding is known. */
static void
take_key(struct parser *p)
{

	if (p->item.key != NULL)
		p->spoilt = true;
	p->item.key = arena_text(p->l->keys, p->text, p->len);
	p->item.key_len = p->len;
}

/* Decode the ${len} bytes at ${s} in place. */
static enum err
decode_url(char *s, size_t *len)
{
	uint8_t byte;
	size_t i, n = 0;

	for (i = 0; i < *len; i++) {
		if (s[i] != '%') {
			s[n++] = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (*len - i < 3 || hex_decode(&byte, 1, s + i + 1, 2) !=
		    ERR_OK)
			return (ERR_FORMAT);
		s[n++] = (char)byte;
		i += 2;
	}
	s[n] = '\0';
	*len = n;
	return (ERR_OK);
}

/* A page that broke off may not have named the encoding.  Then a key is read
   only if both encodings read it the same way. */
static enum err
decode(struct listing_item *it, enum encoding encoding, bool whole)
{

	if (encoding == URL && decode_url(it->key, &it->key_len) != ERR_OK)
		return (ERR_FORMAT);
	if (encoding == UNTOLD && !whole && strpbrk(it->key, "%+") != NULL)
		return (ERR_FORMAT);
	return (it->key_len >= 1 && it->key_len <= LISTING_KEY_MAX ? ERR_OK :
	    ERR_FORMAT);
}

/* Decode the keys, and leave out those that cannot be decoded. */
static void
decode_all(struct listing *l, enum encoding encoding, bool whole)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (decode(&l->item[i], encoding, whole) == ERR_OK)
			l->item[n++] = l->item[i];
		else
			l->dropped++;
	}
	l->n = n;
}

/* An element without text is what a store writes that encodes nothing. */
static enum err
take_encoding(struct parser *p)
{

	if (p->encoding != UNTOLD)
		return (ERR_FORMAT);
	p->encoding = p->len == 0 ? PLAIN : URL;
	return (p->len == 0 || (p->len == 3 &&
	    strncasecmp(p->text, "url", 3) == 0) ? ERR_OK : ERR_FORMAT);
}

/* 2026-11-22T15:17:11.123Z, the fraction optional and dropped. */
static enum err
take_time(struct parser *p)
{
	static const char form[] = "####-##-##T##:##:##";
	static const struct {
		size_t at, len;
		int64_t min, max;
	} parts[] = {
		{ 0, 4, 1970, 9999 }, { 5, 2, 1, 12 }, { 8, 2, 1, 31 },
		{ 11, 2, 0, 23 }, { 14, 2, 0, 59 }, { 17, 2, 0, 60 }
	};
	int64_t v[6];
	size_t i;

	if (p->len < sizeof(form) || p->text[p->len - 1] != 'Z')
		return (ERR_FORMAT);
	for (i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '#' ? p->text[i] < '0' || p->text[i] > '9' :
		    p->text[i] != form[i])
			return (ERR_FORMAT);
	}
	for (i = 0; i < 6; i++) {
		if (num_parse(p->text + parts[i].at, parts[i].len,
		    parts[i].min, parts[i].max, &v[i]) != ERR_OK)
			return (ERR_FORMAT);
	}
	p->item.modified_s = timefmt_days(v[0], v[1], v[2]) * 86400 +
	    v[3] * 3600 + v[4] * 60 + v[5];
	return (ERR_OK);
}

bool
listing_md5(const char *etag, size_t len, uint8_t md5[LISTING_MD5_LEN])
{

	if (len >= 2 && etag[0] == '"' && etag[len - 1] == '"') {
		etag++;
		len -= 2;
	}
	return (len == 2 * (size_t)LISTING_MD5_LEN && hex_decode(md5,
	    LISTING_MD5_LEN, etag, len) == ERR_OK);
}

static enum err
take_truncated(struct parser *p)
{

	p->l->truncated = text_equal(p->text, p->len, "true");
	if (p->told_truncated || (!p->l->truncated &&
	    !text_equal(p->text, p->len, "false")))
		return (ERR_FORMAT);
	p->told_truncated = true;
	return (ERR_OK);
}

static enum err
take_token(struct parser *p)
{

	if (p->l->token_len > 0 || p->len > PRESIGN_TOKEN_MAX)
		return (ERR_FORMAT);
	memcpy(p->l->token, p->text, p->len);
	p->l->token[p->len] = '\0';
	p->l->token_len = p->len;
	return (ERR_OK);
}

/* One bad item costs that item, not the page. */
static void
take_item(struct parser *p)
{
	struct listing *l = p->l;
	struct listing_item *items;

	if (p->item.key == NULL || p->spoilt) {
		l->dropped++;
		return;
	}
	if (l->n == l->size) {
		l->size = l->size == 0 ? 1024 : l->size * 2;
		items = reallocarray(l->item, l->size, sizeof(*items));
		if (items == NULL)
			log_die("out_of_memory", "listing");
		l->item = items;
	}
	l->item[l->n++] = p->item;
}

static bool
on_end(void *user, size_t depth)
{
	struct parser *p = user;
	enum err e = ERR_OK;

	p->depth = depth;
	switch (p->stack[depth]) {
	case CONTENTS:
	case PREFIXES:
		take_item(p);
		break;
	case TRUNCATED:
		e = take_truncated(p);
		break;
	case TOKEN:
		e = take_token(p);
		break;
	case ENCODING:
		e = take_encoding(p);
		break;
	case KEY:
	case PREFIX:
		take_key(p);
		break;
	case SIZE:
		p->spoilt |= num_parse(p->text, p->len, 0, INT64_MAX,
		    &p->item.bytes) != ERR_OK;
		break;
	case MODIFIED:
		p->spoilt |= take_time(p) != ERR_OK;
		break;
	case ETAG:
		p->item.has_md5 = listing_md5(p->text, p->len, p->item.md5);
		break;
	case OTHER:
	case ROOT:
		break;
	}

	/* Drop the text before a child: it is not the value of its parent. */
	p->len = 0;
	return (e == ERR_OK);
}

void
listing_init(struct listing *l)
{

	memset(l, 0, sizeof(*l));
	l->keys = arena_new(KEYS_FIRST);
}

void
listing_free(struct listing *l)
{

	arena_free(l->keys);
	free(l->item);
	memset(l, 0, sizeof(*l));
}

static enum err
parse(struct listing *l, const char *xml, size_t len)
{
	static const struct xml_reader reader = { on_start, on_text, on_end };
	struct parser *p;
	bool good;

	arena_reset(l->keys);
	l->n = l->token_len = l->dropped = 0;
	l->token[0] = '\0';
	l->truncated = false;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_die("out_of_memory", "listing");
	p->l = l;
	good = xml_read(&reader, p, xml, len) && p->told_truncated;
	decode_all(l, p->encoding, good);
	free(p);
	if (!good) {
		l->token_len = 0;
		l->token[0] = '\0';
	}
	return (good ? ERR_OK : ERR_FORMAT);
}

static char *
copy_of(const char *xml, size_t len)
{
	char *copy;

	if ((copy = malloc(len + 1)) == NULL)
		log_die("out_of_memory", "listing");
	memcpy(copy, xml, len);
	return (copy);
}

enum err
listing_parse(struct listing *l, const char *xml, size_t len)
{
	char *copy;
	size_t blanked;
	enum err e;

	if ((e = parse(l, xml, len)) == ERR_OK)
		return (e);
	copy = copy_of(xml, len);
	if ((blanked = listing_blank_items(copy, len)) > 0) {
		e = parse(l, copy, len);
		l->dropped += blanked;
	}
	free(copy);
	return (e);
}

enum err
listing_salvage(struct listing *l, const char *xml, size_t len)
{
	char *copy = copy_of(xml, len);
	enum err e;

	listing_blank_tokens(copy, len);
	e = listing_parse(l, copy, len);
	l->token_len = 0;
	l->token[0] = '\0';
	free(copy);
	return (e);
}
