#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

#include "command.h"
#include "mnemonic.h"
#include "password.h"
#include "wallet.h"
#include "wallet_locked.h"

_Static_assert(MNEMONIC_MINI_LEN == SR25519_MINI_LEN, "one mini secret");

/* A file by keygen has 6 fields: 3 hex texts of 64 digits, one of 128, a
   phrase, an address, and about 120 bytes around them. */
#define FILE_MAX 1024

static enum err
refuse(const char *path, const char *why)
{

	command_failed("%s: %s", path, why);
	return (ERR_FORMAT);
}

static const char encrypted_text[] = "this file is encrypted and needs its "
    "password: give --password-file, or run it at a terminal";

/* Explain why secret_load() refused. */
static void
explain(const char *path, enum err e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		refuse(path, strerror(errno));
	else if (e == ERR_UNSAFE)
		refuse(path, "a hotkey file must belong to you and be closed "
		    "to others; chmod 600 it, and let nobody else write the "
		    "directories above it");
	else if (e == ERR_IO)
		refuse(path, "this file cannot be read");
	else
		refuse(path, "this is not a hotkey file");
}

/*
 * json-c copies every string through its own scratch buffer and does not wipe
 * it.  A string as long as any secret, parsed before, makes that buffer so
 * large that it is not moved.  Parsed after, it overwrites the buffer.
 */
static void
scratch_fill(struct json_tokener *tok)
{
	char text[SECRET_MAX + 2];

	memset(text, ' ', sizeof(text));
	text[0] = text[sizeof(text) - 1] = '"';
	json_tokener_reset(tok);
	json_object_put(json_tokener_parse_ex(tok, text, sizeof(text)));
	json_tokener_reset(tok);
}

/* Return the JSON object that is the whole text, or NULL. */
static struct json_object *
object_parse(const struct secret *text)
{
	struct json_tokener *tok;
	struct json_object *o;

	if ((tok = json_tokener_new()) == NULL)
		return (NULL);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	scratch_fill(tok);
	/* Strict mode refuses bytes after the object, too. */
	o = json_tokener_parse_ex(tok, secret_bytes(text),
	    (int)secret_len(text));
	scratch_fill(tok);
	json_tokener_free(tok);
	if (o != NULL && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	return (o);
}

static void
object_wipe(struct json_object *o)
{
	json_object_object_foreach(o, name, value) {
		(void)name;
		if (json_object_is_type(value, json_type_string))
			explicit_bzero((void *)(uintptr_t)
			    json_object_get_string(value),
			    (size_t)json_object_get_string_len(value));
	}
	json_object_put(o);
}

/* Is there a field of that name?  If it is not a string, it is read as an
   empty one, which every field refuses. */
static bool
field(struct json_object *o, const char *name, const char **s, size_t *len)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) || v == NULL)
		return (false);
	*s = "";
	*len = 0;
	if (json_object_is_type(v, json_type_string)) {
		*s = json_object_get_string(v);
		*len = (size_t)json_object_get_string_len(v);
	}
	return (true);
}

static enum err
hex_read(uint8_t *out, size_t out_len, const char *s, size_t len)
{

	if (len >= 2 && memcmp(s, "0x", 2) == 0) {
		s += 2;
		len -= 2;
	}
	return (hex_decode(out, out_len, s, len));
}

static enum err
take_phrase(const char *s, size_t len, uint8_t secret[SR25519_SECRET_LEN])
{
	uint8_t entropy[MNEMONIC_ENTROPY_MAX], mini[SR25519_MINI_LEN];
	size_t entropy_len;
	enum err e;

	if ((e = mnemonic_decode(s, len, entropy, &entropy_len)) != ERR_OK)
		return (e);
	mnemonic_mini(entropy, entropy_len, mini);
	sr25519_expand(mini, secret);
	explicit_bzero(entropy, sizeof(entropy));
	explicit_bzero(mini, sizeof(mini));
	return (ERR_OK);
}

static enum err
take_seed(const char *s, size_t len, uint8_t secret[SR25519_SECRET_LEN])
{
	uint8_t mini[SR25519_MINI_LEN];
	enum err e;

	if ((e = hex_read(mini, sizeof(mini), s, len)) == ERR_OK)
		sr25519_expand(mini, secret);
	explicit_bzero(mini, sizeof(mini));
	return (e);
}

static enum err
take_private(const char *s, size_t len, uint8_t secret[SR25519_SECRET_LEN])
{

	return (hex_read(secret, SR25519_SECRET_LEN, s, len));
}

/* The sources of a key, in btwallet's order of choice. */
static const struct source {
	const char *name;
	enum err (*take)(const char *, size_t, uint8_t *);
	const char *bad;
} sources[] = {
	{ "secretPhrase", take_phrase, "its secretPhrase is wrong: it needs "
	    "12, 15, 18, 21 or 24 words of the BIP-39 English list in lower "
	    "case, with a good checksum" },
	{ "secretSeed", take_seed, "its secretSeed is not 32 bytes in hex" },
	{ "privateKey", take_private, "its privateKey is not 64 bytes in hex, "
	    "a scalar and a nonce as btwallet writes them (polkadot.js writes "
	    "8 times the scalar)" },
};

static enum err
key_derive(const char *path, struct json_object *o, struct wallet *w)
{
	const struct source *src;
	const char *s;
	size_t i, len;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		src = &sources[i];
		if (!field(o, src->name, &s, &len))
			continue;
		if (src->take(s, len, w->secret) != ERR_OK ||
		    sr25519_public(w->secret, w->public) != ERR_OK)
			return (refuse(path, src->bad));
		ss58_encode(w->public, w->ss58);
		return (ERR_OK);
	}
	if (field(o, "encoded", &s, &len))
		return (refuse(path, "this is a polkadot.js export; make a "
		    "hotkey file from its phrase: btcli wallet regen-hotkey"));
	return (refuse(path, "it holds no secret (secretPhrase, secretSeed or "
	    "privateKey); name the hotkey file itself, not the one with the "
	    "public key"));
}

static bool
is_public_of(const struct wallet *w, const char *s, size_t len)
{
	uint8_t key[SR25519_PUBLIC_LEN];

	return (hex_read(key, sizeof(key), s, len) == ERR_OK &&
	    memcmp(key, w->public, sizeof(key)) == 0);
}

/* The file's other fields must match its key. */
static enum err
key_check(const char *path, struct json_object *o, const struct wallet *w)
{
	struct json_object *type;
	const char *s;
	size_t len;

	if (json_object_object_get_ex(o, "cryptoType", &type) && type != NULL &&
	    strcmp(json_object_get_string(type), "1") != 0)
		return (refuse(path, "its cryptoType is not 1: only sr25519 "
		    "hotkeys can sign here"));
	if (field(o, "publicKey", &s, &len) && !is_public_of(w, s, len))
		return (refuse(path, "its publicKey is not its secret's"));
	if (field(o, "accountId", &s, &len) && !is_public_of(w, s, len))
		return (refuse(path, "its accountId is not its secret's"));
	if (field(o, "ss58Address", &s, &len) && !text_equal(s, len, w->ss58))
		return (refuse(path, ss58_is_foreign(s, len) ? "its "
		    "ss58Address is that of another network" :
		    "its ss58Address is not its secret's"));
	return (ERR_OK);
}

/* btwallet keeps the coldkey next to the folder of hotkeys.  A coldkey must
   never be used here, encrypted or not, so its name is refused and nothing
   is opened. */
static bool
is_coldkey(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	return (strcmp(name, "coldkey") == 0 ||
	    strcmp(name, "coldkeypub.txt") == 0);
}

static const char coldkey_text[] = "this names a coldkey; foldergate uses "
    "hotkeys only, ~/.bittensor/wallets/WALLET/hotkeys/HOTKEY";

/* Replace ${text}, the content of an encrypted file, with what is in it. */
static enum err
unlock(const char *path, const char *password_file, struct secret **text)
{
	const enum wallet_locked form = wallet_locked(secret_bytes(*text),
	    secret_len(*text));
	const char *slow = wallet_locked_slow(form);
	char prompt[200];
	struct secret *password, *plain;
	enum err e;

	if (form == WALLET_OPEN) {
		/* An editor may have left a mark before it, or a line's
		   end. */
		secret_free(*text);
		if ((e = secret_load(path, text)) != ERR_OK) {
			*text = NULL;
			explain(path, e);
		}
		return (e);
	}
	snprintf(prompt, sizeof(prompt), "Password of the hotkey file%s%s%s: ",
	    slow != NULL ? " (" : "", slow != NULL ? slow : "",
	    slow != NULL ? ")" : "");
	if ((e = password_read(password_file, prompt, &password)) != ERR_OK)
		return (password_file != NULL ? refuse(path, "its password "
		    "file cannot be used; it must belong to you and be closed "
		    "to others") : refuse(path, encrypted_text));
	e = wallet_locked_open(form, secret_bytes(*text), secret_len(*text),
	    password, &plain);
	secret_free(password);
	if (e != ERR_OK)
		return (refuse(path, e == ERR_SIGNATURE ? "the password is "
		    "wrong, or the file is damaged" : e == ERR_IO ? "512 MiB "
		    "of memory are needed to open it, and are not there" :
		    "it is not an encrypted hotkey file of a known form"));
	secret_free(*text);
	*text = plain;
	return (ERR_OK);
}

enum err
wallet_load(const char *path, const char *password_file, struct wallet *w)
{
	struct secret *text;
	struct json_object *o = NULL;
	enum err e;

	memset(w, 0, sizeof(*w));
	if (is_coldkey(path))
		return (refuse(path, coldkey_text));
	if ((e = secret_load_bytes(path, &text)) != ERR_OK) {
		explain(path, e);
		return (e);
	}
	e = unlock(path, password_file, &text);
	if (e == ERR_OK && (o = object_parse(text)) == NULL)
		e = refuse(path, "this is not a hotkey file (not a JSON "
		    "object)");
	if (e == ERR_OK && (e = key_derive(path, o, w)) == ERR_OK)
		e = key_check(path, o, w);

	if (o != NULL)
		object_wipe(o);
	secret_free(text);
	if (e != ERR_OK)
		wallet_free(w);
	return (e);
}

/* Write the file of a key that was made from phrase and mini. */
static enum err
file_write(const char *path, const struct wallet *w, const char *phrase,
    const uint8_t mini[SR25519_MINI_LEN])
{
	char pub[2 * SR25519_PUBLIC_LEN + 1], sec[2 * SR25519_SECRET_LEN + 1];
	char seed[2 * SR25519_MINI_LEN + 1], text[FILE_MAX + 1];
	struct buf b;
	enum err e;

	hex_encode(pub, w->public, SR25519_PUBLIC_LEN);
	hex_encode(sec, w->secret, SR25519_SECRET_LEN);
	hex_encode(seed, mini, SR25519_MINI_LEN);
	buf_init(&b, text, sizeof(text));
	/* Use strings only, since btwallet 3 refuses a file with other
	   types. */
	buf_fmt(&b, "{\"accountId\":\"0x%s\",\"publicKey\":\"0x%s\",", pub,
	    pub);
	buf_fmt(&b, "\"privateKey\":\"0x%s\",\"secretPhrase\":\"%s\",", sec,
	    phrase);
	buf_fmt(&b, "\"secretSeed\":\"0x%s\",\"ss58Address\":\"%s\"}", seed,
	    w->ss58);
	if ((e = buf_end(&b)) == ERR_OK)
		e = file_create(path, b.data, b.len, S_IRUSR | S_IWUSR);
	explicit_bzero(sec, sizeof(sec));
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(text, sizeof(text));
	return (e);
}

enum err
wallet_create(const char *path, struct wallet *w)
{
	uint8_t entropy[MNEMONIC_ENTROPY_MIN], mini[SR25519_MINI_LEN];
	char phrase[MNEMONIC_MAX + 1];
	const char *why;
	enum err e = ERR_IO;

	memset(w, 0, sizeof(*w));
	if (is_coldkey(path))
		return (refuse(path, coldkey_text));
	if (getrandom(entropy, sizeof(entropy), 0) != sizeof(entropy))
		goto done;
	if ((e = mnemonic_encode(entropy, sizeof(entropy), phrase)) != ERR_OK)
		goto done;
	mnemonic_mini(entropy, sizeof(entropy), mini);
	sr25519_expand(mini, w->secret);
	if ((e = sr25519_public(w->secret, w->public)) != ERR_OK)
		goto done;
	ss58_encode(w->public, w->ss58);
	e = file_write(path, w, phrase, mini);

done:
	if (e != ERR_OK) {
		if ((why = log_replace()) == NULL)
			why = "no random numbers";
		command_failed("%s: no new hotkey was written: %s", path, why);
		wallet_free(w);
	}
	explicit_bzero(entropy, sizeof(entropy));
	explicit_bzero(mini, sizeof(mini));
	explicit_bzero(phrase, sizeof(phrase));
	return (e);
}

enum err
wallet_sign(const struct wallet *w, const void *msg, size_t len,
    uint8_t sig[SR25519_SIGNATURE_LEN])
{

	return (sr25519_sign(w->secret, w->public, msg, len, sig));
}

void
wallet_free(struct wallet *w)
{

	explicit_bzero(w, sizeof(*w));
}
