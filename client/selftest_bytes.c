/* The bytes of a draft, as they go over the wire. */

#include <string.h>

#include "base/log.h"
#include "selftest_draft.h"

/* A file of the smallest allowed size, and what is around it. */
#define BODY_MAX ((size_t)64 << 20)

static void
add(struct buf *b, struct text_span s)
{

	buf_add(b, s.s != NULL ? s.s : "", s.len);
}

void
selftest_draft_fill(const char *id, size_t bytes, struct buf *out)
{
	char head[128];
	struct buf b;
	size_t i;

	buf_init(&b, head, sizeof(head));
	buf_fmt(&b, "foldergate selftest %.60s\n", id);
	for (i = 0; i < bytes; i++)
		buf_char(out, i < b.len ? head[i] : '.');
}

static void
begin_part(const struct selftest_draft *d, struct buf *b)
{

	buf_str(b, "--");
	buf_str(b, d->names->boundary);
	buf_str(b, "\r\n");
}

static void
write_part(const struct selftest_draft *d, const struct selftest_part *p,
    struct buf *b)
{

	begin_part(d, b);
	if (p->head.s != NULL) {
		add(b, p->head);
	} else {
		buf_str(b, "Content-Disposition: form-data; name=\"");
		add(b, p->name);
		buf_char(b, '"');
	}
	buf_str(b, "\r\n\r\n");
	add(b, p->value);
	buf_str(b, "\r\n");
}

static void
write_file(const struct selftest_draft *d, struct buf *b)
{

	begin_part(d, b);
	if (d->file_head.s != NULL) {
		add(b, d->file_head);
	} else {
		buf_str(b, "Content-Disposition: form-data; name=\"file\"; "
		    "filename=\"");
		add(b, d->file_name);
		buf_str(b, "\"\r\nContent-Type: application/octet-stream");
	}
	buf_str(b, "\r\n\r\n");
	selftest_draft_fill(d->names->id, d->bytes, b);
	buf_str(b, "\r\n");
}

static void
write_form(const struct selftest_draft *d, struct buf *b)
{
	size_t i;

	add(b, d->preamble);
	for (i = 0; i < d->n_parts; i++) {
		if (!d->part[i].after)
			write_part(d, &d->part[i], b);
	}
	write_file(d, b);
	for (i = 0; i < d->n_parts; i++) {
		if (d->part[i].after)
			write_part(d, &d->part[i], b);
	}
	buf_str(b, "--");
	buf_str(b, d->names->boundary);
	buf_str(b, "--\r\n");
	add(b, d->epilogue);
}

static void
write_head(const struct selftest_draft *d, size_t body, bool has_body,
    struct buf *b)
{
	size_t i;

	add(b, d->method);
	buf_char(b, ' ');
	add(b, d->path);
	buf_str(b, d->query.len > 0 ? "?" : "");
	add(b, d->query);
	buf_str(b, " HTTP/1.1\r\nHost: ");
	add(b, d->host);
	buf_str(b, "\r\nUser-Agent: foldergate\r\n");
	for (i = 0; i < d->n_headers; i++) {
		add(b, d->header[i]);
		buf_str(b, "\r\n");
	}
	if (d->form) {
		buf_str(b, "Content-Type: ");
		add(b, d->type);
		buf_str(b, "\r\n");
	}
	if (d->length.s != NULL) {
		buf_str(b, "Content-Length: ");
		add(b, d->length);
		buf_str(b, "\r\n");
	} else if (has_body && !d->no_length) {
		buf_fmt(b, "Content-Length: %zu\r\n", body);
	}
	buf_str(b, d->tail.s != NULL ? "\r\n" : "Connection: close\r\n\r\n");
}

void
selftest_draft_write(const struct selftest_draft *d, struct buf *out)
{
	const bool has_body = d->form || d->body.s != NULL;
	struct buf body;

	buf_init_growing(&body, 4096, BODY_MAX);
	if (d->form)
		write_form(d, &body);
	else
		add(&body, d->body);
	write_head(d, body.len, has_body, out);
	if (d->chunked)
		buf_fmt(out, "%zx\r\n", body.len);
	add(out, (struct text_span){ body.data, body.len });
	if (d->chunked)
		buf_str(out, "\r\n0\r\n\r\n");
	add(out, d->tail);
	if (buf_end(&body) != ERR_OK || buf_end(out) != ERR_OK)
		log_die("selftest", "a request is too long");
	buf_free(&body);
}
