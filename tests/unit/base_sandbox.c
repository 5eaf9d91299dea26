#include "test.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>

#include "tmpdir.h"

#include "base/sandbox.h"
#include "base/syscalls.h"

/* Each test limits a process of its own. */
static int
status_of(void (*body)(void))
{
	const pid_t pid = fork();
	int status;

	assert_true(pid != -1);
	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (status);
}

/* In such a process: end with the number of the line that does not hold. */
#define HOLDS(what) do {						\
	if (!(what)) {							\
		fprintf(stderr, "# line %d: %s\n", __LINE__, #what);	\
		_exit(1);						\
	}								\
} while (0)

static char dir[200], other[200], file[PATH_MAX], far[PATH_MAX];

static void
make(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	close(fd);
}

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0 ||
	    tmpdir_make(other, sizeof(other)) != 0)
		return (-1);
	snprintf(file, sizeof(file), "%s/file", dir);
	snprintf(far, sizeof(far), "%s/file", other);
	make(file);
	make(far);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	tmpdir_clear(dir);
	tmpdir_clear(other);
	return (rmdir(dir) | rmdir(other));
}

static bool
has_landlock(void)
{

	return (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0);
}

static bool
opens(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd != -1)
		close(fd);
	return (fd != -1);
}

static void
limit_files(enum sandbox_right right)
{
	struct sandbox s = { .n = 0 };

	sandbox_directory(&s, "", SANDBOX_WRITE);
	sandbox_directory(&s, dir, right);
	HOLDS(sandbox_files(&s) == ERR_OK && s.abi > 0);
	HOLDS(sandbox_files(&s) == ERR_OK);
}

static void
read_below(void)
{

	limit_files(SANDBOX_READ);
	HOLDS(opens(file, O_RDONLY));
	HOLDS(opens(dir, O_RDONLY | O_DIRECTORY));
	HOLDS(!opens(file, O_WRONLY) && errno == EACCES);
	HOLDS(!opens(far, O_RDONLY) && errno == EACCES);
	HOLDS(unlink(file) == -1);
}

static void
write_below(void)
{
	char made[PATH_MAX + 8];

	snprintf(made, sizeof(made), "%s.made", file);
	limit_files(SANDBOX_WRITE);
	HOLDS(opens(file, O_RDWR));
	HOLDS(opens(made, O_RDWR | O_CREAT | O_EXCL));
	HOLDS(rename(made, file) == 0);
	HOLDS(mkdir(made, 0700) == -1 && symlink("x", made) == -1);
	HOLDS(!opens(far, O_RDONLY) && link(far, made) == -1);
}

static void
append_below(void)
{
	char made[PATH_MAX + 8], moved[PATH_MAX + 8];

	snprintf(made, sizeof(made), "%s.made", file);
	snprintf(moved, sizeof(moved), "%s.moved", file);
	limit_files(SANDBOX_APPEND);
	HOLDS(opens(made, O_WRONLY | O_APPEND | O_CREAT));
	HOLDS(opens(file, O_WRONLY | O_APPEND));
	HOLDS(!opens(file, O_RDONLY) && errno == EACCES);
	HOLDS(!opens(dir, O_RDONLY | O_DIRECTORY));
	HOLDS(unlink(file) == -1 && rename(made, moved) == -1);
	HOLDS(!opens(far, O_WRONLY));
}

/* A log must not take the limits away because its directory is missing. */
static void
append_nowhere(void)
{
	struct sandbox s = { .n = 0 };

	sandbox_directory(&s, "/nowhere/at/all", SANDBOX_APPEND);
	HOLDS(sandbox_files(&s) == ERR_OK && s.abi > 0);
	HOLDS(!opens(file, O_RDONLY) && errno == EACCES);
}

static void
a_directory_is_read_or_written_and_nothing_else(void **state)
{

	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(status_of(read_below), 0);
	assert_int_equal(status_of(write_below), 0);
	assert_int_equal(status_of(append_below), 0);
	assert_int_equal(status_of(append_nowhere), 0);
}

static void
beside(void)
{
	char name[PATH_MAX + 8];
	struct sandbox s = { .n = 0 };

	/* A link to the other directory, and a file that is not there. */
	snprintf(name, sizeof(name), "%s.link", file);
	HOLDS(symlink(far, name) == 0);
	sandbox_beside(&s, name, SANDBOX_READ);
	sandbox_beside(&s, "", SANDBOX_READ);
	HOLDS(s.n == 1 && sandbox_files(&s) == ERR_OK);
	HOLDS(opens(name, O_RDONLY) && opens(file, O_RDONLY));
	HOLDS(!opens(far, O_WRONLY));
}

static void
the_directory_of_a_file_and_of_its_target_is_read(void **state)
{

	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(status_of(beside), 0);
}

static void
missing(void)
{
	char name[PATH_MAX + 8];
	struct sandbox s = { .n = 0 };

	snprintf(name, sizeof(name), "%s.gone", file);
	sandbox_directory(&s, name, SANDBOX_READ);
	HOLDS(sandbox_files(&s) == ERR_NOT_READY && s.abi == 0);
	HOLDS(opens(far, O_WRONLY));
	HOLDS(mkdir(name, 0700) == 0 && sandbox_calls(&s) == ERR_OK);
	HOLDS(sandbox_files(&s) == ERR_OK && !opens(far, O_RDONLY));
	HOLDS(!sandbox_replaced(&s));
}

static void
nothing_is_given_up_while_a_directory_is_missing(void **state)
{

	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(status_of(missing), 0);
}

static void
a_replaced_directory_is_noticed(void **state)
{
	struct sandbox s = { .n = 0 };
	struct stat st;

	(void)state;
	sandbox_directory(&s, dir, SANDBOX_READ);
	assert_int_equal(stat(dir, &st), 0);
	s.path[0].st = st;
	s.abi = 1;
	assert_false(sandbox_replaced(&s));
	s.path[0].st.st_ino++;
	assert_true(sandbox_replaced(&s));

	/* One that is not there is not another one. */
	s.path[0].path = "/nowhere/at/all";
	s.path[0].len = strlen("/nowhere/at/all");
	assert_false(sandbox_replaced(&s));
}

static void
limit_calls(bool connects, bool names)
{

	HOLDS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	HOLDS(syscalls_limit(connects, names) == ERR_OK);
}

static bool
refused(long rc, int error)
{

	return (rc == -1 && errno == error);
}

static void
few_calls(void)
{

	limit_calls(false, false);
	HOLDS(getppid() > 0 && opens(file, O_RDONLY));
#ifdef SYS_fork
	HOLDS(refused(syscall(SYS_fork), ENOSYS));
#endif
	HOLDS(refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), ENOSYS));
	HOLDS(refused(syscall(SYS_clone3, NULL, 0), ENOSYS));
	HOLDS(refused(syscall(SYS_execve, "/bin/true", NULL, NULL), ENOSYS));
	HOLDS(refused(syscall(SYS_socket, 2, 1, 0), ENOSYS));
	HOLDS(refused(syscall(SYS_connect, 0, NULL, 0), ENOSYS));
	HOLDS(refused(syscall(SYS_memfd_create, "", 0), ENOSYS));
	HOLDS(refused(syscall(SYS_prctl, 0, 0, 0, 0, 0), ENOSYS));
	HOLDS(refused(syscall(511), ENOSYS));
	HOLDS(refused(syscall(512), ENOSYS));
	HOLDS(refused(syscall(0xffff), ENOSYS));
	HOLDS(refused(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM));
	HOLDS(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0) == 0);
	HOLDS(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	HOLDS(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EPERM);
}

static void
calls_that_are_not_in_the_list_do_not_exist(void **state)
{

	(void)state;
	assert_int_equal(status_of(few_calls), 0);
}

static void
more_calls(void)
{

	limit_calls(true, true);
	HOLDS(syscall(SYS_socket, 1, 1, 0) != -1);	/* AF_UNIX */
	HOLDS(syscall(SYS_socket, 2, 1, 0) != -1);	/* AF_INET */
	HOLDS(refused(syscall(SYS_socket, 17, 3, 0), EPERM)); /* AF_PACKET */
	HOLDS(refused(syscall(SYS_socket, 38, 5, 0), EPERM)); /* AF_ALG */
	HOLDS(refused(syscall(SYS_listen, 0, 1), ENOSYS));
	HOLDS(refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM));
	HOLDS(refused(syscall(SYS_execve, "/bin/true", NULL, NULL), ENOSYS));
	HOLDS(refused(syscall(SYS_ioctl, 0, 0x5412, ""), EPERM)); /* TIOCSTI */
}

static void
connections_add_sockets_of_four_families_and_no_process(void **state)
{

	(void)state;
	assert_int_equal(status_of(more_calls), 0);
}

#ifdef __x86_64__
static void
calls_as_i386(void)
{
	long rc = 20;		/* getpid() there */

	limit_calls(true, true);
	__asm__ volatile ("int $0x80" : "+a" (rc) : : "memory");
}

static void
calls_as_x32(void)
{

	limit_calls(true, true);
	HOLDS(refused(syscall(0x40000000 | SYS_getpid), ENOSYS));
}
#endif

static void
calls_for_another_kind_of_processor_end_the_program(void **state)
{

	(void)state;
#ifdef __x86_64__
	const int status = status_of(calls_as_i386);

	/* A kernel without 32-bit calls sends SIGSEGV. */
	assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS ||
	    WTERMSIG(status) == SIGSEGV));
	assert_int_equal(status_of(calls_as_x32), 0);
#else
	skip();
#endif
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest tests[] = {
	EACH(a_directory_is_read_or_written_and_nothing_else),
	EACH(the_directory_of_a_file_and_of_its_target_is_read),
	EACH(nothing_is_given_up_while_a_directory_is_missing),
	EACH(a_replaced_directory_is_noticed),
	EACH(calls_that_are_not_in_the_list_do_not_exist),
	EACH(connections_add_sockets_of_four_families_and_no_process),
	EACH(calls_for_another_kind_of_processor_end_the_program),
};

TEST_MAIN(tests)
