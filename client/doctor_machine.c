/* Rows of foldergate doctor: room on the disks, the clock, the sandbox. */

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "doctor.h"

/* --- room ---------------------------------------------------------------- */

/* With less room than this, a ledger or an audit log will soon fail. */
#define ROOM_BAD ((uint64_t)16 << 20)
#define ROOM_WARN ((uint64_t)256 << 20)
#define FILES_BAD 100
#define FILES_WARN 10000

struct room {
	const char *what, *dir;
};

static void
report_room(struct doctor *d, const struct room *r)
{
	struct ready_found f = { .code = "room", .what = r->what };
	const char *form = "df -h %P";
	struct statvfs v;
	uint64_t bytes;

	snprintf(f.path, sizeof(f.path), "%s", r->dir);

	/* A directory that is not there has a row of its own. */
	if (statvfs(r->dir, &v) != 0)
		return;
	bytes = (uint64_t)v.f_bavail * v.f_frsize;
	snprintf(f.reason, sizeof(f.reason), "%llu MiB are free",
	    (unsigned long long)(bytes >> 20));
	if (v.f_files > 0 && v.f_favail < FILES_WARN) {
		snprintf(f.reason, sizeof(f.reason), "%llu files can be made",
		    (unsigned long long)v.f_favail);
		form = "df -i %P";
		f.warns = v.f_favail >= FILES_BAD;
	} else if (bytes >= ROOM_WARN) {
		doctor_fine(d, f.code, f.what, "%s", f.reason);
		return;
	} else {
		f.warns = bytes >= ROOM_BAD;
	}
	doctor_mend(d, &f, form);
}

static void
report_rooms(struct doctor *d)
{
	char audit[sizeof(d->cfg->audit_file)];
	struct room rooms[] = {
		{ "room in state.directory", d->cfg->state_directory },
		{ "room in state.shared", d->cfg->state_shared },
		{ "room for the audit log", audit },
	};
	const size_t n = sizeof(rooms) / sizeof(rooms[0]);
	struct stat st[3];
	bool seen;
	size_t i, k;

	snprintf(audit, sizeof(audit), "%s", d->cfg->audit_key_file[0] != '\0' ?
	    d->cfg->audit_file : "");
	if (strrchr(audit, '/') != NULL)
		strrchr(audit, '/')[1] = '\0';
	for (i = 0; i < n; i++) {
		if (stat(rooms[i].dir, &st[i]) != 0) {
			memset(&st[i], 0, sizeof(st[i]));
			continue;
		}
		for (k = 0, seen = false; k < i; k++)
			seen |= st[k].st_dev == st[i].st_dev;
		if (!seen)
			report_room(d, &rooms[i]);
	}
}

/* --- the clock ----------------------------------------------------------- */

static void
report_clock(struct doctor *d)
{
	struct ready_found f = { .code = "clock_not_kept",
	    .what = "the kernel's clock", .warns = true };
	struct timex t = { .modes = 0 };

	if (adjtimex(&t) != -1 && (t.status & STA_UNSYNC) == 0) {
		doctor_fine(d, f.code, f.what, "kept by NTP");
		return;
	}
	snprintf(f.reason, sizeof(f.reason), "nothing keeps it right, as far "
	    "as the kernel knows");
	doctor_mend(d, &f, "timedatectl set-ntp true");
}

/* --- the sandbox --------------------------------------------------------- */

struct tried {
	int abi;
	bool filtered;
	char why[101];
};

/* In a process of its own, because there is no way back. */
static void
confine(const char *dir, int fd)
{
	struct tried t = { .abi = 0 };
	struct sandbox s = { .n = 0 };

	sandbox_directory(&s, dir, SANDBOX_READ);
	(void)!sandbox_files(&s);
	(void)!sandbox_calls(&s);
	t.abi = s.abi;
	t.filtered = s.filtered;
	snprintf(t.why, sizeof(t.why), "%s", s.why != NULL ? s.why : "");
	(void)!write(fd, &t, sizeof(t));
	_exit(0);
}

static bool
try_sandbox(const char *dir, struct tried *t)
{
	bool good = false;
	int fds[2];
	pid_t child;

	if (pipe(fds) != 0)
		return (false);
	if ((child = fork()) == 0)
		confine(dir, fds[1]);
	close(fds[1]);
	if (child != -1) {
		good = read(fds[0], t, sizeof(*t)) == (ssize_t)sizeof(*t);
		while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	close(fds[0]);
	return (good);
}

static void
report_sandbox(struct doctor *d)
{
	const enum config_web_sandbox how = d->cfg->web_sandbox;
	struct ready_found f = { .code = "sandbox", .what = "the sandbox",
	    .warns = how != CONFIG_WEB_SANDBOX_REQUIRE };
	struct tried t = { .abi = 0 };

	if (how == CONFIG_WEB_SANDBOX_NO) {
		snprintf(f.reason, sizeof(f.reason),
		    "off, since web.sandbox is no");
		doctor_mend(d, &f, "sudoedit %F");
		return;
	}
	if (try_sandbox(d->cfg->state_directory, &t) && t.abi > 0 &&
	    t.filtered) {
		doctor_fine(d, f.code, f.what, "Landlock %d and seccomp work",
		    t.abi);
		return;
	}
	snprintf(f.reason, sizeof(f.reason), "this kernel or container does "
	    "not offer %s%s%s", t.abi > 0 ? "seccomp" : "Landlock",
	    t.why[0] != '\0' ? ": " : "", t.why);
	doctor_mend(d, &f, "cat /sys/kernel/security/lsm");
}

void
doctor_machine(struct doctor *d)
{

	report_rooms(d);
	report_clock(d);
	report_sandbox(d);
}
