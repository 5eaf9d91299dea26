#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/log.h"
#include "rpc.h"
#include "scale.h"

/* A quoted hash. */
#define HASH_TEXT_LEN (2 + 2 * RPC_HASH_LEN)

/* What a node says when its runtime has no such function. */
static const char *
reason_of_error(struct json_object *error)
{
	const char *text = json_object_to_json_string(error);

	if (strstr(text, "Function to start was not found") != NULL ||
	    strstr(text, "Exported method") != NULL)
		return ("the node's runtime lacks the call " SCALE_CALL);
	return ("the node answers with a JSON-RPC error");
}

/* Take the result out of an answer; it may be JSON's null, that is NULL. */
static enum err
result_of(struct rpc *r, struct json_object *answer, struct json_object **out)
{
	struct json_object *error, *id;

	r->reason = "not a JSON-RPC answer";
	if (!json_object_is_type(answer, json_type_object) ||
	    !json_object_object_get_ex(answer, "id", &id) ||
	    !json_object_is_type(id, json_type_int) ||
	    json_object_get_int(id) != 1)
		return (ERR_FORMAT);
	if (json_object_object_get_ex(answer, "error", &error) &&
	    error != NULL) {
		r->reason = reason_of_error(error);
		return (ERR_FORMAT);
	}
	if (!json_object_object_get_ex(answer, "result", out))
		return (ERR_FORMAT);
	*out = json_object_get(*out);
	return (ERR_OK);
}

/* What an answer may hold at most: a parsed value takes a hundred times the
   room of its text, and who sends millions of them means harm. */
#define VALUES_MAX 4096

/* All calls but the one for the metagraph have short answers. */
#define SHORT_MAX 262144

static bool
few_values(const char *text, size_t len)
{
	size_t i, n = 0;

	/* Strings count as well: the one that is long is hexadecimal. */
	for (i = 0; i < len; i++)
		n += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return (n <= VALUES_MAX);
}

/* Call ${method} with ${params}, JSON without the brackets; the result is the
   caller's to put. */
static enum err
call(struct rpc *r, const char *method, const char *params,
    struct json_object **result)
{
	struct http_limits limits = r->limits;
	struct json_tokener *tok;
	struct json_object *v;
	const char *answer;
	char request[512];
	struct buf b;
	size_t len;
	enum err e;

	buf_init(&b, request, sizeof(request));
	buf_fmt(&b, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\","
	    "\"params\":[%s]}", method, params);
	if ((e = buf_end(&b)) != ERR_OK)
		return (e);
	if (strcmp(method, "state_call") != 0 && limits.max_bytes > SHORT_MAX)
		limits.max_bytes = SHORT_MAX;
	e = http_post_json(r->http, r->url, b.data, b.len, &limits, &answer,
	    &len);
	if (e != ERR_OK) {
		r->reason = http_reason(r->http);
		return (e);
	}
	if (!few_values(answer, len)) {
		r->reason = "not a JSON-RPC answer";
		return (ERR_FORMAT);
	}
	if ((tok = json_tokener_new_ex(16)) == NULL)
		log_die("out_of_memory", "json");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	v = len > INT32_MAX ? NULL :
	    json_tokener_parse_ex(tok, answer, (int)len);
	json_tokener_free(tok);
	e = result_of(r, v, result);
	json_object_put(v);
	return (e);
}

/* The bytes of a result that is "0x...", to be freed; NULL if it is not. */
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

static enum err
call_for_hash(struct rpc *r, const char *method, const char *params,
    uint8_t hash[RPC_HASH_LEN])
{
	struct json_object *v;
	uint8_t *p;
	size_t len = 0;
	enum err e;

	if ((e = call(r, method, params, &v)) != ERR_OK)
		return (e);
	p = hex_bytes(v, &len);
	json_object_put(v);
	if (p == NULL || len != RPC_HASH_LEN) {
		r->reason = "no block hash";
		e = ERR_FORMAT;
	} else {
		memcpy(hash, p, RPC_HASH_LEN);
	}
	free(p);
	return (e);
}

static void
quote(const uint8_t hash[RPC_HASH_LEN], char out[HASH_TEXT_LEN + 3])
{

	memcpy(out, "\"0x", 3);
	hex_encode(out + 3, hash, RPC_HASH_LEN);
	memcpy(out + 1 + HASH_TEXT_LEN, "\"", 2);
}

enum err
rpc_finalized_head(struct rpc *r, uint8_t hash[RPC_HASH_LEN])
{

	return (call_for_hash(r, "chain_getFinalizedHead", "", hash));
}

enum err
rpc_hash_at(struct rpc *r, uint64_t height, uint8_t hash[RPC_HASH_LEN])
{
	char params[24];
	struct buf b;

	buf_init(&b, params, sizeof(params));
	buf_fmt(&b, "%" PRIu64, height);
	return (call_for_hash(r, "chain_getBlockHash", params, hash));
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
rpc_height(struct rpc *r, const uint8_t hash[RPC_HASH_LEN], uint64_t *height)
{
	char params[HASH_TEXT_LEN + 3];
	struct json_object *v, *number;
	enum err e;

	quote(hash, params);
	if ((e = call(r, "chain_getHeader", params, &v)) != ERR_OK)
		return (e);
	if (!json_object_is_type(v, json_type_object) ||
	    !json_object_object_get_ex(v, "number", &number) ||
	    !hex_number(number, height)) {
		r->reason = "no header of a block";
		e = ERR_FORMAT;
	}
	json_object_put(v);
	return (e);
}

enum err
rpc_spec_version(struct rpc *r, const uint8_t hash[RPC_HASH_LEN],
    uint32_t *spec)
{
	char params[HASH_TEXT_LEN + 3];
	struct json_object *v, *version;
	int64_t n = -1;
	enum err e;

	quote(hash, params);
	if ((e = call(r, "state_getRuntimeVersion", params, &v)) != ERR_OK)
		return (e);
	if (json_object_is_type(v, json_type_object) &&
	    json_object_object_get_ex(v, "specVersion", &version) &&
	    json_object_is_type(version, json_type_int))
		n = json_object_get_int64(version);
	json_object_put(v);
	if (n < 0 || n > UINT32_MAX) {
		r->reason = "no runtime version";
		return (ERR_FORMAT);
	}
	*spec = (uint32_t)n;
	return (ERR_OK);
}

enum err
rpc_metagraph(struct rpc *r, const uint8_t hash[RPC_HASH_LEN], uint16_t netuid,
    uint64_t *block, struct metagraph_neuron **neurons, uint32_t *n)
{
	char argument[SCALE_ARGUMENT_LEN + 1], at[HASH_TEXT_LEN + 3];
	char params[256];
	struct json_object *v;
	struct buf b;
	uint8_t *data;
	size_t len = 0;
	enum err e;

	scale_argument(netuid, argument);
	quote(hash, at);
	buf_init(&b, params, sizeof(params));
	buf_fmt(&b, "\"" SCALE_CALL "\",\"%s\",%s", argument, at);
	if ((e = call(r, "state_call", params, &v)) != ERR_OK)
		return (e);
	data = hex_bytes(v, &len);
	json_object_put(v);
	if (data == NULL) {
		r->reason = "no metagraph";
		return (ERR_FORMAT);
	}
	e = scale_metagraph(data, len, netuid, block, neurons, n, &r->reason);
	free(data);
	return (e);
}
