#include "test.h"
#include "tmpdir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/show.h"

/* Four settings have no default. */
#define HEAD								\
	"[s3]\nendpoint = http://s3:7480\nregion = nyc3\nbucket = data\n"
#define STATE "[state]\ndirectory = /var/lib/foldergate\n"
#define BASE HEAD STATE		/* line 7 comes next, in [state] */

#define NO_FORM "not of the form \"key = value\" or \"[section]\""

static char dir[4000], path[4096], message[CONFIG_MESSAGE_MAX + 1];
static struct config cfg;

static int
setup(void **state)
{

	(void)state;
	if (tmpdir_make(dir, sizeof(dir)) != 0)
		return (-1);
	snprintf(path, sizeof(path), "%s/conf", dir);
	return (0);
}

static int
teardown(void **state)
{

	(void)state;
	unlink(path);
	return (rmdir(dir));
}

static enum err
load_bytes(const char *text, size_t len, struct config_origin *origins)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	memset(&cfg, 0xaa, sizeof(cfg));
	message[0] = '\0';
	return (config_load(path, &cfg, origins, message));
}

static void
taken(const char *text)
{
	enum err e = load_bytes(text, strlen(text), NULL);

	if (e != ERR_OK)
		fail_msg("refused: %s", message);
}

/* Refused in that line (0: the file as a whole) and in exactly these words. */
static void
refused_bytes(const char *text, size_t len, int line, const char *why)
{
	char want[CONFIG_MESSAGE_MAX + 1];

	assert_int_equal(load_bytes(text, len, NULL), ERR_FORMAT);
	if (line > 0)
		snprintf(want, sizeof(want), "%.200s:%d: %s", path, line, why);
	else
		snprintf(want, sizeof(want), "%.200s: %s", path, why);

	/* What is wrong with the value may follow what would be right. */
	if (strncmp(message, want, strlen(want)) != 0 ||
	    (message[strlen(want)] != '\0' &&
	    strncmp(message + strlen(want), ": it ", 5) != 0))
		fail_msg("%s, not %s", message, want);
	assert_null(strstr(message, "SENTINEL"));
}

static void
refused(const char *text, int line, const char *why)
{

	refused_bytes(text, strlen(text), line, why);
}

static void
a_file_with_the_least_settings_has_all_defaults(void **state)
{

	(void)state;
	taken(BASE);
	assert_string_equal(cfg.s3_endpoint, "http://s3:7480");
	assert_string_equal(cfg.s3_public_endpoint, "http://s3:7480");
	assert_string_equal(cfg.s3_region, "nyc3");
	assert_string_equal(cfg.s3_bucket, "data");
	assert_int_equal(cfg.s3_provider, CONFIG_S3_PROVIDER_GENERIC);
	assert_int_equal(cfg.s3_addressing, CONFIG_S3_ADDRESSING_DEFAULT);
	assert_int_equal(cfg.s3_post_policy, CONFIG_S3_POST_POLICY_DEFAULT);
	assert_int_equal(cfg.s3_acl.is, CONFIG_MAYBE_DEFAULT);
	assert_string_equal(cfg.s3_access_key_id, "");
	assert_string_equal(cfg.s3_secret_access_key_file, "");
	assert_true(cfg.access_layouts.coldkey);
	assert_true(cfg.access_layouts.hotkey);
	assert_true(cfg.access_file_uploads);
	assert_int_equal(cfg.access_sources.n, 2);
	assert_string_equal(cfg.access_sources.item[0], "x");
	assert_string_equal(cfg.access_sources.item[1], "reddit");
	assert_int_equal(cfg.access_ttl_s, 86400);
	assert_int_equal(cfg.access_list_ttl_s, 10800);
	assert_int_equal(cfg.access_min_bytes, 1024);
	assert_true(cfg.access_max_bytes == INT64_C(5368709120));
	assert_int_equal(cfg.chain_netuid, 13);
	assert_int_equal(cfg.chain_endpoints.n, 0);
	assert_int_equal(cfg.chain_agree, CONFIG_CHAIN_AGREE_ANY);
	assert_int_equal(cfg.chain_max_age_s, 1200);
	assert_int_equal(cfg.chain_min_validator_stake, 20000);
	assert_string_equal(cfg.state_directory, "/var/lib/foldergate");
	assert_false(cfg.state_full_sync);
	assert_int_equal(cfg.limits_replay, CONFIG_LIMITS_REPLAY_REFUSE);
	assert_false(cfg.audit_required);
}

static void
values_of_every_kind_are_read(void **state)
{

	(void)state;
	taken(HEAD "public_endpoint = https://[2001:db8::1]:8443\n"
	    "addressing=path\naccess_key_id: AKIA_x-1.+=\n"
	    "secret_access_key_file =   /etc/a b/key   \n"
	    "[access]\nlayouts = hotkey\nsources = a, b-1\tc_2 ,,d\n"
	    "ttl_s = 0060\nmin_bytes = 0\nmax_bytes = 1\n"
	    "[chain]\nendpoints = wss://e:443 http://127.0.0.1:9944\n" STATE);
	assert_string_equal(cfg.s3_public_endpoint,
	    "https://[2001:db8::1]:8443");
	assert_int_equal(cfg.s3_addressing, CONFIG_S3_ADDRESSING_PATH);
	assert_string_equal(cfg.s3_access_key_id, "AKIA_x-1.+=");
	assert_string_equal(cfg.s3_secret_access_key_file, "/etc/a b/key");
	assert_true(cfg.access_layouts.hotkey);
	assert_false(cfg.access_layouts.coldkey);
	assert_int_equal(cfg.access_sources.n, 4);
	assert_string_equal(cfg.access_sources.item[1], "b-1");
	assert_string_equal(cfg.access_sources.item[2], "c_2");
	assert_string_equal(cfg.access_sources.item[3], "d");
	assert_true(config_has(&cfg.access_sources, "b-1"));
	assert_false(config_has(&cfg.access_sources, "b"));
	assert_int_equal(cfg.access_ttl_s, 60);
	assert_int_equal(cfg.access_max_bytes, 1);
	assert_int_equal(cfg.chain_endpoints.n, 2);
}

/* CRLF, comments, blanks, indentation, no newline at the end, a BOM, the same
   section twice: all taken. */
static void
every_ordinary_form_of_a_file_is_read(void **state)
{

	(void)state;
	taken("[s3]\r\nendpoint = http://s3:7480\r\nregion = nyc3\r\n"
	    "bucket = data\r\n\r\n[state]\r\ndirectory = /s\r\n");
	assert_string_equal(cfg.s3_bucket, "data");
	assert_string_equal(cfg.state_directory, "/s");
	taken("# one\n; two\n\n  # three\n" BASE "# end");
	taken(HEAD "[state]\ndirectory = /s ; why\n");
	assert_string_equal(cfg.state_directory, "/s");
	taken(HEAD "[state]\ndirectory = /s");
	assert_string_equal(cfg.state_directory, "/s");
	taken("\xef\xbb\xbf" BASE);
	taken("\xef\xbb\xbf  [s3]\n" BASE);
	taken("\xef\xbb\xbf# one\n" BASE);
	taken(BASE "[s3]\naddressing = virtual\n");
	assert_int_equal(cfg.s3_addressing, CONFIG_S3_ADDRESSING_VIRTUAL);

	/* inih would take an indented line for more of the line before. */
	taken("  [s3]\n\tendpoint = http://s3:7480\n  region = nyc3\n"
	    " \t bucket = data\n" STATE);
	assert_string_equal(cfg.s3_bucket, "data");
	refused(BASE "  nonsense\n", 7, NO_FORM);
	refused(BASE "  /more\n", 7, NO_FORM);
	refused(BASE "[access] ttl_s = 60\n", 7, NO_FORM);
}

#define LISTS "foldergate check-config lists all"

static void
unknown_sections_and_settings_are_named(void **state)
{

	(void)state;
	refused(BASE "[s3]\nbuckets = SENTINEL\n", 8,
	    "unknown setting buckets in section [s3]; " LISTS);
	refused("# c\n\n[s3]\nBucket = SENTINEL\n" STATE, 4,
	    "unknown setting Bucket in section [s3]; " LISTS);
	refused("bucket_ = SENTINEL\n" BASE, 1,
	    "unknown setting bucket_ in section []; " LISTS);
	refused("[S3]\nfoo = SENTINEL\n" BASE, 2,
	    "unknown setting foo in section [S3]; " LISTS);
	refused("[access]\nbucket = SENTINEL\n" BASE, 2,
	    "bucket belongs into section [s3]");
	refused("ttl_s = SENTINEL\n" BASE, 1,
	    "ttl_s belongs into section [access]");
	refused(BASE "bucket = SENTINEL\n", 7,
	    "bucket belongs into section [s3]");
	refused(BASE " = SENTINEL\n", 7,
	    "unknown setting  in section [state]; " LISTS);

	/* Names are cut, not only values kept out. */
	refused(BASE "012345678901234567890123456789012345678901234567890123456"
	    "7890123456789 = v\n", 7, "unknown setting 012345678901234567890123"
	    "456789012345678901234567890123456789 in section [state]; " LISTS);
}

static void
a_repeated_setting_is_refused_with_both_lines(void **state)
{

	(void)state;
	refused(HEAD "bucket = SENTINEL\n" STATE, 5,
	    "s3.bucket repeated, first in line 4");
	refused(BASE "directory = /var/lib/foldergate\n", 7,
	    "state.directory repeated, first in line 6");
	refused(BASE "[s3]\nregion = SENTINEL\n", 8,
	    "s3.region repeated, first in line 3");
}

#define NOT_HERE "secrets do not belong in this file: name the file that " \
	"holds it (secret_access_key_file)"

static void
a_secret_in_the_file_is_refused_unseen(void **state)
{

	(void)state;
	refused(HEAD "secret_access_key = SENTINEL\n" STATE, 5, NOT_HERE);
	refused(HEAD "upload_secret_access_key = SENTINEL\n" STATE, 5,
	    NOT_HERE);
	refused("[access]\nsecret = SENTINEL\n" BASE, 2, NOT_HERE);

	/* A secret where a path belongs is not repeated either. */
	refused(HEAD "secret_access_key_file = SENTINEL\n" STATE, 5,
	    "s3.secret_access_key_file must be an absolute path");
}

static void
integers_that_are_malformed_or_out_of_range_are_refused(void **state)
{
	static const char *const bad[] = { "SENTINEL", "", "1.5", "1e3", "0x10",
	    "+1", "1 2", "-", "12s", "604801", "0", "-1",
	    "99999999999999999999999" };
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[access]\nttl_s = %s\n",
		    bad[i]);
		refused(text, 8,
		    "access.ttl_s must be a whole number, 1 to 604800");
	}
	taken(BASE "[access]\nttl_s = 1\nlist_ttl_s = 604800\n");
	taken(BASE "[chain]\nnetuid = 65535\n");
	refused(BASE "[chain]\nnetuid = 65536\n", 8,
	    "chain.netuid must be a whole number, 0 to 65535");
}

#define A_LIST "must be a list, without repetition and at most 16 long, of: "

static void
lists_with_wrong_repeated_or_many_items_are_refused(void **state)
{
	static const char *const bad[] = { "", ",", "SENTINEL", "a/b", "..",
	    "a.b", "a:b", "a*", "${x}", "x, x", "x,y,x", "\xc3\xa9",
	    "012345678901234567890123456789012",
	    "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q" };
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[access]\nsources = %s\n",
		    bad[i]);
		refused(text, 8, "access.sources " A_LIST
		    "1 to 32 of a-z, 0-9, underscore and dash");
	}
	taken(BASE "[access]\nsources = a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n");
	assert_int_equal(cfg.access_sources.n, 16);
	taken(BASE "[access]\nsources = 01234567890123456789012345678901\n");
	refused(BASE "[chain]\nendpoints = ftp://SENTINEL\n", 8,
	    "chain.endpoints " A_LIST "an http, https or wss URL, or a ws one "
	    "(not encrypted)");
}

static void
texts_of_a_wrong_form_are_refused(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "public_endpoint = SENTINEL", "s3.public_endpoint must be "
		    "http://host[:port] or https://host[:port]" },
		{ "public_endpoint = http://", "s3.public_endpoint must be "
		    "http://host[:port] or https://host[:port]" },
		{ "public_endpoint = https://u@SENTINEL", "s3.public_endpoint "
		    "must be http://host[:port] or https://host[:port]" },
		{ "access_key_id = SENTINEL/x",
		    "s3.access_key_id must be an access key id" },
		{ "access_key_id = SENTINEL x",
		    "s3.access_key_id must be an access key id" },
		{ "access_key_id =", "s3.access_key_id must be an access key "
		    "id" },
		{ "secret_access_key_file = a/SENTINEL",
		    "s3.secret_access_key_file must be an absolute path" },
		{ "secret_access_key_file = /a\x1bSENTINEL",
		    "s3.secret_access_key_file must be an absolute path" },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), HEAD "%s\n" STATE, rows[i].line);
		refused(text, 5, rows[i].why);
	}
	refused("[s3]\nendpoint = http://s3\nregion = a/b\n", 3,
	    "s3.region must be 1 to 63 letters, digits, dots and dashes");
	refused("[s3]\nbucket =\n", 2,
	    "s3.bucket must be 3 to 63 of a-z, 0-9, dot and dash, a letter or "
	    "digit at both ends");
}

static void
a_bool_is_yes_or_no_and_nothing_else(void **state)
{
	static const char *const bad[] = { "", "SENTINEL", "true", "1", "on",
	    "Yes", "NO", "ye", "yess", "yes no", "y" };
	char text[256];
	size_t i;

	(void)state;
	taken(BASE "full_sync = yes\n[access]\nfile_uploads = no\n");
	assert_true(cfg.state_full_sync);
	assert_false(cfg.access_file_uploads);
	taken(BASE "full_sync = no\n[access]\nfile_uploads = yes\n");
	assert_false(cfg.state_full_sync);
	assert_true(cfg.access_file_uploads);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "full_sync = %s\n", bad[i]);
		refused(text, 7, "state.full_sync must be yes or no");
	}
}

static void
a_wrong_value_of_an_enum_names_the_allowed_ones(void **state)
{
	static const char *const bad[] = { "", "SENTINEL", "Any", "an",
	    "anyy", "any majority", "any, majority" };
	char text[256];
	size_t i;

	(void)state;
	taken(BASE "[chain]\nagree = any\n");
	assert_int_equal(cfg.chain_agree, CONFIG_CHAIN_AGREE_ANY);
	taken(BASE "[chain]\nagree = majority\n");
	assert_int_equal(cfg.chain_agree, CONFIG_CHAIN_AGREE_MAJORITY);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[chain]\nagree = %s\n",
		    bad[i]);
		refused(text, 8, "chain.agree must be any or majority");
	}
	refused(BASE "[s3]\naddressing = Path\n", 8,
	    "s3.addressing must be default, path or virtual");
	refused(BASE "[s3]\nprovider = digitalocean\n", 8, "s3.provider must "
	    "be aws, ceph, spaces, minio, versity, seaweedfs, r2 or "
	    "generic");
	taken(BASE "[s3]\naddressing = default\npost_policy = no\n"
	    "provider = r2\n[limits]\nreplay = allow\n");
	assert_int_equal(cfg.s3_addressing, CONFIG_S3_ADDRESSING_DEFAULT);
	assert_int_equal(cfg.s3_post_policy, CONFIG_S3_POST_POLICY_NO);
	assert_int_equal(cfg.s3_provider, CONFIG_S3_PROVIDER_R2);
	assert_int_equal(cfg.limits_replay, CONFIG_LIMITS_REPLAY_ALLOW);
}

static void
a_set_takes_each_of_its_items_once_in_any_order(void **state)
{
	static const char *const bad[] = { "", ",", "SENTINEL", "Hotkey",
	    "hotkey coldkeys", "hotkey, hotkey", "hot" };
	char text[256];
	size_t i;

	(void)state;
	taken(BASE "[access]\nlayouts = hotkey,coldkey\n");
	assert_true(cfg.access_layouts.hotkey && cfg.access_layouts.coldkey);
	taken(BASE "[access]\nlayouts = ,coldkey ,\n");
	assert_true(cfg.access_layouts.coldkey);
	assert_false(cfg.access_layouts.hotkey);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[access]\nlayouts = %s\n",
		    bad[i]);
		refused(text, 8, "access.layouts must be a list, without "
		    "repetition, of: coldkey, hotkey");
	}
}

static void
a_receiver_looks_like_an_address(void **state)
{
#define RECEIVER "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694t"
	static const char *const bad[] = { "5", RECEIVER, RECEIVER "yy",
	    RECEIVER "0", RECEIVER "l", RECEIVER "-", "x" RECEIVER,
	    "0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a"
	    "48" };
	char text[256];
	size_t i;

	(void)state;
	taken(BASE);
	assert_string_equal(cfg.auth_receiver, "");
	assert_true(cfg.auth_schemes.text && cfg.auth_schemes.tao &&
	    cfg.auth_schemes.btauth);
	assert_false(cfg.auth_tao_everywhere);
	taken(BASE "[auth]\nreceiver = " RECEIVER "y\nschemes = btauth\n");
	assert_string_equal(cfg.auth_receiver, RECEIVER "y");
	assert_true(cfg.auth_schemes.btauth);
	assert_false(cfg.auth_schemes.text || cfg.auth_schemes.tao);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[auth]\nreceiver = %s\n",
		    bad[i]);
		refused(text, 8, "auth.receiver must be an SS58 address, 48 "
		    "letters and digits that begin with 5");
	}
}

static void
a_maybe_is_default_or_none_or_a_word(void **state)
{

	(void)state;
	taken(BASE "[s3]\nacl = none\nstorage_class = COLD_1\n");
	assert_int_equal(cfg.s3_acl.is, CONFIG_MAYBE_NONE);
	assert_int_equal(cfg.s3_storage_class.is, CONFIG_MAYBE_GIVEN);
	assert_string_equal(cfg.s3_storage_class.text, "COLD_1");
	taken(BASE "[s3]\nacl = default\n");
	assert_int_equal(cfg.s3_acl.is, CONFIG_MAYBE_DEFAULT);
	refused(BASE "[s3]\nacl =\n", 8, "s3.acl must be default, none, or 1 "
	    "to 63 letters, digits, dashes and underscores");
	refused(BASE "[s3]\nacl = a/SENTINEL\n", 8, "s3.acl must be default, "
	    "none, or 1 to 63 letters, digits, dashes and underscores");
}

/* inih would split what is longer in two, in silence, and lose count. */
static void
a_line_that_is_too_long_is_refused(void **state)
{
	char text[1024], line[512];
	size_t len;

	(void)state;
	for (len = 150; len <= 420; len++) {
		memset(line, 'c', sizeof(line));
		memcpy(line, "directory = /", 13);
		line[len] = '\0';
		snprintf(text, sizeof(text), HEAD "[state]\n%s\n# end\n", line);
		if (len > 197) {
			refused(text, 6, "line longer than 197 bytes");
		} else {
			taken(text);
			assert_string_equal(cfg.state_directory, line + 12);
		}
		line[0] = '#';
		snprintf(text, sizeof(text), "%s\n" HEAD "[state]\nx = 1\n",
		    line);
		if (len > 197)
			refused(text, 1, "line longer than 197 bytes");
		else
			refused(text, 7, "unknown setting x in section "
			    "[state]; " LISTS);
	}
}

static void
a_file_with_a_nul_byte_is_refused(void **state)
{
	static const char inside[] = BASE "[s3]\nadd\0ressing = path\n";
	static const char alone[] = BASE "\0\n";
	static const char ends[] = "[s3]\nbucket = data\0x\n";

	(void)state;
	refused_bytes(inside, sizeof(inside) - 1, 8, "a NUL byte");
	refused_bytes(alone, sizeof(alone) - 1, 7, "a NUL byte");
	refused_bytes(ends, sizeof(ends) - 1, 2, "a NUL byte");
}

static void
a_line_that_is_no_pair_is_refused(void **state)
{

	(void)state;
	refused(BASE "SENTINEL\n", 7, NO_FORM);
	refused("\n\n[s3\nbucket = a\n", 3, NO_FORM);
	refused(BASE "SENTINEL", 7, NO_FORM);
	refused(BASE "SENTINEL\nx = 1\n", 7, NO_FORM);
	refused(BASE "SENTINEL ; a = b\n", 7, NO_FORM);
	refused("\xef\xbb\xbfSENTINEL\n" BASE, 1, NO_FORM);

	/* One byte order mark, whole, and only before the first line. */
	refused("\xef\xbb\xbf\xef\xbb\xbf[s3]\n" BASE, 1, NO_FORM);
	refused("\xef\xbbs3 = SENTINEL\n" BASE, 1, NO_FORM);
	refused("\xef", 1, NO_FORM);
	refused(BASE "\xef\xbb\xbf[s3]\n", 7, NO_FORM);
	refused(BASE "\xef\xbb\xbf\n", 7, NO_FORM);
}

static void
a_setting_that_is_missing_is_named(void **state)
{

	(void)state;
	refused("", 0, "s3.endpoint is missing: URL of the object store for "
	    "foldergate's own requests");
	refused("[s3]\nendpoint = http://s3\nregion = r\n" STATE, 0,
	    "s3.bucket is missing: name of the one bucket");
	refused(HEAD, 0,
	    "state.directory is missing: directory of the snapshot, the bucket "
	    "index and the deny list: written by chain-sync, bucket-sync and "
	    "the operator, read by the endpoints");
}

/* Whoever trusts everybody has no limits. */
static void
proxies_that_trust_everybody_are_refused(void **state)
{
	static const char *const bad[] = { "0.0.0.0/0", "10.0.0.0/7", "::/0",
	    "2000::/15", "fc00::/6", "10.0.0.1/8", "::ffff:10.0.0.0/104",
	    "10.0.0.1:80", "localhost", "unix:", "UNIX", "unix/8",
	    "unix:/run/x" };
	static const char *const good[] = { "10.0.0.0/8", "192.0.2.1",
	    "2001:db8::/32", "fc00::/7", "fd00::/8", "::1", "2000::/16",
	    "unix", "unix, 10.0.0.0/8" };
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[web]\n"
		    "trusted_proxies = 192.0.2.7, %s\n", bad[i]);
		refused(text, 8, "web.trusted_proxies " A_LIST "an address, or "
		    "ADDRESS/BITS with nothing set behind the bits, 8 of them "
		    "at least (16 of IPv6); or unix");
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), BASE "[web]\n"
		    "trusted_proxies = 192.0.2.7, %s\n", good[i]);
		taken(text);
	}
}

static void
origins_are_written_as_browsers_send_them(void **state)
{
	static const char *const bad[] = { "null", "app.example",
	    "https://App.example", "HTTPS://app.example", "https://",
	    "https://app.example/", "https://app.example:443",
	    "http://app.example:80", "https://app.example:0443",
	    "https://app.example:65536", "https://app.example:",
	    "https://a@app.example", "https://app.example?x",
	    "https://*.app.example", "ftp://app.example", "*.example",
	    "https://app_example", "https://[::1", "chrome-extension://abc",
	    "https://app.example#x", "**", "https://\xc3\xbc.example" };
	static const char *const good[] = { "*", "https://app.example",
	    "http://localhost:3000", "https://app.example:80",
	    "http://app.example:443", "https://192.0.2.7", "https://[::1]:8443",
	    "https://a.example, https://b.example",
	    "https://xn--bcher-kva.example" };
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), BASE "[cors]\norigins = "
		    "https://a.example, %s\n", bad[i]);
		refused(text, 8, "cors.origins " A_LIST "https://host[:port] "
		    "or http://host[:port] as browsers send it; or *");
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), BASE "[cors]\norigins = %s\n",
		    good[i]);
		taken(text);
	}
	refused(BASE "[cors]\norigins = https://a.example, *\n", 8,
	    "cors.origins has *, which must stand alone");
}

static void
settings_that_contradict_each_other_are_refused(void **state)
{
	static const char alike[] = "audit.refusals_file and audit.file must "
	    "not begin alike: both have files beside them";
	static const char amid[] = "log.to must not begin as audit.file or "
	    "audit.refusals_file does: it would be in the midst of their "
	    "lines";
	static const char role[] = "a role's secret_access_key_file in section "
	    "s3 wants that role's access_key_id";

	(void)state;
	refused(BASE "[access]\nmin_bytes = 11\nmax_bytes = 10\n", 0,
	    "access.min_bytes must not be above access.max_bytes");
	taken(BASE "[access]\nmin_bytes = 10\nmax_bytes = 10\n");
	refused(BASE "[audit]\nfile = /a/r.old\nrefusals_file = /a/r\n", 0,
	    alike);
	refused(BASE "[audit]\nfile = /a/r\nrefusals_file = /a/r.head\n", 0,
	    alike);
	refused(BASE "[audit]\nfile = /a/r\nrefusals_file = /a/r\n", 0,
	    alike);
	taken(BASE "[audit]\nfile = /a/log\nrefusals_file = /a/r\n");
	refused(BASE "[audit]\nfile = /a/r\n[log]\nto = /a/r\n", 0, amid);
	refused(BASE "[audit]\nfile = /a/r\n[log]\nto = /a/r.head\n", 0,
	    amid);
	refused(BASE "[audit]\nrefusals_file = /a/s\n[log]\nto = /a/s\n", 0,
	    amid);
	taken(BASE "[audit]\nfile = /a/r\n[log]\nto = /a/log\n");
	refused(BASE "[audit]\nrequired = yes\n", 0,
	    "audit.required wants audit.key_file");
	refused(HEAD "upload_secret_access_key_file = /SENTINEL\n" STATE, 0,
	    role);
	refused(HEAD "read_secret_access_key_file = /SENTINEL\n" STATE, 0,
	    role);
	taken(HEAD "upload_secret_access_key_file = /f\n"
	    "upload_access_key_id = a\nread_secret_access_key_file = /f\n"
	    "read_access_key_id = b\n" STATE);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	char want[4200];

	(void)state;
	assert_int_equal(config_load(path, &cfg, NULL, message), ERR_IO);
	snprintf(want, sizeof(want), "%.200s: No such file or directory", path);
	assert_string_equal(message, want);
	assert_int_equal(config_load(dir, &cfg, NULL, message), ERR_FORMAT);
	snprintf(want, sizeof(want), "%.200s: is not a regular file", dir);
	assert_string_equal(message, want);
}

static void
a_file_that_cannot_be_read_twice_is_read(void **state)
{
	static const char text[] = BASE;
	int fd[2];
	char name[32];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, sizeof(text) - 1),
	    sizeof(text) - 1);
	close(fd[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	assert_int_equal(config_load(name, &cfg, NULL, message), ERR_OK);
	close(fd[0]);
	assert_string_equal(cfg.s3_bucket, "data");
}

static enum err
with(const char *name, const char *value)
{
	enum err e;

	assert_int_equal(setenv(name, value, 1), 0);
	e = load_bytes(BASE, strlen(BASE), NULL);
	assert_int_equal(unsetenv(name), 0);
	return (e);
}

static void
a_variable_goes_before_the_file(void **state)
{

	(void)state;
	assert_int_equal(with("FOLDERGATE_S3_BUCKET", "other"), ERR_OK);
	assert_string_equal(cfg.s3_bucket, "other");
	assert_int_equal(with("FOLDERGATE_S3_PUBLIC_ENDPOINT", "http://p"),
	    ERR_OK);
	assert_string_equal(cfg.s3_public_endpoint, "http://p");
	assert_int_equal(with("FOLDERGATE_ACCESS_TTL_S", "77"), ERR_OK);
	assert_int_equal(cfg.access_ttl_s, 77);
	assert_int_equal(with("FOLDERGATE_ACCESS_SOURCES", "a,b,c"), ERR_OK);
	assert_int_equal(cfg.access_sources.n, 3);
	assert_int_equal(setenv("FOLDERGATE_STATE_DIRECTORY", "/e", 1), 0);
	taken(HEAD);
	assert_int_equal(unsetenv("FOLDERGATE_STATE_DIRECTORY"), 0);
	assert_string_equal(cfg.state_directory, "/e");

	/* The environment overrides the file, with the first value, too. */
	assert_int_equal(setenv("FOLDERGATE_CHAIN_AGREE", "any", 1), 0);
	assert_int_equal(setenv("FOLDERGATE_ACCESS_LAYOUTS", "hotkey", 1), 0);
	assert_int_equal(setenv("FOLDERGATE_AUDIT_REQUIRED", "no", 1), 0);
	assert_int_equal(setenv("FOLDERGATE_S3_ACL", "default", 1), 0);
	taken(BASE "[chain]\nagree = majority\n[access]\nlayouts = coldkey\n"
	    "[audit]\nrequired = yes\nkey_file = /k\n[s3]\nacl = none\n");
	assert_int_equal(unsetenv("FOLDERGATE_CHAIN_AGREE"), 0);
	assert_int_equal(unsetenv("FOLDERGATE_ACCESS_LAYOUTS"), 0);
	assert_int_equal(unsetenv("FOLDERGATE_AUDIT_REQUIRED"), 0);
	assert_int_equal(unsetenv("FOLDERGATE_S3_ACL"), 0);
	assert_int_equal(cfg.chain_agree, CONFIG_CHAIN_AGREE_ANY);
	assert_true(cfg.access_layouts.hotkey && !cfg.access_layouts.coldkey);
	assert_false(cfg.audit_required);
	assert_int_equal(cfg.s3_acl.is, CONFIG_MAYBE_DEFAULT);

	/* The others' own variables, and secrets, which are not for us. */
	assert_int_equal(with("FOLDERGATE_NOW", "1"), ERR_OK);
	assert_int_equal(with("FOLDERGATE_CONFIG", "/x"), ERR_OK);
	assert_int_equal(with("FOLDERGATE_S3_SECRET_ACCESS_KEY", "k"), ERR_OK);
	assert_int_equal(with("FOLDERGATE_S3_READ_SECRET_ACCESS_KEY", "k"),
	    ERR_OK);
	assert_int_equal(with("FOLDERGATEX_S3_X", "1"), ERR_OK);
	assert_int_equal(with("FOLDERGATE_S3BUCKET", "1"), ERR_OK);
}

static void
blanks_around_a_value_do_not_count_in_the_environment(void **state)
{

	(void)state;
	assert_int_equal(with("FOLDERGATE_ACCESS_TTL_S", " 77\t "), ERR_OK);
	assert_int_equal(cfg.access_ttl_s, 77);
	assert_int_equal(with("FOLDERGATE_AUDIT_REQUIRED", " no "), ERR_OK);
	assert_int_equal(with("FOLDERGATE_CHAIN_AGREE", "\tmajority"), ERR_OK);
	assert_int_equal(cfg.chain_agree, CONFIG_CHAIN_AGREE_MAJORITY);
	assert_int_equal(with("FOLDERGATE_S3_ACL", "none "), ERR_OK);
	assert_int_equal(cfg.s3_acl.is, CONFIG_MAYBE_NONE);
	assert_int_equal(with("FOLDERGATE_S3_BUCKET", " other "), ERR_OK);
	assert_string_equal(cfg.s3_bucket, "other");
	assert_int_equal(with("FOLDERGATE_STATE_DIRECTORY", " /a b "), ERR_OK);
	assert_string_equal(cfg.state_directory, "/a b");
	assert_int_equal(with("FOLDERGATE_ACCESS_TTL_S", " "), ERR_FORMAT);
	assert_int_equal(with("FOLDERGATE_ACCESS_TTL_S", "7 7"), ERR_FORMAT);
	assert_int_equal(with("FOLDERGATE_S3_BUCKET", "  "), ERR_FORMAT);
}

static void
wrong_variables_are_refused_by_name(void **state)
{
	static const struct {
		const char *name, *value, *message;
	} rows[] = {
		{ "FOLDERGATE_S3_X", "SENTINEL",
		    "environment: FOLDERGATE_S3_X is no setting" },
		{ "FOLDERGATE_S3_SECRET_ACCES_KEY", "SENTINEL",
		    "environment: FOLDERGATE_S3_SECRET_ACCES_KEY is no "
		    "setting" },
		{ "FOLDERGATE_ACCESS_ttl_s", "60",
		    "environment: FOLDERGATE_ACCESS_ttl_s is no setting" },
		{ "FOLDERGATE_CHAIN_", "SENTINEL",
		    "environment: FOLDERGATE_CHAIN_ is no setting" },
		{ "FOLDERGATE_STATE_DIR", "",
		    "environment: FOLDERGATE_STATE_DIR is no setting" },
		{ "FOLDERGATE_S3_BUCKETS", "SENTINEL",
		    "environment: FOLDERGATE_S3_BUCKETS is no setting" },
		{ "FOLDERGATE_ACCESS_TTL_S", "SENTINEL",
		    "FOLDERGATE_ACCESS_TTL_S: access.ttl_s must be a whole "
		    "number, 1 to 604800" },
		{ "FOLDERGATE_S3_BUCKET", "",
		    "FOLDERGATE_S3_BUCKET: s3.bucket must be 3 to 63 of a-z, "
		    "0-9, dot and dash, a letter or digit at both ends: it is "
		    "empty" },
		{ "FOLDERGATE_S3_SECRET_ACCESS_KEY_FILES", "SENTINEL",
		    "environment: FOLDERGATE_S3_SECRET_ACCESS_KEY_FILES is no "
		    "setting" },
		{ "FOLDERGATE_S3_ENDPOINT", "SENTINEL",
		    "FOLDERGATE_S3_ENDPOINT: s3.endpoint must be "
		    "http://host[:port] or https://host[:port]: it has no "
		    "scheme: write https:// before it" },
	};
	char text[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(with(rows[i].name, rows[i].value),
		    ERR_FORMAT);
		assert_string_equal(message, rows[i].message);
	}
	memset(text, 'k', sizeof(text));
	text[256] = '\0';
	text[0] = '/';
	assert_int_equal(with("FOLDERGATE_STATE_DIRECTORY", text), ERR_FORMAT);
	text[255] = '\0';
	assert_int_equal(with("FOLDERGATE_STATE_DIRECTORY", text), ERR_FORMAT);
	assert_string_equal(message + strlen(message) - 24,
	    "state.shared is too long");

	/* Files in it have names, too: /refusals.log. */
	text[255 - 13] = '\0';
	assert_int_equal(with("FOLDERGATE_STATE_DIRECTORY", text), ERR_OK);
	assert_string_equal(cfg.state_directory, text);

	/* What the file says wrong is told first, even if overridden. */
	assert_int_equal(setenv("FOLDERGATE_ACCESS_TTL_S", "9", 1), 0);
	refused(BASE "[access]\nttl_s = x\n", 8,
	    "access.ttl_s must be a whole number, 1 to 604800");
	assert_int_equal(unsetenv("FOLDERGATE_ACCESS_TTL_S"), 0);
}

static size_t
index_of(const char *name)
{
	size_t i;

	for (i = 0; i < show_count(); i++) {
		if (strcmp(show_name(i), name) == 0)
			return (i);
	}
	fail_msg("no setting %s", name);
	return (0);
}

static void
each_setting_knows_where_it_comes_from(void **state)
{
	struct config_origin o[100];
	size_t i;

	(void)state;
	assert_in_range(show_count(), 20, 100);
	assert_int_equal(setenv("FOLDERGATE_S3_REGION", "env1", 1), 0);
	assert_int_equal(load_bytes(BASE, strlen(BASE), o), ERR_OK);
	assert_int_equal(unsetenv("FOLDERGATE_S3_REGION"), 0);
	i = index_of("s3.bucket");
	assert_int_equal(o[i].from, CONFIG_FILE);
	assert_int_equal(o[i].line, 4);
	assert_int_equal(o[index_of("state.directory")].line, 6);
	assert_int_equal(o[index_of("s3.region")].from, CONFIG_ENV);
	assert_int_equal(o[index_of("access.ttl_s")].from, CONFIG_DEFAULT);
	assert_int_equal(o[index_of("s3.access_key_id")].from, CONFIG_UNSET);
	assert_int_equal(o[index_of("s3.addressing")].from, CONFIG_DEFAULT);
	assert_int_equal(o[index_of("s3.acl")].from, CONFIG_DEFAULT);
}

static void
the_path_of_the_file_comes_from_a_variable_or_default(void **state)
{

	(void)state;
	assert_int_equal(unsetenv("FOLDERGATE_CONFIG"), 0);
	assert_string_equal(config_path(), "/etc/foldergate/foldergate.conf");
	assert_int_equal(setenv("FOLDERGATE_CONFIG", "", 1), 0);
	assert_string_equal(config_path(), "/etc/foldergate/foldergate.conf");
	assert_int_equal(setenv("FOLDERGATE_CONFIG", "/x/y", 1), 0);
	assert_string_equal(config_path(), "/x/y");
	assert_int_equal(unsetenv("FOLDERGATE_CONFIG"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(a_file_with_the_least_settings_has_all_defaults),
	T(values_of_every_kind_are_read),
	T(every_ordinary_form_of_a_file_is_read),
	T(unknown_sections_and_settings_are_named),
	T(a_repeated_setting_is_refused_with_both_lines),
	T(a_secret_in_the_file_is_refused_unseen),
	T(integers_that_are_malformed_or_out_of_range_are_refused),
	T(lists_with_wrong_repeated_or_many_items_are_refused),
	T(texts_of_a_wrong_form_are_refused),
	T(a_line_that_is_too_long_is_refused),
	T(a_file_with_a_nul_byte_is_refused),
	T(a_bool_is_yes_or_no_and_nothing_else),
	T(a_wrong_value_of_an_enum_names_the_allowed_ones),
	T(a_set_takes_each_of_its_items_once_in_any_order),
	T(a_receiver_looks_like_an_address),
	T(a_maybe_is_default_or_none_or_a_word),
	T(proxies_that_trust_everybody_are_refused),
	T(origins_are_written_as_browsers_send_them),
	T(a_line_that_is_no_pair_is_refused),
	T(a_setting_that_is_missing_is_named),
	T(settings_that_contradict_each_other_are_refused),
	T(a_file_that_cannot_be_read_is_named),
	T(a_variable_goes_before_the_file),
	T(blanks_around_a_value_do_not_count_in_the_environment),
	T(a_file_that_cannot_be_read_twice_is_read),
	T(wrong_variables_are_refused_by_name),
	T(each_setting_knows_where_it_comes_from),
	T(the_path_of_the_file_comes_from_a_variable_or_default)
};

TEST_MAIN(tests)
