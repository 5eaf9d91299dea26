#include "test.h"

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "base/trusted.h"

/* Two users who are neither root nor we, unless we become one. */
#define ONE 65534
#define TWO 65533

static char dir[200];

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%.100s/trusted.XXXXXX",
	    tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	return (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0 ? -1 : 0);
}

static int
gone(const char *path, const struct stat *st, int what, struct FTW *ftw)
{

	(void)st;
	(void)what;
	(void)ftw;
	return (remove(path));
}

static int
teardown(void **state)
{

	(void)state;
	return (nftw(dir, gone, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT));
}

/* A path in the test's directory; four are good at a time. */
static const char *
in(const char *name)
{
	static char paths[4][PATH_MAX];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], PATH_MAX, "%s/%s", dir, name);
	return (paths[next]);
}

static void
file(const char *name, mode_t mode)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(write(fd, "text", 4), 4);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
folder(const char *name, mode_t mode)
{

	assert_int_equal(mkdir(in(name), 0700), 0);
	assert_int_equal(chmod(in(name), mode), 0);
}

/* What trusted_look_in() says of the same file, by directory and name. */
static int
looked_in(const char *path)
{
	const char *const last = strrchr(path, '/'), *why = NULL;
	const char *name = last + 1;
	char directory[PATH_MAX];
	struct stat st;

	if (snprintf(directory, sizeof(directory), "%.*s/",
	    (int)(last - path), path) >= PATH_MAX)
		return (ENAMETOOLONG);
	if (!trusted_look_in(directory, &name, 1, &st, &why))
		return (why == NULL || why[0] == '\0' ? -1 : errno);
	return (st.st_nlink == 0 ? ENOENT : 0);
}

/* What trusted_open() says: 0, or errno.  trusted_look() must say the same, and
   for an own file trusted_look_in(). */
static int
got(const char *path, enum trusted_use use)
{
	const char *why = NULL, *looked = NULL;
	struct stat st;
	char text[4];
	int fd, error = 0;

	fd = trusted_open(path, use, O_RDONLY, &st, &why);
	if (fd == -1) {
		error = errno;
		if (why == NULL || why[0] == '\0')
			return (-1);
	} else if (S_ISREG(st.st_mode) && (read(fd, text, 4) != 4 ||
	    memcmp(text, "text", 4) != 0)) {
		error = -2;
	}
	if (fd != -1)
		close(fd);
	if (error >= 0 && trusted_look(path, use, R_OK, &st, &looked) !=
	    (error == 0))
		return (-3);
	if (error > 0 && strcmp(why, looked) != 0)
		return (-4);
	if (error >= 0 && use == TRUSTED_OWN && strchr(path, '/') != NULL &&
	    looked_in(path) != error)
		return (-5);
	return (error);
}

#define OPENS(name, use) assert_int_equal(got(in(name), (use)), 0)
#define REFUSED(name, use, error) assert_int_equal(got(in(name), (use)), (error))

/* The same as somebody else; only root can. */
static int
got_as(uid_t uid, const char *path, enum trusted_use use)
{
	const pid_t child = fork();
	int status, error;

	assert_true(child != -1);
	if (child == 0) {
		if (setgroups(0, NULL) != 0 || setgid(uid) != 0 ||
		    setuid(uid) != 0)
			_exit(254);
		error = got(path, use);
		_exit(error < 0 ? 255 : error);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
need_root(void)
{

	if (geteuid() != 0)
		skip();
}

static void
a_file_that_others_can_write_is_refused(void **state)
{
	static const mode_t good[] = { 0400, 0600, 0640, 0644, 0755 },
	    bad[] = { 0602, 0620, 0622, 0646, 0664, 0666, 0777 };
	enum trusted_use use;
	size_t i;

	(void)state;
	file("a", 0600);
	for (use = TRUSTED_CONFIG; use <= TRUSTED_OWN; use++) {
		for (i = 0; i < 5; i++) {
			chmod(in("a"), good[i]);
			REFUSED("a", use, use != TRUSTED_SECRET ||
			    good[i] < 0644 ? 0 : EPERM);
		}
		for (i = 0; i < 7; i++) {
			chmod(in("a"), bad[i]);
			REFUSED("a", use, EPERM);
		}
	}
}

static void
a_directory_on_the_way_that_others_can_write_is_refused(void **state)
{

	(void)state;
	folder("b", 0755);
	folder("b/c", 0755);
	file("b/c/a", 0600);
	OPENS("b/c/a", TRUSTED_STATE);
	chmod(in("b/c"), 0777);
	REFUSED("b/c/a", TRUSTED_STATE, EPERM);
	REFUSED("b/c/missing", TRUSTED_STATE, EPERM);
	chmod(in("b/c"), 0755);
	chmod(in("b"), 0757);
	REFUSED("b/c/a", TRUSTED_CONFIG, EPERM);
	REFUSED("b/c/a", TRUSTED_OWN, EPERM);

	/* Whoever else may write there can take away only what is theirs. */
	chmod(in("b"), 01777);
	OPENS("b/c/a", TRUSTED_CONFIG);
	chmod(in("b"), 0775);
	OPENS("b/c/a", TRUSTED_CONFIG);
}

static void
a_group_that_is_not_ours_counts_as_others(void **state)
{

	(void)state;
	need_root();
	folder("b", 0775);
	file("b/a", 0644);
	assert_int_equal(chown(in("b"), 0, ONE), 0);
	REFUSED("b/a", TRUSTED_CONFIG, EPERM);
	assert_int_equal(got_as(ONE, in("b/a"), TRUSTED_CONFIG), 0);
	assert_int_equal(got_as(TWO, in("b/a"), TRUSTED_CONFIG), EPERM);
}

static void
a_file_of_another_user_is_refused(void **state)
{

	(void)state;
	need_root();
	file("a", 0644);
	assert_int_equal(chown(in("a"), ONE, ONE), 0);
	REFUSED("a", TRUSTED_CONFIG, EPERM);
	REFUSED("a", TRUSTED_STATE, EPERM);
	assert_int_equal(got_as(ONE, in("a"), TRUSTED_CONFIG), 0);
	assert_int_equal(got_as(TWO, in("a"), TRUSTED_STATE), EPERM);
	folder("sticky", 01777);
	file("sticky/a", 0644);
	OPENS("sticky/a", TRUSTED_STATE);
	assert_int_equal(chown(in("sticky/a"), ONE, ONE), 0);
	REFUSED("sticky/a", TRUSTED_STATE, EPERM);
}

/* As Kubernetes mounts secrets, and ConfigMaps. */
static void
links_are_followed_where_nobody_else_can_set_them(void **state)
{

	(void)state;
	folder("secret", 01777);
	folder("secret/..2026_11_28", 0755);
	file("secret/..2026_11_28/key", 0640);
	assert_int_equal(symlink("..2026_11_28", in("secret/..data")), 0);
	assert_int_equal(symlink("..data/key", in("secret/key")), 0);
	OPENS("secret/key", TRUSTED_SECRET);
	OPENS("secret/key", TRUSTED_CONFIG);
	assert_int_equal(symlink(in("secret/key"), in("absolute")), 0);
	OPENS("absolute", TRUSTED_SECRET);

	chmod(in("secret"), 0777);
	REFUSED("secret/key", TRUSTED_SECRET, EPERM);
	REFUSED("absolute", TRUSTED_SECRET, EPERM);
	if (geteuid() != 0)
		return;
	chmod(in("secret"), 01777);
	assert_int_equal(lchown(in("secret/..data"), ONE, ONE), 0);
	REFUSED("secret/key", TRUSTED_SECRET, EPERM);
}

static void
an_own_file_is_no_link_and_has_one_name(void **state)
{
	const char *why;
	struct stat st;
	int fd;

	(void)state;
	file("a", 0600);
	OPENS("a", TRUSTED_OWN);
	assert_int_equal(symlink(in("a"), in("link")), 0);
	REFUSED("link", TRUSTED_OWN, ELOOP);
	assert_int_equal(symlink("nowhere", in("dangling")), 0);
	assert_int_equal(trusted_open(in("dangling"), TRUSTED_OWN, O_RDWR |
	    O_CREAT, &st, &why), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(access(in("nowhere"), F_OK), -1);
	assert_int_equal(link(in("a"), in("second")), 0);
	REFUSED("a", TRUSTED_OWN, EPERM);
	OPENS("second", TRUSTED_STATE);
	fd = trusted_open(in("new"), TRUSTED_OWN, O_RDWR | O_CREAT, &st, &why);
	assert_true(fd != -1);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
	assert_int_equal(trusted_open(in("none"), TRUSTED_OWN, O_RDWR, &st,
	    &why), -1);
	assert_int_equal(errno, ENOENT);
}

static void
what_root_makes_belongs_to_the_owner_of_the_directory(void **state)
{
	const char *why;
	struct stat st;
	int fd;

	(void)state;
	need_root();
	folder("state", 0755);
	assert_int_equal(chown(in("state"), ONE, TWO), 0);
	fd = trusted_open(in("state/lock"), TRUSTED_OWN, O_RDWR | O_CREAT, &st,
	    &why);
	assert_true(fd != -1);
	close(fd);
	assert_int_equal(stat(in("state/lock"), &st), 0);
	assert_int_equal(st.st_uid, ONE);
	assert_int_equal(st.st_gid, TWO);

	/* What is there already is left to whom it belongs. */
	file("state/roots", 0600);
	fd = trusted_open(in("state/roots"), TRUSTED_OWN, O_RDWR | O_CREAT, &st,
	    &why);
	assert_true(fd != -1);
	close(fd);
	assert_int_equal(stat(in("state/roots"), &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void
state_may_be_given_to_one_other_user(void **state)
{

	(void)state;
	need_root();
	folder("state", 0755);
	file("state/a", 0644);
	file("outside", 0644);
	assert_int_equal(symlink(in("outside"), in("state/link")), 0);
	assert_int_equal(chown(in("state/a"), ONE, ONE), 0);
	assert_int_equal(chown(in("state"), ONE, ONE), 0);
	OPENS("state/a", TRUSTED_STATE);
	assert_int_equal(got_as(TWO, in("state/a"), TRUSTED_STATE), 0);
	REFUSED("state/a", TRUSTED_CONFIG, EPERM);
	REFUSED("state/a", TRUSTED_SECRET, EPERM);

	/* They could lead root anywhere. */
	REFUSED("state/link", TRUSTED_STATE, EPERM);
	assert_int_equal(got_as(ONE, in("state/link"), TRUSTED_STATE), 0);
	assert_int_equal(chown(in("state/a"), TWO, TWO), 0);
	REFUSED("state/a", TRUSTED_STATE, EPERM);

	/* Nobody gave what anybody can make. */
	folder("tmp", 01777);
	folder("tmp/state", 0755);
	file("tmp/state/a", 0644);
	assert_int_equal(chown(in("tmp/state"), ONE, ONE), 0);
	REFUSED("tmp/state/a", TRUSTED_STATE, EPERM);
}

static void
only_regular_files_are_opened(void **state)
{

	(void)state;
	assert_int_equal(mkfifo(in("fifo"), 0600), 0);
	folder("folder", 0755);
	alarm(5);
	REFUSED("fifo", TRUSTED_CONFIG, EINVAL);
	REFUSED("fifo", TRUSTED_OWN, EINVAL);
	REFUSED("folder", TRUSTED_STATE, EINVAL);
	alarm(0);
	assert_int_equal(got("/dev/null", TRUSTED_CONFIG), 0);
	assert_int_equal(got("/dev/null", TRUSTED_STATE), EINVAL);
	assert_int_equal(got("/dev/zero", TRUSTED_CONFIG), EINVAL);
	assert_int_equal(got("/", TRUSTED_CONFIG), EISDIR);
}

static void
paths_of_any_form_are_walked(void **state)
{
	char path[PATH_MAX + 10], here[PATH_MAX];

	(void)state;
	folder("b", 0755);
	file("b/a", 0644);
	OPENS("b/a", TRUSTED_CONFIG);
	OPENS("b//./../b/./a", TRUSTED_CONFIG);
	REFUSED("b/a/x", TRUSTED_CONFIG, ENOTDIR);
	REFUSED("c/a", TRUSTED_CONFIG, ENOENT);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(in("b")), 0);
	assert_int_equal(got("a", TRUSTED_CONFIG), 0);
	assert_int_equal(got("../b/a", TRUSTED_CONFIG), 0);
	chmod(in("b"), 0777);
	assert_int_equal(got("a", TRUSTED_CONFIG), EPERM);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(got("", TRUSTED_CONFIG), ENOENT);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[NAME_MAX + 2] = '\0';
	assert_int_equal(got(path, TRUSTED_CONFIG), ENAMETOOLONG);
	path[NAME_MAX + 2] = 'x';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(got(path, TRUSTED_CONFIG), ENAMETOOLONG);
	assert_int_equal(symlink("loop", in("loop")), 0);
	REFUSED("loop", TRUSTED_CONFIG, ELOOP);
}

/* As Docker Swarm mounts secrets; in a child, whose mounts are its own.  whole:
   that mount is "/" for the child. */
static int
mounted(unsigned long flags, bool whole)
{
	const pid_t child = fork();
	int status;

	assert_true(child != -1);
	if (child == 0) {
		if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL,
		    MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", in("m"),
		    "tmpfs", 0, "mode=0755") != 0)
			_exit(254);
		file("m/key", 0444);
		if (mount(NULL, in("m"), NULL, MS_REMOUNT | flags, NULL) != 0)
			_exit(254);
		if (whole && chroot(in("m")) != 0)
			_exit(254);
		_exit(got(whole ? "/key" : in("m/key"), TRUSTED_SECRET));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
a_secret_for_all_to_read_is_taken_from_a_read_only_mount_alone(void **state)
{
	int was;

	(void)state;
	need_root();
	folder("m", 0755);
	if ((was = mounted(0, false)) == 254)
		skip();
	assert_int_equal(was, EPERM);
	assert_int_equal(mounted(MS_RDONLY, false), 0);
}

/* As a service of systemd with ProtectSystem=strict sees it. */
static void
a_secret_for_all_to_read_is_refused_where_all_of_the_root_is_read_only(
    void **state)
{
	int was;

	(void)state;
	need_root();
	folder("m", 0755);
	if ((was = mounted(MS_RDONLY, true)) == 254)
		skip();
	assert_int_equal(was, EPERM);
}

static void
directories_are_opened_by_the_same_rules(void **state)
{
	const char *why;
	struct stat st;
	int fd;

	(void)state;
	folder("b", 0755);
	assert_int_equal(symlink("b", in("link")), 0);
	fd = trusted_directory(in("link"), &st, &why);
	assert_true(fd != -1 && S_ISDIR(st.st_mode));
	assert_int_equal(fsync(fd), 0);
	close(fd);
	chmod(in("b"), 0777);
	assert_int_equal(trusted_directory(in("b"), &st, &why), -1);
	assert_int_equal(errno, EPERM);
	file("a", 0644);
	assert_int_equal(trusted_directory(in("a"), &st, &why), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(trusted_directory(in("none"), &st, &why), -1);
	assert_int_equal(errno, ENOENT);
	fd = trusted_directory("/", &st, &why);
	assert_true(fd != -1);
	close(fd);
}

static int
looked(const char *path)
{
	const char *why = NULL;
	struct stat st;

	if (trusted_look(path, TRUSTED_SOCKET, W_OK, &st, &why))
		return (0);
	assert_true(why != NULL && why[0] != '\0');
	return (errno);
}

static void
a_socket_is_judged_by_its_owner_and_the_way_to_it(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	folder("b", 0755);
	snprintf(un.sun_path, sizeof(un.sun_path), "%.90s", in("b/s"));
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);

	/* Its mode says who may connect, not who may replace it. */
	chmod(in("b/s"), 0777);
	assert_int_equal(looked(in("b/s")), 0);
	chmod(in("b"), 0777);
	assert_int_equal(looked(in("b/s")), EPERM);
	chmod(in("b"), 01777);
	assert_int_equal(looked(in("b/s")), 0);
	file("b/a", 0600);
	assert_int_equal(looked(in("b/a")), EINVAL);
	assert_int_equal(looked(in("b/none")), ENOENT);

	/* As that of a Redis with a user of its own. */
	need_root();
	chmod(in("b"), 0755);
	assert_int_equal(chown(in("b/s"), ONE, ONE), 0);
	assert_int_equal(looked(in("b/s")), EPERM);
	assert_int_equal(chown(in("b"), ONE, ONE), 0);
	assert_int_equal(looked(in("b/s")), 0);
	assert_int_equal(chown(in("b/s"), TWO, TWO), 0);
	assert_int_equal(looked(in("b/s")), EPERM);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
	T(a_file_that_others_can_write_is_refused),
	T(a_directory_on_the_way_that_others_can_write_is_refused),
	T(a_group_that_is_not_ours_counts_as_others),
	T(a_file_of_another_user_is_refused),
	T(links_are_followed_where_nobody_else_can_set_them),
	T(an_own_file_is_no_link_and_has_one_name),
	T(what_root_makes_belongs_to_the_owner_of_the_directory),
	T(state_may_be_given_to_one_other_user),
	T(only_regular_files_are_opened), T(paths_of_any_form_are_walked),
	T(a_secret_for_all_to_read_is_taken_from_a_read_only_mount_alone),
	T(a_secret_for_all_to_read_is_refused_where_all_of_the_root_is_read_only),
	T(directories_are_opened_by_the_same_rules),
	T(a_socket_is_judged_by_its_owner_and_the_way_to_it),
};

TEST_MAIN(tests)
