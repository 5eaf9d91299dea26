/* GET /readyz: 200 if grants can be vended now, else 503 with the reasons. */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "auth/admit.h"
#include "auth/auth.h"
#include "base/secret.h"
#include "base/trusted.h"
#include "ledger/ledger.h"
#include "state/denylist.h"
#include "state/throttle.h"
#include "web/endpoint.h"
#include "web/program.h"

struct response {
	const char *status;
};

static const struct emit_field response_fields[] = {
	EMIT_FIELD(struct response, status, EMIT_TEXT, NULL, "ok"),
	EMIT_END
};

static void
nothing(void *user, const char *name, int64_t used)
{

	(void)user;
	(void)name;
	(void)used;
}

static bool
parent_writable(const char *path)
{
	char dir[CONFIG_TEXT_MAX + 8];
	size_t len = (size_t)(strrchr(path, '/') - path);

	memcpy(dir, path, len);
	dir[len] = '\0';
	return (faccessat(AT_FDCWD, len > 0 ? dir : "/", W_OK | X_OK,
	    AT_EACCESS) == 0);
}

/* A file that we may write to, or that we may make. */
static bool
writable(const char *path)
{
	const char *why;
	struct stat st;

	return (trusted_look(path, TRUSTED_OWN, W_OK, &st, &why) ||
	    (errno == ENOENT && parent_writable(path)));
}

/* A look, in 1970: nobody was counted then. */
static bool
ledger_answers(const struct web *w)
{
	static struct ledger *s;

	if (s == NULL && admit_open_ledger(&w->cfg, &s) != ERR_OK)
		return (false);
	return (ledger_usage(s, 0, "none", nothing, NULL) == ERR_OK);
}

/* The log, and what is beside it. */
static bool
log_writable(const char *path)
{
	static const char *const suffixes[] = { "", AUDIT_LOCK, AUDIT_HEAD };
	char name[CONFIG_TEXT_MAX + 8];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		if (!writable(name))
			return (false);
	}
	return (true);
}

/* The deny list and the table of addresses. */
static bool
guards_usable(const struct web *w)
{
	const struct throttle_options o = {
		.directory = w->cfg.state_shared,
		.per_minute = w->cfg.limits_address_per_minute,
		.burst = w->cfg.limits_address_burst,
	};
	static struct denylist *d;
	static struct throttle *t;

	if (d == NULL)
		d = denylist_new(w->cfg.state_directory);
	if (t == NULL && throttle_open(&o, &t) != ERR_OK)
		return (false);
	return (denylist_refresh(d) == ERR_OK);
}

static enum err
vend(struct web *w, const void *in, const struct endpoint_plan *p, void *out)
{
	struct response *o = out;
	static const char *reasons[8];
	size_t n = 0;
	enum err e;

	(void)in;
	(void)p;
	o->status = "ok";
	if ((e = auth_fresh(&w->auth)) != ERR_OK)
		reasons[n++] = err_code(e);
	if (!keyring_loadable(&w->keyring, &w->cfg))
		reasons[n++] = "secret_unreadable";
	if (!guards_usable(w))
		reasons[n++] = "guards_unusable";
	if (!ledger_answers(w))
		reasons[n++] = "ledger_unavailable";
	if (w->cfg.audit_key_file[0] != '\0' &&
	    secret_check(w->cfg.audit_key_file) != ERR_OK)
		reasons[n++] = "audit_key_unreadable";
	if (w->cfg.audit_required && !log_writable(w->cfg.audit_file))
		reasons[n++] = "audit_unwritable";
	if (faccessat(AT_FDCWD, w->cfg.state_shared, W_OK | X_OK,
	    AT_EACCESS) != 0)
		reasons[n++] = "state_unwritable";
	reasons[n] = NULL;
	w->reasons = reasons;
	return (n > 0 ? ERR_NOT_READY : ERR_OK);
}

int
main(void)
{
	static const struct need *const needs[] = {
		&need_keyring, &need_identity, NULL
	};
	static const enum err refuses[] = { ERR_NOT_READY, ERR_OK };
	static const struct endpoint ep = {
		.path = "/readyz", .method = "GET",
		.summary = "Grants can be vended now",
		.needs = needs,
		.response = response_fields,
		.response_size = sizeof(struct response),
		.refuses = refuses, .vend = vend,
	};

	return (program_main(&ep));
}
