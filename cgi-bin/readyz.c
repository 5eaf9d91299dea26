/* GET /readyz: 200 if grants can be vended now, else 503 with the reasons. */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "base/secret.h"
#include "state/store.h"
#include "web/endpoint.h"

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

/* A file that we may write to, or that we may make. */
static bool
writable(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return (errno == ENOENT);
	return (S_ISREG(st.st_mode) &&
	    faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0);
}

/* A look, in 1970: nobody was counted then. */
static bool
store_answers(const struct web *w)
{
	static struct store *s;

	if (s == NULL && admit_open_store(&w->cfg, &s) != ERR_OK)
		return (false);
	return (store_usage(s, 0, "none", nothing, NULL) == ERR_OK);
}

static enum err
handle(struct web *w)
{
	static const struct response out = { "ok" };
	static const char *reasons[7];
	size_t n = 0;
	enum err e;

	if ((e = auth_fresh(&w->auth)) != ERR_OK)
		reasons[n++] = err_code(e);
	if (!web_keys_loadable(w))
		reasons[n++] = "secret_unreadable";
	if (!store_answers(w))
		reasons[n++] = "store_unavailable";
	if (w->cfg.audit_key_file[0] != '\0' &&
	    secret_check(w->cfg.audit_key_file) != ERR_OK)
		reasons[n++] = "audit_key_unreadable";
	if (config_yes(w->cfg.audit_required) &&
	    !writable(w->cfg.audit_file))
		reasons[n++] = "audit_unwritable";
	if (faccessat(AT_FDCWD, w->cfg.state_directory, W_OK | X_OK,
	    AT_EACCESS) != 0)
		reasons[n++] = "state_unwritable";
	reasons[n] = NULL;
	w->reasons = reasons;
	return (n > 0 ? ERR_NOT_READY : web_reply(w, response_fields, &out));
}

int
main(void)
{
	static const struct endpoint ep = {
		.path = "/readyz", .method = "GET",
		.summary = "Grants can be vended now",
		.needs = NEED_METAGRAPH,
		.response = response_fields, .handle = handle,
	};

	return (endpoint_main(&ep));
}
