/* foldergate sign: what a request needs to be believed. */

#include <sys/random.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims.h"
#include "auth/layout.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "command.h"
#include "crypto/hmac.h"
#include "wallet.h"

/* What the command line may say; not every kind takes all of it. */
struct args {
	const char *kind, *tao;		/* one of them */
	const char *hotkey, *coldkey, *source, *timestamp, *expiry;
	int64_t timestamp_s, expiry_s;
};

static int
complain(const char *what)
{

	fprintf(stderr, "foldergate: %s\n", what);
	return (COMMAND_USAGE);
}

static bool
parse_time(const char *text, int64_t *out)
{

	return (text == NULL || num_parse(text, strlen(text), 0,
	    TIMEFMT_S_MAX, out) == ERR_OK);
}

static int
sign_miner(const struct args *a, const struct wallet *w)
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	char hex[2 * sizeof(sig) + 1];
	struct ss58 coldkey, hotkey;
	struct claims claims;

	if (a->coldkey == NULL || ss58_decode(a->coldkey, strlen(a->coldkey),
	    coldkey.key) != ERR_OK)
		return (complain("--coldkey wants an SS58 address; what was "
		    "given is none, or mistyped"));
	if (a->source != NULL && (a->source[0] == '\0' ||
	    strlen(a->source) > LAYOUT_SOURCE_MAX ||
	    strspn(a->source, "abcdefghijklmnopqrstuvwxyz0123456789_-") !=
	    strlen(a->source)))
		return (complain("--source wants 1 to 32 of a-z, 0-9, _, -"));
	ss58_encode(coldkey.key, coldkey.text);
	memcpy(hotkey.key, w->public, sizeof(hotkey.key));
	memcpy(hotkey.text, w->ss58, sizeof(hotkey.text));

	if (a->source != NULL)
		claims_source_folder(&claims, &coldkey, a->source,
		    a->timestamp_s);
	else
		claims_hotkey_folder(&claims, &coldkey, &hotkey,
		    a->timestamp_s);
	if (wallet_sign(w, claims.words, claims.len, sig) != ERR_OK)
		return (COMMAND_FAILED);
	hex_encode(hex, sig, sizeof(sig));

	/* Addresses, names and digits: nothing here needs escaping. */
	printf("{\"coldkey\":\"%s\",\"hotkey\":\"%s\"", coldkey.text,
	    hotkey.text);
	if (a->source != NULL)
		printf(",\"source\":\"%s\"", a->source);
	printf(",\"timestamp\":%" PRId64, a->timestamp_s);
	if (a->expiry != NULL)
		printf(",\"expiry\":%" PRId64, a->expiry_s);
	printf(",\"signature\":\"%s\"}\n", hex);
	return (COMMAND_OK);
}

/* A random UUID, RFC 4122 section 4.4. */
static bool
make_uuid(char out[37])
{
	uint8_t r[16];
	char hex[33];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return (false);
	r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
	r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
	hex_encode(hex, r, sizeof(r));
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
	return (true);
}

/* X-Tao version 2: sha256hex(body) "." nonce "." milliseconds, signed. */
static int
sign_tao(const struct args *a, const struct wallet *w)
{
	char digest[2 * HMAC_LEN + 1], nonce[37], text[160];
	char b64[BASE64_LEN(SR25519_SIGNATURE_LEN) + 1];
	uint8_t hash[HMAC_LEN], sig[SR25519_SIGNATURE_LEN];
	int64_t ms = a->timestamp != NULL ? a->timestamp_s * 1000 :
	    clock_now_ms();
	struct hmac *h;
	char *body;
	size_t len;
	int n;

	if ((body = command_read_file(a->tao, 1 << 20, &len)) == NULL)
		return (COMMAND_FAILED);
	h = hmac_new();
	hmac_hash(h, body, len, hash);
	hmac_free(h);
	free(body);
	hex_encode(digest, hash, sizeof(hash));
	if (!make_uuid(nonce))
		return (COMMAND_FAILED);
	n = snprintf(text, sizeof(text), "%s.%s.%" PRId64, digest, nonce, ms);
	if (wallet_sign(w, text, (size_t)n, sig) != ERR_OK)
		return (COMMAND_FAILED);
	base64_encode(b64, sig, sizeof(sig));
	printf("header = \"Content-Type: application/json\"\n"
	    "header = \"X-Tao-Version: 2\"\n"
	    "header = \"X-Tao-Timestamp: %" PRId64 "\"\n"
	    "header = \"X-Tao-Nonce: %s\"\n"
	    "header = \"X-Tao-Signed-By: %s\"\n"
	    "header = \"X-Tao-Signature: %s\"\n", ms, nonce, w->ss58, b64);
	return (COMMAND_OK);
}

int
command_sign(int argc, char **argv)
{
	struct args a = { 0 };
	const struct option_spec options[] = {
		{ "tao", &a.tao, NULL },
		{ "hotkey", &a.hotkey, NULL },
		{ "coldkey", &a.coldkey, NULL },
		{ "source", &a.source, NULL },
		{ "timestamp", &a.timestamp, NULL },
		{ "expiry", &a.expiry, NULL },
		{ NULL, NULL, NULL }
	};
	struct wallet w;
	int status;

	if (command_options(argc, argv, options, &a.kind, 1) < 0)
		return (COMMAND_USAGE);
	if ((a.kind == NULL) == (a.tao == NULL) ||
	    (a.kind != NULL && strcmp(a.kind, "miner") != 0))
		return (complain("sign wants a kind (miner) or --tao BODY"));
	if (a.tao != NULL && (a.coldkey != NULL || a.source != NULL ||
	    a.expiry != NULL))
		return (complain("--tao signs the body as it is"));
	if (a.hotkey == NULL)
		return (complain("--hotkey wants the hotkey's file, "
		    "~/.bittensor/wallets/WALLET/hotkeys/HOTKEY"));
	if (!parse_time(a.timestamp, &a.timestamp_s) ||
	    !parse_time(a.expiry, &a.expiry_s))
		return (complain("--timestamp and --expiry want Unix times, "
		    "in seconds"));
	if (a.timestamp == NULL)
		a.timestamp_s = clock_now_ms() / 1000;
	if (a.expiry_s != 0 && a.expiry_s <= a.timestamp_s)
		return (complain("--expiry is a point in time, in Unix "
		    "seconds, and that one is past"));
	if (wallet_load(a.hotkey, &w) != ERR_OK)
		return (COMMAND_FAILED);
	status = a.tao != NULL ? sign_tao(&a, &w) : sign_miner(&a, &w);
	wallet_free(&w);
	return (status);
}
