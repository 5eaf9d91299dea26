/* The files of an audit log. */

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit_files.h"
#include "base/log.h"
#include "command.h"

#define SEQ_DIGITS 12		/* of a renamed log's suffix */
#define LOCK_TRIES 1000		/* one a millisecond */

void
audit_files_add(struct audit_files *fs, const char *name)
{

	fs->names = realloc(fs->names, (fs->n + 1) * sizeof(*fs->names));
	if (fs->names == NULL)
		log_die("out_of_memory", "audit");
	snprintf(fs->names[fs->n++], PATH_MAX, "%s", name);
}

static int
by_name(const void *a, const void *b)
{

	return (strcmp(a, b));
}

/* Find files such as PATH.000000000120, in order. */
static bool
add_renamed(struct audit_files *fs, const char *path)
{
	const char *slash = strrchr(path, '/'), *base, *digits;
	char name[2 * PATH_MAX];
	struct dirent *d;
	DIR *dir;

	base = slash == NULL ? path : slash + 1;
	snprintf(name, sizeof(name), "%.*s", (int)(base - path), path);
	if ((dir = opendir(slash == NULL ? "." : name)) == NULL)
		return (false);
	while ((d = readdir(dir)) != NULL) {
		digits = d->d_name + strlen(base) + 1;
		if (strncmp(d->d_name, base, strlen(base)) != 0 ||
		    digits[-1] != '.' || strlen(digits) != SEQ_DIGITS ||
		    strspn(digits, "0123456789") != SEQ_DIGITS)
			continue;
		snprintf(name, sizeof(name), "%.*s%s", (int)(base - path),
		    path, d->d_name);
		audit_files_add(fs, name);
	}
	closedir(dir);
	if (fs->n > 0)
		qsort(fs->names, fs->n, sizeof(*fs->names), by_name);
	return (true);
}

/* Hold off the writers, if there are any.  A copy of a log has no lock. */
static int
take_lock(const char *path)
{
	char name[PATH_MAX + 8];
	int fd, i;

	snprintf(name, sizeof(name), "%s" AUDIT_LOCK, path);
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	for (i = 0; fd != -1 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0)
			return (fd);
		poll(NULL, 0, 1);
	}
	if (fd != -1)
		close(fd);
	return (-1);
}

static bool
read_head(struct audit_files *fs, const char *path, struct audit_tail *t)
{
	char name[PATH_MAX + 8];
	int fd;

	snprintf(name, sizeof(name), "%s" AUDIT_HEAD, path);
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return (false);
	fs->head = audit_tail_head(t, fd) == ERR_OK;
	fs->last = t->head;
	close(fd);
	return (fs->head);
}

bool
audit_files_find(struct audit_files *fs, const char *path,
    struct audit_tail *t)
{
	const int lock = take_lock(path);
	struct stat st;

	fs->size = -1;
	fs->log = fopen(path, "re");
	if (fs->log == NULL || fstat(fileno(fs->log), &st) != 0 ||
	    !add_renamed(fs, path)) {
		command_failed("%s: %s", path, strerror(errno));
	} else {
		audit_files_add(fs, path);
		fs->size = st.st_size;
		if (lock != -1 && t != NULL)
			(void)read_head(fs, path, t);
	}
	if (lock != -1)
		close(lock);
	return (fs->size >= 0);
}

void
audit_files_free(struct audit_files *fs)
{

	if (fs->log != NULL)
		fclose(fs->log);
	free(fs->names);
}

FILE *
audit_files_open(const struct audit_files *fs, size_t i, int64_t *size)
{
	const bool log = fs->log != NULL && i == fs->n - 1;
	FILE *f = log ? fs->log : fopen(fs->names[i], "re");

	*size = log ? fs->size : -1;
	if (f == NULL)
		command_failed("%s: %s", fs->names[i], strerror(errno));
	return (f);
}

bool
audit_files_close(const struct audit_files *fs, size_t i, FILE *f)
{
	const bool good = ferror(f) == 0;

	if (!good)
		command_failed("%s: cannot be read", fs->names[i]);
	if (f != fs->log)
		fclose(f);
	return (good);
}
