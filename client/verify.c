/* foldergate verify: check a signature. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "command.h"
#include "crypto/sr25519.h"

static bool
decode(uint8_t *out, size_t len, const char *hex)
{

	return (hex_decode(out, len, hex, strlen(hex)) == ERR_OK);
}

int
command_verify(int argc, char **argv)
{
	const char *public_hex = NULL, *message_hex = NULL, *sig_hex = NULL;
	const struct option_spec options[] = {
		{ "public", &public_hex, NULL },
		{ "message-hex", &message_hex, NULL },
		{ "signature", &sig_hex, NULL },
		{ NULL, NULL, NULL }
	};
	uint8_t pub[SR25519_PUBLIC_LEN], sig[SR25519_SIGNATURE_LEN], *message;
	size_t len;
	bool valid;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (public_hex == NULL || message_hex == NULL || sig_hex == NULL)
		return (command_wrong("--public, --message-hex and "
		    "--signature are all needed"));
	len = strlen(message_hex) / 2;
	if ((message = malloc(len + 1)) == NULL)
		log_die("out_of_memory", "verify");
	if (!decode(pub, sizeof(pub), public_hex) ||
	    !decode(sig, sizeof(sig), sig_hex) ||
	    !decode(message, len, message_hex)) {
		free(message);
		return (command_wrong("a public key is 64 hex digits, a "
		    "signature 128, a message an even number"));
	}
	valid = sr25519_verify(pub, message, len, sig) == ERR_OK;
	free(message);
	printf("%s\n", valid ? "valid" : "invalid");
	return (valid ? COMMAND_OK : COMMAND_FAILED);
}
