#include "test.h"

#include "base/paste.h"

static void
what_a_copy_leaves_is_named(void **state)
{
	static const struct {
		const char *s, *wrong;
	} rows[] = {
		{ "", "empty" }, { " x", "begins with a blank" },
		{ "x ", "ends with a blank" }, { "\tx", "begins with a blank" },
		{ "x\t", "ends with a blank" }, { "x\ty", "tab" },
		{ "x\n", "more than one line" }, { "x\ry", "more than one" },
		{ "\nx", "more than one line" }, { "\"x\"", "quotation" },
		{ "'x'", "quotation" }, { "`x`", "quotation" },
		{ "\"x\",", "quotation" }, { "x\";", "quotation" },
		{ "x\"", "quotation" }, { "'x", "quotation" },
		{ "\xe2\x80\x9cx\xe2\x80\x9d", "typographic" },
		{ "\xe2\x80\x98x", "typographic" },
		{ "x\xc2\xa0", "no-break space" },
		{ "x\xe2\x80\x8by", "zero-width" },
		{ "\xef\xbb\xbfx", "byte order mark" },
		{ "\xff\xfex", "UTF-16" }, { "\xfe\xffx", "UTF-16" },
		{ "x\xe2\x80\xa6", "shortened" },
		{ "\xe2\x80\xa2\xe2\x80\xa2", "dots" }, { "****", "asterisks" },
		{ "\xc3\xa9", "not ASCII" }, { "x\xff", "not text in UTF-8" },
		{ "x\xe2\x80", "not text in UTF-8" },
		{ "\033[200~x", "escape sequence" }, { "x\x7f", "control" },
		{ "x\x01y", "control" }, { "<secret>", "placeholder" },
		{ "x\xe2\x80\x93y", "dash" },
	};
	static const char *const good[] = { "x", "a b", "a\"b", "a*", "=",
	    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "<", "a,b;c" };
	const char *wrong;
	size_t i, len;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Without a NUL after it. */
		len = strlen(rows[i].s);
		copy = malloc(len + (len == 0));
		assert_non_null(copy);
		memcpy(copy, rows[i].s, len);
		wrong = paste_wrong(copy, len);
		if (wrong == NULL || strstr(wrong, rows[i].wrong) == NULL)
			fail_msg("%s: %s", rows[i].s, wrong);
		free(copy);
	}
	assert_non_null(strstr(paste_wrong("a\0b", 3), "NUL"));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		wrong = paste_wrong(good[i], strlen(good[i]));
		if (wrong != NULL)
			fail_msg("%s: %s", good[i], wrong);
	}
}

static void
a_name_before_a_value_is_seen(void **state)
{
	static const char *const named[] = { "AWS_SECRET_ACCESS_KEY=x",
	    "aws_secret_access_key = x", "export AWS_SECRET_ACCESS_KEY=x",
	    "Secret access key: x", "secretAccessKey: x", "SECRET=x",
	    "\"SecretAccessKey\": \"x\"", "access_key_id=x", "id = x",
	    "secret==x", "password=x" };
	static const char *const plain[] = { "", "x", "=", ":", "x=y", "a:b",
	    "c2VjcmV0a2V5==", "monkey==", "id=", "key= ", "key", "secret",
	    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY=" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (!paste_has_name(named[i], strlen(named[i])))
			fail_msg("%s", named[i]);
	}
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (paste_has_name(plain[i], strlen(plain[i])))
			fail_msg("%s", plain[i]);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_a_copy_leaves_is_named),
	cmocka_unit_test(a_name_before_a_value_is_seen)
};

TEST_MAIN(tests)
