#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/skew.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "state/seen.h"
#include "state/snapshot.h"

#define TITLE "foldergate"
#define FORM "seen 1"
#define FILE_MAX_BYTES 256
#define PEERS_MAX 1000

/* No clock is off by more than the time from 1970 to 9999. */
#define SKEW_MAX_MS (TIMEFMT_S_MAX * 1000)

#define FAULT_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

void
seen_write(const char *directory, const char *name, const struct seen *s)
{
	char path[PATH_MAX], text[FILE_MAX_BYTES];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_fmt(&b, TITLE " " FORM "\nat %lld\n", (long long)s->at_s);
	if (s->skew_ms == SKEW_UNKNOWN)
		buf_str(&b, "skew_ms -\n");
	else
		buf_fmt(&b, "skew_ms %lld\n", (long long)s->skew_ms);
	buf_fmt(&b, "peers %lld\nfault %s\n", (long long)s->peers,
	    s->fault[0] != '\0' ? s->fault : "-");
	snapshot_path(directory, name, path);
	if (buf_end(&b) == ERR_OK &&
	    file_replace(path, text, b.len, 0644) == ERR_OK)
		return;
	LOG(LOG_WARN, "status_not_written", LOG_S("path", path));
	unlink(path);
}

/* Take the next line off the text: ${name}, a blank and a value. */
static bool
line(struct text_span *text, const char *name, struct text_span *value)
{
	const size_t len = strlen(name);
	const char *end = memchr(text->s, '\n', text->len);

	if (end == NULL || (size_t)(end - text->s) <= len ||
	    memcmp(text->s, name, len) != 0 || text->s[len] != ' ')
		return (false);
	value->s = text->s + len + 1;
	value->len = (size_t)(end - value->s);
	text->len -= (size_t)(end + 1 - text->s);
	text->s = end + 1;
	return (true);
}

static bool
number(struct text_span *text, const char *name, int64_t min, int64_t max,
    int64_t *out)
{
	struct text_span v;

	return (line(text, name, &v) &&
	    num_parse(v.s, v.len, min, max, out) == ERR_OK);
}

static bool
skew(struct text_span *text, int64_t *out)
{
	struct text_span v;

	if (!line(text, "skew_ms", &v))
		return (false);
	*out = SKEW_UNKNOWN;
	if (text_equal(v.s, v.len, "-"))
		return (true);
	return (num_parse(v.s, v.len, -SKEW_MAX_MS, SKEW_MAX_MS, out) ==
	    ERR_OK);
}

static bool
fault(struct text_span *text, char out[SEEN_FAULT_MAX + 1])
{
	struct text_span v;

	out[0] = '\0';
	if (!line(text, "fault", &v) || v.len > SEEN_FAULT_MAX)
		return (false);
	if (text_equal(v.s, v.len, "-"))
		return (true);
	memcpy(out, v.s, v.len);
	out[v.len] = '\0';
	return (v.len > 0 && strspn(out, FAULT_LETTERS) == v.len);
}

static bool
parse(struct text_span text, struct seen *s)
{
	struct text_span v;

	return (line(&text, TITLE, &v) && text_equal(v.s, v.len, FORM) &&
	    number(&text, "at", 0, TIMEFMT_S_MAX, &s->at_s) &&
	    skew(&text, &s->skew_ms) &&
	    number(&text, "peers", 0, PEERS_MAX, &s->peers) &&
	    fault(&text, s->fault) && text.len == 0);
}

bool
seen_read(const char *directory, const char *name, int64_t now_s,
    int64_t max_age_s, struct seen *s)
{
	char path[PATH_MAX];
	struct file_map map;
	const char *why;
	bool good;

	snapshot_path(directory, name, path);
	if (file_map_open(path, FILE_MAX_BYTES, &map, &why) != ERR_OK)
		return (false);
	good = parse((struct text_span){ map.data, map.len }, s);
	file_map_close(&map);
	return (good && s->at_s <= now_s && now_s - s->at_s <= max_age_s);
}
