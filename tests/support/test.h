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

#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A test's function is named as a sentence: print its underscores as blanks. */
static inline void
test_sentence(char *line)
{

	if (strncmp(line, "ok ", 3) != 0 && strncmp(line, "not ok ", 7) != 0)
		return;
	for (; *line != '\0'; line++)
		if (*line == '_')
			*line = ' ';
}

/* cmocka writes "not ok N # SKIP name" for a test that was skipped, which TAP
   counts as a failure: pass its output on, corrected. */
static inline int
test_main(int (*run)(void))
{
	static const char bad[] = "not ok ";
	char *line = NULL;
	size_t size = 0;
	int fds[2], status;
	pid_t child;
	FILE *out;

	if (pipe(fds) != 0 || (child = fork()) == -1)
		return (1);
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		exit(run());
	}
	close(fds[1]);
	if ((out = fdopen(fds[0], "r")) == NULL)
		return (1);
	while (getline(&line, &size, out) > 0) {
		test_sentence(line);
		fputs(strncmp(line, bad, sizeof(bad) - 1) == 0 &&
		    strstr(line, " # SKIP ") != NULL ? line + 4 : line, stdout);
	}
	free(line);
	fclose(out);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return (1);
	return (WEXITSTATUS(status));
}

/* The TAP name of a group is its file; vectors are found from the source root,
   where make runs the tests. */
#define TEST_MAIN(tests)						\
	static int							\
	of_the_file(void)							\
	{								\
									\
		cmocka_set_message_output(CM_OUTPUT_TAP);		\
		return (cmocka_run_group_tests((tests), NULL, NULL));	\
	}								\
									\
	int								\
	main(void)							\
	{								\
									\
		return (test_main(of_the_file));				\
	}

#endif /* !TESTS_TEST_H_ */
