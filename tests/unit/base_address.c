#include "test.h"

#include "base/address.h"

static const struct {
	const char *text, *normal;	/* normal NULL: refused */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::FFFF:c000:0201", "192.0.2.1" },
	{ "0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255" },
	{ "::192.0.2.1", "::192.0.2.1" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	{ "::fffe:192.0.2.1", "::fffe:c000:201" },

	{ "", NULL },
	{ " 192.0.2.1", NULL }, { "192.0.2.1 ", NULL }, { "192.0.2.1\n", NULL },
	{ "192.0.2", NULL }, { "192.0.2.", NULL }, { "192.0.2.1.", NULL },
	{ "192.0.2.256", NULL }, { "192.0.2.01", NULL }, { "0x7f.1", NULL },
	{ "192.0.2.-1", NULL }, { "192.0.2.+1", NULL }, { "3221225985", NULL },
	{ "192.0.2.1:80", NULL }, { "192.0.2.1/32", NULL },
	{ "[::1]", NULL }, { "[::1]:80", NULL }, { "::1%lo", NULL },
	{ "fe80::1%1", NULL }, { ":", NULL }, { ":::", NULL },
	{ "1::2::3", NULL },
	{ "1:2:3:4:5:6:7", NULL }, { "1:2:3:4:5:6:7:8:9", NULL },
	{ "12345::", NULL }, { "g::", NULL }, { "::ffff:192.0.2.256", NULL },
	{ "0000:0000:0000:0000:0000:0ffff:255.255.255.255", NULL },
	{ "unknown", NULL }, { "unix:", NULL }, { "unix:/run/x.sock", NULL },
	{ "localhost", NULL }, { "\"192.0.2.1\"", NULL }
};

static void
addresses_are_read_and_written_in_their_normal_form(void **state)
{
	char out[ADDRESS_TEXT_MAX + 1];
	struct address a;
	size_t i;
	enum err e;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		e = address_parse(addresses[i].text, strlen(addresses[i].text),
		    &a);
		if (addresses[i].normal == NULL) {
			if (e != ERR_FORMAT)
				fail_msg("taken: \"%s\"", addresses[i].text);
			continue;
		}
		if (e != ERR_OK)
			fail_msg("refused: %s", addresses[i].text);
		address_text(&a, out);
		assert_string_equal(out, addresses[i].normal);
		assert_int_equal(a.is_v4,
		    strchr(addresses[i].normal, ':') == NULL);
	}
}

/* The length counts, not a NUL; nothing behind it is looked at. */
static void
an_address_is_read_by_its_length_and_not_to_a_nul(void **state)
{
	char s[8192];
	struct address a;

	(void)state;
	assert_int_equal(address_parse("192.0.2.12", 9, &a), ERR_OK);
	assert_int_equal(a.byte[15], 1);
	assert_int_equal(address_parse("192.0.2.1\0", 10, &a), ERR_FORMAT);
	assert_int_equal(address_parse("192.0.2.1\0zz", 12, &a), ERR_FORMAT);
	memset(s, '1', sizeof(s));
	assert_int_equal(address_parse(s, sizeof(s), &a), ERR_FORMAT);
	memset(s, ':', sizeof(s));
	assert_int_equal(address_parse(s, sizeof(s), &a), ERR_FORMAT);
}

static const struct {
	const char *text, *normal;	/* normal NULL: refused */
} ranges[] = {
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "192.0.2.1", "192.0.2.1/32" },
	{ "128.0.0.0/1", "128.0.0.0/1" },
	{ "10.0.0.254/31", "10.0.0.254/31" },
	{ "::ffff:192.0.2.1", "192.0.2.1/32" },
	{ "2001:db8::/32", "2001:db8::/32" },
	{ "2001:db8::1", "2001:db8::1/128" },
	{ "::/0", "::/0" },
	{ "8000::/1", "8000::/1" },
	{ "::1/128", "::1/128" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },

	{ "", NULL }, { "/", NULL }, { "/8", NULL }, { "10.0.0.0/", NULL },
	{ "10.0.0.0/33", NULL }, { "10.0.0.0/-8", NULL },
	{ "10.0.0.0/+8", NULL }, { "10.0.0.0/08", NULL },
	{ "10.0.0.0/00", NULL }, { "10.0.0.0/ 8", NULL },
	{ "10.0.0.0/8 ", NULL }, { "10.0.0.0 /8", NULL },
	{ "10.0.0.0/8/8", NULL }, { "10.0.0.0/255.0.0.0", NULL },
	{ "10.0.0.0/18446744073709551624", NULL }, { "10/8", NULL },
	{ "10.0.0.1/8", NULL }, { "10.128.0.0/8", NULL },
	{ "0.0.0.1/0", NULL }, { "10.0.0.255/31", NULL },
	{ "2001:db8::/129", NULL }, { "2001:db8:1::/32", NULL },
	{ "::1/0", NULL }, { "::1/127", NULL }, { "c000::/1", NULL },
	{ "::ffff:10.0.0.0/104", NULL }, { "::ffff:10.0.0.0/8", NULL },
	{ "::ffff:10.0.0.1/32", NULL }, { "fe80::%1/64", NULL }
};

static void
ranges_are_read_and_written_in_their_normal_form(void **state)
{
	char out[ADDRESS_RANGE_TEXT_MAX + 1];
	struct address_range r;
	enum err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		e = address_range_parse(ranges[i].text, strlen(ranges[i].text),
		    &r);
		if (ranges[i].normal == NULL) {
			if (e != ERR_FORMAT)
				fail_msg("taken: \"%s\"", ranges[i].text);
			continue;
		}
		if (e != ERR_OK)
			fail_msg("refused: %s", ranges[i].text);
		address_range_text(&r, out);
		assert_string_equal(out, ranges[i].normal);
	}
	assert_int_equal(address_range_parse("10.0.0.0/8\0", 11, &r),
	    ERR_FORMAT);
}

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, strlen(text), &a), ERR_OK);
	return (a);
}

static struct address_range
range(const char *text)
{
	struct address_range r;

	assert_int_equal(address_range_parse(text, strlen(text), &r), ERR_OK);
	return (r);
}

static const struct {
	const char *range, *address;
	bool in;
} inside[] = {
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.0.0.0/8", "9.255.255.255", false },
	{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
	{ "10.0.0.0/8", "a00::", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::", false },
	{ "::/0", "ffff::1", true },
	{ "::/0", "0.0.0.0", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.0", false },
	{ "192.0.2.8/29", "192.0.2.15", true },
	{ "192.0.2.8/29", "192.0.2.16", false },
	{ "192.0.2.8/29", "192.0.2.7", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "::1", "::1", true },
	{ "::1", "::", false },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false }
};

static void
an_address_is_found_inside_its_ranges_alone(void **state)
{
	struct address_range r;
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		r = range(inside[i].range);
		a = address(inside[i].address);
		if (address_in(&r, &a) != inside[i].in)
			fail_msg("%s in %s", inside[i].address,
			    inside[i].range);
	}
}

static void
assert_prefix(const char *text, int bits, const char *expected)
{
	const struct address a = address(text), b = address_prefix(&a, bits);
	char out[ADDRESS_TEXT_MAX + 1];

	address_text(&b, out);
	assert_string_equal(out, expected);
	assert_int_equal(a.is_v4, b.is_v4);
}

static void
a_prefix_keeps_the_bits_of_its_length(void **state)
{

	(void)state;
	assert_prefix("255.255.255.255", 0, "0.0.0.0");
	assert_prefix("255.255.255.255", 1, "128.0.0.0");
	assert_prefix("255.255.255.255", 24, "255.255.255.0");
	assert_prefix("255.255.255.255", 31, "255.255.255.254");
	assert_prefix("255.255.255.255", 32, "255.255.255.255");
	assert_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, "::");
	assert_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 48,
	    "ffff:ffff:ffff::");
	assert_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65,
	    "ffff:ffff:ffff:ffff:8000::");
	assert_prefix("2001:db8::1", 127, "2001:db8::");
	assert_prefix("2001:db8::1", 128, "2001:db8::1");
}

static void
addresses_of_private_networks_are_near(void **state)
{
	static const struct {
		const char *text;
		bool near;
	} cases[] = {
		{ "127.0.0.1", true }, { "127.255.255.255", true },
		{ "10.1.2.3", true }, { "172.16.0.1", true },
		{ "172.31.255.255", true }, { "192.168.1.1", true },
		{ "100.64.0.1", true }, { "169.254.1.1", true },
		{ "::1", true }, { "fd00::1", true }, { "fe80::1", true },
		{ "::ffff:10.0.0.1", true },
		{ "172.15.255.255", false }, { "172.32.0.0", false },
		{ "11.0.0.1", false }, { "126.255.255.255", false },
		{ "192.167.255.255", false }, { "198.51.100.1", false },
		{ "::2", false }, { "2001:db8::1", false },
		{ "fec0::1", false }, { "::", false },
	};
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(address_parse(cases[i].text,
		    strlen(cases[i].text), &a), ERR_OK);
		assert_int_equal(address_near(&a), cases[i].near);
	}
}

#define T(f) cmocka_unit_test(f)
static const struct CMUnitTest tests[] = {
	T(addresses_are_read_and_written_in_their_normal_form),
	T(an_address_is_read_by_its_length_and_not_to_a_nul),
	T(ranges_are_read_and_written_in_their_normal_form),
	T(an_address_is_found_inside_its_ranges_alone),
	T(a_prefix_keeps_the_bits_of_its_length),
	T(addresses_of_private_networks_are_near)
};

TEST_MAIN(tests)
