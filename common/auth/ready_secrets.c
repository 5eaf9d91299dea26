#include <stdio.h>

#include "auth/ready_mend.h"
#include "auth/ready_secrets.h"
#include "auth/ready_settings.h"
#include "base/secret.h"

#define MEND_MODE "chown root:%G %P && chmod 0640 %P"

bool
ready_secrets_blame(const struct ready_checks *c, struct ready_found *f,
    const char *file, const char *anew)
{

	if (file[0] == '\0')
		return (ready_settings_blame(c, f));
	snprintf(f->path, sizeof(f->path), "%s", file);
	ready_mend_file(f, &c->uses.as, secret_check(file) == ERR_UNSAFE, anew,
	    MEND_MODE);
	return (false);
}

/* A running program goes on with the pair that it has, unless the new one or
   the mark beside it says that it was revoked. */
static bool
good_role(struct ready_checks *c, struct ready_found *f,
    enum keyring_role_name role)
{
	const struct config *cfg = c->uses.cfg;
	const char *file;
	enum err e;

	if (key_mark_changed(&c->mark[role], keyring_file(cfg, role)))
		c->signs[role] = false;
	e = keyring_try(c->uses.keyring, cfg, role, &file);
	if (e == ERR_OK) {
		c->signs[role] = keyring_follows(cfg, role);
		return (true);
	}
	if (e == ERR_KEY_REVOKED) {
		f->code = err_code(e);
		c->signs[role] = false;
	}
	f->warns = c->signs[role];
	return (ready_secrets_blame(c, f, file, READY_SECRETS_MEND));
}

bool
ready_secrets_upload(struct ready_checks *c, struct ready_found *f)
{

	return (good_role(c, f, KEYRING_UPLOAD));
}

bool
ready_secrets_read(struct ready_checks *c, struct ready_found *f)
{

	/* Report a secret that both roles share only once. */
	if ((c->parts & READY_UPLOAD) != 0 && keyring_shared(c->uses.cfg))
		return (true);
	return (good_role(c, f, KEYRING_READ));
}
