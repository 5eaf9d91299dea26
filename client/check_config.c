/*
 * foldergate check-config: every setting, its value and its origin.  Then the
 * results of auth/ready.h for the installation, with the faults last.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "auth/ready.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "check_user.h"
#include "command.h"
#include "config/config.h"
#include "config/network.h"
#include "config/show.h"
#include "crypto/hmac.h"
#include "ledger/ledger.h"
#include "paper.h"
#include "s3/bucket.h"
#include "s3/keyring.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"
#include "sync_status.h"

static const char *
or_none(const char *s)
{

	return (s[0] != '\0' ? s : "none");
}

/* --- the valid parts of the installation --------------------------------- */

static void
show_bucket(const struct config *c)
{
	struct s3_bucket b;

	if (s3_bucket_configure(&b, c, c->s3_public_endpoint) == ERR_OK)
		paper(2, "uploads go to %s, region %s, by %s, ACL %s, storage "
		    "class %s, signed for %lld s at most", b.url, b.region,
		    b.folder_forms ? "POST policy" : b.post_policy ?
		    "POST policy for one file" : "presigned PUT",
		    or_none(b.acl), or_none(b.storage_class),
		    (long long)b.max_ttl_s);
}

/* Show only that a secret is there. */
static void
show_secrets(const struct config *c, const struct keyring *k)
{
	const char *file, *variable;
	int role;

	for (role = 0; role < KEYRING_ROLES; role++) {
		if (role > 0 && keyring_shared(c))
			break;
		if (keyring_try(k, c, (enum keyring_role_name)role, &file) !=
		    ERR_OK)
			continue;
		variable = keyring_variable(k, c,
		    (enum keyring_role_name)role);
		if (variable != NULL)
			paper(2, "%s is set; a file would be better",
			    variable);
		else
			paper(2, "%s: a secret is there", file);
	}
}

static void
show_hash(const char *text, const uint8_t hash[NETWORK_HASH_LEN])
{
	char digits[2 * NETWORK_HASH_LEN + 1];

	hex_encode(digits, hash, NETWORK_HASH_LEN);
	paper(2, "%s0x%s", text, digits);
}

static void
show_endpoint(const char *sentence)
{

	paper(2, "chain-sync: %s", sentence);
}

/* Show the network that we believe, the network of the snapshot, and the state
   that chain-sync reports for its endpoints. */
static void
show_network(const struct config *c, const struct metagraph_info *info)
{
	static const uint8_t unknown[NETWORK_HASH_LEN];
	uint8_t genesis[NETWORK_HASH_LEN];
	char text[64];

	snprintf(text, sizeof(text), "network: %s, genesis ", network_name(c));
	if (network_genesis(c, genesis))
		show_hash(text, genesis);
	else
		paper(2, "network: %s, any genesis", network_name(c));
	if (info != NULL && memcmp(info->genesis, unknown, sizeof(unknown)))
		show_hash("the snapshot's: ", info->genesis);
	sync_status_show(c, show_endpoint);
}

static void
count(void *user, const char *name, int64_t used)
{

	(void)name;
	(void)used;
	++*(size_t *)user;
}

static void
show_ledger(const struct config *c)
{
	struct ledger *s;
	size_t n = 0;

	if (admit_open_ledger(c, &s) != ERR_OK)
		return;
	if (ledger_usage(s, clock_now_ms() / 1000 / 86400, "", count, &n) ==
	    ERR_OK)
		paper(2, "ledger: in %s, %zu counters today",
		    c->state_redis_sentinels.n > 0 ?
		    "the Redis that the sentinels name" :
		    c->state_redis_url[0] != '\0' ? "Redis" :
		    "state.shared", n);
	ledger_free(s);
}

static void
show_audit(const struct config *c)
{

	if (c->audit_key_file[0] == '\0')
		paper(2, "audit log: none, since audit.key_file is not set");
	else
		paper(2, "audit log: %s", c->audit_file);
}

static void
show_proofs(const struct config *c)
{
	const bool btauth = c->auth_schemes.btauth &&
	    c->auth_receiver[0] != '\0';

	paper(2, "proofs:%s%s%s", c->auth_schemes.text ? " text" : "",
	    c->auth_schemes.tao ? " tao" : "", btauth ? " btauth" : "");
	if (c->auth_schemes.tao && c->auth_tao_everywhere)
		paper(2, "warning: auth.tao_everywhere: a request that "
		    "somebody signed for another service or route can be a "
		    "grant here");
}

static void
show_shared(const struct config *c)
{

	if (strcmp(c->state_shared, c->state_directory) == 0)
		paper(2, "warning: state.shared is not set: whoever breaks "
		    "into an endpoint can write the snapshot, and so make "
		    "anybody a validator. Set it to a directory of its own for "
		    "the user of the endpoints, and let another user own "
		    "state.directory and run chain-sync and bucket-sync.");
}

/* --- faults -------------------------------------------------------------- */

static void
show_found(const struct ready_found *f)
{
	char owner[CHECK_USER_MAX + 1];

	paper(2, "\n%s: %s (%s)", f->warns ? "warning" : "fault", f->what,
	    f->code);
	paper(4, "  %s", f->reason);
	if (f->path[0] != '\0' && !f->is_there)
		paper(4, "  file: %s, not there", f->path);
	else if (f->path[0] != '\0') {
		check_user_owner(f->uid, f->gid, owner);
		paper(4, "  file: %s, owner %s, mode %04o", f->path, owner,
		    (unsigned)(f->mode & 07777));
	}

	/* A person pastes this command, so it is not folded. */
	if (f->mend[0] != '\0')
		printf("  mend: %s\n", f->mend);
}

static bool
show_ready(const struct ready *r, size_t n)
{
	const bool good = ready_fault(r) == NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (ready_found(r, i)->warns)
			show_found(ready_found(r, i));
	}
	for (i = 0; i < n; i++) {
		if (!ready_found(r, i)->warns)
			show_found(ready_found(r, i));
	}
	paper(2, "\n%s", good ? "this installation can serve" :
	    "this installation cannot serve: see the faults above");
	return (good);
}

static bool
check(const struct config *c, const struct check_user *u)
{
	struct keyring keyring = { .taken = false };
	struct ready_uses uses = { .cfg = c, .keyring = &keyring };
	const int64_t now_ms = clock_now_ms();
	struct ready *r;
	size_t n;
	bool good;

	if (keyring_init(&keyring) != ERR_OK)
		return (false);
	uses.hmac = hmac_new();
	uses.metagraph = auth_metagraph(c, uses.hmac);
	uses.index = bucket_index_new(c->state_directory, uses.hmac);
	check_user_as(u, &uses.as);
	r = ready_new(&uses);
	n = ready_look(r, READY_ALL, now_ms, clock_boot_ms());
	(void)log_quiet(true);
	show_bucket(c);
	show_network(c, metagraph_info(uses.metagraph));
	show_secrets(c, &keyring);
	show_ledger(c);
	show_audit(c);
	(void)log_quiet(false);
	show_proofs(c);
	show_shared(c);
	good = show_ready(r, n);
	ready_free(r);
	bucket_index_free(uses.index);
	metagraph_free(uses.metagraph);
	hmac_free(uses.hmac);
	keyring_free(&keyring);
	return (good);
}

/* Show all settings even if one is wrong, because a person who mistyped one
   needs the list.  But then there are no defaults yet. */
static void
show_settings(const struct config *cfg, const struct config_origin *origins,
    bool good)
{
	char value[SHOW_VALUE_MAX + 1], where[32];
	size_t i;

	for (i = 0; i < show_count(); i++) {
		if (!good && origins[i].from == CONFIG_UNSET) {
			paper(4, "%-36s ; %s", show_name(i), show_about(i));
			continue;
		}
		show_value(cfg, i, value, sizeof(value));
		snprintf(where, sizeof(where), "line %d", origins[i].line);
		paper(4, "%-36s %-40s ; %s; %s", show_name(i), value,
		    origins[i].from == CONFIG_FILE ? where :
		    origins[i].from == CONFIG_ENV ? "environment" :
		    origins[i].from == CONFIG_DEFAULT ? "default" : "not set",
		    show_about(i));
	}
}

int
command_check_config(int argc, char **argv)
{
	const char *user = NULL;
	const struct option_spec options[] = {
		{ "user", &user, NULL }, { NULL, NULL, NULL }
	};
	char message[CONFIG_MESSAGE_MAX + 1];
	struct config_origin *origins;
	struct check_user u;
	struct config cfg;
	bool good;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (!check_user_become(user, &u))
		return (COMMAND_FAILED);
	if ((origins = calloc(show_count(), sizeof(*origins))) == NULL)
		log_die("out_of_memory", "check-config");
	good = config_load(config_path(), &cfg, origins, message) == ERR_OK;
	paper(2, "configuration: %s", config_path());
	paper(2, "tried as: %s", u.name);
	show_settings(&cfg, origins, good);

	/* What comes now may go to standard error.  In a file that gets both,
	   it belongs after the settings. */
	(void)fflush(stdout);
	free(origins);
	if (!good) {
		command_failed("%s", message);
		return (COMMAND_FAILED);
	}
	return (check(&cfg, &u) ? COMMAND_OK : COMMAND_FAILED);
}
