/* foldergate check-config: every setting, its value and where it comes from. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "command.h"
#include "config/config.h"
#include "s3/provider.h"

/* Of a secret only that it is there, and fit to be used. */
static bool
check_secret(const char *path, const char *env)
{
	const char *value = getenv(env);
	struct sigv4_key key;
	struct secret *s;
	bool good;

	if (value != NULL && *value != '\0') {
		printf("%s is set; a file would be better\n", env);
		return (true);
	}
	if (*path == '\0')
		return (true);
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

static bool
check_meaning(const struct config *c)
{
	struct s3_bucket bucket;
	bool good = true;

	if (s3_bucket_init(&bucket, c->s3_endpoint, c->s3_region,
	    c->s3_bucket, c->s3_addressing[0] == 'v') != ERR_OK ||
	    s3_bucket_init(&bucket, c->s3_public_endpoint, c->s3_region,
	    c->s3_bucket, c->s3_addressing[0] == 'v') != ERR_OK) {
		printf("s3: endpoint, region, bucket and addressing do not "
		    "make a valid address\n");
		good = false;
	} else {
		printf("uploads go to %s\n", bucket.url);
	}
	if (access(c->state_directory, R_OK | X_OK) != 0) {
		printf("state.directory: cannot be read\n");
		good = false;
	}
	good &= check_secret(c->s3_secret_access_key_file,
	    "FOLDERGATE_S3_SECRET_ACCESS_KEY");
	good &= check_secret(c->s3_upload_secret_access_key_file,
	    "FOLDERGATE_S3_UPLOAD_SECRET_ACCESS_KEY");
	good &= check_secret(c->s3_read_secret_access_key_file,
	    "FOLDERGATE_S3_READ_SECRET_ACCESS_KEY");
	return (good);
}

int
command_check_config(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	char message[CONFIG_MESSAGE_MAX + 1];
	char value[CONFIG_ITEMS_MAX * (CONFIG_TEXT_MAX + 2) + 1], where[32];
	struct config_origin *origins;
	struct config cfg;
	bool good;
	size_t i;

	if (command_options(argc, argv, none, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if ((origins = calloc(config_count(), sizeof(*origins))) == NULL)
		log_die("out_of_memory", "check-config");
	if (config_load(config_path(), &cfg, origins, message) != ERR_OK) {
		fprintf(stderr, "foldergate: %s\n", message);
		free(origins);
		return (COMMAND_FAILED);
	}
	printf("configuration: %s\n", config_path());
	for (i = 0; i < config_count(); i++) {
		config_show(&cfg, i, value, sizeof(value));
		snprintf(where, sizeof(where), "line %d", origins[i].line);
		printf("%-36s %-40s # %s; %s\n", config_name(i), value,
		    origins[i].from == CONFIG_FILE ? where :
		    origins[i].from == CONFIG_ENV ? "environment" :
		    origins[i].from == CONFIG_DEFAULT ? "default" : "not set",
		    config_about(i));
	}
	free(origins);
	good = check_meaning(&cfg);
	return (good ? COMMAND_OK : COMMAND_FAILED);
}
