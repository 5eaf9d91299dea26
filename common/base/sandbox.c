#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "base/syscalls.h"

/*
 * Landlock, as documented in the kernel's userspace-api/landlock.rst.  The
 * header of Debian 12 ends with the second of its versions (ABI), so everything
 * is defined here.
 */
#define CREATE_VERSION 1u	/* LANDLOCK_CREATE_RULESET_VERSION */
#define RULE_PATH_BENEATH 1

#define FS_WRITE_FILE (1u << 1)
#define FS_READ_FILE (1u << 2)
#define FS_READ_DIR (1u << 3)
#define FS_REMOVE_FILE (1u << 5)
#define FS_MAKE_REG (1u << 8)
#define FS_TRUNCATE (1u << 14)
#define NET_BIND_TCP (1u << 0)
#define NET_CONNECT_TCP (1u << 1)
#define SCOPE_ALL 3u		/* abstract unix sockets, signals */

#define FS_FILE (FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)
#define FS_READ (FS_READ_FILE | FS_READ_DIR)
#define FS_WRITE (FS_READ | FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | \
    FS_TRUNCATE)

#define FS_APPEND (FS_WRITE_FILE | FS_MAKE_REG)

/* An older kernel accepts what it does not know if that is zero. */
struct ruleset {
	uint64_t fs, net, scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* The rights that each version handles.  Whatever is handled is refused unless
   a rule allows it. */
static uint64_t
fs_of(int abi)
{
	/* 1: the first 13.  2: links between directories.  3: truncation.
	   5: ioctl() of devices. */
	static const unsigned char bits[] = { 0, 13, 14, 15, 15, 16 };
	const size_t last = sizeof(bits) - 1;

	return ((1u << bits[(size_t)abi < last ? (size_t)abi : last]) - 1);
}

/* For who writes.  SQLite wants random bytes, and the ledger the id of this
   boot. */
static const char *const for_writers[] = {
	"/dev/urandom", "/proc/sys/kernel/random/boot_id", NULL
};

/* What looking up a name reads, the libraries that it loads, and the
   certificates that are trusted, as far as they are there.  Not /etc as a
   whole: secrets may be in it. */
static const char *const for_names[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
	"/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
	"/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64",
	"/usr/local/lib", "/run/systemd/resolve", "/etc/ssl/certs",
	"/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/pki/tls",
	"/etc/pki/ca-trust", "/etc/crypto-policies",
	"/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	"/usr/share/pki", NULL
};

static void
add(struct sandbox *s, const char *path, size_t len, enum sandbox_right right)
{

	if (s->n == SANDBOX_PATHS_MAX)
		log_die("sandbox", "too many directories");
	s->path[s->n++] = (struct sandbox_path){ .path = path, .len = len,
	    .right = right };
}

void
sandbox_directory(struct sandbox *s, const char *path,
    enum sandbox_right right)
{

	if (path[0] != '\0')
		add(s, path, strlen(path), right);
}

void
sandbox_beside(struct sandbox *s, const char *file, enum sandbox_right right)
{
	const char *slash = strrchr(file, '/');

	if (file[0] != '\0')
		add(s, file, slash == NULL ? 0 : slash == file ? 1 :
		    (size_t)(slash - file), right);
}

void
sandbox_connect(struct sandbox *s, bool names)
{

	s->connects = true;
	s->names |= names;
}

/* Allow ${rights} below what is open as ${fd}, and close it. */
static enum err
allow(int rules, int fd, uint64_t rights, struct stat *st)
{
	struct path_beneath rule = { .fd = fd };
	long rc = -1;

	if (fstat(fd, st) == 0) {
		rule.allowed = S_ISDIR(st->st_mode) ? rights :
		    rights & FS_FILE;
		rc = syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH,
		    &rule, 0);
	}
	close(fd);
	return (rc == 0 ? ERR_OK : ERR_IO);
}

/* Allow reading these, as far as they are there. */
static enum err
allow_list(int rules, const char *const *list)
{
	enum err e = ERR_OK;
	struct stat st;
	int fd;

	for (; *list != NULL && e == ERR_OK; list++) {
		if ((fd = open(*list, O_PATH | O_CLOEXEC)) != -1)
			e = allow(rules, fd, FS_READ, &st);
	}
	return (e);
}

static void
name_of(const struct sandbox_path *p, char out[PATH_MAX])
{

	snprintf(out, PATH_MAX, "%.*s", p->len > 0 ? (int)p->len : 1,
	    p->len > 0 ? p->path : ".");
}

static uint64_t
rights_of(enum sandbox_right right)
{

	return (right == SANDBOX_WRITE ? FS_WRITE :
	    right == SANDBOX_READ ? FS_READ : FS_APPEND);
}

/* Does an earlier one allow the same directory? */
static const struct sandbox_path *
earlier(const struct sandbox *s, const struct sandbox_path *p)
{
	const struct sandbox_path *q;

	for (q = s->path; q < p; q++) {
		if (q->len == p->len &&
		    (q->right == p->right || q->right == SANDBOX_WRITE) &&
		    memcmp(q->path, p->path, p->len) == 0)
			return (q);
	}
	return (NULL);
}

/* Allow the directory of a link's target as well. */
static enum err
allow_target(int rules, const struct sandbox_path *p, uint64_t rights)
{
	char target[PATH_MAX];
	struct stat st;
	int fd;

	if (p->path[p->len] == '\0' || lstat(p->path, &st) != 0 ||
	    !S_ISLNK(st.st_mode) || realpath(p->path, target) == NULL)
		return (ERR_OK);
	strrchr(target, '/')[1] = '\0';
	if ((fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (ERR_OK);
	return (allow(rules, fd, rights, &st));
}

static enum err
allow_path(struct sandbox *s, int rules, struct sandbox_path *p,
    uint64_t rights)
{
	const struct sandbox_path *same = earlier(s, p);
	char name[PATH_MAX];
	int fd;

	if (same != NULL) {
		p->st = same->st;
		return (ERR_OK);
	}
	name_of(p, name);
	if ((fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1) {
		if (p->right == SANDBOX_APPEND && errno == ENOENT)
			return (ERR_OK);
		s->why = "a directory is missing";
		return (ERR_NOT_READY);
	}
	return (allow(rules, fd, rights, &p->st));
}

static enum err
allow_paths(struct sandbox *s, int rules, uint64_t handled)
{
	struct sandbox_path *p;
	bool writes = false;
	uint64_t rights;
	enum err e;

	for (p = s->path; p < s->path + s->n; p++) {
		writes |= p->right == SANDBOX_WRITE;
		rights = handled & rights_of(p->right);
		if ((e = allow_path(s, rules, p, rights)) != ERR_OK ||
		    (e = allow_target(rules, p, rights)) != ERR_OK)
			return (e);
	}
	return (writes ? allow_list(rules, for_writers) : ERR_OK);
}

static const char *
reason(void)
{

	return (errno == ENOSYS ? "the kernel has none" :
	    errno == EOPNOTSUPP ? "it is turned off in the kernel" :
	    errno == EPERM ? "it is not permitted here" : strerror(errno));
}

/* Both parts require this.  The filter allows no prctl(). */
static bool
no_new_privileges(const struct sandbox *s)
{

	return (s->filtered ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

enum err
sandbox_files(struct sandbox *s)
{
	struct ruleset r = { 0 };
	enum err e = ERR_IO;
	int rules;
	long abi;

	if (s->abi != 0)
		return (ERR_OK);
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	if (abi < 1)
		goto err0;
	r.fs = fs_of((int)abi);
	if (abi >= 4)
		r.net = NET_BIND_TCP | (s->connects ? 0 : NET_CONNECT_TCP);
	if (abi >= 6)
		r.scoped = SCOPE_ALL;
	rules = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
	if (rules == -1)
		goto err0;
	if ((e = allow_paths(s, rules, r.fs)) != ERR_OK ||
	    (s->names && (e = allow_list(rules, for_names)) != ERR_OK))
		goto err1;
	if (!no_new_privileges(s) ||
	    syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		e = ERR_IO;
	else
		s->abi = (int)abi;

err1:
	if (e == ERR_IO)
		s->why = reason();
	close(rules);
	return (e);
err0:
	s->why = reason();
	return (ERR_IO);
}

enum err
sandbox_calls(struct sandbox *s)
{

	if (s->filtered)
		return (ERR_OK);
	if (!no_new_privileges(s) ||
	    syscalls_limit(s->connects, s->names) != ERR_OK) {
		s->why = reason();
		return (ERR_IO);
	}
	s->filtered = true;
	return (ERR_OK);
}

bool
sandbox_replaced(const struct sandbox *s)
{
	char name[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; s->abi != 0 && i < s->n; i++) {
		name_of(&s->path[i], name);
		if (stat(name, &st) == 0 &&
		    (st.st_dev != s->path[i].st.st_dev ||
		    st.st_ino != s->path[i].st.st_ino))
			return (true);
	}
	return (false);
}
