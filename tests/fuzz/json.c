#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/text.h"
#include "json/schema.h"
#include "json/strict.h"

#include "fuzz.h"

/*
 * A request body, of any bytes.  What must hold:
 *   - what strict_check() accepts json-c parses, all of it, with no surprises
 *     in its count of members;
 *   - an object with a name twice, however spelt and however deep, is refused
 *     as that, and no other one is;
 *   - what schema_parse() accepts has the form that its table declares.
 */
struct in {
	struct ss58 hotkey;
	char source[TEXT_NAME_MAX + 1], text[17];
	int64_t timestamp, expiry;
};

#define IN(...) SCHEMA_FIELD(struct in, __VA_ARGS__)
static const struct schema_field fields[] = {
	IN(hotkey, SCHEMA_SS58, SCHEMA_REQUIRED, ""),
	IN(source, SCHEMA_NAME, SCHEMA_OPTIONAL, ""),
	IN(text, SCHEMA_TEXT, SCHEMA_REQUIRED, ""),
	IN(timestamp, SCHEMA_TIME, SCHEMA_REQUIRED, ""),
	IN(expiry, SCHEMA_TIME, SCHEMA_NULLABLE, ""),
	SCHEMA_END
};

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

const char *const fuzz_seeds[] = {
	"{\"hotkey\":\"" ALICE "\",\"source\":\"x\",\"text\":\"abc\","
	    "\"timestamp\":1795360631,\"expiry\":null}",
	"{\"text\":\"\\u00e9\\ud83d\\ude00\",\"hotkey\":\"" ALICE "\","
	    "\"timestamp\":\"17\"}",
	"{\"a\":{\"b\":[{\"c\":1},{\"c\":2}],\"d\":{}},\"e\":-1.5e+10}",
	"{\"a\":1,\"\\u0061\":2,\"\xc3\xa9\":[[[[]]]],\"\\u00E9\":true}",
	"{\"hotkey\":\"" ALICE "\",\"text\":\"\",\"timestamp\":0,\"x\":{"
	    "\"y\":1,\"z\":{\"y\":1}}}",
	"{\"hotkey\":\"" ALICE "\",\"text\":\"0123456789abcdef\","
	    "\"timestamp\":253402300799}",
	"{\"hotkey\":\"" ALICE "\",\"text\":\"0123456789abcdefg\","
	    "\"timestamp\":1}",
	"{\"hotkey\":\"" ALICE "\",\"text\":\"a\x7f\",\"timestamp\":1}",
	"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
	"[\"\\ud83d\\ude00\\u0061\"]",
	" [0, -0, 1e5, 0.5E-1, 123456789012345678901234567890] ",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "null", "-1", "{}", "",
	NULL
};

const char *const fuzz_words[] = {
	"{", "}", "[", "]", ":", ",", "\"", "\\", "'", " ", "\n", "\t", "0",
	"-", "1", ".", "e", "E+", "1e999", "null", "true", "false", "NaN",
	"Infinity", "-Infinity", "//", "/**/", "\xef\xbb\xbf", "\\u", "\\u0000",
	"\\u0061", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\udc00", "\\n",
	"\xc3\xa9", "\xc3", "\x80", "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\x7f",
	"\x01", "\"a\":1", "\"\\u0061\":1,", ",\"a\":2", "{\"a\":", "[{", "}]",
	"\"hotkey\":", "\"" ALICE "\"", "\"text\":", "\"timestamp\":",
	"\"expiry\":", "\"source\":", "\"x\"", "253402300800",
	"9223372036854775808", "18446744073709551616", "[[[[[[[[", "]]]]]]]]",
	NULL
};

static void
must(bool holds, const char *what)
{

	if (!holds) {
		fprintf(stderr, "json: %s\n", what);
		abort();
	}
}

/*
 * A second opinion on names, apart from the code under test: walk what is known
 * to be JSON, decode each object's names, compare each with each.
 */
#define INPUT_MAX 4096
static struct {
	const char *p;
	char pool[INPUT_MAX * 2];
	size_t used, n, members;
	struct {
		size_t at, len;
	} name[INPUT_MAX];
	int depth;
	bool repeated;
} w;

static void
space(void)
{

	while (*w.p == ' ' || *w.p == '\t' || *w.p == '\n' || *w.p == '\r')
		w.p++;
}

static unsigned long
hex4(void)
{
	char digits[5];

	memcpy(digits, w.p, 4);
	digits[4] = '\0';
	w.p += 4;
	return (strtoul(digits, NULL, 16));
}

static void
add(unsigned long c)
{
	char *out = w.pool + w.used;
	size_t i, n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	w.used += n;
}

/* The string at w.p, decoded at the end of the pool. */
static void
string(void)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned long c;

	for (w.p++; *w.p != '"';) {
		if (*w.p != '\\') {
			w.pool[w.used++] = *w.p++;
			continue;
		}
		w.p++;
		if (*w.p++ != 'u') {
			add((unsigned char)to[strchr(from, w.p[-1]) - from]);
			continue;
		}
		c = hex4();
		if (c >= 0xd800 && c <= 0xdbff) {
			w.p += 2;
			c = 0x10000 + ((c - 0xd800) << 10) + hex4() - 0xdc00;
			must(c >= 0x10000 && c <= 0x10ffff, "half a pair");
		}
		must(c != 0 && (c < 0xd800 || c > 0xdfff), "NUL or surrogate");
		add(c);
	}
	w.p++;
}

static void
name(size_t first)
{
	size_t i, at = w.used, len;

	string();
	len = w.used - at;
	for (i = first; i < w.n; i++) {
		if (w.name[i].len == len && memcmp(w.pool + w.name[i].at,
		    w.pool + at, len) == 0)
			w.repeated = true;
	}
	w.name[w.n].at = at;
	w.name[w.n++].len = len;
	w.members++;
}

static void
walk(void)
{
	size_t first = w.n, used = w.used;
	char open;

	space();
	open = *w.p;
	if (open == '"') {
		string();
		w.used = used;
	} else if (open == '{' || open == '[') {
		must(++w.depth <= STRICT_DEPTH_MAX, "too deep");
		for (w.p++, space(); *w.p != '}' && *w.p != ']'; space()) {
			if (*w.p == ',')
				w.p++;
			space();
			if (open == '{') {
				name(first);
				space();
				w.p++;
			}
			walk();
		}
		w.p++;
		w.depth--;
		w.n = first;
		w.used = used;
	} else {
		while (*w.p != '\0' && strchr(",]} \t\r\n", *w.p) == NULL)
			w.p++;
	}
}

static void
check_jsonc(const char *text, size_t len)
{
	struct json_tokener *tok = json_tokener_new_ex(STRICT_DEPTH_MAX + 1);
	struct json_object *v;

	must(tok != NULL, "out of memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	v = json_tokener_parse_ex(tok, text, (int)len);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		v = json_tokener_parse_ex(tok, "", 1);
	must(json_tokener_get_error(tok) == json_tokener_success,
	    "json-c refuses what the strict pass accepts");
	json_object_put(v);
	json_tokener_free(tok);
}

static void
check_form(const struct in *in)
{
	uint8_t key[SS58_KEY_LEN];
	size_t i;

	must(ss58_decode(in->hotkey.text, strlen(in->hotkey.text), key) ==
	    ERR_OK && memcmp(key, in->hotkey.key, sizeof(key)) == 0,
	    "no address");
	must(memchr(in->source, '\0', sizeof(in->source)) != NULL &&
	    in->source[strspn(in->source,
	    "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0', "no name");
	must(memchr(in->text, '\0', sizeof(in->text)) != NULL, "text too long");
	for (i = 0; in->text[i] != '\0'; i++)
		must((unsigned char)in->text[i] >= 0x20 && in->text[i] != 0x7f,
		    "control character in text");
	must(in->timestamp >= 0 && in->timestamp <= SCHEMA_TIME_MAX &&
	    in->expiry >= 0 && in->expiry <= SCHEMA_TIME_MAX, "no time");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char text[INPUT_MAX + 1];
	const char *body = (const char *)data, *wrong;
	struct schema_errors errors;
	struct in in;
	size_t members;
	enum err e;
	bool told;

	if (len > INPUT_MAX)
		return (0);
	wrong = strict_check(body, len, SIZE_MAX, &members);
	e = schema_parse(fields, &(struct schema_body){ .text = body,
	    .len = len }, &in, sizeof(in), &errors);
	must((e == ERR_SCHEMA) == (errors.n != 0) && errors.n <= SCHEMA_ERRORS_MAX,
	    "error without a reason");
	if (wrong != NULL) {
		must(e == ERR_SCHEMA && errors.n == 1, "not JSON, but taken");
		return (0);
	}
	check_jsonc(body, len);

	memcpy(text, body, len);
	text[len] = '\0';
	memset(&w, 0, sizeof(w));
	w.p = text;
	walk();
	space();
	must(w.p == text + len, "walked past the end");
	must(w.members == members, "miscounted");
	if (text[strspn(text, " \t\r\n")] == '{') {
		told = errors.n > 0 && strcmp(errors.error[0].type,
		    "repeated") == 0;
		must(told == w.repeated, "a repeated name is refused as that");
	}
	if (e == ERR_OK)
		check_form(&in);
	return (0);
}
