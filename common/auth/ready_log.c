#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/ready_checks.h"
#include "auth/ready_log.h"
#include "auth/ready_mend.h"
#include "base/sink.h"
#include "base/trusted.h"
#include "config/form.h"

/* Commands in the form of ready_mend(). */
#define MEND_DIRECTORY "install -d -o %U -g %G -m 0750 %P"
#define MEND_OWN "chown %U:%G %P && chmod 0640 %P"
#define MEND_ASIDE "mv %P %P.damaged"
#define MEND_DAEMON "ls -lL %P"

static bool
blame(struct ready_found *f, const char *why)
{

	snprintf(f->reason, sizeof(f->reason), "%s", why);
	return (false);
}

/* May a missing file be created in the directory of f->path? */
static bool
can_make(struct ready_checks *c, struct ready_found *f)
{
	char *slash = strrchr(f->path, '/');
	const char *const name = slash + 1;
	const char *why;
	struct stat st;
	bool trusted;

	*slash = '\0';
	trusted = trusted_look_in(slash == f->path ? "/" : f->path, &name, 1,
	    &st, &why);
	if (trusted && faccessat(AT_FDCWD, slash == f->path ? "/" : f->path,
	    W_OK | X_OK, AT_EACCESS) == 0)
		return (true);
	(void)blame(f, trusted ? strerror(errno) : why);
	ready_mend(f, &c->uses.as, MEND_DIRECTORY);
	return (false);
}

static bool
good_file(struct ready_checks *c, struct ready_found *f)
{
	const char *why;
	struct stat st;

	if (lstat(f->path, &st) != 0)
		return (errno == EACCES ? !ready_mend_way(f, &c->uses.as) :
		    can_make(c, f));
	if (trusted_look(f->path, TRUSTED_OWN, W_OK, &st, &why))
		return (true);
	(void)blame(f, why);
	if (!ready_mend_way(f, &c->uses.as))
		ready_mend(f, &c->uses.as, lstat(f->path, &st) == 0 &&
		    S_ISREG(st.st_mode) && st.st_nlink == 1 ? MEND_OWN :
		    MEND_ASIDE);
	return (false);
}

static bool
good_daemon(struct ready_checks *c, struct ready_found *f)
{

	if (faccessat(AT_FDCWD, f->path, W_OK, AT_EACCESS) == 0)
		return (true);
	(void)blame(f, strerror(errno));
	ready_mend(f, &c->uses.as, MEND_DAEMON);
	return (false);
}

bool
ready_log_to(struct ready_checks *c, struct ready_found *f)
{
	const char *to = c->uses.cfg->log_to;
	const bool file = to[0] == '/';

	if (!file && strcmp(to, FORM_LOG_SYSLOG) != 0)
		return (true);
	f->warns = true;
	snprintf(f->path, sizeof(f->path), "%s", file ? to : SINK_SYSLOG);
	return (file ? good_file(c, f) : good_daemon(c, f));
}
