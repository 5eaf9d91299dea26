/* foldergate: what miners, validators and operators run. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "command.h"
#include "config/config.h"
#include "crypto/sr25519.h"
#include "wallet.h"

static const char usage_text[] =
"usage: foldergate COMMAND ...\n"
"\n"
"  keygen FILE            make a hotkey file as btwallet writes it, print its\n"
"                         address\n"
"  sign miner --hotkey FILE --coldkey SS58 [--source NAME] [--expiry UNIX]\n"
"       [--timestamp UNIX]\n"
"                         print the JSON body for /get-folder-access; then:\n"
"                         ... | curl --json @- URL\n"
"  sign validator --hotkey FILE        for /get-validator-access\n"
"  sign list --hotkey FILE MINER [--token NEXT]  /get-miner-list, "
"/get-miner-specific-access\n"
"  sign folders --hotkey FILE          /get-folder-presigned-urls\n"
"  sign files --hotkey FILE MINER [--hours N] KEY ...\n"
"                         /get-file-presigned-urls; MINER is --miner SS58, or\n"
"                         --coldkey SS58 [--source NAME]\n"
"  sign --tao BODY --hotkey FILE\n"
"                         print X-Tao headers for the body in BODY; then:\n"
"                         ... | curl -K - --data-binary @BODY URL\n"
"  verify --public HEX --message-hex HEX --signature HEX\n"
"                         exit 0: valid, 1: not\n"
"  snapshot import FILE   make the identity snapshot from JSON\n"
"  snapshot show [--json] print it\n"
"  explain HOTKEY [--coldkey SS58] [--as miner|validator]\n"
"                         print every check for that key now; exit 0: it\n"
"                         would be served, as far as limits allow\n"
"  deny add WHOM --reason TEXT [--until UNIX | --for 30m|12h|7d]\n"
"                         deny from the next request on, print which grants\n"
"                         are still alive; WHOM is --hotkey SS58,\n"
"                         --coldkey SS58 (all its hotkeys) or --address CIDR\n"
"  deny remove WHOM       and not any more; exit 1: there is no such entry\n"
"  deny list [--json]     print who is denied, until when, and why\n"
"  audit verify [--head SEQ:HEX] [FILE ...]\n"
"                         is the audit log whole?  exit 0: yes, 1: no.  FILEs\n"
"                         in their order, or all there are.  What lines\n"
"                         cannot show: that the last were cut off (--head\n"
"                         shows it), or whole files at the beginning; and\n"
"                         who has the key can write all of them anew\n"
"  audit head [FILE ...]  print SEQ:HEX of the last line, to keep elsewhere;\n"
"                         both take --file PATH and --key-file PATH in place\n"
"                         of the configuration's\n"
"  usage [SS58]           print what was counted today: of a hotkey, of an\n"
"                         owner, or everything\n"
"  check-config           print every setting and where it comes from\n"
"\n"
"The configuration is the file named by FOLDERGATE_CONFIG, else\n"
"/etc/foldergate/foldergate.conf.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

int
command_options(int argc, char **argv, const struct option_spec *specs,
    const char **operands, int max)
{
	const struct option_spec *o;
	int i, n = 0;
	bool options = true;

	for (i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
			continue;
		}
		if (!options || strncmp(argv[i], "--", 2) != 0) {
			if (n == max) {
				fprintf(stderr, "foldergate: what is \"%s\"?\n",
				    argv[i]);
				return (-1);
			}
			operands[n++] = argv[i];
			continue;
		}
		for (o = specs; o->name != NULL; o++) {
			if (strcmp(argv[i] + 2, o->name) == 0)
				break;
		}
		if (o->name == NULL) {
			fprintf(stderr, "foldergate: unknown option %s\n",
			    argv[i]);
			return (-1);
		}
		if (o->value == NULL ? *o->flag : *o->value != NULL) {
			fprintf(stderr, "foldergate: %s given twice\n",
			    argv[i]);
			return (-1);
		}
		if (o->value == NULL) {
			*o->flag = true;
		} else if (++i == argc) {
			fprintf(stderr, "foldergate: %s wants a value\n",
			    argv[i - 1]);
			return (-1);
		} else {
			*o->value = argv[i];
		}
	}
	return (n);
}

bool
command_config(struct config *cfg)
{
	char message[CONFIG_MESSAGE_MAX + 1];

	if (config_load(config_path(), cfg, NULL, message) == ERR_OK)
		return (true);
	fprintf(stderr, "foldergate: %s\n", message);
	return (false);
}

char *
command_read_file(const char *path, size_t max, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *data;

	if (f == NULL) {
		fprintf(stderr, "foldergate: %s: %s\n", path, strerror(errno));
		return (NULL);
	}
	if ((data = malloc(max + 2)) == NULL)
		log_die("out_of_memory", "file");
	*len = fread(data, 1, max + 1, f);
	if (ferror(f) || *len > max) {
		fprintf(stderr, "foldergate: %s: cannot be read, or longer "
		    "than %zu bytes\n", path, max);
		free(data);
		data = NULL;
	} else {
		data[*len] = '\0';
	}
	if (f != stdin)
		fclose(f);
	return (data);
}

static int
command_keygen(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	const char *path = NULL;
	struct wallet w;

	if (command_options(argc, argv, none, &path, 1) != 1)
		return (COMMAND_USAGE);
	if (wallet_create(path, &w) != ERR_OK)
		return (COMMAND_FAILED);
	printf("%s\n", w.ss58);
	wallet_free(&w);
	return (COMMAND_OK);
}

static int
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
	enum err e;

	if (command_options(argc, argv, options, NULL, 0) != 0)
		return (COMMAND_USAGE);
	if (public_hex == NULL || message_hex == NULL || sig_hex == NULL) {
		fprintf(stderr, "foldergate: verify wants --public, "
		    "--message-hex and --signature\n");
		return (COMMAND_USAGE);
	}
	len = strlen(message_hex) / 2;
	if ((message = malloc(len + 1)) == NULL)
		log_die("out_of_memory", "verify");
	if (hex_decode(pub, sizeof(pub), public_hex, strlen(public_hex)) !=
	    ERR_OK || hex_decode(sig, sizeof(sig), sig_hex, strlen(sig_hex)) !=
	    ERR_OK || hex_decode(message, len, message_hex,
	    strlen(message_hex)) != ERR_OK) {
		fprintf(stderr, "foldergate: a public key is 64 hex digits, a "
		    "signature 128, a message an even number\n");
		free(message);
		return (COMMAND_USAGE);
	}
	e = sr25519_verify(pub, message, len, sig);
	free(message);
	printf("%s\n", e == ERR_OK ? "valid" : "invalid");
	return (e == ERR_OK ? COMMAND_OK : COMMAND_FAILED);
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "keygen", command_keygen },
	{ "sign", command_sign },
	{ "verify", command_verify },
	{ "snapshot", command_snapshot },
	{ "check-config", command_check_config },
	{ "explain", command_explain },
	{ "deny", command_deny },
	{ "audit", command_audit },
	{ "usage", command_usage },
};

int
main(int argc, char **argv)
{
	size_t i;
	int status = COMMAND_USAGE;

	secret_process_init();
	log_plain("foldergate");
	if (argc >= 2 && (strcmp(argv[argc - 1], "--help") == 0 ||
	    strcmp(argv[1], "help") == 0)) {
		fputs(usage_text, stdout);
		return (COMMAND_OK);
	}
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]);
	    i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		status = commands[i].run(argc - 2, argv + 2);
		if (status == COMMAND_USAGE)
			fprintf(stderr, "foldergate: see foldergate --help\n");
		if (fflush(stdout) != 0 && status == COMMAND_OK)
			status = COMMAND_FAILED;
		return (status);
	}
	fputs(usage_text, stderr);
	return (COMMAND_USAGE);
}
