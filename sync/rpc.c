#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/hex.h"
#include "base/log.h"
#include "rpc.h"
#include "scale.h"

/* Error numbers by which nodes and their gateways refuse, and their meaning
   for readers of the log.  Source: jsonrpsee, Substrate, measured. */
static const struct {
	int number;
	bool limited;
	const char *meaning;
} errors[] = {
	{ -32601, false, ", unknown method: is this a subtensor node?" },
	{ -32007, false, ", request too large for the node" },
	{ -32008, false, ", answer too large for the node" },
	{ -32004, true, ", rate limited" },
	{ -32005, true, ", rate limited" },
	{ -32999, true, ", rate limited" },
	{ 4003, false, ", the node no longer has this block's state" }
};

static enum err
refuse(struct rpc_fault *f, const char *reason)
{

	snprintf(f->reason, sizeof(f->reason), "%s", reason);
	return (ERR_FORMAT);
}

/* Only the number of an error is used, since its other content is a peer's
   words. */
static enum err
refuse_error(struct rpc_fault *f, struct json_object *error)
{
	const char *text = json_object_to_json_string(error), *meaning = "";
	struct json_object *code;
	char number[20] = "without a number";
	size_t i;
	int n = 0;

	if (json_object_object_get_ex(error, "code", &code) &&
	    json_object_is_type(code, json_type_int)) {
		n = json_object_get_int(code);
		snprintf(number, sizeof(number), "%d", n);
	}
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (n == errors[i].number) {
			meaning = errors[i].meaning;
			f->limited = errors[i].limited;
		}
	}

	/* The text of a node whose runtime has no such function. */
	if (strstr(text, "Function to start was not found") != NULL ||
	    strstr(text, "Exported method") != NULL)
		meaning = ", the node's runtime lacks the call " SCALE_CALL;
	snprintf(f->reason, sizeof(f->reason), "JSON-RPC error %s%s", number,
	    meaning);
	return (ERR_FORMAT);
}

/* The most values in an answer.  A parsed value takes a hundred times the
   room of its text, so millions of them are an attack. */
#define VALUES_MAX 4096

static bool
few_values(const char *text, size_t len)
{
	size_t i, n = 0;

	/* Bytes in strings count as well.  The one long string is
	   hexadecimal. */
	for (i = 0; i < len; i++)
		n += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return (n <= VALUES_MAX);
}

/* Take the result out of an answer.  JSON's null is returned as NULL. */
static enum err
result_of(struct json_object *answer, struct json_object **out,
    struct rpc_fault *f)
{
	struct json_object *error, *id;

	if (!json_object_is_type(answer, json_type_object))
		return (refuse(f, "not a JSON-RPC answer"));
	if (json_object_object_get_ex(answer, "error", &error) &&
	    error != NULL)
		return (refuse_error(f, error));
	if (!json_object_object_get_ex(answer, "id", &id) ||
	    !json_object_is_type(id, json_type_int) ||
	    json_object_get_int(id) != 1 ||
	    !json_object_object_get_ex(answer, "result", out))
		return (refuse(f, "not a JSON-RPC answer"));
	*out = json_object_get(*out);
	return (ERR_OK);
}

/* Return the result in ${a}.  The caller puts it. */
static enum err
result(const struct rpc_answer *a, struct json_object **out,
    struct rpc_fault *f)
{
	struct json_tokener *tok;
	struct json_object *v;
	enum err e;

	f->limited = false;
	if (a->len > INT32_MAX || !few_values(a->text, a->len))
		return (refuse(f, "not a JSON-RPC answer"));
	if ((tok = json_tokener_new_ex(16)) == NULL)
		log_die("out_of_memory", "json");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	v = json_tokener_parse_ex(tok, a->text, (int)a->len);
	json_tokener_free(tok);
	e = result_of(v, out, f);
	json_object_put(v);
	return (e);
}

/* Return the bytes of a result "0x...", which the caller frees, or NULL. */
static uint8_t *
hex_bytes(struct json_object *v, size_t *len)
{
	const char *s;
	uint8_t *p;
	size_t n;

	if (!json_object_is_type(v, json_type_string))
		return (NULL);
	s = json_object_get_string(v);
	n = (size_t)json_object_get_string_len(v);
	if (n < 2 || memcmp(s, "0x", 2) != 0)
		return (NULL);
	*len = (n - 2) / 2;
	if ((p = malloc(*len + 1)) == NULL)
		log_die("out_of_memory", "rpc");
	if (hex_decode(p, *len, s + 2, n - 2) != ERR_OK) {
		free(p);
		return (NULL);
	}
	return (p);
}

void
rpc_quote(const uint8_t hash[RPC_HASH_LEN], char out[RPC_HASH_TEXT_LEN + 1])
{

	memcpy(out, "\"0x", 3);
	hex_encode(out + 3, hash, RPC_HASH_LEN);
	memcpy(out + RPC_HASH_TEXT_LEN - 1, "\"", 2);
}

void
rpc_call_params(uint16_t netuid, bool total, const char *at, struct buf *b)
{
	char argument[SCALE_ARGUMENT_MAX + 1];

	scale_argument(netuid, total, argument);
	buf_fmt(b, "\"" SCALE_CALL "\",\"%s\",%s", argument, at);
}

enum err
rpc_hash(const struct rpc_answer *a, uint8_t hash[RPC_HASH_LEN],
    struct rpc_fault *f)
{
	struct json_object *v;
	uint8_t *p;
	size_t len = 0;
	enum err e;

	if ((e = result(a, &v, f)) != ERR_OK)
		return (e);
	p = hex_bytes(v, &len);
	json_object_put(v);
	if (p == NULL || len != RPC_HASH_LEN)
		e = refuse(f, "no block hash");
	else
		memcpy(hash, p, RPC_HASH_LEN);
	free(p);
	return (e);
}

/* "0x" and up to 16 digits. */
static bool
hex_number(struct json_object *v, uint64_t *out)
{
	const char *s;
	int d;

	if (!json_object_is_type(v, json_type_string))
		return (false);
	s = json_object_get_string(v);
	if (strncmp(s, "0x", 2) != 0 || s[2] == '\0' || strlen(s) > 18)
		return (false);
	for (*out = 0, s += 2; *s != '\0'; s++) {
		if ((d = hex_digit(*s)) < 0)
			return (false);
		*out = *out << 4 | (uint64_t)d;
	}
	return (true);
}

enum err
rpc_height(const struct rpc_answer *a, uint64_t *height, struct rpc_fault *f)
{
	struct json_object *v, *number;
	enum err e;

	if ((e = result(a, &v, f)) != ERR_OK)
		return (e);
	if (!json_object_is_type(v, json_type_object) ||
	    !json_object_object_get_ex(v, "number", &number) ||
	    !hex_number(number, height))
		e = refuse(f, "no header of a block");
	json_object_put(v);
	return (e);
}

enum err
rpc_spec_version(const struct rpc_answer *a, uint32_t *spec,
    struct rpc_fault *f)
{
	struct json_object *v, *version;
	int64_t n = -1;
	enum err e;

	if ((e = result(a, &v, f)) != ERR_OK)
		return (e);
	if (json_object_is_type(v, json_type_object) &&
	    json_object_object_get_ex(v, "specVersion", &version) &&
	    json_object_is_type(version, json_type_int))
		n = json_object_get_int64(version);
	json_object_put(v);
	if (n < 0 || n > UINT32_MAX)
		return (refuse(f, "no runtime version"));
	*spec = (uint32_t)n;
	return (ERR_OK);
}

/* The year 9999. */
#define TIME_MS_MAX UINT64_C(253402300799999)

enum err
rpc_time(const struct rpc_answer *a, int64_t *ms, struct rpc_fault *f)
{
	struct json_object *v;
	uint64_t n = 0;
	uint8_t *p;
	size_t len = 0;
	enum err e;

	if ((e = result(a, &v, f)) != ERR_OK)
		return (e);
	if (v == NULL) {
		*ms = -1;
		return (ERR_OK);
	}
	p = hex_bytes(v, &len);
	json_object_put(v);
	if (p == NULL || len != sizeof(n)) {
		free(p);
		return (refuse(f, "no time of a block"));
	}
	while (len > 0)
		n = n << 8 | p[--len];
	free(p);
	if (n > TIME_MS_MAX)
		return (refuse(f, "no time of a block"));
	*ms = (int64_t)n;
	return (ERR_OK);
}

enum err
rpc_metagraph(const struct rpc_answer *a, uint16_t netuid, bool total,
    uint64_t *block, struct metagraph_neuron **neurons, uint32_t *n,
    struct rpc_fault *f)
{
	struct json_object *v;
	const char *reason;
	uint8_t *data;
	size_t len = 0;
	enum err e;

	if ((e = result(a, &v, f)) != ERR_OK)
		return (e);
	data = hex_bytes(v, &len);
	json_object_put(v);
	if (data == NULL)
		return (refuse(f, "no metagraph"));
	e = scale_metagraph(data, len, netuid, total, block, neurons, n,
	    &reason);
	free(data);
	if (e != ERR_OK)
		(void)refuse(f, reason);
	return (e);
}
