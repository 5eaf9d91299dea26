/* Prints the API as one OpenAPI 3.1 document: what all endpoints share, from the
   tables, and the path items of scripts/describe.c, which are on standard
   input. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/btauth.h"
#include "auth/signed_text.h"
#include "auth/tao.h"
#include "base/build.h"
#include "base/buf.h"
#include "examples.h"
#include "json.h"
#include "server_errors.h"
#include "web/endpoint.h"
#include "web/refusals.h"

/* How to prove a request, for people.  Numbers and texts are the program's. */
static void
description(void)
{
	char text[16384];
	struct buf b;
	int kind;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "A miner or a validator of a Bittensor subnet proves its "
	    "hotkey and receives narrow access to one S3 bucket for a limited "
	    "time. Requests and answers are JSON. Unknown fields of a request "
	    "are ignored. A refusal has `detail`, a text for people, and "
	    "`code`. Act on `code`.\n"
	    "\n## Proof by a signed text in the body\n\n"
	    "The body has `hotkey`, `timestamp` (Unix time in seconds) and "
	    "`signature`. The signature is of one of these texts, in UTF-8. "
	    "Each `{part}` is replaced by the field of that name:\n\n");
	for (kind = 0; kind < SIGNED_TEXT_KINDS; kind++)
		buf_fmt(&b, "- `%s`\n",
		    signed_text_form((enum signed_text_kind)kind));
	buf_fmt(&b, "\nEach operation names its text. Where a request names a "
	    "miner by `miner_coldkey`, that address takes the place of "
	    "`{miner_hotkey}`. Sign with sr25519 (Schnorr signatures over "
	    "ristretto255, as schnorrkel makes them) in the signing context "
	    "`substrate`. Write the 64 bytes as 128 hexadecimal digits. "
	    "`<Bytes>` before and `</Bytes>` after the text, as wallets in a "
	    "browser sign, are accepted, too. The timestamp may be %d seconds "
	    "old and %d seconds ahead. Each signature is accepted once.\n",
	    AUTH_PAST_S, AUTH_FUTURE_S);
	buf_fmt(&b, "\n## Proof by X-Tao headers, version 2\n\n"
	    "Five headers, all required. The signature is of "
	    "`hash.nonce.timestamp`: the SHA-256 of the body as it is sent, in "
	    "lower-case hex, a point, the value of X-Tao-Nonce, a point, the "
	    "value of X-Tao-Timestamp. Sign that text with sr25519 in the "
	    "context `substrate`. The timestamp may be %d seconds old and %d "
	    "seconds ahead. The body then needs no `hotkey`, "
	    "`coldkey`, `timestamp` or `signature`. If it has `hotkey` or "
	    "`coldkey`, they must be the signer's.\n\n"
	    "Example: the miner %s sends to /get-file-upload-url the body "
	    "`%s`. The examples of the headers are those of this request.\n",
	    TAO_PAST_MS / 1000, TAO_FUTURE_MS / 1000, ALICE, UPLOAD_BODY);
	buf_fmt(&b, "\n## Proof by X-Bittensor headers, btauth/1\n\n"
	    "The signature is of these lines, joined by line feeds, without "
	    "one at the end: `btauth/1`; `sr25519` or `ed25519`; the method in "
	    "upper case; the target, which is path and query as they are sent "
	    "(at most %d bytes of printable ASCII); the SHA-256 of the body in "
	    "lower-case hex; the values of X-Bittensor-Nonce, "
	    "X-Bittensor-Hotkey and X-Bittensor-Receiver. sr25519 signs in the "
	    "context `substrate`. The nonce may be %lld seconds old and %lld "
	    "seconds ahead. A proxy must not change the target. The body then "
	    "needs no `hotkey`, `coldkey`, `timestamp` or `signature`.\n\n"
	    "Example: the same request. The text is `btauth/1`, `sr25519`, "
	    "`POST`, `/get-file-upload-url`, the hash of the body, `%s`, `%s`, "
	    "`%s`, each on its line.\n"
	    "\nA request with headers of both kinds is refused. A header that "
	    "is sent twice is refused.\n", BTAUTH_TARGET_MAX,
	    (long long)BTAUTH_PAST_NS / 1000000000,
	    (long long)BTAUTH_FUTURE_NS / 1000000000,
	    BTAUTH_NONCE_TEXT, ALICE, DAVE);
	if (buf_end(&b) != ERR_OK)
		abort();
	json_text("description", "%s", text);
}

static void
tag(const char *name, const char *about)
{

	json_open(NULL, '{');
	json_text("name", "%s", name);
	json_text("description", "%s", about);
	json_close();
}

static void
head(void)
{

	json_text("openapi", "3.1.0");
	json_open("info", '{');
	json_text("title", "foldergate");
	json_text("version", "%s", build_version);
	json_text("summary", "Narrow, short access to one S3 bucket for the "
	    "hotkeys of a Bittensor subnet");
	description();
	json_open("license", '{');
	json_text("name", "MIT License");
	json_text("identifier", "MIT");
	json_close();
	json_close();
	json_open("servers", '[');
	json_open(NULL, '{');
	/* A reference from the document's own URL, also below a folder. */
	json_text("url", ".");
	json_text("description", "Where this document is");
	json_close();
	json_close();
	json_open("tags", '[');
	tag("miner", "Uploads, for a hotkey that is registered on the subnet");
	tag("validator", "Listings and downloads, for a registered hotkey "
	    "with a validator permit and enough stake");
	tag("operator", "What only those who run the service may see");
	tag("anybody", "The state of the service, and how to use it");
	json_close();
}

/* --- components ------------------------------------------------------------ */

static void
scheme(const char *name, const char *about)
{

	json_open(name, '{');
	json_text("type", "apiKey");
	json_text("in", "header");
	json_text("name", "%s", name);
	json_text("description", "%s", about);
	json_close();
}

static void
schemes(void)
{
	static const char *const tao[TAO_HEADERS] = {
		[TAO_VERSION] = "`2`",
		[TAO_TIMESTAMP] = "Unix time in milliseconds, in decimal. "
		    "Example: `" WHEN_MS "`",
		[TAO_NONCE] = "A UUID that is new for each request. Example: `"
		    NONCE "`",
		[TAO_SIGNED_BY] = "The SS58 address of the hotkey that signs. "
		    "Example: `" ALICE "`",
		[TAO_SIGNATURE] = "The 64 bytes of the signature in base64. "
		    "Example: `" TAO_SIGNATURE_TEXT "`"
	};
	static const char *const btauth[BTAUTH_HEADERS] = {
		[BTAUTH_VERSION] = "`1`",
		[BTAUTH_HOTKEY] = "The SS58 address of the hotkey that signs. "
		    "Example: `" ALICE "`",
		[BTAUTH_RECEIVER] = "The SS58 address of the service's own "
		    "hotkey, which its operator publishes. Example: `" DAVE "`",
		[BTAUTH_NONCE] = "Unix time in nanoseconds, in decimal "
		    "without leading zeros. Example: `" BTAUTH_NONCE_TEXT "`",
		[BTAUTH_SIGNATURE] = "The 64 bytes of the signature as 128 "
		    "hexadecimal digits, after `0x` or without it. Example: `"
		    BTAUTH_SIGNATURE_TEXT "`"
	};
	size_t i;

	json_open("securitySchemes", '{');
	for (i = 0; i < TAO_HEADERS; i++)
		scheme(tao_name((enum tao_header)i), tao[i]);
	for (i = 0; i < BTAUTH_HEADERS; i++) {
		if (i != BTAUTH_CRYPTO)
			scheme(btauth_name((enum btauth_header)i), btauth[i]);
	}
	json_open("bearer", '{');
	json_text("type", "http");
	json_text("scheme", "bearer");
	json_text("description", "The operator's token");
	json_close();
	json_close();
}

static void
parameter(const char *name, const char *about, const char *schema)
{

	json_open(name, '{');
	json_text("name", "%s", name);
	json_text("in", "header");
	json_text("description", "%s", about);
	json_raw("schema", schema);
	json_close();
}

/* The headers of a request that may be absent, so they are no schemes. */
static void
parameters(void)
{

	json_open("parameters", '{');
	parameter("X-Request-ID", "A name for the request, for the server's "
	    "logs. The answer has the same one if it is 1 to 64 letters, "
	    "digits, dots, underscores and dashes.",
	    "{\"type\": \"string\"}");
	parameter(btauth_name(BTAUTH_CRYPTO), "The kind of key, with the other "
	    "X-Bittensor headers.", "{\"type\": \"string\", "
	    "\"enum\": [\"sr25519\", \"ed25519\"], "
	    "\"default\": \"sr25519\"}");
	json_close();
}

static void
header(const char *name, const char *about, const char *schema)
{

	json_open(name, '{');
	json_text("description", "%s", about);
	json_raw("schema", schema);
	json_close();
}

static void
headers(void)
{
	static const char number[] = "{\"type\": \"integer\", \"minimum\": 0}";

	json_open("headers", '{');
	header("X-Request-ID", "Names the request in the logs of the server",
	    "{\"type\": \"string\"}");
	header("RateLimit-Limit", "Requests a day, on a request that was "
	    "counted or refused by a limit", number);
	header("RateLimit-Remaining", "Requests that are left", number);
	header("RateLimit-Reset", "Seconds until the count starts again",
	    number);
	header("Retry-After", "Seconds until another try makes sense", number);
	header("Allow", "The method that the URL answers",
	    "{\"type\": \"string\"}");
	json_close();
}

/* The texts of ${code}, each once. */
static void
texts(const char *code)
{
	const struct server_error *server;
	const char *detail, *seen[16];
	size_t n = 0, i;
	int e, status;

	json_open("enum", '[');
	for (e = ERR_OK + 1; e < ERR_COUNT + 600; e++) {
		status = e - ERR_COUNT;
		if (e < ERR_COUNT && strcmp(err_code((enum err)e), code) == 0)
			detail = err_detail((enum err)e);
		else if (status >= 400 && (server = server_error(status)) !=
		    NULL && strcmp(server->code, code) == 0)
			detail = server->detail;
		else
			continue;
		for (i = 0; i < n && strcmp(seen[i], detail) != 0; i++)
			continue;
		if (i < n)
			continue;
		if (n == 16 || (seen[n++] = strdup(detail)) == NULL)
			abort();
		json_text(NULL, "%s", detail);
	}
	json_close();
	while (n > 0)
		free((void *)(uintptr_t)seen[--n]);
}

/* The list of a 422.  See answer_refuse(). */
static void
fields_detail(void)
{

	json_text("type", "array");
	json_text("description", "What is wrong, field by field.");
	json_int("minItems", 1);
	json_raw("items", "{\"type\": \"object\", "
	    "\"required\": [\"loc\", \"msg\", \"type\"], \"properties\": {"
	    "\"loc\": {\"type\": \"array\", \"description\": \"`body` or "
	    "`header`, and the field, if one is wrong.\", \"minItems\": 1, "
	    "\"maxItems\": 2, \"items\": {\"type\": \"string\"}}, "
	    "\"msg\": {\"type\": \"string\", \"description\": \"A text for "
	    "people.\"}, "
	    "\"type\": {\"type\": \"string\", \"description\": \"The kind of "
	    "fault.\"}}}");
}

static void
detail(const char *code)
{

	json_open("detail", '{');
	if (strcmp(code, err_code(ERR_SCHEMA)) == 0) {
		fields_detail();
	} else {
		json_text("type", "string");
		if (strcmp(code, err_code(ERR_LIMIT)) == 0)
			json_text("pattern",
			    "^Daily limit (of [0-9]+ )?exceeded\\.$");
		else
			texts(code);
	}
	json_close();
}

static void
refusal(const char *code)
{
	const bool reasons = strcmp(code, err_code(ERR_NOT_READY)) == 0;

	json_open(code, '{');
	json_text("type", "object");
	json_open("required", '[');
	json_text(NULL, "detail");
	json_text(NULL, "code");
	if (reasons)
		json_text(NULL, "reasons");
	json_close();
	json_open("properties", '{');
	detail(code);
	json_open("code", '{');
	json_text("type", "string");
	json_text("const", "%s", code);
	json_close();
	if (reasons)
		json_raw("reasons", "{\"type\": \"array\", \"description\": "
		    "\"Codes of what is wrong.\", \"minItems\": 1, "
		    "\"items\": {\"type\": \"string\"}}");
	json_close();
	json_close();
}

static bool
is_error_code(const char *code, int before)
{
	int e;

	for (e = ERR_OK + 1; e < before; e++) {
		if (strcmp(err_code((enum err)e), code) == 0)
			return (true);
	}
	return (false);
}

static void
schemas(void)
{
	const struct server_error *server;
	struct server_error copy;
	int e, status;

	json_open("schemas", '{');
	for (e = ERR_OK + 1; e < ERR_COUNT; e++) {
		if (!is_error_code(err_code((enum err)e), e))
			refusal(err_code((enum err)e));
	}
	for (status = 400; status < 600; status++) {
		if ((server = server_error(status)) == NULL ||
		    is_error_code(server->code, ERR_COUNT))
			continue;
		copy = *server;
		refusal(copy.code);
	}
	json_close();
}

static void
example(int e)
{
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%s", err_name((enum err)e));
	for (i = 0; name[i] != '\0'; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	json_open(name, '{');
	json_text("summary", "%s", err_code((enum err)e));
	json_open("value", '{');
	if (e == ERR_SCHEMA)
		json_raw("detail", "[{\"loc\": [\"body\", \"hotkey\"], "
		    "\"msg\": \"Field required\", \"type\": \"missing\"}]");
	else
		json_text("detail", "%s", err_detail((enum err)e));
	json_text("code", "%s", err_code((enum err)e));
	if (e == ERR_NOT_READY)
		json_raw("reasons", "[\"no_identity\"]");
	json_close();
	json_close();
}

/* Those after INTERNAL never leave a program under a name of their own. */
static void
examples(void)
{
	int e;

	json_open("examples", '{');
	for (e = ERR_OK + 1; e <= ERR_INTERNAL; e++)
		example(e);
	json_close();
}

/* Does every program answer this status itself?  Then the endpoints' own
   responses have the web server's code beside the program's. */
static bool
is_programs(int status)
{
	static const struct endpoint any;
	bool can[ERR_COUNT];
	int e;

	refusals_of(&any, can);
	for (e = 0; e < ERR_COUNT; e++) {
		if (can[e] && err_status((enum err)e) == status)
			return (true);
	}
	return (false);
}

/* What a web server answers before a program is reached, or in its place. */
static void
responses(void)
{
	const struct server_error *server;
	char name[16];
	int status;

	json_open("responses", '{');
	for (status = 400; status < 600; status++) {
		if ((server = server_error(status)) == NULL ||
		    is_programs(status))
			continue;
		snprintf(name, sizeof(name), "%d", status);
		json_open(name, '{');
		json_text("description", "%s. The web server answers this "
		    "itself.", server->detail);
		json_open("content", '{');
		json_open("application/json", '{');
		json_ref("schema", "schemas", server->code);
		json_open("example", '{');
		json_text("detail", "%s", server->detail);
		json_text("code", "%s", server->code);
		json_close();
		json_close();
		json_close();
		json_close();
	}
	json_close();
}

int
main(void)
{

	json_begin(0);
	json_open(NULL, '{');
	head();
	json_open("paths", '{');
	json_paste(stdin);
	json_close();
	json_open("components", '{');
	schemas();
	responses();
	examples();
	headers();
	parameters();
	schemes();
	json_close();
	json_close();
	putchar('\n');
	return (fflush(stdout) == 0 && !ferror(stdin) ? 0 : 1);
}
