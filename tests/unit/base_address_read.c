#include "test.h"

#include "base/address_read.h"

static const struct {
	const char *text, *normal;	/* normal NULL: refused */
} addresses[] = {
	/* As address_parse() takes them. */
	{ "192.0.2.1", "192.0.2.1" }, { "2001:db8::1", "2001:db8::1" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },

	/* Blanks, quotes, and what RFC 7239 has. */
	{ " 192.0.2.1", "192.0.2.1" }, { "192.0.2.1\t ", "192.0.2.1" },
	{ "\"192.0.2.1\"", "192.0.2.1" },
	{ "\"2001:DB8::1\"", "2001:db8::1" },
	{ "\"192.0.2.1:443\"", "192.0.2.1" },
	{ " \"[2001:db8::1]:443\" ", "2001:db8::1" },
	{ "for=192.0.2.1", "192.0.2.1" }, { "For=192.0.2.1:80", "192.0.2.1" },
	{ "FOR=\"[2001:db8::1]\"", "2001:db8::1" },
	{ "for=\"[2001:db8::1]:4711\"", "2001:db8::1" },
	{ "for=192.0.2.1;proto=http;by=203.0.113.43", "192.0.2.1" },
	{ "for=\"[2001:db8::1]\" ; host=\"a;b\"", "2001:db8::1" },

	/* Ports. */
	{ "192.0.2.1:443", "192.0.2.1" }, { "192.0.2.1:0", "192.0.2.1" },
	{ "192.0.2.1:65535", "192.0.2.1" },
	{ "[2001:db8::1]:443", "2001:db8::1" },
	{ "[::ffff:192.0.2.1]:65535", "192.0.2.1" },
	{ "[2001:DB8:0:0:0:0:0:1]", "2001:db8::1" }, { "[::]:1", "::" },

	/* Zones. */
	{ "fe80::1%eth0", "fe80::1" }, { "fe80::1%2", "fe80::1" },
	{ "[fe80::1%eth0]:80", "fe80::1" }, { "[fe80::1%25eth0]", "fe80::1" },
	{ "fe80::1%br-0.10~x_y", "fe80::1" },
	{ "::ffff:192.0.2.1%eth0", "192.0.2.1" },

	/* It could be the port, or a group: it is read as RFC 4291 has it. */
	{ "2001:db8::1:443", "2001:db8::1:443" },

	{ "", NULL }, { " ", NULL }, { "\"\"", NULL }, { "for=", NULL },
	{ "for=;proto=http", NULL }, { "for", NULL }, { "by=192.0.2.1", NULL },
	{ "for = 192.0.2.1", NULL }, { "proto=http;for=192.0.2.1", NULL },
	{ "192.0.2.1;proto=http", NULL }, { "for=for=192.0.2.1", NULL },
	{ "\"192.0.2.1", NULL }, { "192.0.2.1\"", NULL },
	{ "\"\"192.0.2.1\"\"", NULL }, { "\" 192.0.2.1\"", NULL },
	{ "'192.0.2.1'", NULL }, { "\"192.0.2\\.1\"", NULL }, { "\"", NULL },
	{ "unknown", NULL }, { "for=unknown", NULL }, { "_hidden", NULL },
	{ "for=_SEVKISEK", NULL }, { "for=\"_gazonk\"", NULL },
	{ "-", NULL }, { "localhost", NULL }, { "unix:", NULL },
	{ "192.0.2.01", NULL }, { "0192.0.2.1", NULL }, { "0300.0.2.1", NULL },
	{ "192.0.2.01:80", NULL }, { "\"010.0.0.1\"", NULL },
	{ "::ffff:192.0.2.01", NULL }, { "[::ffff:010.0.0.1]:80", NULL },
	{ "0xc0.0.2.1", NULL }, { "3221225985", NULL }, { "192.0.513", NULL },
	{ "192.0.2.1:", NULL }, { "192.0.2.1:65536", NULL },
	{ "192.0.2.1:080808", NULL }, { "192.0.2.1:-1", NULL },
	{ "192.0.2.1:+1", NULL }, { "192.0.2.1: 80", NULL },
	{ "192.0.2.1 :80", NULL }, { "192.0.2.1:80:80", NULL },
	{ "192.0.2.1:http", NULL }, { "192.0.2.1:_port", NULL },
	{ ":80", NULL }, { "::1:", NULL }, { "[::1]:", NULL },
	{ "[::1]80", NULL }, { "[::1] :80", NULL }, { "[::1]:65536", NULL },
	{ "[::1]::80", NULL }, { "[::1", NULL }, { "::1]", NULL },
	{ "::1]:80", NULL }, { "[[::1]]", NULL }, { "[::1]]", NULL },
	{ "[]", NULL }, { "[]:80", NULL }, { "[ ::1]", NULL },
	{ "[192.0.2.1]", NULL }, { "[192.0.2.1]:80", NULL },
	{ "192.0.2.1%eth0", NULL }, { "192.0.2.1:80%eth0", NULL },
	{ "fe80::1%", NULL }, { "[fe80::1%]", NULL }, { "%eth0", NULL },
	{ "fe80::1%eth 0", NULL }, { "fe80::1%eth0/64", NULL },
	{ "fe80::1%e\"", NULL }, { "[fe80::1]%eth0", NULL },
	{ "192.0.2.1,192.0.2.2", NULL }, { "192.0.2.1 192.0.2.2", NULL },
	{ "192.0.2.1/32", NULL }, { "192.0.2.1\n", NULL },
	{ "192.0.2.1\r", NULL }, { "\v192.0.2.1", NULL },
	{ "192.0.2.1\x7f", NULL }, { "2001:db8:0:0:0:0:0:1:443", NULL },
	{ "::ffff:192.0.2.1:443", NULL }, { "\xe2\x80\x8b" "192.0.2.1", NULL },
};

static void
addresses_are_read_as_gateways_write_them(void **state)
{
	char out[ADDRESS_TEXT_MAX + 1];
	struct address a;
	size_t i;
	enum err e;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		e = address_read_one(addresses[i].text,
		    strlen(addresses[i].text), &a);
		if (addresses[i].normal == NULL) {
			if (e != ERR_FORMAT)
				fail_msg("taken: \"%s\"", addresses[i].text);
			continue;
		}
		if (e != ERR_OK)
			fail_msg("refused: %s", addresses[i].text);
		address_text(&a, out);
		assert_string_equal(out, addresses[i].normal);
	}
}

/* Each cut of each, and each with a byte changed: never past its end.  The
   sanitizer looks. */
static void
an_address_cut_or_changed_anywhere_does_no_harm(void **state)
{
	struct address_range range;
	struct address a;
	size_t i, at, len;
	char *s;
	int c;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		for (len = strlen(addresses[i].text); len > 0; len--) {
			s = malloc(len);
			assert_non_null(s);
			memcpy(s, addresses[i].text, len);
			at = len - 1;
			for (c = 0; c < 256; c++) {
				s[at] = (char)c;
				(void)!address_read_one(s, len, &a);
				(void)!address_read_range(s, len, &range);
			}
			free(s);
		}
	}
}

static const struct {
	const char *text, *normal;	/* normal NULL: refused */
} ranges[] = {
	{ "10.0.0.0/8", "10.0.0.0/8" }, { " 10.0.0.0/8\t", "10.0.0.0/8" },
	{ "\"10.0.0.0/8\"", "10.0.0.0/8" }, { "192.0.2.1:80", "192.0.2.1/32" },
	{ "::ffff:192.0.2.1", "192.0.2.1/32" },
	{ "2001:DB8::/32", "2001:db8::/32" },
	{ "[2001:db8::]/32", "2001:db8::/32" },
	{ "[2001:db8::1]:443", "2001:db8::1/128" },
	{ "fe80::1%eth0", "fe80::1/128" }, { "fe80::%eth0/64", "fe80::/64" },
	{ "for=\"[2001:db8::1]:443\"", "2001:db8::1/128" },

	{ "10.0.0.0:80/8", NULL }, { "10.0.0.0/8:80", NULL },
	{ "[2001:db8::]:80/32", NULL }, { "[2001:db8::/32]", NULL },
	{ "[2001:db8::/32]:80", NULL }, { "10.0.0.0/ 8", NULL },
	{ "10.0.0.0 /8", NULL }, { "10.0.0.1/8", NULL },
	{ "010.0.0.0/8", NULL }, { "::ffff:10.0.0.0/104", NULL },
	{ "[::ffff:10.0.0.0]/8", NULL }, { "fe80::/64%eth0", NULL },
	{ "/8", NULL }, { "[]/8", NULL }, { "", NULL }, { "unknown", NULL },
	{ "10.0.0.0/8,10.0.0.0/8", NULL }, { "10.0.0.0/8/8", NULL },
};

static void
ranges_are_read_as_people_write_them(void **state)
{
	char out[ADDRESS_RANGE_TEXT_MAX + 1];
	struct address_range r;
	size_t i;
	enum err e;

	(void)state;
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		e = address_read_range(ranges[i].text, strlen(ranges[i].text),
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
}

/* Trusted: 10.0.0.0/8 and 2001:db8:1::/48. */
static const struct {
	const char *remote, *chain, *client;	/* client NULL: ERR_FORMAT */
	const char *unread;			/* NULL: nothing */
} clients[] = {
	/* Not behind a proxy: what anybody claims is nothing. */
	{ "192.0.2.1", NULL, "192.0.2.1", NULL },
	{ "192.0.2.1", "198.51.100.1", "192.0.2.1", NULL },
	{ "192.0.2.1", "10.0.0.1", "192.0.2.1", NULL },
	{ "::ffff:192.0.2.1", "198.51.100.1", "192.0.2.1", NULL },

	/* Behind one, or several. */
	{ "10.0.0.1", "198.51.100.1", "198.51.100.1", NULL },
	{ "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", NULL },
	{ "2001:db8:1::5", "2001:db8:2::1", "2001:db8:2::1", NULL },
	{ "10.0.0.1", "\t 198.51.100.1 \t", "198.51.100.1", NULL },
	{ "10.0.0.1", "198.51.100.1,10.0.0.2", "198.51.100.1", NULL },
	{ "10.0.0.1", "198.51.100.1 , 2001:db8:1::9, 10.0.0.2",
	    "198.51.100.1", NULL },
	{ "10.0.0.1", "::ffff:198.51.100.1, ::ffff:10.0.0.2",
	    "198.51.100.1", NULL },

	/* What is left of the first that is not trusted, it made up. */
	{ "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1", NULL },
	{ "10.0.0.1", "10.0.0.9, 198.51.100.1, 10.0.0.2",
	    "198.51.100.1", NULL },
	{ "10.0.0.1", "unknown, 198.51.100.1", "198.51.100.1", NULL },

	/* All trusted: the leftmost. */
	{ "10.0.0.1", NULL, "10.0.0.1", NULL },
	{ "10.0.0.1", "10.0.0.2", "10.0.0.2", NULL },
	{ "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", NULL },

	/* As gateways write them. */
	{ "10.0.0.1", "198.51.100.1:1234", "198.51.100.1", NULL },
	{ "10.0.0.1", "[2001:db8::1]", "2001:db8::1", NULL },
	{ "10.0.0.1", "[2001:db8::1]:80, 10.0.0.2:99", "2001:db8::1", NULL },
	{ "10.0.0.1", "\"198.51.100.1\"", "198.51.100.1", NULL },
	{ "10.0.0.1", "fe80::1%eth0", "fe80::1", NULL },
	{ "10.0.0.1", "for=198.51.100.1, for=\"[2001:db8:1::9]:80\"",
	    "198.51.100.1", NULL },
	{ "10.0.0.1", "1.1.1.1, 198.51.100.1:80", "198.51.100.1", NULL },
	{ "10.0.0.1:80", "198.51.100.1", "198.51.100.1", NULL },
	{ "10.0.0.1 ", "198.51.100.1", "198.51.100.1", NULL },
	{ "[2001:db8:1::5]:80", "198.51.100.1", "198.51.100.1", NULL },
	{ "198.51.100.1:80", "192.0.2.1", "198.51.100.1", NULL },
	{ "[::ffff:198.51.100.1]", NULL, "198.51.100.1", NULL },
	{ "fe80::1%eth0", NULL, "fe80::1", NULL },

	/* Empty entries are none. */
	{ "10.0.0.1", "", "10.0.0.1", NULL },
	{ "10.0.0.1", " ", "10.0.0.1", NULL },
	{ "10.0.0.1", ",", "10.0.0.1", NULL },
	{ "10.0.0.1", " ,\t, ", "10.0.0.1", NULL },
	{ "10.0.0.1", "198.51.100.1,", "198.51.100.1", NULL },
	{ "10.0.0.1", "198.51.100.1,,10.0.0.2", "198.51.100.1", NULL },
	{ "10.0.0.1", "198.51.100.1, ,\t,10.0.0.2, ", "198.51.100.1", NULL },
	{ "10.0.0.1", ", 10.0.0.2", "10.0.0.2", NULL },
	{ "10.0.0.1", "1.1.1.1,, 198.51.100.1", "198.51.100.1", NULL },

	/* What is no address ends the walk, and is named. */
	{ "10.0.0.1", "198.51.100.1, unknown", "10.0.0.1", "unknown" },
	{ "10.0.0.1", "198.51.100.1, unknown, 10.0.0.2",
	    "10.0.0.2", "unknown" },
	{ "10.0.0.1", "198.51.100.1, _hidden , 10.0.0.2",
	    "10.0.0.2", "_hidden" },
	{ "10.0.0.1", "198.51.100.1 198.51.100.2",
	    "10.0.0.1", "198.51.100.1 198.51.100.2" },
	{ "10.0.0.1", "198.51.100.1;10.0.0.2",
	    "10.0.0.1", "198.51.100.1;10.0.0.2" },
	{ "10.0.0.1", "198.51.100.01", "10.0.0.1", "198.51.100.01" },
	{ "10.0.0.1", "198.51.100.1\r\n", "10.0.0.1", "198.51.100.1\r\n" },
	{ "10.0.0.1", "unix:", "10.0.0.1", "unix:" },

	/* It is not looked at, so it is not named. */
	{ "192.0.2.1", "unknown", "192.0.2.1", NULL },
	{ "10.0.0.1", "unknown, 198.51.100.1:80", "198.51.100.1", NULL },

	/* The web server says nothing that can be used. */
	{ "unknown", NULL, NULL, "unknown" },
	{ "192.0.2.1, 192.0.2.2", NULL, NULL, "192.0.2.1, 192.0.2.2" },
	{ "010.0.0.1", "198.51.100.1", NULL, "010.0.0.1" },

	/* A socket has no address. */
	{ NULL, "198.51.100.1", NULL, NULL },
	{ "", "198.51.100.1", NULL, NULL },
	{ " ", "198.51.100.1", NULL, NULL },
	{ "unix:", "198.51.100.1", NULL, NULL },
	{ "unix:/run/x", NULL, NULL, NULL },
	{ "/run/x", NULL, NULL, NULL },
	{ "@", "198.51.100.1", NULL, NULL },
	{ "@x", NULL, NULL, NULL },
};

static struct address_range trusted[2];

static struct address_range
range(const char *text)
{
	struct address_range r;

	assert_int_equal(address_range_parse(text, strlen(text), &r), ERR_OK);
	return (r);
}

static void
assert_client(const struct address_read_trusted *t, const char *remote,
    const char *chain, const char *client, const char *unread)
{
	char out[ADDRESS_TEXT_MAX + 1] = "none";
	struct address_read_found f;
	enum err e;

	e = address_read_client(remote, chain, t, &f);
	if (e == ERR_OK)
		address_text(&f.client, out);
	if (strcmp(out, client != NULL ? client : "none") != 0)
		fail_msg("%s, \"%s\": %s, not %s", remote, chain, out, client);
	assert_true((f.reason != NULL) == (client == NULL));
	assert_true((f.unread != NULL) == (unread != NULL));
	if (unread != NULL) {
		assert_int_equal(f.unread_len, strlen(unread));
		assert_memory_equal(f.unread, unread, strlen(unread));
	}
}

static const struct address_read_trusted some = { trusted, 2, false };

static void
the_client_is_found_behind_trusted_proxies_alone(void **state)
{
	static const struct address_read_trusted nobody = { NULL, 0, false };
	size_t i;

	(void)state;
	trusted[0] = range("10.0.0.0/8");
	trusted[1] = range("2001:db8:1::/48");
	for (i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		assert_client(&some, clients[i].remote, clients[i].chain,
		    clients[i].client, clients[i].unread);
	assert_client(&nobody, "10.0.0.1", "198.51.100.1", "10.0.0.1", NULL);
}

static void
a_web_server_on_a_unix_socket_is_believed_if_it_is_named(void **state)
{
	static const struct address_read_trusted named = { trusted, 2, true };
	static const char *const peers[] = { NULL, "", " \t", "unix:",
	    "unix:/run/x.sock", "/run/x.sock", "@", "@name" };
	struct address_read_found f;
	size_t i;

	(void)state;
	trusted[0] = range("10.0.0.0/8");
	trusted[1] = range("2001:db8:1::/48");
	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		assert_client(&named, peers[i], "198.51.100.1:80",
		    "198.51.100.1", NULL);
		assert_client(&named, peers[i], "1.1.1.1, 198.51.100.1, "
		    "10.0.0.2", "198.51.100.1", NULL);
		assert_client(&named, peers[i], "10.0.0.2", "10.0.0.2", NULL);
		assert_client(&named, peers[i], "198.51.100.1, unknown, "
		    "10.0.0.2", "10.0.0.2", "unknown");

		/* It has no address that could answer for an entry. */
		assert_client(&named, peers[i], NULL, NULL, NULL);
		assert_client(&named, peers[i], " , ", NULL, NULL);
		assert_client(&named, peers[i], "198.51.100.1, unix:", NULL,
		    "unix:");
		assert_client(&some, peers[i], "198.51.100.1", NULL, NULL);
		assert_int_equal(address_read_client(peers[i], "198.51.100.1",
		    &some, &f), ERR_FORMAT);
		assert_non_null(strstr(f.reason, "unix"));
	}

	/* Others are not believed for that. */
	assert_client(&named, "192.0.2.1", "198.51.100.1", "192.0.2.1", NULL);
	assert_client(&named, "unknown", "198.51.100.1", NULL, "unknown");
	assert_client(&named, "192.0.2.1:x", "198.51.100.1", NULL,
	    "192.0.2.1:x");
}

/* Exactly ADDRESS_READ_HOPS_MAX entries are looked at. */
static void
a_chain_is_read_up_to_its_maximal_length(void **state)
{
	const int most = ADDRESS_READ_HOPS_MAX;
	static char chain[9000];
	int i, hops;

	(void)state;
	trusted[0] = range("10.0.0.0/8");
	trusted[1] = range("2001:db8:1::/48");
	for (hops = most - 1; hops <= most; hops++) {
		snprintf(chain, sizeof(chain), "198.51.100.1");
		for (i = hops; i > 0; i--)
			snprintf(chain + strlen(chain), 20, ", 10.0.1.%d", i);
		assert_client(&some, "10.0.0.1", chain, hops < most ?
		    "198.51.100.1" : "10.0.1.32", NULL);
	}

	/* 8 KiB of commas, of addresses, of one that never ends. */
	memset(chain, ',', 8192);
	chain[8192] = '\0';
	assert_client(&some, "10.0.0.1", chain, "10.0.0.1", NULL);
	memset(chain, '1', 8192);
	assert_client(&some, "10.0.0.1", chain, "10.0.0.1", chain);
	memset(chain, ' ', 8192);
	assert_client(&some, "10.0.0.1", chain, "10.0.0.1", NULL);
	for (i = 0; i + 9 <= 8192; i += 9)
		memcpy(chain + i, "10.0.0.2,", 9);
	memcpy(chain + i - 9, "10.0.0.2", 9);
	assert_client(&some, "10.0.0.1", chain, "10.0.0.2", NULL);
}

#define T(f) cmocka_unit_test(f)
static const struct CMUnitTest tests[] = {
	T(addresses_are_read_as_gateways_write_them),
	T(an_address_cut_or_changed_anywhere_does_no_harm),
	T(ranges_are_read_as_people_write_them),
	T(the_client_is_found_behind_trusted_proxies_alone),
	T(a_web_server_on_a_unix_socket_is_believed_if_it_is_named),
	T(a_chain_is_read_up_to_its_maximal_length)
};

TEST_MAIN(tests)
