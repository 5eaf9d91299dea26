/* foldergate audit: check that the audit log is complete, and print its
   end. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/tail.h"
#include "audit_files.h"
#include "audit_search.h"
#include "audit_walk.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "base/secret.h"
#include "command.h"
#include "config/config.h"

/* Check the i-th file. */
static bool
walk(struct audit_walk *w, struct audit_files *fs, size_t i)
{
	int64_t size;
	FILE *f = audit_files_open(fs, i, &size);

	if (f == NULL)
		return (false);
	audit_walk_file(w, fs->names[i], f, size);
	return (audit_files_close(fs, i, f));
}

static int
verify(struct audit_walk *w, struct audit_files *fs)
{
	const struct audit_chain *c = &w->chain;
	size_t i;

	w->last.seq = fs->head ? fs->last.seq : 0;
	memcpy(w->last.mac, fs->last.mac, HMAC_LEN);
	for (i = 0; i < fs->n; i++) {
		if (!walk(w, fs, i))
			return (COMMAND_FAILED);
	}

	/* A killed writer may leave an old head file, but its line is still
	   in the chain. */
	if (w->last.seq > 0 && !w->last.found &&
	    (w->lines == 0 || w->first_seq <= w->last.seq))
		audit_walk_fault(w, 0, "the head file tells of another last "
		    "line, seq %lld", (long long)fs->last.seq);
	if (w->kept.seq > 0 && !w->kept.found)
		audit_walk_fault(w, 0, "the head given is not in the chain: "
		    "lines were cut off, or all was written anew");
	if (w->faults > 0 && w->lines <= 1)
		printf("hardly a line fits: is this its key?\n");
	printf("%s: %lld lines, seq %lld to %lld, faults: %lld\n",
	    w->faults == 0 ? "whole" : "not whole", (long long)w->lines,
	    (long long)w->first_seq, (long long)c->seq, (long long)w->faults);
	return (w->faults == 0 ? COMMAND_OK : COMMAND_FAILED);
}

/* Print the head, from the last file that has a line.  Its last line must
   be good. */
static int
head(struct audit_walk *w, struct audit_files *fs)
{
	char mac[2 * HMAC_LEN + 1];
	size_t i;

	w->quiet = true;
	for (i = fs->n; i > 0 && !w->begun; i--) {
		if (!walk(w, fs, i - 1))
			return (COMMAND_FAILED);
	}
	if (!w->good)
		return (command_failed("no line, or the last one is not good: "
		    "see audit verify"));
	if (w->faults > 0)
		fprintf(stderr, "foldergate: warning: the log is not whole: "
		    "see audit verify\n");
	hex_encode(mac, w->chain.mac, HMAC_LEN);
	printf("%lld:%s\n", (long long)w->chain.seq, mac);
	return (COMMAND_OK);
}

/* SEQ:HEX */
static bool
parse_head(const char *text, struct audit_walk *w)
{
	const char *colon = strchr(text, ':');

	return (colon != NULL && num_parse(text, (size_t)(colon - text), 1,
	    AUDIT_CHAIN_SEQ_MAX, &w->kept.seq) == ERR_OK &&
	    hex_decode(w->kept.mac, HMAC_LEN, colon + 1, strlen(colon + 1)) ==
	    ERR_OK);
}

static int
run(bool verifying, const char *path, struct secret *key,
    struct audit_walk *w, struct audit_files *fs)
{
	struct audit_tail *t;
	bool found = true;

	/* Use FILES, or the files of the configured log. */
	if (fs->n == 0) {
		if ((t = malloc(sizeof(*t))) == NULL)
			log_die("out_of_memory", "audit");
		audit_tail_init(t, w->chain.h, key);
		found = audit_files_find(fs, path, t);
		free(t);
	}
	if (!found)
		return (COMMAND_FAILED);
	return (verifying ? verify(w, fs) : head(w, fs));
}

/* Take what was not given from the configuration. */
static bool
configured(struct config *cfg, bool want_path, const char **path,
    const char **key_file)
{

	if ((*path != NULL || !want_path) && *key_file != NULL)
		return (true);
	if (!command_config(cfg))
		return (false);
	if (*path == NULL && want_path)
		*path = cfg->audit_file;
	if (*key_file == NULL)
		*key_file = cfg->audit_key_file;
	if ((*key_file)[0] != '\0')
		return (true);
	command_failed("there is no audit log: audit.key_file is not set");
	return (false);
}

/* Of the options, these are for verify and head, and the others for search. */
enum { FILE_OPTION, KEY_FILE_OPTION, HEAD_OPTION, SEARCH_OPTIONS };

static bool
is_given(const struct option_spec *o)
{

	return (o->value != NULL ? *o->value != NULL : *o->flag);
}

/* The word after audit, and what goes with it. */
static int
check(const char *word, const struct option_spec *options)
{
	const bool search = word != NULL && strcmp(word, "search") == 0;
	const struct option_spec *o;

	if (word == NULL)
		return (command_wrong("verify, head or search is missing"));
	if (!search && strcmp(word, "verify") != 0 && strcmp(word, "head") != 0)
		return (command_wrong("unexpected argument \"%s\"", word));
	if (is_given(&options[HEAD_OPTION]) && strcmp(word, "verify") != 0)
		return (command_wrong("--head is for audit verify"));
	if (search && is_given(&options[KEY_FILE_OPTION]))
		return (command_wrong("--key-file is not for audit search"));
	for (o = &options[SEARCH_OPTIONS]; !search && o->name != NULL; o++) {
		if (is_given(o))
			return (command_wrong("--%s is for audit search",
			    o->name));
	}
	return (COMMAND_OK);
}

/* verify or head */
static int
walk_all(bool verifying, const char *path, const char *key_file,
    const char *kept, struct audit_files *fs)
{
	struct audit_walk w = { 0 };
	int status = COMMAND_FAILED;
	struct config cfg;
	struct secret *key;
	struct hmac *h;

	if (kept != NULL && !parse_head(kept, &w))
		return (command_wrong("--head needs SEQ:HEX as audit head "
		    "prints it"));
	if (!configured(&cfg, fs->n == 0, &path, &key_file))
		return (COMMAND_FAILED);
	if (secret_load(key_file, &key) == ERR_OK) {
		h = hmac_new();
		audit_walk_start(&w, h, key);
		status = run(verifying, path, key, &w, fs);
		hmac_free(h);
		secret_free(key);
	}
	return (status);
}

int
command_audit(int argc, char **argv)
{
	const char *path = NULL, *key_file = NULL, *kept = NULL;
	struct audit_search s = { 0 };
	const struct option_spec options[] = {
		[FILE_OPTION] = { "file", &path, NULL },
		[KEY_FILE_OPTION] = { "key-file", &key_file, NULL },
		[HEAD_OPTION] = { "head", &kept, NULL },
		[SEARCH_OPTIONS] = { "hotkey", &s.hotkey, NULL },
		{ "coldkey", &s.coldkey, NULL },
		{ "address", &s.address, NULL },
		{ "kind", &s.kind, NULL },
		{ "code", &s.code, NULL },
		{ "request-id", &s.id, NULL },
		{ "since", &s.since, NULL },
		{ "until", &s.until, NULL },
		{ "limit", &s.limit, NULL },
		{ "json", NULL, &s.json },
		{ NULL, NULL, NULL }
	};
	struct audit_files fs = { 0 };
	const char **words;
	int i, n, status;

	if ((words = calloc((size_t)argc + 1, sizeof(*words))) == NULL)
		log_die("out_of_memory", "audit");
	n = command_options(argc, argv, options, words, argc);
	for (i = 1; i < n; i++)
		audit_files_add(&fs, words[i]);
	status = n < 0 ? COMMAND_USAGE : check(words[0], options);
	if (status == COMMAND_OK && strcmp(words[0], "search") == 0)
		status = audit_search(&s, path, &fs);
	else if (status == COMMAND_OK)
		status = walk_all(strcmp(words[0], "verify") == 0, path,
		    key_file, kept, &fs);
	free(words);
	audit_files_free(&fs);
	return (status);
}
