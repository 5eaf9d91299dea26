/* foldergate sign: sign a request. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/signed_text.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/num.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "command.h"
#include "identity.h"
#include "proof.h"
#include "settings.h"
#include "sign_btauth.h"
#include "wallet.h"

/* All options of the command line.  Each kind takes some of them. */
#define OPERANDS_MAX 1001
#define KEY_MAX 1024		/* bytes of an object's key */
struct args {
	const char *operand[OPERANDS_MAX];	/* the kind, then keys */
	int n_operands;
	const char *tao, *btauth, *receiver, *method, *url;
	struct settings set;	/* --wallet and --wallet-path */
	struct identity own;	/* with --wallet */
	const char *hotkey, *password_file, *coldkey, *miner, *source, *token;
	const char *timestamp, *expiry, *hours;
	int64_t timestamp_s, expiry_s, hours_n;
};

static bool
parse_time(const char *text, int64_t *out)
{

	return (text == NULL || num_parse(text, strlen(text), 0,
	    TIMEFMT_S_MAX, out) == ERR_OK);
}

/* Print the common part of all bodies, after the kind's own part. */
static int
finish(const struct args *a, const struct wallet *w,
    const struct signed_text *c)
{
	uint8_t sig[SR25519_SIGNATURE_LEN];
	char hex[2 * sizeof(sig) + 1];

	if (wallet_sign(w, c->text, c->len, sig) != ERR_OK)
		return (COMMAND_FAILED);
	hex_encode(hex, sig, sizeof(sig));
	printf("\"hotkey\":\"%s\",\"timestamp\":%" PRId64, w->ss58,
	    a->timestamp_s);
	if (a->expiry != NULL)
		printf(",\"expiry\":%" PRId64, a->expiry_s);
	printf(",\"signature\":\"%s\"}\n", hex);
	return (COMMAND_OK);
}

static void
own_key(const struct wallet *w, struct ss58 *out)
{

	memcpy(out->key, w->public, sizeof(out->key));
	memcpy(out->text, w->ss58, sizeof(out->text));
}

static bool
address(const char *text, struct ss58 *out)
{

	if (text == NULL ||
	    ss58_decode(text, strlen(text), out->key) != ERR_OK)
		return (false);
	ss58_encode(out->key, out->text);
	return (true);
}

/* Why is that no address? */
static const char *
why_not(const char *text)
{

	return (text == NULL ? "is missing" : ss58_wrong(text, strlen(text)));
}

static int
sign_miner(const struct args *a, const struct wallet *w)
{
	struct ss58 coldkey, hotkey;
	struct signed_text signed_text;

	if (!address(a->coldkey, &coldkey))
		return (command_wrong("--coldkey needs an SS58 address; it %s",
		    why_not(a->coldkey)));
	own_key(w, &hotkey);
	signed_text_make(a->source != NULL ? SIGNED_TEXT_SOURCE_FOLDER :
	    SIGNED_TEXT_HOTKEY_FOLDER, &(struct signed_parts){
	    .coldkey = &coldkey, .hotkey = &hotkey, .source = a->source,
	    .timestamp = a->timestamp_s }, &signed_text);

	/* The text has only addresses, names and digits, so it needs no
	   escaping. */
	printf("{\"coldkey\":\"%s\",", coldkey.text);
	if (a->source != NULL)
		printf("\"source\":\"%s\",", a->source);
	return (finish(a, w, &signed_text));
}

static int
sign_validator(const struct args *a, const struct wallet *w)
{
	struct signed_text signed_text;

	signed_text_make(SIGNED_TEXT_EVERYTHING, &(struct signed_parts){
	    .timestamp = a->timestamp_s }, &signed_text);
	printf("{");
	return (finish(a, w, &signed_text));
}

static int
sign_folders(const struct args *a, const struct wallet *w)
{
	struct signed_text signed_text;
	struct ss58 hotkey;

	own_key(w, &hotkey);
	signed_text_make(SIGNED_TEXT_FOLDERS, &(struct signed_parts){
	    .hotkey = &hotkey, .timestamp = a->timestamp_s }, &signed_text);
	printf("{");
	return (finish(a, w, &signed_text));
}

static bool
is_foreign(const char *text)
{

	return (text != NULL && ss58_is_foreign(text, strlen(text)));
}

/* Print the miner that a validator asks about, as the beginning of a body. */
static bool
print_miner(const struct args *a, struct ss58 *key)
{
	bool by_coldkey = a->coldkey != NULL;

	if ((a->miner != NULL) == by_coldkey ||
	    !address(by_coldkey ? a->coldkey : a->miner, key)) {
		command_wrong("one of --miner and --coldkey needs the miner's "
		    "SS58 address%s", is_foreign(a->miner) ||
		    is_foreign(a->coldkey) ? "; this is an address of another "
		    "network" : "");
		return (false);
	}
	printf("{\"%s\":\"%s\",", by_coldkey ? "miner_coldkey" :
	    "miner_hotkey", key->text);
	if (a->source != NULL)
		printf("\"source\":\"%s\",", a->source);
	return (true);
}

static int
sign_list(const struct args *a, const struct wallet *w)
{
	char text[TEXT_ESCAPE_MAX * 2048 + 3];
	struct signed_text signed_text;
	struct ss58 key;
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (a->token != NULL)
		buf_json(&b, a->token, strlen(a->token));
	if (buf_end(&b) != ERR_OK)
		return (command_wrong("--token is too long"));
	if (!print_miner(a, &key))
		return (COMMAND_USAGE);
	if (a->token != NULL)
		printf("\"continuation_token\":%s,", text);
	signed_text_make(SIGNED_TEXT_MINER, &(struct signed_parts){
	    .miner = &key, .timestamp = a->timestamp_s }, &signed_text);
	return (finish(a, w, &signed_text));
}

/* The keys are the operands after the kind. */
static int
sign_files(const struct args *a, const struct wallet *w)
{
	struct ss58 key, hotkey;
	struct signed_text signed_text;
	char text[TEXT_ESCAPE_MAX * KEY_MAX + 3];
	struct buf b;
	int i;

	if (a->n_operands < 2)
		return (command_wrong("sign files needs a KEY"));
	for (i = 1; i < a->n_operands; i++) {
		if (strlen(a->operand[i]) > KEY_MAX)
			return (command_wrong("a KEY has at most %d bytes",
			    KEY_MAX));
	}
	if (!print_miner(a, &key))
		return (COMMAND_USAGE);
	own_key(w, &hotkey);
	signed_text_make(SIGNED_TEXT_FILES, &(struct signed_parts){
	    .miner = &key, .hotkey = &hotkey,
	    .timestamp = a->timestamp_s }, &signed_text);
	printf("\"file_keys\":[");
	for (i = 1; i < a->n_operands; i++) {
		buf_init(&b, text, sizeof(text));
		buf_json(&b, a->operand[i], strlen(a->operand[i]));
		if (buf_end(&b) != ERR_OK)
			return (COMMAND_FAILED);
		printf("%s%s", i > 1 ? "," : "", text);
	}
	printf("],");
	if (a->hours != NULL)
		printf("\"expiry_hours\":%" PRId64 ",", a->hours_n);
	return (finish(a, w, &signed_text));
}

/* Print header lines for curl -K. */
void
sign_print(const struct proof_lines *lines)
{
	size_t i;

	printf("header = \"Content-Type: application/json\"\n");
	for (i = 0; i < lines->n; i++)
		printf("header = \"%s\"\n", lines->line[i]);
}

/* X-Tao version 2: sha256hex(body) "." nonce "." milliseconds, signed. */
static int
sign_tao(const struct args *a, const struct wallet *w)
{
	struct proof_lines lines;
	char *body;
	size_t len;
	enum err e;

	if ((body = command_read_file(a->tao, 1 << 20, &len)) == NULL)
		return (COMMAND_FAILED);
	e = proof_tao(w, body, len, a->timestamp != NULL ?
	    a->timestamp_s * 1000 : clock_now_ms(), &lines);
	free(body);
	if (e != ERR_OK)
		return (COMMAND_FAILED);
	sign_print(&lines);
	return (COMMAND_OK);
}

/* X-Bittensor headers. */
static int
sign_headers(const struct args *a, const struct wallet *w)
{
	struct sign_btauth o = {
		.body = a->btauth, .receiver = a->receiver,
		.method = a->method, .url = a->url,
	};

	if (a->timestamp_s > INT64_MAX / 1000000000)
		return (command_wrong("--timestamp is after the year 2262"));
	o.now_ns = a->timestamp_s * 1000000000;
	if (a->timestamp == NULL &&
	    proof_nonce(clock_now_ms(), &o.now_ns) != ERR_OK)
		return (COMMAND_FAILED);
	return (sign_btauth(&o, w));
}

/* --expiry: a point in time, or so long after the time that is signed. */
static bool
parse_expiry(struct args *a)
{

	if (a->expiry == NULL)
		return (true);
	if (command_duration(a->expiry, &a->expiry_s))
		a->expiry_s += a->timestamp_s;
	else if (!parse_time(a->expiry, &a->expiry_s))
		return (false);
	return (a->expiry_s <= TIMEFMT_S_MAX);
}

/* The common part of all kinds. */
static int
check(struct args *a)
{

	if (a->hotkey == NULL && a->set.option[SETTING_WALLET] == NULL)
		return (command_wrong("--hotkey is missing: the hotkey's file, "
		    "~/.bittensor/wallets/WALLET/hotkeys/HOTKEY; or name both "
		    "with --wallet and --hotkey"));
	if (a->source != NULL && !text_is_name(a->source, strlen(a->source)))
		return (command_wrong("--source needs 1 to %d of a-z, 0-9, _ "
		    "and -", TEXT_NAME_MAX));
	if (!parse_time(a->timestamp, &a->timestamp_s))
		return (command_wrong("--timestamp needs a Unix time in "
		    "seconds"));
	if (!parse_time(a->hours, &a->hours_n))
		return (command_wrong("--hours needs a whole number"));
	if (a->timestamp == NULL)
		a->timestamp_s = clock_now_ms() / 1000;
	if (!parse_expiry(a))
		return (command_wrong("--expiry needs a time from now such as "
		    "30m, 12h or 7d, or a Unix time in seconds"));
	if (a->expiry != NULL && a->expiry_s <= a->timestamp_s)
		return (command_wrong("--expiry is in the past"));
	return (COMMAND_OK);
}

/* One for each signed text, and the options that it takes besides --hotkey and
   --timestamp. */
static const struct kind {
	const char *name;
	const char *takes;
	int (*sign)(const struct args *a, const struct wallet *w);
} kinds[] = {
	/* /get-folder-access */
	{ "miner", " coldkey source expiry ", sign_miner },
	/* /get-validator-access */
	{ "validator", " expiry ", sign_validator },
	/* /get-miner-list, /get-miner-specific-access */
	{ "list", " miner coldkey source token expiry ", sign_list },
	/* /get-folder-presigned-urls */
	{ "folders", " expiry ", sign_folders },
	/* /get-file-presigned-urls */
	{ "files", " miner coldkey source hours expiry ", sign_files },
	/* for a body of any endpoint, made elsewhere */
	{ "--tao", " tao ", sign_tao },
	{ "--btauth", " btauth receiver method url ", sign_headers },
};

/* Return the kind that the arguments name, or NULL after command_wrong(). */
static const struct kind *
find_kind(const struct args *a)
{
	const char *name = a->tao != NULL ? "--tao" :
	    a->btauth != NULL ? "--btauth" :
	    a->n_operands > 0 ? a->operand[0] : NULL;
	const int first = a->tao != NULL || a->btauth != NULL ? 0 : 1;
	size_t i;

	if (name == NULL) {
		command_wrong("what to sign is missing: miner, validator, "
		    "list, folders, files, --tao BODY or --btauth BODY");
		return (NULL);
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		if (a->n_operands > first && kinds[i].sign != sign_files) {
			command_wrong("unexpected argument \"%s\"",
			    a->operand[first]);
			return (NULL);
		}
		return (&kinds[i]);
	}
	command_wrong("unexpected argument \"%s\"", name);
	return (NULL);
}

/* Does the kind take each option that was given? */
static bool
check_options(const struct kind *kind, const struct option_spec *options)
{
	const struct option_spec *o;
	char word[32];

	for (o = options; o->name != NULL; o++) {
		snprintf(word, sizeof(word), " %s ", o->name);
		if (*o->value == NULL || strcmp(o->name, "hotkey") == 0 ||
		    strcmp(o->name, "password-file") == 0 ||
		    strncmp(o->name, "wallet", 6) == 0 ||
		    strcmp(o->name, "timestamp") == 0 ||
		    strstr(kind->takes, word) != NULL)
			continue;
		command_wrong("sign %s takes no --%s", kind->name, o->name);
		return (false);
	}
	return (true);
}

/* Load the hotkey: a file, or of a wallet by name, which also knows the coldkey
   of a miner. */
static int
load_keys(struct args *a, const struct kind *kind, struct wallet *w)
{
	int status;

	if (a->set.option[SETTING_WALLET] == NULL)
		return (wallet_load(a->hotkey, a->password_file, w) == ERR_OK ?
		    COMMAND_OK : COMMAND_FAILED);
	a->set.option[SETTING_HOTKEY] = a->hotkey;
	a->set.option[SETTING_PASSWORD_FILE] = a->password_file;
	if ((status = settings_load(&a->set)) != COMMAND_OK ||
	    (status = identity_load(&a->set, &a->own)) != COMMAND_OK)
		return (status);
	*w = a->own.hotkey;
	if (kind->sign == sign_miner && a->coldkey == NULL &&
	    a->own.has_coldkey)
		a->coldkey = a->own.coldkey.text;
	return (COMMAND_OK);
}

int
command_sign(int argc, char **argv)
{
	static struct args a;
	const struct option_spec options[] = {
		{ "tao", &a.tao, NULL },
		{ "btauth", &a.btauth, NULL },
		{ "receiver", &a.receiver, NULL },
		{ "method", &a.method, NULL },
		{ "url", &a.url, NULL },
		{ "hotkey", &a.hotkey, NULL },
		SETTINGS_OPTION_ROW(&a.set, "wallet", SETTING_WALLET),
		SETTINGS_OPTION_ROW(&a.set, "wallet-path",
		    SETTING_WALLET_PATH),
		{ "password-file", &a.password_file, NULL },
		{ "coldkey", &a.coldkey, NULL },
		{ "miner", &a.miner, NULL },
		{ "token", &a.token, NULL },
		{ "source", &a.source, NULL },
		{ "timestamp", &a.timestamp, NULL },
		{ "expiry", &a.expiry, NULL },
		{ "hours", &a.hours, NULL },
		{ NULL, NULL, NULL }
	};
	const struct kind *kind;
	struct wallet w;
	int status;

	a.n_operands = command_options(argc, argv, options, a.operand,
	    OPERANDS_MAX);
	if (a.n_operands < 0 || (kind = find_kind(&a)) == NULL ||
	    !check_options(kind, options))
		return (COMMAND_USAGE);
	if ((status = check(&a)) != COMMAND_OK)
		return (status);
	if ((status = load_keys(&a, kind, &w)) == COMMAND_OK) {
		status = kind->sign(&a, &w);
		wallet_free(&w);
	}
	identity_free(&a.own);
	settings_free(&a.set);
	return (status);
}
