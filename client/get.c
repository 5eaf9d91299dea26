/* foldergate get: a miner's files into a directory. */

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <errno.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "crypto/hmac.h"
#include "filesum.h"
#include "get.h"
#include "names.h"
#include "progress.h"

/* The end of the name of a file that is not whole. */
#define PART ".part"

/* Has the open file, of ${bytes}, this digest? */
static bool
has_digest(int fd, int64_t bytes, const uint8_t want[MD5_LEN])
{
	struct filesum *d = filesum_new(fd, connect_stop());
	uint8_t found[MD5_LEN];
	bool same;

	same = d != NULL && filesum_end(d, bytes, found) &&
	    memcmp(found, want, MD5_LEN) == 0;
	filesum_free(d);
	return (same);
}

/* Is the file ${path} the object?  Set ${why} if it can never be. */
static bool
is_there(const struct get *g, const struct listing_item *it, const char *path,
    const char **why)
{
	struct stat st;
	bool same = false;
	int fd;

	*why = NULL;
	if ((fd = place_read(&g->place, path)) == -1) {
		if (errno != ENOENT)
			*why = place_failed(errno);
		return (false);
	}
	if (fstat(fd, &st) == 0 && st.st_size == it->bytes)
		same = it->has_md5 ? has_digest(fd, it->bytes, it->md5) :
		    it->modified_s >= 0 &&
		    st.st_mtim.tv_sec == it->modified_s;
	close(fd);
	return (same);
}

/* The name of the file that is not whole: another object, and another version
   of the object, have another name. */
static void
set_id(struct get_want *w)
{
	const struct listing_item *it = w->item;
	struct hmac *h = hmac_new();
	uint8_t mac[HMAC_LEN];
	char version[100], hex[2 * MD5_LEN + 1] = "";

	if (it->has_md5)
		hex_encode(hex, it->md5, MD5_LEN);
	snprintf(version, sizeof(version), "%s:%lld:%lld", hex,
	    (long long)it->bytes, (long long)it->modified_s);
	hmac_sha256(h, version, strlen(version), it->key, it->key_len, mac);
	hmac_free(h);
	hex_encode(w->id, mac, HMAC_LEN);
	memcpy(w->id + 2 * HMAC_LEN, PART, sizeof(PART));
}

static void
want(struct get *g, const struct listing_item *it, const char *path)
{
	struct get_want *all;

	if (g->n == g->size) {
		g->size = g->size == 0 ? 1000 : 2 * g->size;
		if ((all = reallocarray(g->want, g->size, sizeof(*all))) ==
		    NULL)
			log_die("out_of_memory", "get");
		g->want = all;
	}
	g->want[g->n] = (struct get_want){ .item = it, .path = path };
	set_id(&g->want[g->n++]);
}

static bool
is_chosen(const struct get *g, const char *name)
{
	int i;

	for (i = 0; i < g->patterns; i++) {
		if (fnmatch(g->pattern[i], name, 0) == 0)
			return (true);
	}
	return (g->patterns == 0);
}

/* Choose what to load of a page.  A name that has a NUL is matched up to it;
   it is odd anyway. */
static void
choose(struct get *g)
{
	const struct listing_item *it;
	const char *name, *why;
	size_t i, len;

	g->n = 0;
	for (i = 0; i < g->folder.page.n && !service_stopped(g->c->service);
	    i++) {
		it = &g->folder.page.item[i];
		name = miner_below(&g->folder, it, &len);
		if (name == NULL || !is_chosen(g, name))
			continue;
		if ((why = names_odd(name, len)) != NULL)
			get_say(g, name, len, GET_ODD, it->bytes, why);
		else if (it->bytes < 0)
			get_say(g, name, len, GET_ODD, -1,
			    "the list has no size of it");
		else if (is_there(g, it, name, &why))
			get_say(g, name, len, GET_SAME, it->bytes, NULL);
		else if (service_stopped(g->c->service))
			return;
		else if (why != NULL)
			get_say(g, name, len, GET_FAILED, it->bytes, why);
		else
			want(g, it, name);
	}
}

static int
get(struct get *g, const char *dir)
{
	const char *why;

	if ((why = place_open(&g->place, dir)) != NULL)
		return (command_failed("%s: %s", dir, why));
	g->folder.service = g->c->service;
	g->folder.miner = g->miner;
	while (g->ended == 0 && !service_stopped(g->c->service) &&
	    miner_next(&g->folder)) {
		choose(g);
		if (!service_stopped(g->c->service))
			get_page(g);
	}
	if (g->ended == 0)
		g->ended = g->folder.status;
	if (g->folder.dropped > 0)
		get_say(g, "(keys)", strlen("(keys)"), GET_ODD, -1,
		    "the list has keys that cannot be read");
	miner_free(&g->folder);
	if (g->ended == 0 && !service_stopped(g->c->service))
		place_sweep(&g->place, PART, clock_now_ms() / 1000 -
		    PLACE_KEPT_S);
	place_close(&g->place);
	free(g->want);
	progress_free(g->progress);
	g->progress = NULL;
	return (get_sum(g));
}

int
command_get(int argc, char **argv)
{
	static struct connect c;
	static struct get g = { .c = &c };
	const char *dir = NULL, **word, *why;
	const struct option_spec options[] = {
		{ "output,o", &dir, NULL },
		SETTINGS_LOOK(&c.set), SETTINGS_SERVICE(&c.set),
		SETTINGS_KEYS(&c.set), SETTINGS_CONNECTIONS(&c.set),
		{ NULL, NULL, NULL }
	};
	struct miner m;
	int n, status;

	if ((word = calloc((size_t)argc + 1, sizeof(*word))) == NULL)
		log_die("out_of_memory", "get");
	if ((n = command_options(argc, argv, options, word, argc)) < 0)
		status = COMMAND_USAGE;
	else if (n == 0)
		status = command_wrong("MINER is missing");
	else if ((why = miner_read(word[0], &m)) != NULL)
		status = command_wrong("MINER %s", why);
	else if (dir == NULL)
		status = command_wrong("--output DIR is missing");
	else
		status = connect_open(&c, CONNECT_HOTKEY);
	if (status == COMMAND_OK) {
		g.miner = &m;
		g.pattern = word + 1;
		g.patterns = n - 1;
		g.progress = progress_new(&c.set, "get");
		status = get(&g, dir);
		progress_free(g.progress);
	}
	connect_close(&c);
	free(word);
	return (status);
}
