/*
 * foldergate credentials: what the two key pairs may do at the store, the
 * smallest permissions that they need, and the end of one.
 */

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config/providers.h"
#include "credentials.h"
#include "policy.h"

struct arguments {
	const char *operand[2];
	const char *other, *provider, *bucket, *upload_user, *read_user;
	bool internal, json;
};

/* --- policy -------------------------------------------------------------- */

static const char *const providers[] = {
#define NAME(ID, word, ...) [CONFIG_S3_PROVIDER_##ID] = word,
	CONFIG_PROVIDERS(NAME)
#undef NAME
};

#define PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static void
explain(enum config_s3_provider provider, const struct policy_names *names)
{
	const struct policy *p;
	struct policy about;

	for (p = policy_table; p->name != NULL; p++) {
		if (p->provider != provider)
			continue;
		about = *p;
		about.text = NULL;
		printf("%s: ", p->name);
		policy_print(&about, names);
		printf("\n");
		if (p->text != NULL)
			policy_print(p, names);
	}
}

static int
print_policy(const struct config *cfg, const struct arguments *a)
{
	const struct policy_names names = {
		a->bucket != NULL ? a->bucket : cfg != NULL ? cfg->s3_bucket :
		    "BUCKET",
		a->upload_user != NULL ? a->upload_user : "foldergate-upload",
		a->read_user != NULL ? a->read_user : "foldergate-read",
	};
	const struct policy *p;
	size_t provider = cfg != NULL ? (size_t)cfg->s3_provider : 0;

	if (a->provider != NULL) {
		for (provider = 0; provider < PROVIDERS &&
		    strcmp(providers[provider], a->provider) != 0; provider++)
			continue;
		if (provider == PROVIDERS)
			return (command_wrong("no provider is called \"%s\"",
			    a->provider));
	}
	if (a->operand[1] == NULL) {
		explain((enum config_s3_provider)provider, &names);
		return (COMMAND_OK);
	}
	for (p = policy_table; p->name != NULL; p++) {
		if (p->provider == (enum config_s3_provider)provider &&
		    p->text != NULL && strcmp(p->name, a->operand[1]) == 0) {
			policy_print(p, &names);
			return (COMMAND_OK);
		}
	}
	return (command_failed("%s has no policy \"%s\"; see foldergate "
	    "credentials policy --provider %s", providers[provider],
	    a->operand[1], providers[provider]));
}

/* --- the command --------------------------------------------------------- */

static bool
is(const char *word, const char *one)
{

	return (word != NULL && strcmp(word, one) == 0);
}

/* Return what is wrong with the arguments, or NULL. */
static const char *
wrong(const struct arguments *a)
{
	const bool policy = is(a->operand[0], "policy"),
	    check = is(a->operand[0], "check"),
	    revokes = is(a->operand[0], "revoke");

	if (!policy && !check && !revokes)
		return ("check, policy or revoke is missing");
	if (check && a->operand[1] != NULL)
		return ("check takes no other word");
	if (revokes && !is(a->operand[1], "upload") && !is(a->operand[1],
	    "read"))
		return ("revoke needs upload or read");
	if (!check && (a->other != NULL || a->internal || a->json))
		return ("--other-bucket, --internal and --json are for check");
	if (!policy && (a->provider != NULL || a->bucket != NULL ||
	    a->upload_user != NULL || a->read_user != NULL))
		return ("--provider, --bucket, --upload-user and --read-user "
		    "are for policy");
	return (NULL);
}

/* A name is written into a policy as it is. */
static bool
good_name(const char *name)
{

	return (name == NULL || (name[0] != '\0' && strspn(name, "abcdefghijkl"
	    "mnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
	    strlen(name)));
}

int
command_credentials(int argc, char **argv)
{
	struct arguments a = { 0 };
	const struct option_spec options[] = {
		{ "other-bucket", &a.other, NULL },
		{ "internal", NULL, &a.internal },
		{ "json", NULL, &a.json },
		{ "provider", &a.provider, NULL },
		{ "bucket", &a.bucket, NULL },
		{ "upload-user", &a.upload_user, NULL },
		{ "read-user", &a.read_user, NULL },
		{ NULL, NULL, NULL }
	};
	struct config cfg;

	if (command_options(argc, argv, options, a.operand, 2) < 0)
		return (COMMAND_USAGE);
	if (wrong(&a) != NULL)
		return (command_wrong("%s", wrong(&a)));
	if (!good_name(a.bucket) || !good_name(a.upload_user) ||
	    !good_name(a.read_user) || !good_name(a.other))
		return (command_wrong("a name has letters, digits, dots, "
		    "dashes and underscores"));
	if (is(a.operand[0], "policy") && a.provider != NULL &&
	    a.bucket != NULL)
		return (print_policy(NULL, &a));
	if (!command_config(&cfg))
		return (COMMAND_FAILED);
	if (is(a.operand[0], "policy"))
		return (print_policy(&cfg, &a));
	if (is(a.operand[0], "check"))
		return (credentials_check(&cfg, a.other, a.internal, a.json));
	return (credentials_revoke(&cfg, is(a.operand[1], "read") ?
	    KEYRING_READ : KEYRING_UPLOAD));
}
