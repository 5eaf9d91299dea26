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

/* Copy the id of the pair in ${file}, or UNKNOWN if it holds none: programs may
   sign with the pair that was there before. */
#define UNKNOWN "unknown"
static enum err
read_id(const char *file, char id[SIGV4_ID_MAX + 1])
{
	struct secret *line;
	struct sigv4_key key;
	enum err e;

	snprintf(id, SIGV4_ID_MAX + 1, UNKNOWN);
	if ((e = secret_load(file, &line)) != ERR_OK)
		return (e);
	if ((e = key_pair_read(&key, line, false, file)) == ERR_OK) {
		snprintf(id, SIGV4_ID_MAX + 1, "%s", key.id);
		sigv4_key_wipe(&key);
	}
	secret_free(line);
	return (e);
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

static void
say(const struct config *cfg, enum keyring_role_name role, const char *id)
{

	printf("%s is revoked here: %s signs nothing from now on (a program\n"
	    "that serves, 3 seconds from now at most; bucket-sync, at its next "
	    "look)\nuntil a new pair is in that file.  After a leak restart "
	    "the programs: one\nthat gets no request has the secret in memory "
	    "until its next one.\n\nWhat the pair has signed works until the "
	    "store forgets the key.  Delete it\nthere now:\n\n  %s%s\n",
	    id != NULL ? id : "The pair", keyring_shared(cfg) ? "either role" :
	    name_of(role), deletes(cfg->s3_provider), id != NULL ? id : "ID");
}

int
credentials_revoke(const struct config *cfg, enum keyring_role_name role)
{
	const char *file = keyring_file(cfg, role);
	char id[SIGV4_ID_MAX + 1];
	enum err e;

	if (!keyring_follows(cfg, role))
		return (command_failed("s3.%s_key_pair_file is not set, so "
		    "running programs cannot be told. Delete the key at the "
		    "store and stop the programs", name_of(role)));
	if ((e = read_id(file, id)) == ERR_KEY_REVOKED)
		return (command_failed("%s is revoked already", file));
	if (!write_revoked(file, id))
		return (COMMAND_FAILED);
	say(cfg, role, e == ERR_OK ? id : NULL);
	return (COMMAND_OK);
}
