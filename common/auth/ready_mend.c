#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/ready_mend.h"
#include "base/buf.h"
#include "base/build.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
    "/._-+,:@=%"

/* Add ${s} as one word of a shell command. */
static void
add_word(struct buf *b, const char *s, size_t len)
{
	size_t i;

	if (len > 0 && strspn(s, PLAIN) >= len) {
		buf_add(b, s, len);
		return;
	}
	buf_char(b, '\'');
	for (i = 0; i < len; i++) {
		if (s[i] == '\'')
			buf_str(b, "'\\''");
		else
			buf_char(b, s[i]);
	}
	buf_char(b, '\'');
}

/* Add the owner of the file's directory, who may be another user. */
static void
add_keeper(struct buf *b, const struct ready_found *f,
    const struct ready_as *as)
{
	const char *slash = strrchr(f->path, '/');
	char dir[sizeof(f->path)], id[16];
	struct stat st;

	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 0 :
	    (int)(slash - f->path), f->path);
	if (stat(dir, &st) != 0 || st.st_uid == geteuid()) {
		add_word(b, as->user, strlen(as->user));
		return;
	}
	snprintf(id, sizeof(id), "#%u", (unsigned)st.st_uid);
	add_word(b, id, strlen(id));
}

static void
add(struct buf *b, const struct ready_found *f, const struct ready_as *as,
    char what)
{
	const char *slash = strrchr(f->path, '/');

	switch (what) {
	case 'P':
		add_word(b, f->path, strlen(f->path));
		break;
	case 'D':
		add_word(b, f->path, slash == NULL || slash == f->path ? 1 :
		    (size_t)(slash - f->path));
		break;
	case 'U':
		add_word(b, as->user, strlen(as->user));
		break;
	case 'G':
		add_word(b, as->group, strlen(as->group));
		break;
	case 'S':
		add_keeper(b, f, as);
		break;
	case 'F':
		add_word(b, config_path(), strlen(config_path()));
		break;
	case 'C':
		if (strcmp(config_path(), build_config_path) == 0)
			break;
		buf_str(b, "env " CONFIG_PATH_VARIABLE "=");
		add_word(b, config_path(), strlen(config_path()));
		buf_char(b, ' ');
		break;
	}
}

void
ready_mend(struct ready_found *f, const struct ready_as *as, const char *form)
{
	struct buf b;

	buf_init(&b, f->mend, sizeof(f->mend));
	for (; *form != '\0'; form++) {
		if (*form == '%')
			add(&b, f, as, *++form);
		else
			buf_char(&b, *form);
	}
	if (buf_end(&b) != ERR_OK)
		f->mend[0] = '\0';
}

bool
ready_mend_way(struct ready_found *f, const struct ready_as *as)
{
	char dir[sizeof(f->path)];
	size_t i;

	for (i = 1; f->path[i] != '\0'; i++) {
		if (f->path[i] != '/')
			continue;
		memcpy(dir, f->path, i);
		dir[i] = '\0';
		if (faccessat(AT_FDCWD, dir, X_OK, AT_EACCESS) == 0 ||
		    errno != EACCES)
			continue;
		memcpy(f->path, dir, i + 1);
		snprintf(f->reason, sizeof(f->reason),
		    "this directory may not be passed through");
		ready_mend(f, as, "chgrp %G %P && chmod g+x %P");
		return (true);
	}
	return (false);
}

void
ready_mend_file(struct ready_found *f, const struct ready_as *as,
    bool for_mode, const char *anew, const char *own)
{
	struct stat st;

	if (ready_mend_way(f, as))
		return;
	if (lstat(f->path, &st) == 0 && (for_mode ||
	    faccessat(AT_FDCWD, f->path, R_OK, AT_EACCESS) != 0))
		ready_mend(f, as, own);
	else
		ready_mend(f, as, anew);
}
