#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/trusted.h"

extern char **environ;

struct secret {
	size_t len;
	char bytes[];
};

static bool leaves;

static struct secret *
secret_new(size_t len)
{
	const size_t align = alignof(struct secret);
	size_t size = (sizeof(struct secret) + len + align) / align * align;
	static int warned;
	struct secret *s;

	/* sodium_malloc() locks the memory, guards it, excludes it from
	   dumps, and aligns its end, not its start, to a page boundary.
	   The second lock, by sodium_mlock(), only reveals whether the
	   first was granted. */
	if (sodium_init() < 0 ||
	    (s = sodium_malloc(size)) == NULL)
		log_die("out_of_memory", "secret");
	if (sodium_mlock(s, size) != 0 && !warned) {
		warned = 1;
		LOG(LOG_WARN, "secret_not_locked", LOG_S("advice",
		    "raise the limit of locked memory (ulimit -l)"));
	}
	s->len = len;
	s->bytes[len] = '\0';
	return (s);
}

static bool
has_size(const struct stat *st)
{

	return (st->st_size >= 1 && st->st_size <= SECRET_MAX);
}

/* The error for the errno of trusted_open(). */
static enum err
refused(void)
{

	return (errno == EPERM ? ERR_UNSAFE : errno == EINVAL ? ERR_FORMAT :
	    ERR_IO);
}

/* Some editors write a byte order mark (U+FEFF) first. */
static void
skip_bom(struct secret *s)
{

	if (s->len < 3 || memcmp(s->bytes, "\xef\xbb\xbf", 3) != 0)
		return;
	s->len -= 3;
	memmove(s->bytes, s->bytes + 3, s->len);
	explicit_bzero(s->bytes + s->len, 3);
}

static enum err
read_whole(int fd, struct secret *s)
{
	size_t have = 0;
	ssize_t n;

	while (have < s->len) {
		n = read(fd, s->bytes + have, s->len - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (ERR_IO);
		have += (size_t)n;
	}
	return (ERR_OK);
}

/* Is this the text of one line?  Its end is removed. */
static enum err
trim(struct secret *s)
{

	if (s->len > 0 && s->bytes[s->len - 1] == '\n')
		s->bytes[--s->len] = '\0';
	if (s->len > 0 && s->bytes[s->len - 1] == '\r')
		s->bytes[--s->len] = '\0';
	skip_bom(s);
	if (s->len == 0 || memchr(s->bytes, '\0', s->len) != NULL)
		return (ERR_FORMAT);
	return (ERR_OK);
}

/* Why does the secret hold a NUL byte? */
static const char *
nul_reason(const struct secret *s)
{

	if (s->len >= 2 && (memcmp(s->bytes, "\xff\xfe", 2) == 0 ||
	    memcmp(s->bytes, "\xfe\xff", 2) == 0))
		return ("is text in UTF-16: save the file as ASCII or UTF-8");
	return ("holds a NUL byte");
}

enum err
secret_check(const char *path)
{
	const char *why;
	struct stat st;

	if (!trusted_look(path, TRUSTED_SECRET, R_OK, &st, &why))
		return (refused());
	return (has_size(&st) ? ERR_OK : ERR_FORMAT);
}

static enum err
load(const char *path, bool is_text, struct secret **secret)
{
	struct secret *s = NULL;
	enum err e = ERR_FORMAT;
	const char *why;
	struct stat st;
	int fd;

	fd = trusted_open(path, TRUSTED_SECRET, O_RDONLY, &st, &why);
	if (fd == -1) {
		e = refused();
		goto err0;
	}
	why = "must be a file of one line";
	if (!has_size(&st))
		goto err1;
	s = secret_new((size_t)st.st_size);
	if ((e = read_whole(fd, s)) == ERR_OK && is_text)
		e = trim(s);
	if (e != ERR_OK) {
		if (s->len > 0 && e == ERR_FORMAT)
			why = nul_reason(s);
		goto err1;
	}
	close(fd);
	*secret = s;
	return (ERR_OK);

err1:
	close(fd);
	secret_free(s);
err0:
	LOG(LOG_ERROR, "secret_refused", LOG_S("path", path),
	    LOG_S("reason", e == ERR_IO && fd != -1 ? "cannot be read" : why));
	return (e);
}

enum err
secret_load(const char *path, struct secret **secret)
{

	return (load(path, true, secret));
}

enum err
secret_load_bytes(const char *path, struct secret **secret)
{

	return (load(path, false, secret));
}

enum err
secret_take_env(const char *name, struct secret **secret)
{
	size_t n = strlen(name), len;
	enum err e = ERR_OK;
	char **v, *value;

	/* Look at every variable of that name, since getenv() would find
	   the first only. */
	*secret = NULL;
	for (v = environ; *v != NULL; v++) {
		if (strncmp(*v, name, n) != 0 || (*v)[n] != '=')
			continue;
		value = *v + n + 1;
		len = strlen(value);
		if (len > SECRET_MAX || (len > 0 && *secret != NULL)) {
			e = ERR_FORMAT;
		} else if (len > 0) {
			*secret = secret_new(len);
			memcpy((*secret)->bytes, value, len);
			skip_bom(*secret);
		}
		explicit_bzero(value, len);
	}
	if (e != ERR_OK) {
		secret_free(*secret);
		*secret = NULL;
	}
	if (*secret == NULL)
		return (e);
	LOG(LOG_WARN, "secret_in_environment", LOG_S("name", name),
	    LOG_S("advice", "others can read an environment: use a file"));
	return (ERR_OK);
}

void
secret_wipe_env(void)
{
	char **v, *value;

	for (v = environ; *v != NULL; v++) {
		if ((value = strchr(*v, '=')) != NULL)
			explicit_bzero(value + 1, strlen(value + 1));
	}
}

struct secret *
secret_room(size_t len, void **room)
{
	struct secret *s = secret_new(len);

	memset(s->bytes, 0, len);
	*room = s->bytes;
	return (s);
}

const char *
secret_bytes(const struct secret *secret)
{

	return (secret->bytes);
}

size_t
secret_len(const struct secret *secret)
{

	return (secret->len);
}

bool
secret_equals(const struct secret *secret, const void *data, size_t len)
{

	return (secret->len == len &&
	    sodium_memcmp(secret->bytes, data, len) == 0);
}

void
secret_leave(void)
{

	leaves = true;
}

void
secret_free(struct secret *secret)
{

	if (secret == NULL)
		return;
	if (leaves)
		sodium_memzero(secret->bytes, secret->len);
	else
		sodium_free(secret);
}
