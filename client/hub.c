#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "command.h"
#include "hub.h"
#include "hub_get.h"

#define ENDPOINT "https://huggingface.co"
#define TOKEN_MAX 1000
#define BEARER "Bearer "

static bool
is_word(const char *s, size_t len, const char *more)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z') ||
		    (s[i] >= '0' && s[i] <= '9') || s[i] == '_' ||
		    s[i] == '-' || s[i] == '.' || strchr(more, s[i]) != NULL))
			return (false);
		if (i > 0 && s[i] == '.' && s[i - 1] == '.')
			return (false);
	}
	return (len > 0);
}

static bool
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++) {
		if (s[i] == '-' && s[i - 1] == '-')
			return (false);
	}
	return (is_word(s, len, "") && strchr("-.", s[0]) == NULL &&
	    strchr("-.", s[len - 1]) == NULL);
}

const char *
hub_read(const char *text, struct hub_repo *repo)
{
	static const char *const scheme = "hf://datasets/";
	static const char *const form =
	    "must be hf://datasets/USER/REPO, maybe with @REVISION";
	const char *slash, *at;
	size_t len;

	memset(repo, 0, sizeof(*repo));
	if (strncmp(text, scheme, strlen(scheme)) != 0)
		return (form);
	text += strlen(scheme);
	if ((at = strchr(text, '@')) == NULL)
		at = text + strlen(text);
	len = (size_t)(at - text);
	slash = memchr(text, '/', len);
	if (slash == NULL || len > HUB_NAME_MAX ||
	    !is_name(text, (size_t)(slash - text)) ||
	    !is_name(slash + 1, (size_t)(at - slash - 1)))
		return (form);
	memcpy(repo->name, text, len);
	if (*at == '\0')
		at = "@main";
	at++;
	len = strlen(at);
	if (len > HUB_REVISION_MAX || !is_word(at, len, "/") || at[0] == '/' ||
	    at[0] == '-')
		return ("has a REVISION that cannot be one");
	memcpy(repo->revision, at, len);
	return (NULL);
}

/* Is this an http URL of another machine? */
static bool
is_open(const char *url)
{
	static const char *const own[] = { "127.", "localhost", "[::1]" };
	const char *host, *end;
	size_t i;

	if (strncmp(url, "http://", 7) != 0)
		return (false);
	host = url + 7;
	for (i = 0; i < 3; i++) {
		end = host + strlen(own[i]);
		if (strncmp(host, own[i], strlen(own[i])) != 0)
			continue;
		if (i == 0)
			end += strspn(end, "0123456789.");
		if (*end == '\0' || *end == ':' || *end == '/')
			return (false);
	}
	return (true);
}

/* Return the path of the file with the token, or NULL.  The caller frees
   it. */
static char *
token_path(void)
{
	const struct { const char *variable, *below; } places[] = {
		{ "HF_TOKEN_PATH", "" }, { "HF_HOME", "/token" },
		{ "XDG_CACHE_HOME", "/huggingface/token" },
		{ "HOME", "/.cache/huggingface/token" },
	};
	const char *value;
	char *path;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		value = getenv(places[i].variable);
		if (value == NULL || value[0] == '\0')
			continue;
		if (asprintf(&path, "%s%s", value, places[i].below) < 0)
			log_die("out_of_memory", "hub");
		return (path);
	}
	return (NULL);
}

/* Read the file with the token into ${token}, if it exists. */
static size_t
token_file(char token[TOKEN_MAX + 2])
{
	char *path = token_path();
	FILE *f = path != NULL ? fopen(path, "re") : NULL;
	size_t len = 0;

	if (f != NULL) {
		setvbuf(f, NULL, _IONBF, 0);
		len = fread(token, 1, TOKEN_MAX + 1, f);
		fclose(f);
	}
	free(path);
	return (len);
}

/* Set h->bearer.  Return false after a fault. */
static bool
load_token(struct hub *h)
{
	struct secret *room;
	const char *from = "HF_TOKEN", *value = getenv(from);
	char *token, *line;
	size_t i, len;
	void *at;

	room = secret_room(TOKEN_MAX + 2, &at);
	token = at;
	if (value != NULL && value[0] != '\0') {
		len = strlen(value) <= TOKEN_MAX ? strlen(value) :
		    TOKEN_MAX + 1;
		memcpy(token, value, len);
	} else {
		from = "the file with the Hub's token";
		len = token_file(token);
	}
	while (len > 0 && strchr(" \t\r\n", token[len - 1]) != NULL)
		len--;
	for (i = 0; i < len && token[i] > ' ' && token[i] <= '~'; i++)
		continue;
	if (len > TOKEN_MAX || i < len) {
		secret_free(room);
		command_failed("%s holds no token", from);
		return (false);
	}
	if (len > 0) {
		h->bearer = secret_room(strlen(BEARER) + len + 1, &at);
		line = at;
		memcpy(line, BEARER, strlen(BEARER));
		memcpy(line + strlen(BEARER), token, len);
	}
	secret_free(room);
	return (true);
}

struct hub *
hub_new(const struct connect *c, struct progress *progress)
{
	struct hub *h = calloc(1, sizeof(*h));
	const char *base = getenv("HF_ENDPOINT");
	size_t len;

	if (h == NULL)
		log_die("out_of_memory", "hub");
	if (base == NULL || base[0] == '\0')
		base = ENDPOINT;
	h->c = c;
	h->progress = progress;
	len = strlen(base);
	while (len > 0 && base[len - 1] == '/')
		len--;
	if (hub_head_origin(base) == 0 || len > SERVICE_URL_MAX ||
	    strpbrk(base, "?#") != NULL) {
		command_failed("HF_ENDPOINT must be a URL of http or https");
		goto err0;
	}
	memcpy(h->base, base, len);
	if (!load_token(h))
		goto err0;
	if (h->bearer != NULL && is_open(h->base)) {
		command_failed("HF_ENDPOINT is not encrypted, so the Hub's "
		    "token is not sent there: use https");
		goto err0;
	}
	h->set = stream_new(connect_stop(), NULL);
	return (h);

err0:
	hub_free(h);
	return (NULL);
}

void
hub_free(struct hub *h)
{

	if (h == NULL)
		return;
	stream_free(h->set);
	secret_free(h->bearer);
	free(h);
}

void
hub_quote(struct buf *b, const char *s, bool whole)
{

	for (; *s != '\0'; s++) {
		if (is_word(s, 1, whole ? "~" : "~/"))
			buf_char(b, *s);
		else
			buf_fmt(b, "%%%02X", (unsigned char)*s);
	}
}

bool
hub_url(const struct hub *h, const struct hub_repo *repo, const char *path,
    char url[HUB_URL_MAX + 1])
{
	struct buf b;

	buf_init(&b, url, HUB_URL_MAX + 1);
	buf_fmt(&b, "%s/datasets/%s/resolve/%s/", h->base, repo->name,
	    repo->sha);
	hub_quote(&b, path, false);
	return (buf_end(&b) == ERR_OK);
}
