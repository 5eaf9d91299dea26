/* foldergate audit: check that the audit log is complete, and print its
   end. */

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/tail.h"
#include "audit/audit.h"
#include "audit_walk.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/num.h"
#include "base/secret.h"
#include "command.h"
#include "config/config.h"

#define SEQ_DIGITS 12		/* of a renamed log's suffix */
#define LOCK_TRIES 1000		/* one a millisecond */

/* The files to check.  The configured log is opened under its lock, so that
   it is read between two lines and is not renamed at that moment. */
struct files {
	char (*names)[PATH_MAX];
	size_t n;
	FILE *log;		/* open, the last name; or NULL */
	int64_t size;		/* of the log */
	bool head;		/* is there a head file? */
	struct audit_mark last;	/* its content */
};

static void
add_name(struct files *fs, const char *name)
{

	fs->names = realloc(fs->names, (fs->n + 1) * sizeof(*fs->names));
	if (fs->names == NULL)
		log_die("out_of_memory", "audit");
	snprintf(fs->names[fs->n++], PATH_MAX, "%s", name);
}

static int
by_name(const void *a, const void *b)
{

	return (strcmp(a, b));
}

/* Find files such as PATH.000000000120, in order. */
static bool
add_renamed(struct files *fs, const char *path)
{
	const char *slash = strrchr(path, '/'), *base, *digits;
	char name[2 * PATH_MAX];
	struct dirent *d;
	DIR *dir;

	base = slash == NULL ? path : slash + 1;
	snprintf(name, sizeof(name), "%.*s", (int)(base - path), path);
	if ((dir = opendir(slash == NULL ? "." : name)) == NULL)
		return (false);
	while ((d = readdir(dir)) != NULL) {
		digits = d->d_name + strlen(base) + 1;
		if (strncmp(d->d_name, base, strlen(base)) != 0 ||
		    digits[-1] != '.' || strlen(digits) != SEQ_DIGITS ||
		    strspn(digits, "0123456789") != SEQ_DIGITS)
			continue;
		snprintf(name, sizeof(name), "%.*s%s", (int)(base - path),
		    path, d->d_name);
		add_name(fs, name);
	}
	closedir(dir);
	if (fs->n > 0)
		qsort(fs->names, fs->n, sizeof(*fs->names), by_name);
	return (true);
}

/* Hold off the writers, if there are any.  A copy of a log has no lock. */
static int
take_lock(const char *path)
{
	char name[PATH_MAX + 8];
	int fd, i;

	snprintf(name, sizeof(name), "%s" AUDIT_LOCK, path);
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	for (i = 0; fd != -1 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0)
			return (fd);
		poll(NULL, 0, 1);
	}
	if (fd != -1)
		close(fd);
	return (-1);
}

static bool
read_head(struct files *fs, const char *path, struct audit_tail *t)
{
	char name[PATH_MAX + 8];
	int fd;

	snprintf(name, sizeof(name), "%s" AUDIT_HEAD, path);
	fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return (false);
	fs->head = audit_tail_head(t, fd) == ERR_OK;
	fs->last = t->head;
	close(fd);
	return (fs->head);
}

/* Find the files of the log ${path}. */
static bool
find_files(struct files *fs, const char *path, struct audit_tail *t)
{
	const int lock = take_lock(path);
	struct stat st;

	fs->log = fopen(path, "re");
	if (fs->log == NULL || fstat(fileno(fs->log), &st) != 0 ||
	    !add_renamed(fs, path)) {
		command_failed("%s: %s", path, strerror(errno));
	} else {
		add_name(fs, path);
		fs->size = st.st_size;
		if (lock != -1)
			(void)read_head(fs, path, t);
	}
	if (lock != -1)
		close(lock);
	return (fs->size >= 0);
}

static void
free_files(struct files *fs)
{

	if (fs->log != NULL)
		fclose(fs->log);
	free(fs->names);
}

/* Check the i-th file. */
static bool
walk(struct audit_walk *w, struct files *fs, size_t i)
{
	const bool log = fs->log != NULL && i == fs->n - 1;
	FILE *f = log ? fs->log : fopen(fs->names[i], "re");
	bool good;

	if (f == NULL) {
		command_failed("%s: %s", fs->names[i], strerror(errno));
		return (false);
	}
	audit_walk_file(w, fs->names[i], f, log ? fs->size : -1);
	if (!(good = ferror(f) == 0))
		command_failed("%s: cannot be read", fs->names[i]);
	if (!log)
		fclose(f);
	return (good);
}

static int
verify(struct audit_walk *w, struct files *fs)
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
head(struct audit_walk *w, struct files *fs)
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
    struct audit_walk *w, struct files *fs)
{
	struct audit_tail *t;
	bool found = true;

	/* Use FILES, or the files of the configured log. */
	if (fs->n == 0) {
		if ((t = malloc(sizeof(*t))) == NULL)
			log_die("out_of_memory", "audit");
		audit_tail_init(t, w->chain.h, key);
		fs->size = -1;
		found = find_files(fs, path, t);
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

/* The word after audit, and --head. */
static int
check(const char *word, const char *kept, struct audit_walk *w,
    bool *verifying)
{

	if (word == NULL)
		return (command_wrong("verify or head is missing"));
	*verifying = strcmp(word, "verify") == 0;
	if (!*verifying && strcmp(word, "head") != 0)
		return (command_wrong("unexpected argument \"%s\"", word));
	if (kept != NULL && !*verifying)
		return (command_wrong("--head is for audit verify"));
	if (kept != NULL && !parse_head(kept, w))
		return (command_wrong("--head needs SEQ:HEX as audit head "
		    "prints it"));
	return (COMMAND_OK);
}

int
command_audit(int argc, char **argv)
{
	const char *path = NULL, *key_file = NULL, *kept = NULL;
	const struct option_spec options[] = {
		{ "file", &path, NULL },
		{ "key-file", &key_file, NULL },
		{ "head", &kept, NULL },
		{ NULL, NULL, NULL }
	};
	struct audit_walk w = { 0 };
	struct files fs = { 0 };
	struct config cfg;
	const char **words;
	struct secret *key;
	struct hmac *h;
	bool verifying = false;
	int i, n, status;

	if ((words = calloc((size_t)argc + 1, sizeof(*words))) == NULL)
		log_die("out_of_memory", "audit");
	n = command_options(argc, argv, options, words, argc);
	status = n < 0 ? COMMAND_USAGE : check(words[0], kept, &w, &verifying);
	for (i = 1; i < n; i++)
		add_name(&fs, words[i]);
	free(words);
	if (status != COMMAND_OK) {
		free_files(&fs);
		return (status);
	}
	status = COMMAND_FAILED;
	if (!configured(&cfg, n == 1, &path, &key_file)) {
		free_files(&fs);
		return (status);
	}
	if (secret_load(key_file, &key) == ERR_OK) {
		h = hmac_new();
		audit_walk_start(&w, h, key);
		status = run(verifying, path, key, &w, &fs);
		hmac_free(h);
		secret_free(key);
	}
	free_files(&fs);
	return (status);
}
