#include "test.h"

#include "base/buf.h"
#include "s3/xml.h"

#define S3 "http://s3.amazonaws.com/doc/2006-03-01/"

/* What was called, as "<name:depth", the text, and ">depth"; and the call that
   returns false, from 1 on. */
struct seen {
	char text[500];
	struct buf b;
	int calls, refused;
};

static bool
goes_on(struct seen *s)
{

	return (++s->calls != s->refused);
}

static bool
on_start(void *user, const char *name, size_t depth)
{
	struct seen *s = user;

	buf_str(&s->b, "<");
	buf_str(&s->b, name);
	buf_str(&s->b, ":");
	buf_add(&s->b, &"012345678"[depth], 1);
	return (goes_on(s));
}

static bool
on_text(void *user, const char *text, size_t len)
{
	struct seen *s = user;

	buf_add(&s->b, text, len);
	return (goes_on(s));
}

static bool
on_end(void *user, size_t depth)
{
	struct seen *s = user;

	buf_str(&s->b, ">");
	buf_add(&s->b, &"012345678"[depth], 1);
	return (goes_on(s));
}

static bool
reads(struct seen *s, const char *xml, int refused)
{
	static const struct xml_reader reader = { on_start, on_text, on_end };

	memset(s, 0, sizeof(*s));
	s->refused = refused;
	buf_init(&s->b, s->text, sizeof(s->text));
	return (xml_read(&reader, s, xml, strlen(xml)));
}

static void
a_document_is_read_with_depths_and_text(void **state)
{
	struct seen s;

	(void)state;
	assert_true(reads(&s, "<a>x<b>1&amp;2</b><c/>y</a>", 0));
	assert_string_equal(s.text, "<a:0x<b:11&2>1<c:1>1y>0");
}

static void
names_are_those_of_s3_or_of_no_namespace(void **state)
{
	struct seen s;

	(void)state;
	assert_true(reads(&s, "<a xmlns='" S3 "'><b/><c xmlns='urn:x'/></a>",
	    0));
	assert_string_equal(s.text, "<a:0<b:1>1<:1>1>0");
	assert_true(reads(&s, "<a><b xmlns='" S3 "'/></a>", 0));
	assert_string_equal(s.text, "<a:0<:1>1>0");
	assert_true(reads(&s, "<a xmlns='urn:x'/>", 0));
	assert_string_equal(s.text, "<:0>0");
}

static void
a_document_type_is_refused(void **state)
{
	struct seen s;

	(void)state;
	assert_false(reads(&s, "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 0));
	assert_string_equal(s.text, "");
}

static void
more_than_eight_elements_in_each_other_are_refused(void **state)
{
	struct seen s;

	(void)state;
	assert_true(reads(&s, "<a><a><a><a><a><a><a><a/></a></a></a></a></a>"
	    "</a></a>", 0));
	assert_false(reads(&s, "<a><a><a><a><a><a><a><a><a/></a></a></a></a>"
	    "</a></a></a></a>", 0));
}

static void
what_is_not_whole_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "<a>", "<a></b>", "<a/><b/>", "<a>&x;</a>",
		"<a>\x01</a>", "<a>\xff</a>", "a"
	};
	struct seen s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(&s, bad[i], 0));
}

/* Even the end of an empty element, which expat reports after its start. */
static void
nothing_is_called_after_a_refusal(void **state)
{
	static const char xml[] = "<a>x<b/>y<c>z</c></a>";
	struct seen s;
	int i, calls;

	(void)state;
	assert_true(reads(&s, xml, 0));
	calls = s.calls;
	assert_int_equal(calls, 9);
	for (i = 1; i <= calls; i++) {
		assert_false(reads(&s, xml, i));
		assert_int_equal(s.calls, i);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_document_is_read_with_depths_and_text),
	cmocka_unit_test(names_are_those_of_s3_or_of_no_namespace),
	cmocka_unit_test(a_document_type_is_refused),
	cmocka_unit_test(more_than_eight_elements_in_each_other_are_refused),
	cmocka_unit_test(what_is_not_whole_is_refused),
	cmocka_unit_test(nothing_is_called_after_a_refusal),
};

TEST_MAIN(tests)
