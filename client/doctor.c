/*
 * foldergate doctor: the running service and its parts on this machine, each
 * with the command that mends it; or (--url) a service from outside.
 */

#include <sys/stat.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/ready_mend.h"
#include "base/buf.h"
#include "check_user.h"
#include "command.h"
#include "config/config.h"
#include "doctor.h"
#include "names.h"
#include "paper.h"
#include "service.h"
#include "settings.h"

/* Where systemd, pool.sh or lighttpd has the sockets. */
#define SOCKETS_USUAL "/run/foldergate"

static const char *const words[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "bad"
};

/* --- rows ---------------------------------------------------------------- */

void
doctor_begin(struct doctor *d)
{

	if (d->json)
		printf("{\"checks\":[");
}

int
doctor_end(struct doctor *d)
{

	if (d->json)
		printf("],\"ok\":%s}\n", d->bad == 0 ? "true" : "false");
	return (d->bad == 0 ? COMMAND_OK : COMMAND_FAILED);
}

static void
member(struct buf *b, const char *name, const char *value)
{

	buf_fmt(b, ",\"%s\":", name);
	if (value[0] == '\0')
		buf_str(b, "null");
	else
		buf_json(b, value, strlen(value));
}

static void
print_json(const struct doctor *d, enum doctor_result how,
    const struct ready_found *f)
{
	char text[8192];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, "%s\n{\"result\":\"%s\",\"code\":\"%s\"",
	    d->rows > 0 ? "," : "", words[how], f->code);
	member(&b, "check", f->what);
	member(&b, "finding", f->reason);
	member(&b, "path", f->path);
	member(&b, "mend", f->mend);
	buf_char(&b, '}');
	if (buf_end(&b) == ERR_OK)
		printf("%s", text);
}

static void
print_text(enum doctor_result how, const struct ready_found *f)
{
	char finding[NAMES_SHOWN_MAX + 1], owner[CHECK_USER_MAX + 1];

	names_show(f->reason, strlen(f->reason), finding);
	paper(6, "%-4s  %s%s%s", words[how], f->what,
	    finding[0] != '\0' ? ": " : "", finding);
	if (how == DOCTOR_OK)
		return;
	if (f->path[0] != '\0' && f->is_there) {
		check_user_owner(f->uid, f->gid, owner);
		paper(8, "      file: %s, owner %s, mode %04o", f->path, owner,
		    (unsigned)(f->mode & 07777));
	} else if (f->path[0] != '\0') {
		paper(8, "      file: %s", f->path);
	}

	/* A person pastes this command, so it is not folded. */
	if (f->mend[0] != '\0')
		printf("      mend: %s\n", f->mend);
}

static void
row(struct doctor *d, enum doctor_result how, const struct ready_found *f)
{

	if (d->quiet && how == DOCTOR_OK)
		return;
	if (d->json)
		print_json(d, how, f);
	else
		print_text(how, f);
	d->rows++;
	d->bad += how == DOCTOR_BAD;
}

void
doctor_fine(struct doctor *d, const char *code, const char *what,
    const char *fmt, ...)
{
	struct ready_found f = { .code = code, .what = what };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.reason, sizeof(f.reason), fmt, ap);
	va_end(ap);
	row(d, DOCTOR_OK, &f);
}

void
doctor_found(struct doctor *d, const struct ready_found *f)
{

	row(d, f->warns ? DOCTOR_WARN : DOCTOR_BAD, f);
}

void
doctor_mend(struct doctor *d, struct ready_found *f, const char *form)
{

	ready_mend(f, &d->as, form);
	doctor_found(d, f);
}

bool
doctor_unit(const char *name)
{
	static const char *const places[] = {
		"/etc/systemd/system", "/usr/local/lib/systemd/system",
		"/lib/systemd/system",
	};
	char path[256];
	size_t i;

	if (access("/run/systemd/system", F_OK) != 0)
		return (false);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], name);
		if (access(path, F_OK) == 0)
			return (true);
	}
	return (false);
}

/* --- the command --------------------------------------------------------- */

/* Read the configuration, and report it. */
static bool
read_config(struct doctor *d, struct config *cfg)
{
	char message[CONFIG_MESSAGE_MAX + 1];
	struct ready_found f = { .code = "configuration",
	    .what = "the configuration" };

	if (config_load(config_path(), cfg, NULL, message) == ERR_OK) {
		doctor_fine(d, f.code, f.what, "%s", config_path());
		d->cfg = cfg;
		return (true);
	}
	snprintf(f.reason, sizeof(f.reason), "%.*s", LOG_VALUE_MAX, message);
	snprintf(f.path, sizeof(f.path), "%s", config_path());
	doctor_mend(d, &f, "sudoedit %P");
	return (false);
}

/* The parts of the service on this machine.  What only root sees comes before
   root becomes the user of the programs. */
static bool
look_here(struct doctor *d, const char *user, const char *sockets)
{
	struct doctor_programs *p = doctor_programs_look(sockets);
	struct check_user u;
	struct config cfg;
	const bool good = check_user_become(user, &u);

	if (good) {
		check_user_as(&u, &d->as);
		if (read_config(d, &cfg)) {
			doctor_installation(d);
			doctor_sync(d);
			doctor_programs(d, p);
			doctor_versions(d);
			doctor_machine(d);
			doctor_store(d);
		}
	}
	doctor_programs_free(p);
	return (good);
}

/* A service that does not answer is not well. */
static int
run(struct doctor *d, const struct settings *s, bool here, const char *user,
    const char *sockets)
{
	const char *url = here && s->option[SETTING_URL] == NULL ? NULL :
	    s->value[SETTING_URL];
	char base[SERVICE_URL_MAX + 1];
	bool good = true;
	size_t len;

	doctor_begin(d);
	if (here || url == NULL)
		good = look_here(d, user, sockets);
	if (good && url != NULL) {
		snprintf(base, sizeof(base), "%s", url);
		for (len = strlen(base); base[len - 1] == '/'; len--)
			base[len - 1] = '\0';
		good = doctor_outside(d, base, s->value[SETTING_CA_FILE]);
	}
	d->bad += !good;
	return (doctor_end(d));
}

int
command_doctor(int argc, char **argv)
{
	static struct settings s;
	struct doctor d = { .json = false };
	const char *user = NULL, *sockets = NULL;
	bool here = false;
	const struct option_spec options[] = {
		SETTINGS_OPTION_ROW(&s, "url", SETTING_URL),
		SETTINGS_OPTION_ROW(&s, "ca-file", SETTING_CA_FILE),
		{ "here", NULL, &here }, { "user", &user, NULL },
		{ "sockets", &sockets, NULL }, { "json", NULL, &d.json },
		{ "quiet,q", NULL, &d.quiet }, { "config", &s.config, NULL },
		{ NULL, NULL, NULL }
	};
	int status;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	status = settings_load(&s);
	if (status == COMMAND_OK)
		status = run(&d, &s, here, user, sockets != NULL ? sockets :
		    SOCKETS_USUAL);
	settings_free(&s);
	return (status);
}
