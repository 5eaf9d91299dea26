/* foldergate credentials revoke: let no program sign with a pair any more. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/trusted.h"
#include "command.h"
#include "credentials.h"
#include "s3/key_pair.h"

static const char *
name_of(enum keyring_role_name role)
{

	return (role == KEYRING_READ ? "read" : "upload");
}

/* Copy the id of the pair in ${file}. */
static bool
read_id(const char *file, char id[SIGV4_ID_MAX + 1])
{
	struct secret *line;
	struct sigv4_key key;
	bool good;

	if (secret_load(file, &line) != ERR_OK)
		return (false);
	good = key_pair_read(&key, line, false, file) == ERR_OK;
	if (good) {
		snprintf(id, SIGV4_ID_MAX + 1, "%s", key.id);
		sigv4_key_wipe(&key);
	}
	secret_free(line);
	return (good);
}

/* Write over the pair, so that owner, mode and links stay.  What is there
   between the two steps begins with the same word. */
static bool
write_revoked(const char *file, const char *id)
{
	char text[sizeof(KEY_PAIR_REVOKED ":\n") + SIGV4_ID_MAX];
	const int n = snprintf(text, sizeof(text), KEY_PAIR_REVOKED ":%s\n",
	    id);
	const char *why;
	struct stat st;
	bool good;
	int fd;

	if ((fd = trusted_open(file, TRUSTED_SECRET, O_WRONLY, &st, &why)) ==
	    -1) {
		(void)command_failed("%s cannot be written: %s", file, why);
		return (false);
	}
	good = write(fd, text, (size_t)n) == n && ftruncate(fd, n) == 0 &&
	    fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (!good)
		(void)command_failed("%s cannot be written", file);
	return (good);
}

static const char *
deletes(enum config_s3_provider provider)
{

	switch (provider) {
	case CONFIG_S3_PROVIDER_AWS:
		return ("aws iam delete-access-key --user-name USER "
		    "--access-key-id ");
	case CONFIG_S3_PROVIDER_CEPH:
		return ("radosgw-admin key rm --uid=USER --key-type=s3 "
		    "--access-key=");
	case CONFIG_S3_PROVIDER_MINIO:
		return ("mc admin accesskey rm ALIAS ");
	default:
		return ("delete, in the store's console, the key ");
	}
}

int
credentials_revoke(const struct config *cfg, enum keyring_role_name role)
{
	const char *file = keyring_file(cfg, role);
	char id[SIGV4_ID_MAX + 1];

	if (!keyring_follows(cfg, role))
		return (command_failed("s3.%s_key_pair_file is not set, so "
		    "running programs cannot be told. Delete the key at the "
		    "store and stop the programs", name_of(role)));
	if (!read_id(file, id))
		return (command_failed("%s holds no key pair to revoke", file));
	if (!write_revoked(file, id))
		return (COMMAND_FAILED);
	printf("%s is revoked here: %s signs nothing from now on (running\n"
	    "programs within 3 seconds) until a new pair is in that file.\n\n"
	    "What it has signed works until the store forgets the key. Delete "
	    "it there now:\n\n  %s%s\n", id, keyring_shared(cfg) ?
	    "either role" : name_of(role), deletes(cfg->s3_provider), id);
	return (COMMAND_OK);
}
