#include "test.h"

#include <stdbool.h>

#include <json-c/json.h>

#include "base/hex.h"
#include "crypto/ss58.h"
#include "scale.h"

#define VECTORS "tests/vectors/chain/selective-metagraph"
#define RECORDING "tests/vectors/chain/real-runtime-300.json"
#define NETUID 13
#define MUTATIONS 100000

/* Fields of the struct behind the last one asked for, in the vector. */
#define BEHIND 6

static struct json_object *expect, *answer;
static uint8_t *raw;
static size_t raw_len;

static int
setup(void **state)
{
	struct json_object *result;
	const char *text;

	(void)state;
	expect = json_object_from_file(VECTORS ".expect.json");
	answer = json_object_from_file(VECTORS ".json");
	if (expect == NULL || answer == NULL ||
	    !json_object_object_get_ex(answer, "result", &result))
		return (-1);
	text = json_object_get_string(result);
	raw_len = (strlen(text) - 2) / 2;
	if ((raw = malloc(raw_len)) == NULL)
		return (-1);
	return (hex_decode(raw, raw_len, text + 2, 2 * raw_len) == ERR_OK ?
	    0 : -1);
}

static int
teardown(void **state)
{

	(void)state;
	free(raw);
	json_object_put(expect);
	json_object_put(answer);
	return (0);
}

/* What a call gave. */
struct result {
	uint64_t block;
	struct metagraph_neuron *neurons;
	uint32_t n;
	const char *reason;
};

/* Decode ${len} bytes that end where the memory ends, for the sanitizer. */
static enum err
decode_all(const uint8_t *data, size_t len, uint16_t netuid, bool total,
    struct result *r)
{
	uint8_t *copy = malloc(len + (len == 0));
	enum err e;

	assert_non_null(copy);
	memcpy(copy, data, len);
	memset(r, 0, sizeof(*r));
	e = scale_metagraph(copy, len, netuid, total, &r->block, &r->neurons,
	    &r->n, &r->reason);
	free(copy);
	return (e);
}

static enum err
decode(const uint8_t *data, size_t len, uint16_t netuid, struct result *r)
{

	return (decode_all(data, len, netuid, false, r));
}

static struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object *v;

	assert_true(json_object_object_get_ex(o, name, &v));
	return (v);
}

/* Field for field as ${what} says. */
static void
as_told(const struct result *r, struct json_object *what, bool with_total)
{
	struct json_object *list = member(what, "neurons"), *o;
	char hotkey[SS58_MAX + 1], coldkey[SS58_MAX + 1], stake[24];
	struct json_object *total;
	size_t i;

	assert_int_equal(r->block, json_object_get_int64(member(what,
	    "block")));
	assert_int_equal(r->n, json_object_array_length(list));
	for (i = 0; i < r->n; i++) {
		o = json_object_array_get_idx(list, i);
		assert_int_equal(r->neurons[i].uid, i);
		assert_int_equal(json_object_get_int(member(o, "uid")), i);
		ss58_encode(r->neurons[i].hotkey, hotkey);
		ss58_encode(r->neurons[i].coldkey, coldkey);
		snprintf(stake, sizeof(stake), "%llu",
		    (unsigned long long)r->neurons[i].alpha_stake_rao);
		assert_string_equal(hotkey,
		    json_object_get_string(member(o, "hotkey")));
		assert_string_equal(coldkey,
		    json_object_get_string(member(o, "coldkey")));
		assert_string_equal(stake,
		    json_object_get_string(member(o, "alpha_stake_rao")));
		if (with_total) {
			assert_true(json_object_object_get_ex(o,
			    "total_stake_rao", &total));
			snprintf(stake, sizeof(stake), "%llu", (unsigned long
			    long)r->neurons[i].total_stake_rao);
			assert_string_equal(stake,
			    json_object_get_string(total));
		} else {
			assert_int_equal(r->neurons[i].total_stake_rao, 0);
		}
		assert_int_equal(r->neurons[i].permit,
		    json_object_get_boolean(member(o, "permit")));
		assert_memory_equal(r->neurons[i].zero, "\0\0\0\0\0", 5);
	}
}

static void
as_expected(const struct result *r)
{

	as_told(r, expect, false);
}

static void
the_recorded_answer_is_read_as_expected(void **state)
{
	struct result r;

	(void)state;
	assert_int_equal(decode(raw, raw_len, NETUID, &r), ERR_OK);
	assert_int_equal(r.n, 256);
	as_expected(&r);
	free(r.neurons);
}

/* --- what a real runtime said ---------------------------------------------- */

/* The recorded answer to the call with ${argument}, to be freed. */
static uint8_t *
recorded(struct json_object *recording, const char *argument, size_t *len)
{
	struct json_object *dialog = member(recording, "dialog"), *o, *params;
	const char *text;
	uint8_t *data;
	size_t i;

	for (i = 0; i < json_object_array_length(dialog); i++) {
		o = json_object_array_get_idx(dialog, i);
		params = member(member(o, "request"), "params");
		if (json_object_array_length(params) != 3 ||
		    strcmp(json_object_get_string(json_object_array_get_idx(
		    params, 1)), argument) != 0)
			continue;
		text = json_object_get_string(member(member(o, "response"),
		    "result"));
		*len = (strlen(text) - 2) / 2;
		assert_non_null(data = malloc(*len));
		assert_int_equal(hex_decode(data, *len, text + 2, 2 * *len),
		    ERR_OK);
		return (data);
	}
	fail_msg("no call with %s", argument);
	return (NULL);
}

/* The call that is made is in the recording, and its answer is read as the
   official clients read it. */
static void
the_recorded_call_of_a_real_runtime_is_read(void **state)
{
	static const uint16_t netuids[] = { 1, 70 };
	struct json_object *recording = json_object_from_file(RECORDING), *what;
	char text[SCALE_ARGUMENT_MAX + 1];
	struct result r;
	uint16_t netuid;
	uint8_t *data;
	size_t i, len;

	(void)state;
	assert_non_null(recording);
	for (i = 0; i < 4; i++) {
		netuid = netuids[i / 2];
		scale_argument(netuid, i % 2 == 1, text);
		data = recorded(recording, text, &len);
		assert_int_equal(decode_all(data, len, netuid, i % 2 == 1,
		    &r), ERR_OK);
		what = i < 2 ? member(recording, "expect") :
		    json_object_array_get_idx(member(recording,
		    "expect_other"), 0);
		as_told(&r, what, i % 2 == 1);
		free(r.neurons);
		free(data);
	}

	/* No such subnet; and a runtime that was not asked for the netuid. */
	scale_argument(9, false, text);
	data = recorded(recording, text, &len);
	assert_int_equal(decode(data, len, 9, &r), ERR_RANGE);
	assert_string_equal(r.reason, "no such subnet on this chain");
	free(data);
	data = recorded(recording, "0x46001407003400350039004300", &len);
	assert_int_equal(decode(data, len, 70, &r), ERR_RANGE);
	assert_string_equal(r.reason, "metagraph of another netuid");
	free(data);
	json_object_put(recording);
}

/* Newer runtimes append fields; of what kind is not our business. */
static void
fields_appended_by_newer_runtimes_are_ignored(void **state)
{
	static const uint8_t fields[] = { 0, 0, 0, 0, 0 },
	    values[] = { 1, 0xff, 0xff, 0xff, 0xff };
	static const size_t counts[] = { 1, 2, 5 };
	uint8_t *longer = malloc(raw_len + 5);
	struct result r;
	size_t i;

	(void)state;
	assert_non_null(longer);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		memcpy(longer, raw, raw_len);
		memcpy(longer + raw_len, fields, counts[i]);
		assert_int_equal(decode(longer, raw_len + counts[i], NETUID,
		    &r), ERR_OK);
		as_expected(&r);
		free(r.neurons);
		memcpy(longer + raw_len, values, counts[i]);
		assert_int_equal(decode(longer, raw_len + counts[i], NETUID,
		    &r), ERR_OK);
		as_expected(&r);
		free(r.neurons);
	}
	free(longer);
}

static void
an_answer_cut_anywhere_is_refused(void **state)
{
	struct result r;
	size_t len;

	(void)state;
	for (len = 0; len < raw_len - BEHIND; len++) {
		assert_int_equal(decode(raw, len, NETUID, &r), ERR_FORMAT);
		assert_null(r.neurons);
		assert_int_equal(r.n, 0);
	}
	for (; len <= raw_len; len++) {
		assert_int_equal(decode(raw, len, NETUID, &r), ERR_OK);
		as_expected(&r);
		free(r.neurons);
	}
}

static void
an_answer_of_another_subnet_is_refused(void **state)
{
	static const uint8_t none[] = { 0 }, two[] = { 2 };
	struct result r;

	(void)state;
	assert_int_equal(decode(raw, raw_len, 14, &r), ERR_RANGE);
	assert_string_equal(r.reason, "metagraph of another netuid");
	assert_int_equal(decode(raw, raw_len, 13 + 256, &r), ERR_RANGE);
	assert_int_equal(decode(none, 1, NETUID, &r), ERR_RANGE);
	assert_string_equal(r.reason, "no such subnet on this chain");
	assert_int_equal(decode(two, 1, NETUID, &r), ERR_FORMAT);
	assert_null(r.neurons);
}

static void
the_argument_of_the_call_is_encoded(void **state)
{
	char text[SCALE_ARGUMENT_MAX + 1];

	(void)state;
	scale_argument(13, false, text);
	assert_string_equal(text, "0x0d0018000007003400350039004300");
	scale_argument(13, true, text);
	assert_string_equal(text, "0x0d001c0000070034003500390043004500");
	assert_int_equal(strlen(text), SCALE_ARGUMENT_MAX);
	scale_argument(0, false, text);
	assert_string_equal(text, "0x000018000007003400350039004300");
	scale_argument(0xfffe, false, text);
	assert_string_equal(text, "0xfeff18000007003400350039004300");
	assert_string_equal(SCALE_CALL,
	    "SubnetInfoRuntimeApi_get_selective_metagraph");
}

/* --- Compact ------------------------------------------------------------- */

/* By the specification, and by nothing of ours: mode ${mode}, ${n} bytes of a
   big integer. */
static size_t
compact(uint64_t v, unsigned mode, size_t n, uint8_t out[16])
{
	uint64_t word = v << 2 | mode;
	size_t i, at = 0;

	if (mode == 3) {
		out[at++] = (uint8_t)((n - 4) << 2 | 3);
		word = v;
	} else {
		n = (size_t)1 << mode;
	}
	for (i = 0; i < n; i++)
		out[at++] = (uint8_t)(i < 8 ? word >> 8 * i : 0);
	return (at);
}

static size_t
bytes_of(uint64_t v)
{
	size_t n = 4;

	while (n < 8 && v >> 8 * n != 0)
		n++;
	return (n);
}

static void
good(uint64_t v, unsigned mode)
{
	uint8_t *exact, data[16];
	size_t len = compact(v, mode, bytes_of(v), data), cut;
	struct scale s;
	uint64_t out = 0;

	data[len] = 0xa5;
	s = (struct scale){ data, len + 1 };
	assert_int_equal(scale_compact(&s, &out), ERR_OK);
	assert_true(out == v);
	assert_int_equal(s.left, 1);
	assert_int_equal(*s.p, 0xa5);
	for (cut = 0; cut < len; cut++) {
		assert_non_null(exact = malloc(cut + (cut == 0)));
		memcpy(exact, data, cut);
		s = (struct scale){ exact, cut };
		assert_int_equal(scale_compact(&s, &out), ERR_FORMAT);
		free(exact);
	}
}

static void
bad(uint64_t v, unsigned mode, size_t n)
{
	uint8_t data[80] = { 0 };
	struct scale s = { data, sizeof(data) };
	uint64_t out;

	(void)compact(v, mode, n, data);
	assert_int_equal(scale_compact(&s, &out), ERR_FORMAT);
}

static void
compact_numbers_of_every_length_are_read(void **state)
{
	/* The last value of each mode, and of each length of mode 3. */
	static const uint64_t last[] = { 63, 16383, (1 << 30) - 1 };
	uint64_t v;
	unsigned mode;
	size_t n;

	(void)state;
	for (mode = 0; mode < 3; mode++) {
		good(mode == 0 ? 0 : last[mode - 1] + 1, mode);
		good(last[mode], mode);
	}
	good(last[2] + 1, 3);
	for (n = 4; n < 8; n++) {
		v = UINT64_C(1) << 8 * n;
		good(v - 1, 3);
		good(v, 3);
		good(v + 1, 3);
	}
	good(UINT64_MAX - 1, 3);
	good(UINT64_MAX, 3);
	for (v = 0; v < 70000; v++)
		good(v, v < 64 ? 0 : v < 16384 ? 1 : 2);
}

static void
compact_numbers_that_could_be_shorter_are_refused(void **state)
{
	uint64_t v;
	size_t n;

	(void)state;
	for (v = 0; v < 64; v++)
		bad(v, 1, 0);
	for (v = 0; v < 16384; v++)
		bad(v, 2, 0);
	for (n = 4; n <= 8; n++) {
		bad(0, 3, n);
		bad(63, 3, n);
		bad(16384, 3, n);
		bad((1 << 30) - 1, 3, n);
	}
	for (n = 4; n < 8; n++)
		bad((UINT64_C(1) << 8 * n) - 1, 3, n + 1);

	/* Over 64 bits: nine bytes and more, whatever is in them. */
	for (n = 9; n <= 67; n++) {
		bad(UINT64_MAX, 3, n);
		bad(1, 3, n);
	}
}

/* --- small answers, made by hand ------------------------------------------ */

struct parts {
	uint32_t hotkeys, coldkeys, permits, stakes;
	uint8_t permit, tag;	/* a permit's value, a not wanted field's tag */
};

static uint8_t made[1 << 23];

/* Where the tag of each field is in it, and where it ends. */
static size_t tag_at[73 + 2];

static size_t
vec(uint8_t *out, uint32_t n)
{

	return (compact(n, n < 64 ? 0 : n < 16384 ? 1 : 2, 4, out));
}

/* The answer with vectors of these lengths; hotkeys count upwards. */
static size_t
make(const struct parts *p)
{
	uint8_t *o = made;
	uint32_t i, field;

	*o++ = 1;
	o += vec(o, NETUID);
	for (field = 1; field <= 73; field++) {
		tag_at[field] = (size_t)(o - made);
		if (field == 7) {
			*o++ = 1;
			o += vec(o, 77);
		} else if (field == 52 || field == 53) {
			uint32_t n = field == 52 ? p->hotkeys : p->coldkeys;

			*o++ = 1;
			o += vec(o, n);
			memset(o, 1, (size_t)n * 32);
			for (i = 0; i < n; i++, o += 32)
				memcpy(o, &i, sizeof(i));
		} else if (field == 57) {
			*o++ = 1;
			o += vec(o, p->permits);
			memset(o, p->permit, p->permits);
			o += p->permits;
		} else if (field == 67) {
			*o++ = 1;
			o += vec(o, p->stakes);
			for (i = 0; i < p->stakes; i++)
				*o++ = 4;
		} else {
			*o++ = field == 1 ? p->tag : 0;
		}
	}
	return (tag_at[74] = (size_t)(o - made));
}

static void
gives(enum err e, const char *reason, struct parts p)
{
	struct result r;

	assert_int_equal(decode(made, make(&p), NETUID, &r), e);
	if (e == ERR_OK) {
		assert_int_equal(r.n, p.hotkeys);
		assert_int_equal(r.block, 77);
		assert_int_equal(r.neurons[r.n - 1].alpha_stake_rao, 1);
		assert_int_equal(r.neurons[r.n - 1].permit, p.permit);
		assert_int_equal(r.neurons[r.n - 1].uid, r.n - 1);
	} else {
		assert_null(r.neurons);
		assert_string_equal(r.reason, reason);
	}
	free(r.neurons);
}

static void
vectors_of_different_lengths_are_refused(void **state)
{
	const char *different = "metagraph with vectors of different length",
	    *malformed = "malformed metagraph";

	(void)state;
	gives(ERR_OK, "", (struct parts){ 3, 3, 3, 3, 1, 0 });
	gives(ERR_OK, "", (struct parts){ 1, 1, 1, 1, 0, 0 });
	gives(ERR_OK, "", (struct parts){ 64, 64, 64, 64, 1, 0 });
	gives(ERR_OK, "", (struct parts){ 65535, 65535, 65535, 65535, 1, 0 });
	gives(ERR_OK, "", (struct parts){ 65536, 65536, 65536, 65536, 1, 0 });
	gives(ERR_FORMAT, malformed, (struct parts){ 65537, 65537, 65537,
	    65537, 1, 0 });
	gives(ERR_FORMAT, malformed, (struct parts){ 3, 3, 3, 65537, 1, 0 });
	gives(ERR_FORMAT, "metagraph without a neuron", (struct parts){ 0 });
	gives(ERR_FORMAT, "metagraph without a neuron",
	    (struct parts){ 0, 3, 3, 3, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 2, 3, 3, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 4, 3, 3, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 3, 2, 3, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 3, 4, 3, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 3, 3, 2, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 3, 3, 4, 1, 0 });
	gives(ERR_FORMAT, different, (struct parts){ 3, 0, 0, 0, 1, 0 });
	gives(ERR_FORMAT, malformed, (struct parts){ 3, 3, 3, 3, 2, 0 });
	gives(ERR_FORMAT, malformed, (struct parts){ 3, 3, 3, 3, 255, 0 });
	gives(ERR_FORMAT, malformed, (struct parts){ 3, 3, 3, 3, 1, 1 });
	gives(ERR_FORMAT, malformed, (struct parts){ 3, 3, 3, 3, 1, 2 });
}

/* Each tag up to the last field needed turned: missing what was asked for, or
   one too many.  What follows may be anything. */
static void
a_wrong_tag_of_any_field_needed_is_refused(void **state)
{
	struct parts p = { 1, 1, 1, 1, 1, 0 };
	const size_t len = make(&p);
	struct result r;
	size_t field;
	uint8_t good;

	(void)state;
	for (field = 1; field <= 67; field++) {
		good = made[tag_at[field]];
		made[tag_at[field]] = good ^ 1;
		assert_int_equal(decode(made, len, NETUID, &r), ERR_FORMAT);
		assert_null(r.neurons);
		made[tag_at[field]] = 2;
		assert_int_equal(decode(made, len, NETUID, &r), ERR_FORMAT);
		made[tag_at[field]] = good;
	}
	for (; field <= 73; field++) {
		good = made[tag_at[field]];
		made[tag_at[field]] = 0xff;
		assert_int_equal(decode(made, len, NETUID, &r), ERR_OK);
		free(r.neurons);
		made[tag_at[field]] = good;
	}
}

/* An answer cut within a value is malformed; one that ends between two fields
   is the whole answer of a runtime that has no more. */
static void
an_answer_of_an_older_runtime_is_told_from_a_cut_one(void **state)
{
	struct parts p = { 3, 3, 3, 3, 1, 0 };
	const size_t whole = make(&p);
	struct result r;
	size_t len, field = 1;

	(void)state;
	for (len = 0; len < tag_at[68]; len++) {
		while (tag_at[field] < len)
			field++;
		assert_int_equal(decode(made, len, NETUID, &r), ERR_FORMAT);
		assert_null(r.neurons);
		assert_string_equal(r.reason, len == tag_at[field] ?
		    "older runtime: its metagraph lacks a field" :
		    "malformed metagraph");
	}
	for (; len <= whole; len++) {
		assert_int_equal(decode(made, len, NETUID, &r), ERR_OK);
		free(r.neurons);
	}
}

/* A vector's length that promises more than there is, and a lot more. */
static void
a_length_that_promises_too_much_is_refused(void **state)
{
	static const uint64_t lengths[] = { 257, 65535, 65536, 65537, 1 << 30,
	    UINT64_C(1) << 59, UINT64_C(1) << 60, UINT64_MAX / 32 + 1,
	    UINT64_MAX };
	uint8_t data[256];
	struct result r;
	size_t at, i, field;

	(void)state;
	for (field = 52; field <= 67; field++) {
		if (field != 52 && field != 53 && field != 57 && field != 67)
			continue;
		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			struct parts p = { 1, 1, 1, 1, 1, 0 };
			size_t len = make(&p), n;

			/* Where the tag of that field is: see make(). */
			at = 2 + (field - 1) + 2 +
			    (field > 52 ? 33 : 0) + (field > 53 ? 33 : 0) +
			    (field > 57 ? 2 : 0);
			assert_true(at + 16 + 40 < sizeof(data) && at < len);
			assert_int_equal(made[at], 1);
			memcpy(data, made, at + 1);
			n = compact(lengths[i], lengths[i] < 16384 ? 1 :
			    lengths[i] < 1 << 30 ? 2 : 3, bytes_of(lengths[i]),
			    data + at + 1);
			memset(data + at + 1 + n, 1, 40);
			assert_int_equal(decode(data, at + 1 + n + 40, NETUID,
			    &r), ERR_FORMAT);
			assert_null(r.neurons);
		}
	}
}

/* --- mutations ------------------------------------------------------------ */

static uint64_t seed = 0x20261122;

/* xorshift64*: the same in every run. */
static uint64_t
chance(uint64_t below)
{

	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((seed * UINT64_C(2685821657736338717) >> 11) % below);
}

/* One change, most of them where lengths and tags are. */
static size_t
mutate(uint8_t *data, size_t len)
{
	size_t at, n;

	at = chance(2) == 0 ? chance(len) : chance(200 < len ? 200 : len);
	switch (chance(6)) {
	case 0:
		data[at] ^= (uint8_t)(1 << chance(8));
		return (len);
	case 1:
		data[at] = (uint8_t)chance(256);
		return (len);
	case 2:
		data[at] = (uint8_t)(chance(2) == 0 ? 0xff : chance(4));
		return (len);
	case 3:
		return (chance(len) + 1);
	case 4:
		n = chance(len - at < 9 ? len - at : 9);
		memmove(data + at, data + at + n, len - at - n);
		return (len - n);
	default:
		n = chance(9);
		memmove(data + at + n, data + at, len - at);
		while (n > 0)
			data[at + --n] = (uint8_t)chance(256), len++;
		return (len);
	}
}

/* What was decoded must be what a snapshot can hold. */
static void
sound(const struct result *r, enum err e)
{
	uint32_t i;

	assert_non_null(r->reason);
	if (e != ERR_OK) {
		assert_true(e == ERR_FORMAT || e == ERR_RANGE);
		assert_null(r->neurons);
		assert_int_equal(r->n, 0);
		assert_int_equal(r->block, 0);
		return;
	}
	assert_true(r->n >= 1 && r->n <= METAGRAPH_NEURONS_MAX);
	for (i = 0; i < r->n; i++)
		assert_true(r->neurons[i].uid == i &&
		    r->neurons[i].permit <= 1 &&
		    memcmp(r->neurons[i].zero, "\0\0\0\0\0", 5) == 0);
}

/* The vector, and a small answer in which each byte is hit often. */
static void
no_mutation_of_an_answer_does_harm(void **state)
{
	struct parts p = { 3, 3, 3, 3, 1, 0 };
	const size_t small_len = make(&p);
	uint8_t *data = malloc(raw_len + 64);
	unsigned i, changes, decoded = 0;
	struct result r;
	size_t len;
	enum err e;

	(void)state;
	assert_non_null(data);
	for (i = 0; i < MUTATIONS; i++) {
		len = i % 8 == 0 ? raw_len : small_len;
		memcpy(data, i % 8 == 0 ? raw : made, len);
		for (changes = 1 + (unsigned)chance(3); changes > 0; changes--)
			len = mutate(data, len);
		e = decode(data, len, NETUID, &r);
		sound(&r, e);
		decoded += e == ERR_OK;
		free(r.neurons);
	}
	printf("# %u mutations: %u still a metagraph\n", MUTATIONS, decoded);
	free(data);

	/* Some only touch a key or a stake; most must not pass. */
	assert_true(decoded > MUTATIONS / 100 && decoded < MUTATIONS / 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(the_recorded_answer_is_read_as_expected),
	T(fields_appended_by_newer_runtimes_are_ignored),
	T(an_answer_cut_anywhere_is_refused),
	T(an_answer_of_another_subnet_is_refused),
	T(the_argument_of_the_call_is_encoded),
	T(the_recorded_call_of_a_real_runtime_is_read),
	T(compact_numbers_of_every_length_are_read),
	T(compact_numbers_that_could_be_shorter_are_refused),
	T(vectors_of_different_lengths_are_refused),
	T(a_wrong_tag_of_any_field_needed_is_refused),
	T(an_answer_of_an_older_runtime_is_told_from_a_cut_one),
	T(a_length_that_promises_too_much_is_refused),
	T(no_mutation_of_an_answer_does_harm)
};

TEST_MAIN(tests)
