#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/log.h"
#include "selftest_fields.h"

/* No text of a way is longer: a key that stores refuse, and a form's fields. */
#define TEXT_MAX 65536

static struct text_span
keep(struct selftest_draft *d, const char *s, size_t len)
{

	return ((struct text_span){ arena_text(d->arena, s, len), len });
}

static struct text_span
keep_all(struct selftest_draft *d, const char *s)
{

	return (keep(d, s, strlen(s)));
}

/* --- patterns ------------------------------------------------------------ */

static bool
value_of(const struct selftest_names *n, const char *name, size_t len,
    struct text_span *out)
{
	const struct { const char *name, *value; } all[] = {
		{ "own", n->own }, { "job", n->job }, { "id", n->id },
		{ "exact", n->exact }, { "other", n->other },
		{ "name", n->name }, { "mine", n->mine },
		{ "canary", n->canary }, { "bucket", n->bucket },
		{ "another", n->another }, { "at", n->at },
		{ "host", n->host }, { "tail", n->tail },
		{ "boundary", n->boundary }, { "parent", n->parent },
		{ "credential", n->credential }, { "keyid", n->key_id },
		{ "signature", n->signature }, { "date", n->date },
		{ "policy", n->policy }, { "listsig", n->list_signature },
		{ "theirsig", n->their_signature }, { "me", n->me },
		{ "owner", n->owner }, { "them", n->them },
		{ "theirowner", n->their_owner }, { "source", n->source },
		{ "receiver", n->receiver }, { "now", n->now },
		{ "sig", n->sig },
	};
	size_t i;

	if (text_equal(name, len, "nul")) {
		*out = (struct text_span){ "", 1 };
		return (true);
	}
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (text_equal(name, len, all[i].name)) {
			*out = text_span(all[i].value);
			return (true);
		}
	}
	return (false);
}

struct text_span
selftest_draft_text(struct selftest_draft *d, const char *pattern)
{
	struct text_span v, done;
	const char *s = pattern;
	struct buf b;
	size_t n;

	buf_init_growing(&b, 256, TEXT_MAX);
	while (*s != '\0') {
		n = *s == '{' ? strcspn(s, "}") : 0;
		if (n > 1 && s[n] == '}' &&
		    value_of(d->names, s + 1, n - 1, &v)) {
			if (v.s == NULL)
				d->missing = "the deployment has nothing to "
				    "try it with";
			buf_add(&b, v.s != NULL ? v.s : "", v.len);
			s += n + 1;
		} else {
			buf_char(&b, *s++);
		}
	}
	if (buf_end(&b) != ERR_OK)
		log_die("selftest", "a text is too long");
	done = keep(d, b.data, b.len);
	buf_free(&b);
	return (done);
}

/* --- any request --------------------------------------------------------- */

static struct text_span
join(struct selftest_draft *d, struct text_span a, const char *between,
    struct text_span b)
{
	struct text_span out;
	struct buf all;

	buf_init_growing(&all, a.len + b.len + 8, TEXT_MAX);
	buf_add(&all, a.s, a.len);
	buf_str(&all, a.len > 0 && b.len > 0 ? between : "");
	buf_add(&all, b.s, b.len);
	out = keep(d, all.data, all.len);
	buf_free(&all);
	return (out);
}

/* Replace the value of the parameter ${name}, or drop it. */
static void
param(struct selftest_draft *d, const char *name, const char *value)
{
	const struct text_span eq = selftest_draft_text(d, "=");
	const char *s = d->query.s, *end;
	const size_t len = strlen(name);
	struct text_span head, rest, now;

	while (s != NULL && (strncmp(s, name, len) != 0 || s[len] != '=')) {
		if ((s = strchr(s, '&')) != NULL)
			s++;
	}
	if (s == NULL) {
		d->missing = "the URL has no such parameter";
		return;
	}
	end = s + strcspn(s, "&");
	head = (struct text_span){ d->query.s, (size_t)(s - d->query.s) };
	rest = keep_all(d, *end == '&' ? end + 1 : end);
	if (head.len > 0)
		head.len--;
	if (value != NULL) {
		now = join(d, join(d, keep_all(d, name), "", eq), "",
		    selftest_draft_text(d, value));
		rest = join(d, now, "&", rest);
	}
	d->query = join(d, head, "&", rest);
}

static void
set_bytes(struct selftest_draft *d, int n)
{
	const int64_t max = d->grants->max_bytes;

	if (n == SELFTEST_OVER && max > SELFTEST_SEND_MAX)
		d->missing = "so large a file is not sent";
	else if (n == SELFTEST_OVER)
		d->bytes = (size_t)max + 1;
	else if (n == SELFTEST_EMPTY)
		d->bytes = 0;
	else if (n < 0 && d->bytes < (size_t)-n)
		d->missing = "files of any size are allowed";
	else
		d->bytes = (size_t)((int64_t)d->bytes + n);
}

static void
any_op(struct selftest_draft *d, const struct selftest_op *o,
    struct text_span a)
{

	switch (o->change) {
	case SELFTEST_METHOD:
		d->method = a;
		break;
	case SELFTEST_PATH:
		d->path = a;
		break;
	case SELFTEST_QUERY:
		d->query = a;
		break;
	case SELFTEST_BEGIN:
		d->query = join(d, a, "&", d->query);
		break;
	case SELFTEST_APPEND:
		d->query = join(d, d->query, "&", a);
		break;
	case SELFTEST_PARAM:
		param(d, o->a, o->b);
		break;
	case SELFTEST_HOST:
		d->host = a;
		break;
	case SELFTEST_HEADER:
		if (d->n_headers < SELFTEST_HEADERS)
			d->header[d->n_headers++] = a;
		break;
	case SELFTEST_BODY:
		d->body = a;
		d->form = false;
		break;
	case SELFTEST_BYTES:
		set_bytes(d, o->n);
		break;
	case SELFTEST_LENGTH:
		d->length = a;
		d->lies = true;
		d->no_length = a.s == NULL;
		break;
	case SELFTEST_CHUNKED:
		d->chunked = d->lies = d->no_length = true;
		break;
	default:
		d->tail = a;
		d->lies = true;
		break;
	}
}

bool
selftest_draft_is_url(const char *url)
{
	const char *s, *host = NULL;

	for (s = url; *s > ' ' && *s < 0x7f; s++)
		continue;
	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	return (*s == '\0' && host != NULL && host[strspn(host, "/?#")] !=
	    '\0' && strcspn(host, "/?#") > 0);
}

/* --- the bases ----------------------------------------------------------- */

static void
set_url(struct selftest_draft *d, const char *url)
{
	const char *host = strstr(url, "://"), *path, *query;

	host = host != NULL ? host + 3 : url;
	path = host + strcspn(host, "/?");
	query = path + strcspn(path, "?");
	d->origin = url;
	d->host = keep(d, host, (size_t)(path - host));
	d->path = query > path ? keep(d, path, (size_t)(query - path)) :
	    keep_all(d, "/");
	d->query = keep_all(d, *query == '?' ? query + 1 : "");
}

static void
set_form(struct selftest_draft *d, const struct service_grant *g)
{
	size_t i;

	d->method = text_span("POST");
	set_url(d, g->url);
	d->form = true;
	for (i = 0; i < g->n_fields; i++)
		selftest_fields_add(d, g->fields[i].name,
		    keep_all(d, g->fields[i].value));
	selftest_fields_set(d, "key", g->key != NULL ? text_span(g->key) :
	    selftest_draft_text(d, "{job}{id}"));
}

static void
set_put(struct selftest_draft *d, const struct service_grant *g)
{
	struct buf b;
	size_t i;

	d->method = text_span("PUT");
	set_url(d, g->url);
	for (i = 0; i < g->n_headers && i < SELFTEST_HEADERS / 2; i++) {
		/* The length is always sent. */
		if (strcasecmp(g->headers[i].name, "content-length") == 0)
			continue;
		d->header[d->n_headers++] = join(d, join(d,
		    text_span(g->headers[i].name), "",
		    text_span(": ")), "", text_span(g->headers[i].value));
	}
	buf_init_growing(&b, d->bytes + 1, d->bytes + 1);
	selftest_draft_fill(d->names->id, d->bytes, &b);
	d->body = keep(d, b.data, b.len);
	buf_free(&b);
}

static const char *
set_base(struct selftest_draft *d, enum selftest_base base)
{
	const struct selftest_grants *g = d->grants;
	static const char *const none[] = {
		"the service grants no form for a whole folder",
		"the service grants no form for one file",
		"the service grants no PUT", "the service gives no list_url",
		"the service grants no form for a whole folder",
	};
	const char *url = base == SELFTEST_EXACT ? g->exact.url :
	    base == SELFTEST_PUT ? g->put.url : base == SELFTEST_LIST ?
	    g->list_url : base == SELFTEST_FORM ? g->form.url :
	    g->form.url != NULL ? g->form.url : g->list_url;

	if (url == NULL)
		return (none[base]);
	d->method = text_span("GET");
	if (base == SELFTEST_EXACT || base == SELFTEST_FORM)
		set_form(d, base == SELFTEST_EXACT ? &g->exact : &g->form);
	else if (base == SELFTEST_PUT)
		set_put(d, &g->put);
	else
		set_url(d, url);
	if (base == SELFTEST_BARE)
		d->query = text_span("");
	return (NULL);
}

const char *
selftest_draft_make(struct selftest_draft *d, struct arena *arena,
    const struct selftest_names *names, const struct selftest_grants *grants,
    const struct selftest_way *way)
{
	const struct selftest_op *o;
	struct text_span a, b;
	const char *why;

	memset(d, 0, sizeof(*d));
	d->arena = arena;
	d->names = names;
	d->grants = grants;
	d->bytes = (size_t)grants->min_bytes;
	if ((why = set_base(d, way->base)) != NULL)
		return (why);
	d->file_name = text_span("file.csv");
	d->type = selftest_draft_text(d,
	    "multipart/form-data; boundary={boundary}");
	for (o = way->op; o < way->op + SELFTEST_OPS &&
	    o->change != SELFTEST_END; o++) {
		a = o->a != NULL ? selftest_draft_text(d, o->a) :
		    (struct text_span){ NULL, 0 };
		b = o->b != NULL ? selftest_draft_text(d, o->b) :
		    (struct text_span){ NULL, 0 };
		if (o->change <= SELFTEST_TYPE)
			selftest_fields_change(d, o, a, b);
		else
			any_op(d, o, a);
	}
	return (d->missing);
}
