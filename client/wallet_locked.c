#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypto/aes.h"
#include "crypto/box.h"
#include "crypto/hmac.h"
#include "wallet_locked.h"

#define NACL_MARK "$NACL"
#define VAULT_MARK "$ANSIBLE_VAULT;1.1;AES256"
#define FERNET_MARK "gAAAAA"

/* Ansible: VaultAES256 of ansible.parsing.vault. */
#define VAULT_ROUNDS 10000
#define VAULT_SALT_MAX 64

/* Bittensor's. */
#define FERNET_ROUNDS 10000000
static const char fernet_salt[] =
    "Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins";
static const uint8_t nacl_salt[BOX_SALT_LEN] = {
	0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc,
	0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1
};

/* Fernet: version, time, IV, text, HMAC.  Source: its specification. */
#define FERNET_IV 9
#define FERNET_TEXT (FERNET_IV + AES_BLOCK_LEN)
#define FERNET_HALF 16

static bool
begins(const char *data, size_t len, const char *mark)
{

	return (len >= strlen(mark) && memcmp(data, mark, strlen(mark)) == 0);
}

enum wallet_locked
wallet_locked(const char *data, size_t len)
{

	if (begins(data, len, NACL_MARK))
		return (WALLET_NACL);
	if (begins(data, len, "$ANSIBLE_VAULT"))
		return (WALLET_VAULT);
	return (begins(data, len, FERNET_MARK) ? WALLET_FERNET : WALLET_OPEN);
}

const char *
wallet_locked_slow(enum wallet_locked form)
{

	return (form == WALLET_NACL ? "this takes some seconds, and 512 MiB "
	    "of memory" : form == WALLET_FERNET ? "this takes some seconds" :
	    NULL);
}

/* Are these ${n} bytes equal?  The time does not depend on where they
   differ. */
static bool
same(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t differ = 0;
	size_t i;

	for (i = 0; i < n; i++)
		differ |= a[i] ^ b[i];
	return (differ == 0);
}

static enum err
open_nacl(const uint8_t *data, size_t len, const struct secret *password,
    struct secret **plain)
{
	uint8_t key[BOX_KEY_LEN];
	void *room;
	enum err e;

	data += strlen(NACL_MARK);
	len -= strlen(NACL_MARK);
	if (len <= BOX_NONCE_LEN + BOX_MAC_LEN)
		return (ERR_FORMAT);
	if ((e = box_key(secret_bytes(password), secret_len(password),
	    nacl_salt, BOX_PASSES, BOX_MEMORY, key)) != ERR_OK)
		return (e);
	*plain = secret_room(len - BOX_NONCE_LEN - BOX_MAC_LEN, &room);
	if (box_open(key, data, data + BOX_NONCE_LEN, len - BOX_NONCE_LEN,
	    room) != ERR_OK)
		e = ERR_SIGNATURE;
	explicit_bzero(key, sizeof(key));
	return (e);
}

/* Decrypt what was found to be made by this key.  The text is shorter than
   the room for it. */
static enum err
open_aes(enum aes_mode mode, const uint8_t *key, const uint8_t *iv,
    const uint8_t *in, size_t len, struct secret **plain)
{
	struct secret *padded;
	size_t out_len;
	void *room, *out;
	enum err e;

	padded = secret_room(len, &room);
	if ((e = aes_decrypt(mode, key, iv, in, len, room, &out_len)) ==
	    ERR_OK) {
		*plain = secret_room(out_len, &out);
		memcpy(out, room, out_len);
	}
	secret_free(padded);
	return (e);
}

/* Decode the hex lines after the mark in ${data}, which hold hex lines
   themselves: salt, HMAC and text.  Return the decoded length, or 0. */
static size_t
unhex(const char *s, size_t len, char *out)
{
	char digits[SECRET_MAX];
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (s[i] == '\n' || s[i] == '\r' || s[i] == ' ')
			continue;
		if (n == sizeof(digits))
			return (0);
		digits[n++] = s[i];
	}
	return (n % 2 == 0 && hex_decode((uint8_t *)out, n / 2, digits, n) ==
	    ERR_OK ? n / 2 : 0);
}

/* Decode the line at *s and move *s behind it.  Return its length, or 0. */
static size_t
take_line(const char **s, const char *end, uint8_t *out, size_t max)
{
	const char *stop = memchr(*s, '\n', (size_t)(end - *s));
	const char *line = *s;
	size_t n;

	if (stop == NULL)
		stop = end;
	n = (size_t)(stop - line);
	*s = stop == end ? end : stop + 1;
	return (n > 0 && n % 2 == 0 && n / 2 <= max &&
	    hex_decode(out, n / 2, line, n) == ERR_OK ? n / 2 : 0);
}

static enum err
open_vault(const char *data, size_t len, const struct secret *password,
    struct secret **plain)
{
	uint8_t salt[VAULT_SALT_MAX], mac[HMAC_LEN], want[HMAC_LEN];
	uint8_t keys[32 + 32 + AES_BLOCK_LEN], text[SECRET_MAX / 4];
	char lines[SECRET_MAX / 2];
	const size_t head = strcspn(data, "\n");
	const char *s = lines, *end;
	size_t salt_len, text_len, n;
	struct hmac *h;
	enum err e;

	if (head >= len || !begins(data, head, VAULT_MARK) ||
	    (n = unhex(data + head, len - head, lines)) == 0)
		return (ERR_FORMAT);
	end = lines + n;
	if ((salt_len = take_line(&s, end, salt, sizeof(salt))) == 0 ||
	    take_line(&s, end, mac, sizeof(mac)) != HMAC_LEN ||
	    (text_len = take_line(&s, end, text, sizeof(text))) == 0)
		return (ERR_FORMAT);
	hmac_pbkdf2_sha256(secret_bytes(password), secret_len(password), salt,
	    salt_len, VAULT_ROUNDS, keys, sizeof(keys));
	h = hmac_new();
	hmac_sha256(h, keys + 32, 32, text, text_len, want);
	hmac_free(h);
	e = same(mac, want, HMAC_LEN) ? open_aes(AES_256_CTR, keys, keys + 64,
	    text, text_len, plain) : ERR_SIGNATURE;
	explicit_bzero(keys, sizeof(keys));
	return (e);
}

/* Decode base64 of the alphabet for URLs.  Return the length, or 0. */
static size_t
unbase64(const char *s, size_t len, uint8_t *out)
{
	char text[SECRET_MAX + 1];
	size_t i, n;

	while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == '\r'))
		len--;
	if (len == 0 || len % 4 != 0)
		return (0);
	for (i = 0; i < len; i++)
		text[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	n = len / 4 * 3 - (s[len - 1] == '=') - (s[len - 2] == '=');
	return (base64_decode(out, n, text, len) == ERR_OK ? n : 0);
}

static enum err
open_fernet(const char *data, size_t len, const struct secret *password,
    struct secret **plain)
{
	uint8_t key[2 * FERNET_HALF], want[HMAC_LEN], t[SECRET_MAX];
	const size_t n = unbase64(data, len, t);
	struct hmac *h;
	enum err e;

	if (n < FERNET_TEXT + AES_BLOCK_LEN + HMAC_LEN || t[0] != 0x80)
		return (ERR_FORMAT);
	hmac_pbkdf2_sha256(secret_bytes(password), secret_len(password),
	    fernet_salt, strlen(fernet_salt), FERNET_ROUNDS, key,
	    sizeof(key));
	h = hmac_new();
	hmac_sha256(h, key, FERNET_HALF, t, n - HMAC_LEN, want);
	hmac_free(h);
	e = same(t + n - HMAC_LEN, want, HMAC_LEN) ? open_aes(AES_128_CBC,
	    key + FERNET_HALF, t + FERNET_IV, t + FERNET_TEXT,
	    n - FERNET_TEXT - HMAC_LEN, plain) : ERR_SIGNATURE;
	explicit_bzero(key, sizeof(key));
	return (e);
}

enum err
wallet_locked_open(enum wallet_locked form, const char *data, size_t len,
    const struct secret *password, struct secret **plain)
{
	enum err e;

	*plain = NULL;
	if (form == WALLET_NACL)
		e = open_nacl((const uint8_t *)data, len, password, plain);
	else if (form == WALLET_VAULT)
		e = open_vault(data, len, password, plain);
	else if (form == WALLET_FERNET)
		e = open_fernet(data, len, password, plain);
	else
		e = ERR_FORMAT;
	if (e != ERR_OK) {
		secret_free(*plain);
		*plain = NULL;
	}
	return (e);
}
