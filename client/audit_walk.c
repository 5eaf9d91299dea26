#include <stdarg.h>
#include <string.h>

#include "audit_walk.h"

/* The most faults to print.  With a wrong key every line is one. */
#define PRINTED_MAX 20

void
audit_walk_start(struct audit_walk *w, struct hmac *h,
    const struct secret *key)
{

	audit_chain_start(&w->chain, h, key);
}

void
audit_walk_fault(struct audit_walk *w, int64_t line, const char *fmt, ...)
{
	va_list ap;

	if (w->faults++ >= PRINTED_MAX || w->quiet)
		return;
	if (line > 0)
		printf("%s:%lld: ", w->file, (long long)line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void
note(const struct audit_walk *w, const char *text)
{

	if (!w->quiet)
		printf("%s:%lld: %s\n", w->file, (long long)w->line, text);
}

/* The bytes look like a torn line, but no writer marked them as one. */
static void
unmarked(struct audit_walk *w)
{

	if (w->cut_line > 0)
		audit_walk_fault(w, w->cut_line, "a line is cut in its middle");
	w->cut_line = 0;
	w->chain.torn = 0;
}

/* Continue the chain after this line. */
static void
look_for(struct audit_walk_head *h, const struct audit_chain_line *line)
{

	h->found |= line->seq == h->seq &&
	    memcmp(line->mac, h->mac, HMAC_LEN) == 0;
}

static void
go_on(struct audit_walk *w, const struct audit_chain_line *line)
{

	w->chain.seq = line->seq;
	memcpy(w->chain.mac, line->mac, HMAC_LEN);
	w->good = true;
	w->lines++;
	look_for(&w->kept, line);
	look_for(&w->last, line);
}

static void
tell_event(struct audit_walk *w, const struct audit_chain_line *line)
{

	switch (line->event) {
	case AUDIT_CHAIN_TORN:
		note(w, "marks a torn line: a writer was cut off");
		break;
	case AUDIT_CHAIN_BROKEN_TAIL:
		audit_walk_fault(w, w->line, "the writer found that the lines "
		    "behind seq %lld were altered or cut off",
		    (long long)line->number);
		break;
	case AUDIT_CHAIN_BROKEN_HEAD:
		audit_walk_fault(w, w->line, "the writer found no good head "
		    "file: lines may be cut off behind seq %lld",
		    (long long)line->number);
		break;
	case AUDIT_CHAIN_BROKEN_BOTH:
		audit_walk_fault(w, w->line, "the writer found neither a good "
		    "head file nor a line of its own, and began anew");
		break;
	default:
		break;
	}
}

/*
 * The first line of all.  The chain may begin here if the line is the first
 * ever, or the first of a further file.  Otherwise there was a line before it.
 */
static bool
begin(struct audit_walk *w, const char *text,
    const struct audit_chain_line *line)
{
	const bool opens = line->event == AUDIT_CHAIN_ROTATED ||
	    line->event == AUDIT_CHAIN_RESUMED;

	w->first_seq = line->seq;
	if (line->seq <= 1 || (opens &&
	    !audit_chain_fits(&w->chain, line->prev, text, line)))
		return (false);
	if (opens)
		note(w, "the chain begins in an earlier file");
	else
		audit_walk_fault(w, w->line, "the lines before seq %lld are "
		    "missing", (long long)line->seq);
	go_on(w, line);
	return (true);
}

/* The line has the right form but is not the next of the chain. */
static void
misplaced(struct audit_walk *w, const char *text,
    const struct audit_chain_line *line)
{
	struct audit_chain *c = &w->chain;
	const bool broken = line->event >= AUDIT_CHAIN_BROKEN_TAIL &&
	    audit_chain_fits(c, line->prev, text, line);
	const bool after = audit_chain_fits(c, w->claimed, text, line) ||
	    audit_chain_fits(c, w->computed, text, line);
	const int64_t next = c->seq + 1;

	memcpy(w->claimed, line->mac, HMAC_LEN);
	audit_chain_mac(c, c->mac, text, line->covered, w->computed);
	if (broken) {
		if (line->seq > next)
			audit_walk_fault(w, w->line, "seq %lld to %lld are "
			    "missing", (long long)next,
			    (long long)line->seq - 1);
		go_on(w, line);
	} else if (line->seq < next) {
		audit_walk_fault(w, w->line, "seq %lld is out of its order, "
		    "or there twice", (long long)line->seq);
	} else if (after) {
		/* The fault is in the line before, and was already
		   reported. */
		go_on(w, line);
	} else if (line->seq > next) {
		audit_walk_fault(w, w->line, "seq %lld to %lld are missing "
		    "here, or this line is altered", (long long)next,
		    (long long)line->seq - 1);
	} else {
		audit_walk_fault(w, w->line, "altered, or the line before");
	}
}

static void
odd(struct audit_walk *w, const char *text,
    const struct audit_chain_line *line)
{
	const bool first = !w->begun;

	unmarked(w);
	w->good = false;
	w->begun = true;
	if (first && begin(w, text, line))
		tell_event(w, line);
	else if (line->seq == 0)
		audit_walk_fault(w, w->line, "not a line of an audit log");
	else
		misplaced(w, text, line);
	if (w->good && !first)
		tell_event(w, line);
}

static void
take(struct audit_walk *w, const char *text, size_t len)
{
	struct audit_chain_line line;

	switch (audit_chain_take(&w->chain, text, len, &line)) {
	case AUDIT_CHAIN_CUT:
		if (w->cut_line == 0)
			w->cut_line = w->line;
		w->good = false;
		break;
	case AUDIT_CHAIN_ODD:
		odd(w, text, &line);
		break;
	case AUDIT_CHAIN_MISFIT:
		if (w->cut_line == 0)
			audit_walk_fault(w, w->line, "a torn line is marked, "
			    "which is not there");
		unmarked(w);
		/* FALLTHROUGH */
	case AUDIT_CHAIN_GOOD:
		w->cut_line = 0;
		if (!w->begun)
			w->first_seq = line.seq;
		w->begun = true;
		go_on(w, &line);
		tell_event(w, &line);
		break;
	}
}

void
audit_walk_file(struct audit_walk *w, const char *name, FILE *f, int64_t size)
{
	char text[AUDIT_CHAIN_LINE_MAX];
	size_t len = 0;
	int c;

	w->file = name;
	w->line = 1;
	for (; size != 0 && (c = getc_unlocked(f)) != EOF; size--) {
		/* A line that is too long is counted, but not kept. */
		if (c != '\n') {
			if (len < sizeof(text))
				text[len++] = (char)c;
			continue;
		}
		take(w, text, len);
		w->line++;
		len = 0;
	}
	if (len > 0)
		take(w, text, len);
	unmarked(w);
}
