#include <sys/stat.h>

#include <stdio.h>

#include "auth/ready_checks.h"
#include "auth/ready_mend.h"
#include "auth/ready_metrics.h"
#include "auth/token.h"
#include "base/secret.h"
#include "state/metrics.h"

/* Commands in the form of ready_mend(). */
#define MEND_REMOVE "rm -r %P"
#define MEND_ROOM "df -h %D"
#define MEND_TOKEN "head -c 32 /dev/urandom | base64 | " \
    "install -D -o root -g %G -m 0640 /dev/stdin %P"
#define MEND_MODE "chown root:%G %P && chmod 0640 %P"

bool
ready_metrics_file(struct ready_checks *c, struct ready_found *f)
{
	const char *dir = c->uses.cfg->state_shared;
	struct metrics *m;
	struct stat st;

	if (!c->can_write)
		return (true);
	if (metrics_open(dir, NULL, false, &m) == ERR_OK) {
		metrics_close(m);
		return (true);
	}
	f->warns = true;
	snprintf(f->path, sizeof(f->path), "%s/%s", dir, METRICS_FILE);
	ready_mend(f, &c->uses.as, lstat(f->path, &st) == 0 ? MEND_REMOVE :
	    MEND_ROOM);
	return (false);
}

bool
ready_metrics_token(struct ready_checks *c, struct ready_found *f)
{
	const char *path = c->uses.cfg->metrics_token_file;
	struct secret *token;

	if (path[0] == '\0')
		return (true);
	if (token_load(path, &token) == ERR_OK) {
		secret_free(token);
		return (true);
	}
	f->warns = true;
	snprintf(f->path, sizeof(f->path), "%s", path);
	ready_mend_file(f, &c->uses.as, true, MEND_TOKEN, MEND_MODE);
	return (false);
}
