#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "filesum.h"
#include "progress.h"
#include "s3/listing.h"
#include "upload.h"

/* A page of 1,000 keys, each byte of which is encoded. */
#define PAGE_BYTES ((size_t)8 << 20)

/* A list can be asked for again as long as this. */
#define LIST_MS (10 * 60000)

/* Where the look at the folder is. */
struct there {
	struct upload *u;
	bool check;			/* of what was sent */
	struct upload_grants *grants;	/* with the list_url */
	bool old;			/* which was asked for before */
	struct listing page;
	char after[FILES_NAME_MAX + 1];	/* list_url begins after this name */
	size_t next;			/* the first file not looked for yet */
};

/* Set ${same} if the file has this digest.  Return false if it is not known,
   because the file cannot be read or changed, or on Ctrl-C. */
static bool
compare_digest(struct there *t, struct files_one *one,
    const uint8_t want[MD5_LEN], bool *same)
{
	struct upload *u = t->u;
	struct filesum *d = NULL;
	const char *why;
	uint8_t got[MD5_LEN];
	int fd;
	bool ok = false;

	if ((fd = files_open(one, &why)) == -1)
		goto err0;
	why = "the system forbids MD5; see --no-checksum";
	if ((d = filesum_new(fd, connect_stop())) == NULL)
		goto err1;
	why = "it cannot be read, or changed while it was";
	ok = filesum_end(d, one->st.st_size, got) && !files_changed(one, fd);
	*same = ok && memcmp(got, want, MD5_LEN) == 0;
err1:
	filesum_free(d);
	close(fd);
err0:
	if (!ok && !service_stopped(u->c->service)) {
		one->state = FILES_FAILED;
		upload_say(u, one->path, UPLOAD_FAILED, one->st.st_size, why);
	}
	return (ok);
}

static bool
is_wanted(const struct there *t, const struct files_one *one)
{

	return (t->check ? one->unproven : one->state == FILES_NEW);
}

/* The store has an object of this name. */
static void
compare(struct there *t, struct files_one *one, const struct listing_item *it)
{
	bool same;

	if (!t->check && t->u->found != NULL && is_wanted(t, one)) {
		t->u->found(t->u->user, one, it);
		return;
	}
	if (!is_wanted(t, one) || it->bytes != one->st.st_size)
		return;
	if (t->check) {
		one->unproven = it->has_md5 &&
		    memcmp(it->md5, one->md5, MD5_LEN) != 0;
		return;
	}
	if (!it->has_md5 || t->u->no_checksum)
		same = it->modified_s >= one->st.st_mtim.tv_sec;
	else if (!compare_digest(t, one, it->md5, &same))
		return;
	if (!same)
		return;
	one->state = FILES_SAME;
	upload_say(t->u, one->path, UPLOAD_SAME, one->st.st_size, NULL);
}

static int
by_name(const void *key, const void *member)
{
	const struct files_one *one = member;

	return (strcmp(key, one->name));
}

/* Return the name of an item below the folder, or NULL if it is not there. */
static const char *
name_of(const struct there *t, const struct listing_item *it)
{
	const char *folder = t->grants->folder.folder;
	const size_t len = strlen(folder);

	return (!it->is_prefix && it->key_len > len &&
	    strlen(it->key) == it->key_len &&
	    memcmp(it->key, folder, len) == 0 ? it->key + len : NULL);
}

/* Compare the page with the files.  Return its last name, or NULL. */
static const char *
take_page(struct there *t)
{
	struct files *f = &t->u->files;
	struct files_one *one;
	const char *name, *last = NULL;
	size_t i;

	for (i = 0; i < t->page.n && !service_stopped(t->u->c->service);
	    i++) {
		if ((name = name_of(t, &t->page.item[i])) == NULL)
			continue;
		if (last == NULL || strcmp(name, last) > 0)
			last = name;
		one = bsearch(name, f->file, f->n, sizeof(*one), by_name);
		if (one != NULL)
			compare(t, one, &t->page.item[i]);
	}
	return (last);
}

/* Is the list one that begins at the first name, although it was asked for
   after another? */
static bool
is_blind(const struct there *t)
{
	const char *name;
	size_t i;

	for (i = 0; i < t->page.n && t->after[0] != '\0'; i++) {
		if ((name = name_of(t, &t->page.item[i])) != NULL)
			return (strcmp(name, t->after) <= 0);
	}
	return (false);
}

/* A list after this begins shortly before ${name}: its last character is left
   out. */
static void
set_before(struct there *t, const char *name)
{
	size_t len = strlen(name);

	do {
		len--;
	} while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80);
	memcpy(t->after, name, len);
	t->after[len] = '\0';
}

/* Choose where the next page begins.  Return false if there is nothing left to
   look for. */
static bool
next_page(struct there *t, const char *last)
{
	const struct files *f = &t->u->files;
	char before[FILES_NAME_MAX + 1];

	memcpy(before, t->after, sizeof(before));
	while (t->next < f->n && (!is_wanted(t, &f->file[t->next]) ||
	    (last != NULL && strcmp(f->file[t->next].name, last) <= 0)))
		t->next++;
	if (t->next == f->n)
		return (false);
	set_before(t, f->file[t->next].name);
	if (last != NULL && strcmp(t->after, last) < 0 &&
	    strlen(last) <= FILES_NAME_MAX &&
	    text_is_utf8(last, strlen(last)))
		memcpy(t->after, last, strlen(last) + 1);
	return (strcmp(t->after, before) > 0 ? true :
	    (t->u->blind = true, false));
}

/* GET the page. */
static bool
fetch(struct there *t)
{
	struct upload *u = t->u;
	struct service_answer a = { .result = SERVICE_OK };
	const char *text;
	size_t len;
	bool ok = false;

	if (t->grants->folder.list_url == NULL) {
		u->blind = true;
		return (false);
	}
	if (service_fetch(u->c->service, t->grants->folder.list_url,
	    PAGE_BYTES, &a, &text, &len) != SERVICE_OK)
		u->ended = t->old && a.result == SERVICE_REFUSED ? 0 :
		    service_explain(u->c->service, &a);
	else if (listing_parse(&t->page, text, len) == ERR_OK)
		ok = true;
	else
		u->ended = (command_failed("the store's list of the folder "
		    "cannot be read"), COMMAND_UNREACHABLE);
	service_clear(&a);
	return (ok);
}

/* Set the grants whose list begins at the place.  The list of the first place
   is kept. */
static bool
ask(struct there *t, bool first)
{
	struct upload *u = t->u;
	struct files_one *one = &u->files.file[t->next];

	t->old = first && u->list != NULL &&
	    clock_tick_ms() - u->list_ms < LIST_MS;
	if (t->old) {
		t->grants = u->list;
		memcpy(t->after, u->list_after, sizeof(t->after));
		return (true);
	}
	if (first)
		set_before(t, one->name);
	if (!upload_grant_ask(u, &one, 1, t->after))
		return (false);
	t->grants = u->grants;
	if (first) {
		upload_grant_drop(u->list);
		u->list = u->grants;
		u->list->users++;
		u->list_ms = clock_tick_ms();
		memcpy(u->list_after, t->after, sizeof(u->list_after));
	}
	return (true);
}

static bool
get_page(struct there *t, bool first)
{
	struct upload *u = t->u;

	if (!ask(t, first))
		return (false);
	if (fetch(t))
		return (true);
	if (!t->old || u->ended != 0 || u->list->folder.list_url == NULL)
		return (false);

	/* Its URL has ended.  A service chooses how long they live. */
	upload_grant_drop(u->list);
	u->list = NULL;
	return (ask(t, first) && fetch(t));
}

static void
look(struct there *t)
{
	struct upload *u = t->u;
	const char *last;
	bool first = true;

	u->blind = false;
	do {
		if (!get_page(t, first))
			return;
		first = false;
		u->blind = is_blind(t);
		last = take_page(t);
	} while (t->page.truncated && !u->blind &&
	    !service_stopped(u->c->service) && next_page(t, last));
	u->blind = u->blind && t->page.truncated;
}

static void
begin(struct upload *u, bool check)
{
	struct there *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		log_die("out_of_memory", "listing");
	t->u = u;
	t->check = check;
	listing_init(&t->page);
	look(t);
	listing_free(&t->page);
	free(t);
}

void
upload_there(struct upload *u)
{

	if (u->files.n == 0)
		return;
	begin(u, false);
	if (u->blind && u->ended == 0 && u->found == NULL)
		progress_say(u->progress, true, "foldergate: the service "
		    "lists only a part of the folder; files that are not in "
		    "it are sent, even if the store has them");
}

size_t
upload_confirm(struct upload *u)
{
	struct files_one *one, *end = u->files.file + u->files.n;
	size_t damaged = 0;

	for (one = u->files.file; one < end && !one->unproven; one++)
		continue;
	if (one == end || u->ended != 0 || service_stopped(u->c->service))
		return (0);
	begin(u, true);
	if (u->blind || u->ended != 0 || service_stopped(u->c->service))
		return (0);
	for (one = u->files.file; one < end; one++) {
		if (!one->unproven)
			continue;
		one->unproven = false;
		one->state = FILES_NEW;
		u->count[UPLOAD_SENT]--;
		u->bytes_sent -= one->st.st_size;
		damaged++;
	}
	return (damaged);
}
