#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/log.h"
#include "base/text.h"
#include "s3/refusal.h"

#define NAMESPACE "http://s3.amazonaws.com/doc/2006-03-01/"
#define DEPTH_MAX 8
#define TEXT_MAX S3_FAULT_CODE_MAX

/* Source: Amazon Web Services, "Regions and Zones"; the defaults of Ceph,
   Garage and Cloudflare. */
static const char *const regions[] = {
	"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1",
	"ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1",
	"ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1",
	"eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
	"eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1",
	"mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1",
	"us-gov-west-1", "us-west-1", "us-west-2", "auto", "default", "garage"
};

enum element { OTHER, CODE, REGION, ELEMENTS };

struct parser {
	XML_Parser xml;
	const char *ns;		/* of the root: "" or ours */
	size_t depth;
	enum element in;	/* what the text at depth 2 belongs to */
	bool seen[ELEMENTS], bad;
	char text[ELEMENTS][TEXT_MAX + 1];
	size_t len[ELEMENTS];
};

static void
fail(struct parser *p)
{

	p->bad = true;
	XML_StopParser(p->xml, XML_FALSE);
}

/* Expat passes names as "namespace local", or "local" without a namespace. */
static bool
is_named(const struct parser *p, const char *name, const char *want)
{
	const size_t n = strlen(p->ns);

	if (n > 0) {
		if (strncmp(name, p->ns, n) != 0 || name[n] != ' ')
			return (false);
		name += n + 1;
	}
	return (strcmp(name, want) == 0);
}

static void XMLCALL
on_start(void *user, const char *name, const char **attributes)
{
	struct parser *p = user;

	(void)attributes;
	if (p->bad)
		return;
	if (p->depth == 0)
		p->ns = strchr(name, ' ') == NULL ? "" : NAMESPACE;
	if (p->depth == DEPTH_MAX ||
	    (p->depth == 0 && !is_named(p, name, "Error"))) {
		fail(p);
		return;
	}
	p->depth++;
	p->in = p->depth != 2 ? OTHER : is_named(p, name, "Code") ? CODE :
	    is_named(p, name, "Region") ? REGION : OTHER;
	if (p->in != OTHER && p->seen[p->in])
		fail(p);
	p->seen[p->in] = true;
}

static void XMLCALL
on_end(void *user, const char *name)
{
	struct parser *p = user;

	(void)name;
	if (p->bad)
		return;
	p->depth--;
	p->in = OTHER;
}

static void XMLCALL
on_text(void *user, const char *s, int len)
{
	struct parser *p = user;
	const size_t n = (size_t)len;

	if (p->bad || p->in == OTHER)
		return;
	if (n > TEXT_MAX - p->len[p->in]) {
		/* It is in no table of ours.  The rest may still be good. */
		p->len[p->in] = 0;
		p->in = OTHER;
		return;
	}
	memcpy(p->text[p->in] + p->len[p->in], s, n);
	p->len[p->in] += n;
}

static void XMLCALL
on_doctype(void *user, const char *name, const char *sysid, const char *pubid,
    int has_internal_subset)
{

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	fail(user);
}

/* Parse an Error.  Return false if it is none. */
static bool
parse(struct parser *p, const char *answer, size_t len)
{
	bool good;

	if (len == 0 || len > REFUSAL_MAX_BYTES)
		return (false);
	if ((p->xml = XML_ParserCreateNS("UTF-8", ' ')) == NULL)
		log_die("out_of_memory", "refusal");
	XML_SetUserData(p->xml, p);
	XML_SetElementHandler(p->xml, on_start, on_end);
	XML_SetCharacterDataHandler(p->xml, on_text);
	XML_SetStartDoctypeDeclHandler(p->xml, on_doctype);
	good = XML_Parse(p->xml, answer, (int)len, XML_TRUE) ==
	    XML_STATUS_OK && !p->bad;
	XML_ParserFree(p->xml);
	return (good);
}

static const char *
known_region(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		if (text_equal(s, len, regions[i]))
			return (regions[i]);
	}
	return (NULL);
}

void
refusal_read(int status, const char *answer, size_t len, struct refusal *r)
{
	struct parser p = { .ns = "" };
	const bool is_error = parse(&p, answer, len);
	const struct s3_fault *f = NULL;

	r->region = NULL;
	if (is_error)
		f = s3_fault_named(p.text[CODE], p.len[CODE]);

	/* The names of our own rows are no codes of a store. */
	if (f != NULL && f->code[0] >= 'A' && f->code[0] <= 'Z') {
		r->fault = f;
		r->region = known_region(p.text[REGION], p.len[REGION]);
		return;
	}
	r->fault = s3_fault_of_status(status);
	if (is_error && status == 400)
		r->fault = s3_fault_named("refused_otherwise", 17);

	/* A page of another server.  A redirect or a 5xx has one, too. */
	if (!is_error && len > 0 && (status == 403 || status == 404 ||
	    status < 300))
		r->fault = s3_fault_named("not_a_store", 11);
}
