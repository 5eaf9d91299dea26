#include "test.h"

#include "base/err.h"

static void
every_error_has_a_status_a_code_and_a_text(void **state)
{
	const char *p;
	enum err e;

	(void)state;
	for (e = ERR_OK; e < ERR_COUNT; e++) {
		assert_in_range(err_status(e), 200, 599);
		assert_true(err_code(e)[0] != '\0');
		for (p = err_code(e); *p != '\0'; p++)
			assert_true((*p >= 'a' && *p <= 'z') || *p == '_');
		assert_true(err_name(e)[0] != '\0');
		for (p = err_name(e); *p != '\0'; p++)
			assert_true((*p >= 'A' && *p <= 'Z') || *p == '_');

		/* Clients search answers for these digits. */
		assert_null(strstr(err_detail(e), "409"));
		assert_null(strpbrk(err_detail(e), "0123456789"));
	}
}

/* Only success is below 400, and what is ours to fix says nothing. */
static void
only_success_is_below_400_and_our_faults_say_nothing(void **state)
{
	enum err e;

	(void)state;
	assert_int_equal(ERR_OK, 0);
	assert_int_equal(err_status(ERR_OK), 200);
	for (e = 1; e < ERR_COUNT; e++) {
		assert_in_range(err_status(e), 400, 599);
		assert_int_not_equal(err_status(e), 403);
		if (err_status(e) == 500) {
			assert_string_equal(err_code(e), "internal");
			assert_string_equal(err_detail(e),
			    "Internal Server Error");
		}
	}
}

/* The texts of the wire contract. */
static void
the_errors_have_the_texts_of_the_contract(void **state)
{
	static const struct {
		enum err e;
		int status;
		const char *code, *detail;
	} rows[] = {
		{ ERR_TIMESTAMP, 400, "invalid_timestamp",
		    "Invalid timestamp" },
		{ ERR_SIGNATURE, 401, "invalid_signature",
		    "Invalid signature" },
		{ ERR_NOT_REGISTERED, 401, "not_registered",
		    "Invalid signature" },
		{ ERR_COLDKEY, 401, "coldkey_mismatch",
		    "Coldkey does not own this hotkey" },
		{ ERR_METHOD, 405, "method_not_allowed",
		    "Method Not Allowed" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(err_status(rows[i].e), rows[i].status);
		assert_string_equal(err_code(rows[i].e), rows[i].code);
		assert_string_equal(err_detail(rows[i].e), rows[i].detail);
	}
	assert_int_equal(err_status(ERR_LAYOUT), 400);
	assert_string_equal(err_code(ERR_LAYOUT), "layout_disabled");
	assert_int_equal(err_status(ERR_SCHEMA), 422);
	assert_int_equal(err_status(ERR_TOO_LARGE), 413);
	assert_int_equal(err_status(ERR_NO_IDENTITY), 503);
	assert_int_equal(err_status(ERR_STALE), 503);
	assert_string_equal(err_name(ERR_NOT_REGISTERED), "NOT_REGISTERED");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_error_has_a_status_a_code_and_a_text),
	cmocka_unit_test(only_success_is_below_400_and_our_faults_say_nothing),
	cmocka_unit_test(the_errors_have_the_texts_of_the_contract)
};

TEST_MAIN(tests)
