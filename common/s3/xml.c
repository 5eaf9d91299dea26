#include <limits.h>
#include <string.h>

#include <expat.h>

#include "base/log.h"
#include "s3/xml.h"

/* Source: Amazon S3 API Reference, the examples of answers. */
#define NAMESPACE "http://s3.amazonaws.com/doc/2006-03-01/"

struct parser {
	const struct xml_reader *r;
	void *user;
	XML_Parser xml;
	size_t depth;
	const char *ns;		/* of the root: "" or S3's */
	bool bad;
};

/* If the start handler of an empty element stops expat, expat still calls the
   end handler.  So every handler returns at once when bad is set. */
static void
fail(struct parser *p)
{

	p->bad = true;
	XML_StopParser(p->xml, XML_FALSE);
}

/* Expat passes names as "namespace local", or "local" without a namespace. */
static const char *
local_name(const char *name, const char *ns)
{
	const size_t n = strlen(ns);

	if (n == 0)
		return (strchr(name, ' ') == NULL ? name : "");
	return (strncmp(name, ns, n) == 0 && name[n] == ' ' ? name + n + 1 :
	    "");
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
	if (p->depth == XML_DEPTH_MAX || !p->r->start(p->user,
	    local_name(name, p->ns), p->depth)) {
		fail(p);
		return;
	}
	p->depth++;
}

static void XMLCALL
on_text(void *user, const char *s, int len)
{
	struct parser *p = user;

	if (!p->bad && p->depth > 0 && !p->r->text(p->user, s, (size_t)len))
		fail(p);
}

static void XMLCALL
on_end(void *user, const char *name)
{
	struct parser *p = user;

	(void)name;
	if (!p->bad && !p->r->end(p->user, --p->depth))
		fail(p);
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

bool
xml_read(const struct xml_reader *r, void *user, const char *xml, size_t len)
{
	struct parser p = { .r = r, .user = user, .ns = "" };
	bool good;

	if (len > INT_MAX)
		return (false);
	if ((p.xml = XML_ParserCreateNS("UTF-8", ' ')) == NULL)
		log_die("out_of_memory", "xml");
	XML_SetUserData(p.xml, &p);
	XML_SetElementHandler(p.xml, on_start, on_end);
	XML_SetCharacterDataHandler(p.xml, on_text);
	XML_SetStartDoctypeDeclHandler(p.xml, on_doctype);
	good = XML_Parse(p.xml, xml, (int)len, XML_TRUE) == XML_STATUS_OK &&
	    !p.bad;
	XML_ParserFree(p.xml);
	return (good);
}
