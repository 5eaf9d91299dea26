#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/hex.h"
#include "command.h"
#include "hub.h"
#include "hub_get.h"
#include "json/document.h"
#include "names.h"

/* Bounds of one page of a list, which has 1,000 files. */
#define PAGE_BYTES ((size_t)8 << 20)
#define PAGE_VALUES 200000
#define PAGES_MAX 10000

static int
broken(const struct hub_repo *repo, const char *why)
{

	command_failed("hf://datasets/%s: the Hub's answer cannot be used: %s",
	    repo->name, why);
	return (COMMAND_UNREACHABLE);
}

/* Is this a commit's id? */
static bool
is_sha(const char *s)
{

	return (s != NULL && strlen(s) == HUB_SHA_LEN &&
	    strspn(s, "0123456789abcdef") == HUB_SHA_LEN);
}

static void
set_what(char what[NAMES_SHOWN_MAX + 1], const struct hub_repo *repo,
    const char *path)
{
	char shown[NAMES_SHOWN_MAX + 1];

	names_show(path, strlen(path), shown);
	if (snprintf(what, NAMES_SHOWN_MAX + 1, "hf://datasets/%s%s%s",
	    repo->name, path[0] != '\0' ? "/" : "", shown) > NAMES_SHOWN_MAX)
		what[NAMES_SHOWN_MAX] = '\0';
}

int
hub_pin(struct hub *h, struct hub_repo *repo)
{
	static struct hub_get g;
	char url[HUB_URL_MAX + 1], what[NAMES_SHOWN_MAX + 1];
	struct json_object *o = NULL;
	const char *sha;
	struct buf b, text;
	int status;

	buf_init(&b, url, sizeof(url));
	buf_fmt(&b, "%s/api/datasets/%s/revision/", h->base, repo->name);
	hub_quote(&b, repo->revision, true);
	if (buf_end(&b) != ERR_OK)
		return (broken(repo, "its address is too long"));

	/* It also names all files, and there may be very many of them. */
	buf_add(&b, "?expand=sha", strlen("?expand=sha"));
	buf_init_growing(&text, 4096, PAGE_BYTES);
	set_what(what, repo, "");
	if ((status = hub_ask(h, url, what, &text, &g)) == COMMAND_OK) {
		if (document_parse(text.data, text.len, PAGE_VALUES, &o) !=
		    NULL)
			status = broken(repo, "it is no JSON");
		else if (!is_sha(sha = service_text(o, "sha")))
			status = broken(repo, "it has no commit");
		else
			memcpy(repo->sha, sha, HUB_SHA_LEN + 1);
		json_object_put(o);
	}
	buf_free(&text);
	return (status);
}

/* Read an entry of a tree.  Return false if it is none. */
static bool
read_entry(struct json_object *e, struct hub_file *f)
{
	struct json_object *lfs = service_object(e, "lfs");
	const char *id = service_text(lfs != NULL ? lfs : e, "oid");

	memset(f, 0, sizeof(*f));
	f->path = service_text(e, "path");
	f->bytes = service_int(e, "size", -1);
	f->lfs = lfs != NULL;
	if (f->path == NULL || f->bytes < 0 || id == NULL ||
	    (lfs != NULL && service_int(lfs, "size", -1) != f->bytes) ||
	    hex_decode(f->id, lfs != NULL ? DIGEST_SHA256_LEN :
	    DIGEST_SHA1_LEN, id, strlen(id)) != ERR_OK)
		return (false);
	f->odd = names_odd(f->path, strlen(f->path));
	return (true);
}

/* Take a page, and count ${most} down.  Return why it cannot be used, or
   NULL. */
static const char *
take_page(const struct buf *text, size_t *most,
    void (*found)(void *user, const struct hub_file *f), void *user)
{
	struct json_object *all = NULL, *e;
	struct hub_file f;
	const char *why, *type;
	size_t i;

	if (document_parse(text->data, text->len, PAGE_VALUES, &all) != NULL)
		return ("it is no JSON");
	why = json_object_is_type(all, json_type_array) ? NULL :
	    "it is no list";
	for (i = 0; why == NULL && i < json_object_array_length(all); i++) {
		e = json_object_array_get_idx(all, i);
		type = service_text(e, "type");
		if (type != NULL && strcmp(type, "directory") == 0)
			continue;
		if (type == NULL || strcmp(type, "file") != 0 ||
		    !read_entry(e, &f))
			why = "an entry is no file";
		else if ((*most)-- == 0)
			why = "there are too many files";
		else
			found(user, &f);
	}
	json_object_put(all);
	return (why);
}

/* Set ${next} to the page that follows ${url}.  Return why there is none, or
   NULL.  ${seen} is an earlier one: a ring of pages must not go on forever. */
static const char *
next_page(const struct hub *h, const char *url, const struct hub_head *head,
    char next[HUB_URL_MAX + 1], char seen[HUB_URL_MAX + 1], size_t pages)
{

	if (!hub_head_join(url, head->next, next) ||
	    !hub_head_same(next, h->base))
		return ("its next page is elsewhere");
	if (strcmp(next, seen) == 0 || pages == PAGES_MAX)
		return ("its pages do not end");
	if ((pages & (pages - 1)) == 0)
		memcpy(seen, next, strlen(next) + 1);
	return (NULL);
}

int
hub_tree(struct hub *h, const struct hub_repo *repo, size_t most,
    void (*found)(void *user, const struct hub_file *f), void *user)
{
	static struct hub_get g;
	static char url[HUB_URL_MAX + 1], next[HUB_URL_MAX + 1];
	static char seen[HUB_URL_MAX + 1];
	char what[NAMES_SHOWN_MAX + 1];
	const char *why = NULL;
	struct buf b, text;
	size_t pages = 0;
	int status;

	set_what(what, repo, "");
	buf_init(&b, next, sizeof(next));
	buf_fmt(&b, "%s/api/datasets/%s/tree/%s?recursive=true", h->base,
	    repo->name, repo->sha);
	memcpy(seen, next, strlen(next) + 1);
	buf_init_growing(&text, 1 << 16, PAGE_BYTES);
	do {
		memcpy(url, next, strlen(next) + 1);
		text.len = 0;
		status = hub_ask(h, url, what, &text, &g);
		if (status != COMMAND_OK)
			break;
		why = take_page(&text, &most, found, user);
		if (why != NULL || g.head.next[0] == '\0')
			break;
		why = next_page(h, url, &g.head, next, seen, ++pages);
	} while (why == NULL);
	buf_free(&text);
	return (why != NULL ? broken(repo, why) : status);
}

int
hub_text(struct hub *h, const struct hub_repo *repo, const char *path,
    struct buf *text)
{
	static struct hub_get g;
	char url[HUB_URL_MAX + 1], what[NAMES_SHOWN_MAX + 1];

	set_what(what, repo, path);
	if (!hub_url(h, repo, path, url))
		return (broken(repo, "a path is too long"));
	return (hub_ask(h, url, what, text, &g));
}
