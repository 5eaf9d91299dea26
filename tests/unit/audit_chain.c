#include "test.h"

#include <unistd.h>

#include "audit/audit.h"
#include "audit/chain.h"
#include "base/buf.h"
#include "base/secret.h"
#include "crypto/hmac.h"

static struct hmac *h;
static struct secret *key;
static struct audit_chain c;
static char data[8 * AUDIT_CHAIN_LINE_MAX];
static struct buf b;

static const struct audit_entry entry = {
	.time_ms = 1774000123456, .endpoint = "e", .outcome = ERR_OK
};

static int
setup(void **state)
{
	char name[] = "/tmp/audit_chain.XXXXXX";
	int fd = mkstemp(name), bad;

	(void)state;
	bad = fd == -1 || write(fd, "0123456789abcdef", 16) != 16 ||
	    secret_load(name, &key) != ERR_OK;
	unlink(name);
	close(fd);
	h = hmac_new();
	audit_chain_start(&c, h, key);
	buf_init(&b, data, sizeof(data));
	return (bad ? -1 : 0);
}

static int
teardown(void **state)
{

	(void)state;
	secret_free(key);
	hmac_free(h);
	return (0);
}

/* Every event comes back as what it was. */
static void
every_event_of_the_chain_is_read_as_it_was_written(void **state)
{
	struct audit_chain_line line;
	struct audit_chain walk;
	const char *p = data;
	size_t len;
	int i;

	(void)state;
	walk = c;
	audit_chain_entry(&c, &entry, &b);
	for (i = AUDIT_CHAIN_ROTATED; i <= AUDIT_CHAIN_BROKEN_BOTH; i++) {
		if (i == AUDIT_CHAIN_TORN) {
			buf_str(&b, "{\"time\":\"2026\n{\"ti\n");
			c.torn = 19;
		}
		audit_chain_event(&c, 0, (enum audit_chain_event)i, &b);
	}
	for (i = 0; i <= AUDIT_CHAIN_BROKEN_BOTH; p += len + 1) {
		len = strcspn(p, "\n");
		if (len < 20) {
			assert_int_equal(audit_chain_take(&walk, p, len,
			    &line), AUDIT_CHAIN_CUT);
			continue;
		}
		assert_int_equal(audit_chain_take(&walk, p, len, &line),
		    AUDIT_CHAIN_GOOD);
		assert_int_equal(line.event, i);
		assert_int_equal(line.seq, i + 1);
		assert_int_equal(line.number, i == AUDIT_CHAIN_NONE ? 0 :
		    i == AUDIT_CHAIN_TORN ? 18 : i);
		assert_int_equal(line.has_prev, i != AUDIT_CHAIN_NONE &&
		    i != AUDIT_CHAIN_TORN);
		i++;
	}
	assert_memory_equal(walk.mac, c.mac, HMAC_LEN);
	assert_int_equal(*p, '\0');
}

/* No byte of a line can be another one, added or missing. */
static void
no_byte_of_a_line_can_be_changed_added_or_removed(void **state)
{
	static char other[AUDIT_CHAIN_LINE_MAX];
	const enum audit_chain_event kinds[] = { AUDIT_CHAIN_NONE,
	    AUDIT_CHAIN_TORN, AUDIT_CHAIN_RESUMED, AUDIT_CHAIN_BROKEN_TAIL };
	struct audit_chain_line line;
	struct audit_chain walk;
	const struct audit_chain before = c;
	size_t i, k, len;
	unsigned byte;

	(void)state;
	for (k = 0; k < 4; k++) {
		c = before;
		b.len = 0;
		c.torn = kinds[k] == AUDIT_CHAIN_TORN ? 5 : 0;
		if (k == 0)
			audit_chain_entry(&c, &entry, &b);
		else
			audit_chain_event(&c, 9, kinds[k], &b);
		len = b.len - 1;
		for (i = 0; i < len; i++) {
			memcpy(other, data, len + 1);
			for (byte = 0; byte < 256; byte++) {
				walk = before;
				walk.torn = k == 1 ? 5 : 0;
				other[i] = (char)byte;
				if (other[i] != data[i])
					assert_int_not_equal(audit_chain_take(
					    &walk, other, len, &line),
					    AUDIT_CHAIN_GOOD);
			}
			memcpy(other + i, data + i + 1, len - i);
			walk = before;
			walk.torn = k == 1 ? 5 : 0;
			assert_int_not_equal(audit_chain_take(&walk, other,
			    len - 1, &line), AUDIT_CHAIN_GOOD);
			memcpy(other + i + 1, data + i, len - i);
			other[i] = ' ';
			assert_int_not_equal(audit_chain_take(&walk, other,
			    len + 1, &line), AUDIT_CHAIN_GOOD);
		}
	}
}

/* What is the beginning of a line, and what is none. */
static void
the_beginning_of_a_line_is_told_from_no_line(void **state)
{
	struct audit_chain_line line;
	struct audit_chain walk = c;
	size_t len;

	(void)state;
	audit_chain_entry(&c, &entry, &b);
	for (len = 1; len < b.len - 1; len++) {
		walk.torn = 0;
		assert_int_equal(audit_chain_take(&walk, data, len, &line),
		    AUDIT_CHAIN_CUT);
		assert_int_equal(walk.torn, len + 1);
		assert_int_equal(line.seq, 0);
	}
#define ODD(text) assert_int_equal(audit_chain_take(&walk, (text),	\
	    sizeof(text) - 1, &line), AUDIT_CHAIN_ODD)
	ODD("");
	ODD("hello");
	ODD("{\"time\":\"2026-03-20T09:48:43.456Z\"}");
	ODD("{\"tima");
	ODD("[");
#undef ODD
	memset(data, 'x', AUDIT_CHAIN_LINE_MAX);
	memcpy(data, "{\"time\":\"", 9);
	assert_int_equal(audit_chain_take(&walk, data, AUDIT_CHAIN_LINE_MAX - 1,
	    &line), AUDIT_CHAIN_CUT);
	assert_int_equal(audit_chain_take(&walk, data, AUDIT_CHAIN_LINE_MAX,
	    &line), AUDIT_CHAIN_ODD);
}

/* What was torn must be what is marked. */
static void
a_torn_line_must_be_the_one_that_is_marked(void **state)
{
	struct audit_chain_line line;
	struct audit_chain walk = c;

	(void)state;
	c.torn = 10;
	audit_chain_event(&c, 0, AUDIT_CHAIN_TORN, &b);
	audit_chain_entry(&c, &entry, &b);
	assert_int_equal(audit_chain_take(&walk, data, strcspn(data, "\n"),
	    &line), AUDIT_CHAIN_MISFIT);
	assert_int_equal(walk.seq, 1);
	walk.torn = 1;
	assert_int_equal(audit_chain_take(&walk, strchr(data, '\n') + 1,
	    b.len - strcspn(data, "\n") - 2, &line), AUDIT_CHAIN_MISFIT);
	assert_int_equal(walk.seq, 2);
	assert_int_equal(walk.torn, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(every_event_of_the_chain_is_read_as_it_was_written),
	T(no_byte_of_a_line_can_be_changed_added_or_removed),
	T(the_beginning_of_a_line_is_told_from_no_line),
	T(a_torn_line_must_be_the_one_that_is_marked)
};

TEST_MAIN(tests)
