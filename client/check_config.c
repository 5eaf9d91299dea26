/* foldergate check-config: every setting, its value and where it comes from. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/admit.h"
#include "auth/auth.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "command.h"
#include "config/config.h"
#include "config/network.h"
#include "config/show.h"
#include "crypto/hmac.h"
#include "crypto/ss58.h"
#include "ledger/ledger.h"
#include "s3/bucket.h"
#include "state/metagraph.h"
#include "sync_status.h"

/* Of a secret only that it is there, and fit to be used. */
static bool
check_secret(const char *id, const char *path, const char *env)
{
	const char *value = getenv(env);
	struct sigv4_key key;
	struct secret *s;
	bool good;

	if (value != NULL && *value != '\0') {
		printf("%s is set; a file would be better\n", env);
		return (true);
	}
	if (*path == '\0') {
		printf("the secret of %s is not set\n", id);
		return (false);
	}
	if (secret_load(path, &s) != ERR_OK) {
		printf("%s: cannot be used\n", path);
		return (false);
	}
	good = sigv4_key_init(&key, "id", 2, secret_bytes(s), secret_len(s)) ==
	    ERR_OK;
	sigv4_key_wipe(&key);
	secret_free(s);
	printf("%s: %s\n", path, good ? "a secret is there" :
	    "not one line of printable characters");
	return (good);
}

/* Each role signs with its own pair, else with the common one. */
static bool
check_pairs(const struct config *c)
{
	bool common = c->s3_upload_access_key_id[0] == '\0' ||
	    c->s3_read_access_key_id[0] == '\0';
	bool good = true;

	if (common && c->s3_access_key_id[0] == '\0') {
		printf("s3: no access_key_id, for both roles or for each\n");
		return (false);
	}
	if (common)
		good &= check_secret(c->s3_access_key_id,
		    c->s3_secret_access_key_file, CONFIG_SECRET_ANY);
	if (c->s3_upload_access_key_id[0] != '\0')
		good &= check_secret(c->s3_upload_access_key_id,
		    c->s3_upload_secret_access_key_file,
		    CONFIG_SECRET_UPLOAD);
	if (c->s3_read_access_key_id[0] != '\0')
		good &= check_secret(c->s3_read_access_key_id,
		    c->s3_read_secret_access_key_file,
		    CONFIG_SECRET_READ);
	return (good);
}

static void
print_hash(const char *text, const uint8_t hash[NETWORK_HASH_LEN])
{
	char digits[2 * NETWORK_HASH_LEN + 1];

	hex_encode(digits, hash, NETWORK_HASH_LEN);
	printf("%s0x%s", text, digits);
}

static void
show_endpoint(const char *sentence)
{

	printf("chain-sync: %s\n", sentence);
}

/* Which network we believe, which one the snapshot is of, and what chain-sync
   says of its endpoints. */
static void
show_network(const struct config *c, const struct metagraph_info *info)
{
	static const uint8_t unknown[NETWORK_HASH_LEN];
	uint8_t genesis[NETWORK_HASH_LEN];

	printf("network: %s", network_name(c));
	if (network_genesis(c, genesis))
		print_hash(", genesis ", genesis);
	else
		printf(", any genesis");
	if (info != NULL && memcmp(info->genesis, unknown, sizeof(unknown)))
		print_hash("\nthe snapshot's: ", info->genesis);
	printf("\n");
	sync_status_show(c, show_endpoint);
}

/* Is there a snapshot that would be believed now? */
static bool
check_snapshot(const struct config *c)
{
	struct auth a = { .cfg = c, .now_s = clock_now_ms() / 1000 };
	struct hmac *h = hmac_new();
	enum err e;

	a.metagraph = auth_metagraph(c, h);
	e = auth_fresh(&a);
	show_network(c, metagraph_info(a.metagraph));
	printf("identity: %s\n", e == ERR_OK ? "the snapshot is fresh" :
	    err_detail(e));
	metagraph_free(a.metagraph);
	hmac_free(h);
	return (e == ERR_OK);
}

static void
count(void *user, const char *name, int64_t used)
{

	(void)name;
	(void)used;
	++*(size_t *)user;
}

/* The ledger, and the audit log's key. */
static bool
check_shared(const struct config *c)
{
	const char *where = c->state_redis_url[0] != '\0' ? "Redis" :
	    "state.shared";
	struct secret *key;
	struct ledger *s;
	size_t n = 0;
	bool good;

	if (admit_open_ledger(c, &s) != ERR_OK)
		return (false);
	good = ledger_usage(s, clock_now_ms() / 1000 / 86400, "", count, &n) ==
	    ERR_OK;
	if (good)
		printf("ledger: in %s, %zu counters today\n", where, n);
	else
		printf("ledger: %s cannot be used\n", where);
	ledger_free(s);
	if (c->audit_key_file[0] == '\0') {
		printf("audit log: none, since audit.key_file is not set\n");
	} else if (secret_load(c->audit_key_file, &key) != ERR_OK) {
		printf("%s: cannot be used\n", c->audit_key_file);
		good = false;
	} else {
		printf("audit log: %s\n", c->audit_file);
		secret_free(key);
	}
	return (good);
}

/* Can anybody prove anything, and how? */
static bool
check_auth(const struct config *c)
{
	const bool btauth = c->auth_schemes.btauth &&
	    c->auth_receiver[0] != '\0';
	uint8_t key[SS58_KEY_LEN];

	if (c->auth_receiver[0] != '\0' && ss58_decode(c->auth_receiver,
	    strlen(c->auth_receiver), key) != ERR_OK) {
		printf("auth.receiver is not an SS58 address: its checksum is "
		    "wrong\n");
		return (false);
	}
	if (!c->auth_schemes.text && !c->auth_schemes.tao && !btauth) {
		printf("auth.schemes: no proof is accepted, since btauth needs "
		    "auth.receiver\n");
		return (false);
	}
	printf("proofs:%s%s%s\n", c->auth_schemes.text ? " text" : "",
	    c->auth_schemes.tao ? " tao" : "", btauth ? " btauth" : "");
	if (c->auth_schemes.tao && c->auth_tao_everywhere)
		printf("warning: auth.tao_everywhere: a request that somebody "
		    "signed for another service or route can be a grant "
		    "here\n");
	return (true);
}

static const char *
or_none(const char *s)
{

	return (s[0] != '\0' ? s : "none");
}

static bool
check_meaning(const struct config *c)
{
	struct s3_bucket bucket;
	bool good = true;

	if (s3_bucket_configure(&bucket, c, c->s3_endpoint) != ERR_OK ||
	    s3_bucket_configure(&bucket, c, c->s3_public_endpoint) != ERR_OK)
		good = false;
	else
		printf("uploads go to %s, region %s, by %s, ACL %s, storage "
		    "class %s, signed for %lld s at most\n", bucket.url,
		    bucket.region, bucket.post_policy ? "POST policy" :
		    "presigned PUT", or_none(bucket.acl),
		    or_none(bucket.storage_class),
		    (long long)bucket.max_ttl_s);
	if (access(c->state_directory, R_OK | X_OK) != 0) {
		printf("%s: %s\n", c->state_directory, strerror(errno));
		good = false;
	} else {
		good &= check_snapshot(c);
		good &= check_shared(c);
	}
	if (strcmp(c->state_shared, c->state_directory) == 0)
		printf("warning: state.shared is not set: whoever breaks into "
		    "an endpoint can write the snapshot, and so make anybody a "
		    "validator. Set it to a directory of its own for the user "
		    "of the endpoints, and let another user own "
		    "state.directory and run chain-sync and bucket-sync.\n");
	good &= check_auth(c);
	return (check_pairs(c) && good);
}

int
command_check_config(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	char message[CONFIG_MESSAGE_MAX + 1];
	char value[SHOW_VALUE_MAX + 1], where[32];
	struct config_origin *origins;
	struct config cfg;
	bool good;
	size_t i;

	if (command_options(argc, argv, none, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if ((origins = calloc(show_count(), sizeof(*origins))) == NULL)
		log_die("out_of_memory", "check-config");
	good = config_load(config_path(), &cfg, origins, message) == ERR_OK;
	printf("configuration: %s\n", config_path());

	/* All settings even if one is wrong: who mistypes needs the list.  But
	   then there are no defaults yet. */
	for (i = 0; i < show_count(); i++) {
		if (!good && origins[i].from == CONFIG_UNSET) {
			printf("%-36s ; %s\n", show_name(i), show_about(i));
			continue;
		}
		show_value(&cfg, i, value, sizeof(value));
		snprintf(where, sizeof(where), "line %d", origins[i].line);
		printf("%-36s %-40s ; %s; %s\n", show_name(i), value,
		    origins[i].from == CONFIG_FILE ? where :
		    origins[i].from == CONFIG_ENV ? "environment" :
		    origins[i].from == CONFIG_DEFAULT ? "default" : "not set",
		    show_about(i));
	}
	free(origins);
	if (!good)
		fprintf(stderr, "foldergate: %s\n", message);
	else
		good = check_meaning(&cfg);
	return (good ? COMMAND_OK : COMMAND_FAILED);
}
