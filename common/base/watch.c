#include <string.h>

#include "base/watch.h"

static bool
is_same(const struct watch_file *a, const struct watch_file *b)
{

	return (a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime.tv_sec == b->mtime.tv_sec &&
	    a->mtime.tv_nsec == b->mtime.tv_nsec &&
	    a->ctime.tv_sec == b->ctime.tv_sec &&
	    a->ctime.tv_nsec == b->ctime.tv_nsec);
}

static void
look(struct watch_file *f, const char *path)
{
	struct stat st;

	memset(f, 0, sizeof(*f));
	if (stat(path, &st) != 0)
		return;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->size = st.st_size;
	f->mtime = st.st_mtim;
	f->ctime = st.st_ctim;
}

/* Has ${f} stayed as it is for a second?  Its own time answers that, unless the
   file is missing or the clock was set back. */
static bool
has_settled(const struct watch *w, const struct watch_file *f, int64_t now_ms)
{
	const int64_t changed_ms = (int64_t)f->ctime.tv_sec * 1000 +
	    f->ctime.tv_nsec / 1000000;

	if (changed_ms != 0 && now_ms - changed_ms >= WATCH_LOOK_MS)
		return (true);
	return (is_same(&w->seen, f) && now_ms - w->seen_ms >= WATCH_LOOK_MS);
}

bool
watch_changed(struct watch *w, const char *path, int64_t now_ms)
{
	struct watch_file f;

	if (now_ms >= w->looked_ms && now_ms - w->looked_ms < WATCH_LOOK_MS)
		return (false);
	w->looked_ms = now_ms;
	look(&f, path);
	if (w->was_read && is_same(&w->read, &f)) {
		w->seen = f;
		w->seen_ms = now_ms;
		return (false);
	}
	if (has_settled(w, &f, now_ms)) {
		w->read = w->seen = f;
		w->was_read = true;
		return (true);
	}
	if (!is_same(&w->seen, &f) || now_ms < w->seen_ms) {
		w->seen = f;
		w->seen_ms = now_ms;
	}
	return (false);
}

void
watch_again(struct watch *w)
{

	w->was_read = false;
}
