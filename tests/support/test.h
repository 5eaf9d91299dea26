#ifndef TESTS_TEST_H_
#define TESTS_TEST_H_

/* cmocka and what it wants included first; every unit test starts with this. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The TAP name of a group is its file; vectors are found from the source root,
   where make runs the tests. */
#define TEST_MAIN(tests)						\
	int								\
	main(void)							\
	{								\
									\
		cmocka_set_message_output(CM_OUTPUT_TAP);		\
		return (cmocka_run_group_tests((tests), NULL, NULL));	\
	}

#endif /* !TESTS_TEST_H_ */
