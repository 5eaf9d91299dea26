#include "test.h"

#include <fcntl.h>

#include "base/log.h"
#include "base/secret.h"
#include "s3/key_pair.h"

#define ID "EXAMPLEKEYOFTWENTYAB"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

/* Read ${text} as the line of a pair file, and set ${why} to the reason. */
static enum err
read_line(const char *text, bool uploads, struct sigv4_key *key,
    const char **why)
{
	const size_t n = strlen(text);
	struct secret *line;
	bool was;
	void *room;
	enum err e;

	line = secret_room(n > 0 ? n : 1, &room);
	memcpy(room, text, n);
	was = log_quiet(true);
	*why = NULL;
	e = key_pair_read(key, line, uploads, "/the/file");
	if (e == ERR_OK) {
		assert_int_equal(strncmp(key->secret, strchr(text, ':') + 1,
		    key->secret_len), 0);
		assert_int_equal(key->secret_len,
		    strlen(strchr(text, ':') + 1));
		sigv4_key_wipe(key);
	} else {
		*why = log_replace();
	}
	(void)log_quiet(was);
	secret_free(line);
	return (e);
}

static void
the_line_is_split_at_its_first_colon(void **state)
{
	struct sigv4_key key;
	const char *why;

	(void)state;
	assert_int_equal(read_line(ID ":" SECRET, true, &key, &why), ERR_OK);
	assert_int_equal(read_line("AB:C:D", true, &key, &why), ERR_OK);
}

static void
a_line_that_is_no_pair_is_refused_and_not_repeated(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "", "one line, ID:SECRET" },
		{ SECRET, "one line, ID:SECRET" },
		{ ":" SECRET, "one line, ID:SECRET" },
		{ "a/b:" SECRET, "one line, ID:SECRET" },
		{ " " ID ":" SECRET, "one line, ID:SECRET" },
		{ "key_id=" ID ":" SECRET, "one line, ID:SECRET" },
		{ ID ":", "secret of an S3 key" },
		{ ID ": " SECRET, "secret of an S3 key" },
		{ ID ":" SECRET "\n" ID ":" SECRET, "secret of an S3 key" },
		{ ID ":" ID, "is the key id, not the secret" },
		{ ID ":" ID ":" SECRET, "begins with the key id" },
		{ ID ":secret=" SECRET, "has a name before it" },
		{ ID ":{\"a\":1}", "is JSON" },
		{ "AKIAIOSFODNN7EXAMPLE:short", "has not 40 characters" },
	};
	struct sigv4_key key;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_line(bad[i].line, false, &key, &why),
		    ERR_FORMAT);
		assert_non_null(why);
		if (strstr(why, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].line, why);
		assert_null(strstr(why, SECRET));
	}
}

static void
an_id_and_a_secret_that_are_swapped_are_refused(void **state)
{
	struct sigv4_key key;
	const char *why;

	(void)state;
	assert_int_equal(read_line("abcdefghijabcdefghijabcdefghijabcdefghij:"
	    ID, false, &key, &why), ERR_FORMAT);
	assert_non_null(strstr(why, "swapped"));
}

static void
an_id_that_clients_would_misread_signs_no_uploads(void **state)
{
	struct sigv4_key key;
	const char *why;

	(void)state;
	assert_int_equal(read_line("KEY409:" SECRET, true, &key, &why),
	    ERR_FORMAT);
	assert_non_null(strstr(why, "make another key"));
	assert_int_equal(read_line("KEY409:" SECRET, false, &key, &why),
	    ERR_OK);
	assert_int_equal(read_line("ASIAIOSFODNN7EXAMPLE:" SECRET, true, &key,
	    &why), ERR_FORMAT);
	assert_non_null(strstr(why, "temporary"));
}

static void
a_revoked_pair_is_told_from_a_bad_one(void **state)
{
	struct sigv4_key key;
	const char *why;

	(void)state;
	assert_int_equal(read_line(KEY_PAIR_REVOKED ":" ID, true, &key, &why),
	    ERR_KEY_REVOKED);
	assert_int_equal(read_line(KEY_PAIR_REVOKED ":", true, &key, &why),
	    ERR_KEY_REVOKED);
	assert_int_equal(read_line(KEY_PAIR_REVOKED, true, &key, &why),
	    ERR_FORMAT);
	assert_int_equal(read_line(KEY_PAIR_REVOKED "1:" SECRET, true, &key,
	    &why), ERR_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_line_is_split_at_its_first_colon),
	cmocka_unit_test(a_line_that_is_no_pair_is_refused_and_not_repeated),
	cmocka_unit_test(an_id_and_a_secret_that_are_swapped_are_refused),
	cmocka_unit_test(an_id_that_clients_would_misread_signs_no_uploads),
	cmocka_unit_test(a_revoked_pair_is_told_from_a_bad_one),
};

TEST_MAIN(tests)
