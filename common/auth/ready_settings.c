#include <stdio.h>
#include <string.h>

#include "auth/ready_mend.h"
#include "auth/ready_settings.h"
#include "config/cleartext.h"
#include "crypto/ss58.h"

bool
ready_settings_blame(const struct ready_checks *c, struct ready_found *f)
{

	snprintf(f->path, sizeof(f->path), "%s", config_path());
	ready_mend(f, &c->uses.as, "sudoedit %P");
	return (false);
}

bool
ready_settings_proofs(struct ready_checks *c, struct ready_found *f)
{
	const struct config *cfg = c->uses.cfg;
	const char *receiver = cfg->auth_receiver;
	const size_t len = strlen(receiver);
	uint8_t key[SS58_KEY_LEN];

	if (len > 0 && ss58_decode(receiver, len, key) != ERR_OK)
		snprintf(f->reason, sizeof(f->reason), "auth.receiver %s",
		    ss58_is_foreign(receiver, len) ?
		    ss58_wrong(receiver, len) :
		    "is not an SS58 address: its checksum is wrong");
	else if (!cfg->auth_schemes.text && !cfg->auth_schemes.tao &&
	    (!cfg->auth_schemes.btauth || len == 0))
		snprintf(f->reason, sizeof(f->reason), "auth.schemes: no proof "
		    "is accepted, since btauth needs auth.receiver");
	else
		return (true);
	return (ready_settings_blame(c, f));
}

bool
ready_settings_tls(struct ready_checks *c, struct ready_found *f)
{
	const char *setting = cleartext_found(c->uses.cfg);

	if (setting == NULL)
		return (true);
	f->warns = true;
	snprintf(f->reason, sizeof(f->reason), "%s is not encrypted and names "
	    "a public host: whoever is on the way can read and change what is "
	    "sent. Use https:// or wss://", setting);
	return (ready_settings_blame(c, f));
}
