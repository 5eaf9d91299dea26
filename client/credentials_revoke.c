/* foldergate credentials revoke: let no program sign with a pair any more. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/trusted.h"
#include "command.h"
#include "credentials.h"
#include "s3/key_mark.h"
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

/* Write ${text} over the file, or with O_APPEND to its end. */
static bool
put(const char *file, enum trusted_use use, int flags, const char *text, int n)
{
	const char *why;
	struct stat st;
	bool good;
	int fd;

	if ((fd = trusted_open(file, use, O_WRONLY | flags, &st, &why)) == -1) {
		(void)command_failed("%s cannot be written: %s", file, why);
		return (false);
	}
	good = write(fd, text, (size_t)n) == n &&
	    ((flags & O_APPEND) != 0 || ftruncate(fd, n) == 0) &&
	    fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (!good)
		(void)command_failed("%s cannot be written", file);
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

	return (put(file, TRUSTED_SECRET, 0, text, n));
}

/* For programs that look only after something else is in ${file}. */
static bool
write_mark(const char *file, const char *id)
{
	char path[CONFIG_TEXT_MAX + sizeof(KEY_MARK_SUFFIX)];
	char text[SIGV4_ID_MAX + 2];
	const int n = snprintf(text, sizeof(text), "%s\n", id);

	snprintf(path, sizeof(path), "%s" KEY_MARK_SUFFIX, file);
	return (put(path, TRUSTED_OWN, O_APPEND | O_CREAT, text, n));
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
	    "look)\nuntil a new pair is in that file.\n\nWhat the pair has "
	    "signed works until the store forgets the key.  Delete it\nthere "
	    "now:\n\n  %s%s\n",
	    id != NULL ? id : "The pair", keyring_shared(cfg) ? "either role" :
	    name_of(role), deletes(cfg->s3_provider), id != NULL ? id : "ID");
}

int
credentials_revoke(const struct config *cfg, enum keyring_role_name role)
{
	const char *file = keyring_file(cfg, role);
	char id[SIGV4_ID_MAX + 1];
	bool over, marked;
	enum err e;

	if (!keyring_follows(cfg, role))
		return (command_failed("s3.%s_key_pair_file is not set, so "
		    "running programs cannot be told. Delete the key at the "
		    "store and stop the programs", name_of(role)));
	over = (e = read_id(file, id)) == ERR_KEY_REVOKED ||
	    write_revoked(file, id);

	/* Even if that was done before, or cannot be done. */
	marked = write_mark(file, id);
	if (!over)
		return (COMMAND_FAILED);
	if (e == ERR_KEY_REVOKED)
		return (command_failed("%s is revoked already", file));
	say(cfg, role, e == ERR_OK ? id : NULL);
	if (marked)
		return (COMMAND_OK);
	printf("\nRestart the programs.  One that gets no request has the "
	    "secret in memory\nuntil its next one, and signs with it if the "
	    "file cannot be read by then.\n");
	return (COMMAND_FAILED);
}
