#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/build.h"
#include "base/log.h"
#include "top_json.h"

static struct json_object *
checked(struct json_object *o)
{

	if (o == NULL)
		log_die("out_of_memory", "top");
	return (o);
}

static void
set(struct json_object *o, const char *name, struct json_object *value)
{

	if (json_object_object_add(o, name, value) != 0)
		log_die("out_of_memory", "top");
}

static void
set_text(struct json_object *o, const char *name, const char *text)
{

	set(o, name, text == NULL ? NULL :
	    checked(json_object_new_string(text)));
}

static void
set_number(struct json_object *o, const char *name, int64_t n)
{

	set(o, name, checked(json_object_new_int64(n)));
}

static void
set_count(struct json_object *o, const char *name, uint64_t n)
{

	set(o, name, checked(json_object_new_uint64(n)));
}

/* With three digits after the point, which is more than a person needs. */
static void
set_rate(struct json_object *o, const char *name, const struct top_change *c,
    double rate)
{
	char text[400];

	if (!c->has_rates || !isfinite(rate)) {
		set(o, name, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%.3f", rate);
	set(o, name, checked(json_object_new_double_s(rate, text)));
}

/* In seconds, as everywhere in /metrics. */
static void
set_time(struct json_object *o, const char *name, int64_t us)
{
	char text[64];

	if (us == TOP_NO_TIME || us == TOP_LONG_TIME) {
		set(o, name, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%.6f", (double)us / 1000000);
	set(o, name, checked(json_object_new_double_s((double)us / 1000000,
	    text)));
}

static struct json_object *
counts(const struct top_change *c, bool rates)
{
	const struct { const char *name; const struct top_count *count; }
	    rows[] = {
		{ "requests", &c->requests }, { "grants", &c->grants },
		{ "verifications", &c->verified },
		{ "refusals", &c->refusals }, { "errors", &c->errors },
	};
	struct json_object *o = checked(json_object_new_object());
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rates)
			set_rate(o, rows[i].name, c, rows[i].count->rate);
		else
			set_count(o, rows[i].name, rows[i].count->total);
	}
	return (o);
}

static void
add(struct json_object *list, struct json_object *one)
{

	if (json_object_array_add(list, one) != 0)
		log_die("out_of_memory", "top");
}

static struct json_object *
endpoints(const struct top_change *c)
{
	struct json_object *list = checked(json_object_new_array()), *o;
	static const char *const classes[] = { NULL, NULL, "2xx", "3xx", "4xx",
	    "5xx" };
	const struct top_endpoint *e;
	size_t i, k;

	for (i = 0; i < c->endpoints; i++) {
		e = &c->endpoint[i];
		o = checked(json_object_new_object());
		set_text(o, "endpoint", e->name);
		set_count(o, "requests", e->requests.total);
		set_rate(o, "rate", c, e->requests.rate);
		for (k = 2; k <= 5; k++)
			set_count(o, classes[k], e->status[k]);
		set_time(o, "mean_seconds", e->mean_us);
		set_time(o, "p95_seconds", e->most_us);
		set_number(o, "processes", e->confined + e->open);
		set_number(o, "without_sandbox", e->open);
		add(list, o);
	}
	return (list);
}

static struct json_object *
refusals(const struct top_change *c)
{
	struct json_object *list = checked(json_object_new_array()), *o;
	size_t i;

	for (i = 0; i < c->codes; i++) {
		o = checked(json_object_new_object());
		set_text(o, "code", c->code[i].code);
		set_number(o, "status", c->code[i].status);
		set_count(o, "total", c->code[i].count.total);
		set_rate(o, "rate", c, c->code[i].count.rate);
		add(list, o);
	}
	return (list);
}

static struct json_object *
keys(const struct top_facts *f)
{
	struct json_object *list = checked(json_object_new_array()), *o;
	size_t i;

	for (i = 0; i < f->keys; i++) {
		o = checked(json_object_new_object());
		set_text(o, "counter", f->key[i].name);
		set_number(o, "used", f->key[i].used);
		if (f->key[i].limit > 0)
			set_number(o, "limit", f->key[i].limit);
		else
			set(o, "limit", NULL);
		add(list, o);
	}
	return (list);
}

static void
set_facts(struct json_object *o, const struct top_facts *f)
{
	struct json_object *one = NULL;

	if (f->has_snapshot) {
		one = checked(json_object_new_object());
		set_count(one, "block", f->block);
		set_number(one, "age_seconds", f->snapshot_age_s);
		set_number(one, "limit_seconds", f->snapshot_limit_s);
		set_number(one, "hotkeys", f->hotkeys);
	}
	set(o, "snapshot", one);
	one = NULL;
	if (f->has_index) {
		one = checked(json_object_new_object());
		set_number(one, "age_seconds", f->index_age_s);
	}
	set(o, "index", one);
	one = checked(json_object_new_object());
	set_text(one, "in", f->ledger);
	set(one, "up", checked(json_object_new_boolean(f->ledger_up)));
	set(o, "ledger", one);
}

static void
set_counted(struct json_object *o, const struct top_sample *s,
    const struct top_change *c, const struct top_facts *f)
{
	struct json_object *one;

	set_text(o, "no_counts", s->missing);
	if (s->born_s > 0)
		set_number(o, "since", s->born_s);
	else
		set(o, "since", NULL);
	set_rate(o, "interval_seconds", c, c->seconds);
	set(o, "totals", s->missing != NULL ? NULL : counts(c, false));
	set(o, "rates", c->has_rates ? counts(c, true) : NULL);
	set(o, "endpoints", endpoints(c));
	set(o, "refused", refusals(c));
	one = checked(json_object_new_object());
	set_count(one, "hotkey_refusals", s->hotkey_refusals);
	set_count(one, "address_refusals", s->address_refusals);
	set_count(one, "hotkey_addresses", s->hotkey_addresses);
	set_text(one, "most_refused_hotkey", f->refused[0] != '\0' ?
	    f->refused : NULL);
	set_text(one, "most_addresses_hotkey", f->spread[0] != '\0' ?
	    f->spread : NULL);
	set(o, "this_hour", one);
}

void
top_json_print(const struct top_sample *s, const struct top_change *c,
    const struct top_facts *f)
{
	struct json_object *o = checked(json_object_new_object());

	set_text(o, "version", build_version);
	set_number(o, "time", f->now_s);
	set_facts(o, f);
	set_counted(o, s, c, f);
	set(o, "busiest", keys(f));
	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
