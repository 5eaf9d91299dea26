#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "s3/refusal.h"
#include "s3/xml.h"

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
	enum element in;	/* what the text at depth 1 belongs to */
	bool seen[ELEMENTS];
	char text[ELEMENTS][TEXT_MAX + 1];
	size_t len[ELEMENTS];
};

static bool
on_start(void *user, const char *name, size_t depth)
{
	struct parser *p = user;
	bool again;

	p->in = OTHER;
	if (depth == 0)
		return (strcmp(name, "Error") == 0);
	if (depth > 1)
		return (true);
	p->in = strcmp(name, "Code") == 0 ? CODE :
	    strcmp(name, "Region") == 0 ? REGION : OTHER;
	again = p->in != OTHER && p->seen[p->in];
	p->seen[p->in] = true;
	return (!again);
}

static bool
on_text(void *user, const char *s, size_t len)
{
	struct parser *p = user;

	if (p->in == OTHER)
		return (true);
	if (len > TEXT_MAX - p->len[p->in]) {
		/* It is in no table of ours.  The rest may still be good. */
		p->len[p->in] = 0;
		p->in = OTHER;
		return (true);
	}
	memcpy(p->text[p->in] + p->len[p->in], s, len);
	p->len[p->in] += len;
	return (true);
}

static bool
on_end(void *user, size_t depth)
{
	struct parser *p = user;

	(void)depth;
	p->in = OTHER;
	return (true);
}

/* Parse an Error.  Return false if it is none. */
static bool
parse(struct parser *p, const char *answer, size_t len)
{
	static const struct xml_reader reader = { on_start, on_text, on_end };

	return (len > 0 && len <= REFUSAL_MAX_BYTES &&
	    xml_read(&reader, p, answer, len));
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
	struct parser p = { .in = OTHER };
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
