/* Rows of foldergate doctor: the programs that run, and their sockets. */

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/ready_mend.h"
#include "base/build.h"
#include "base/log.h"
#include "config/config.h"
#include "doctor.h"
#include "net/fcgi.h"
#include "state/metrics.h"

/* The most sockets that are asked, and the longest wait for one of them.  After
   some that said nothing, all others have less. */
#define SOCKETS_MAX 256
#define WAIT_MS 3000
#define WAIT_SILENT_MS 300
#define SILENT_MAX 2

#define NAME_LEN_MAX 63

/* All endpoints refuse this method, so nothing is granted. */
#define METHOD "PUT"

struct one {
	char name[NAME_LEN_MAX + 1];	/* of the socket */
	size_t endpoint;		/* so much of it is the endpoint's */
	bool asked;			/* there is a status */
	int status, error;		/* of connect() */
	const char *why;
};

struct doctor_programs {
	char dir[READY_PATH_MAX - NAME_LEN_MAX];
	int error;			/* the directory cannot be read */
	size_t n;
	struct one one[SOCKETS_MAX];
	unsigned replaced;		/* processes of programs that are no
					   longer there */
	char which[NAME_LEN_MAX + 1];	/* one of them */
};

/* --- sockets ------------------------------------------------------------- */

/* Return how many of the bytes of a socket's name are the endpoint's: of
   NAME.sock, NAME-PID and NAME-PID-NUMBER.  0: it is another's. */
static size_t
endpoint_len(const char *name)
{
	const size_t n = strlen(name);
	size_t len = n, i;

	if (n > NAME_LEN_MAX || name[strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789-.")] != '\0')
		return (0);
	if (n > 5 && strcmp(name + n - 5, ".sock") == 0)
		return (n - 5);
	for (i = 0; i < 2; i++) {
		while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
			len--;
		if (len == n || len < 2 || name[len - 1] != '-')
			return (0);
		len--;
		if (strcspn(name + len - 1, "0123456789") != 0)
			break;
	}
	return (len);
}

static void
ask(const struct doctor_programs *p, struct one *s, int64_t wait_ms)
{
	char path[READY_PATH_MAX + NAME_LEN_MAX + 2], url[NAME_LEN_MAX + 2];

	snprintf(path, sizeof(path), "%s/%s", p->dir, s->name);
	snprintf(url, sizeof(url), "/%.*s", (int)s->endpoint, s->name);
	s->asked = fcgi_ask(path, METHOD, url, wait_ms, &s->status, &s->why) ==
	    ERR_OK;
	s->error = errno;
}

static int
by_name(const void *pa, const void *pb)
{
	const struct one *a = pa, *b = pb;

	return (strcmp(a->name, b->name));
}

static void
look_at_sockets(struct doctor_programs *p)
{
	const struct dirent *e;
	unsigned silent = 0;
	struct stat st;
	DIR *all;
	size_t i;

	if ((all = opendir(p->dir)) == NULL) {
		p->error = errno;
		return;
	}
	while ((e = readdir(all)) != NULL && p->n < SOCKETS_MAX) {
		if (endpoint_len(e->d_name) == 0 || fstatat(dirfd(all),
		    e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISSOCK(st.st_mode))
			continue;
		snprintf(p->one[p->n].name, NAME_LEN_MAX + 1, "%.*s",
		    NAME_LEN_MAX, e->d_name);
		p->one[p->n].endpoint = endpoint_len(e->d_name);
		p->n++;
	}
	closedir(all);
	qsort(p->one, p->n, sizeof(p->one[0]), by_name);
	for (i = 0; i < p->n; i++) {
		ask(p, &p->one[i], silent < SILENT_MAX ? WAIT_MS :
		    WAIT_SILENT_MS);
		silent += !p->one[i].asked && p->one[i].error == 0;
	}
}

/* --- processes ----------------------------------------------------------- */

/* The environment of a process of ours is short. */
#define ENVIRONMENT_MAX 65536

/* Does the process ${pid} read our configuration? */
static bool
is_ours(const char *pid)
{
	static const char name[] = CONFIG_PATH_VARIABLE "=";
	const char *value = build_config_path, *p;
	char path[64], *text;
	bool same;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	if ((f = fopen(path, "re")) == NULL)
		return (false);
	if ((text = calloc(1, ENVIRONMENT_MAX + 1)) == NULL)
		log_die("out_of_memory", "doctor");
	n = fread(text, 1, ENVIRONMENT_MAX, f);
	fclose(f);
	for (p = text; p < text + n; p += strlen(p) + 1) {
		if (strncmp(p, name, strlen(name)) == 0)
			value = p + strlen(name);
	}
	same = strcmp(value, config_path()) == 0;
	free(text);
	return (same);
}

/* Is this the path of one of our programs, which is no longer there? */
static const char *
replaced_name(char *path)
{
	static const char gone[] = " (deleted)";
	const size_t n = strlen(path), m = strlen(gone);
	char *slash;

	if (n <= m || strcmp(path + n - m, gone) != 0)
		return (NULL);
	path[n - m] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return (NULL);
	*slash = '\0';
	if (strcmp(slash + 1, "chain-sync") == 0 ||
	    strcmp(slash + 1, "bucket-sync") == 0 ||
	    (n - m > 8 && strstr(path, "foldergate") != NULL &&
	    strcmp(strrchr(path, '/'), "/cgi-bin") == 0))
		return (slash + 1);
	return (NULL);
}

static void
look_at_processes(struct doctor_programs *p)
{
	char link[64], path[PATH_MAX + 1];
	const struct dirent *e;
	const char *name;
	ssize_t n;
	DIR *all;

	if ((all = opendir("/proc")) == NULL)
		return;
	while ((e = readdir(all)) != NULL) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(link, sizeof(link), "/proc/%.20s/exe", e->d_name);
		if ((n = readlink(link, path, PATH_MAX)) <= 0)
			continue;
		path[n] = '\0';
		if ((name = replaced_name(path)) == NULL ||
		    !is_ours(e->d_name))
			continue;
		p->replaced++;
		snprintf(p->which, sizeof(p->which), "%.*s", NAME_LEN_MAX,
		    name);
	}
	closedir(all);
}

struct doctor_programs *
doctor_programs_look(const char *sockets)
{
	struct doctor_programs *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		log_die("out_of_memory", "doctor");
	snprintf(p->dir, sizeof(p->dir), "%s", sockets);
	look_at_sockets(p);
	look_at_processes(p);
	return (p);
}

void
doctor_programs_free(struct doctor_programs *p)
{

	free(p);
}

/* --- rows ---------------------------------------------------------------- */

static bool
is_same(const struct one *a, const struct one *b)
{

	return (a->endpoint == b->endpoint &&
	    memcmp(a->name, b->name, a->endpoint) == 0);
}

static bool
answers(const struct one *s)
{

	return (s->asked && s->status != 500);
}

/* How to mend a socket, in the form of ready_mend(). */
static const char *
mend_of(const struct one *s, bool systemd)
{
	const bool own = s->name[s->endpoint] == '.';

	if (s->asked)
		return ("%Cfoldergate check-config");
	if (systemd)
		return (s->error != 0 ? "systemctl restart %P.socket" :
		    "systemctl restart %P.service");
	if (!own)
		return ("systemctl restart lighttpd");
	return (s->error != 0 ? "/usr/local/lib/foldergate/pool.sh "
	    "/usr/local/lib/foldergate/cgi-bin %D" :
	    "pkill -HUP -f pool.sh");
}

static void
report_socket(struct doctor *d, const struct doctor_programs *p,
    const struct one *s)
{
	const bool systemd = doctor_unit("foldergate@.socket");
	char name[NAME_LEN_MAX + 1], unit[READY_PATH_MAX + 1];
	struct ready_found f = { .code = "program", .what = name };

	snprintf(name, sizeof(name), "%.*s", (int)s->endpoint, s->name);
	if (s->error == EACCES)
		f.warns = true;
	if (s->asked)
		snprintf(f.reason, sizeof(f.reason), "it answers %d: it cannot "
		    "start, and its log says why", s->status);
	else
		snprintf(f.reason, sizeof(f.reason), "%s", s->why);
	snprintf(f.path, sizeof(f.path), "%s/%s", p->dir, s->name);
	if (s->error == EACCES) {
		doctor_mend(d, &f, "sudo foldergate doctor");
		return;
	}
	if (systemd && !s->asked) {
		snprintf(unit, sizeof(unit), "%s", f.path);
		snprintf(f.path, sizeof(f.path), "foldergate@%s", name);
		ready_mend(&f, &d->as, mend_of(s, true));
		snprintf(f.path, sizeof(f.path), "%s", unit);
		doctor_found(d, &f);
	} else {
		doctor_mend(d, &f, mend_of(s, false));
	}
}

/* An endpoint is well if one of its sockets answers: a server that was killed
   leaves its own behind. */
static unsigned
report_endpoints(struct doctor *d, const struct doctor_programs *p)
{
	const struct one *s, *wrong = NULL;
	unsigned good = 0;
	bool well = false;

	for (s = p->one; s < p->one + p->n; s++) {
		if (s > p->one && !is_same(s, s - 1)) {
			if (!well)
				report_socket(d, p, wrong);
			good += well;
			well = false;
			wrong = NULL;
		}
		well |= answers(s);
		if (wrong == NULL && !answers(s))
			wrong = s;
	}
	if (p->n > 0 && !well)
		report_socket(d, p, wrong);
	return (good + well);
}

static void
report_sockets(struct doctor *d, const struct doctor_programs *p)
{
	struct ready_found f = { .code = "program", .what = "the sockets",
	    .warns = true };
	unsigned good;

	if (p->error == EACCES) {
		snprintf(f.reason, sizeof(f.reason), "only root may look into "
		    "their directory");
		snprintf(f.path, sizeof(f.path), "%s", p->dir);
		doctor_mend(d, &f, "sudo foldergate doctor");
		return;
	}
	good = report_endpoints(d, p);
	if (p->n == 0)
		doctor_fine(d, f.code, f.what, "none in %s; with CGI or in "
		    "another directory (--sockets) that is right", p->dir);
	else if (good > 0)
		doctor_fine(d, f.code, f.what, "%u endpoints answer in %s",
		    good, p->dir);
}

static void
report_processes(struct doctor *d)
{
	struct ready_found f = { .code = "processes", .what = "the processes",
	    .warns = true };
	unsigned confined = 0, open = 0;
	struct metrics *m;
	const char *why;
	size_t i;

	/* Without the table there is a row about it. */
	if (metrics_copy(d->cfg->state_shared, &m, &why) != ERR_OK)
		return;
	for (i = 0; i < METRICS_ENDPOINTS; i++) {
		confined += metrics_processes(m, i, METRICS_SANDBOX_ON);
		open += metrics_processes(m, i, METRICS_SANDBOX_OFF);
	}
	metrics_close(m);
	if (open == 0) {
		doctor_fine(d, f.code, f.what, "%u run, all in their sandbox",
		    confined);
		return;
	}
	snprintf(f.reason, sizeof(f.reason), "%u of %u run without the sandbox",
	    open, confined + open);
	doctor_mend(d, &f, "cat /sys/kernel/security/lsm");
}

static void
report_replaced(struct doctor *d, const struct doctor_programs *p)
{
	struct ready_found f = { .code = "replaced", .what = "the versions",
	    .warns = true };

	if (p->replaced == 0) {
		doctor_fine(d, f.code, f.what,
		    "no process runs a program that was replaced");
		return;
	}
	snprintf(f.reason, sizeof(f.reason), "%u process%s a program that was "
	    "replaced, such as %s", p->replaced, p->replaced == 1 ? " runs" :
	    "es run", p->which);
	doctor_mend(d, &f, doctor_unit("foldergate@.service") ?
	    "systemctl restart 'foldergate@*.service' "
	    "'foldergate-*-sync.service'" : "pkill -HUP -f pool.sh");
}

void
doctor_programs(struct doctor *d, const struct doctor_programs *p)
{

	report_sockets(d, p);
	report_processes(d);
	report_replaced(d, p);
}
