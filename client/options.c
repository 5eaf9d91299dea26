#include <stddef.h>

#include "options.h"

#define END { NULL, NULL, NULL }

#define JOB { "job", "ID", "put job_id=ID/ before the names" }

const struct command_option options_upload[] = {
	JOB,
	{ "dry-run", NULL, "send nothing; print what would be sent" },
	{ "no-checksum", NULL, "compare sizes and times alone" },
	END
};

const struct command_option options_form[] = {
	JOB,
	END
};

const struct command_option options_get[] = {
	{ "output,o", "DIR", "the directory; it is made if it is missing" },
	END
};

const struct command_option options_migrate[] = {
	{ "list", "FILE", "data sets, one a line, in place of HUB" },
	{ "on-conflict", "WORD", "fail, skip or rename, where another\n"
	    "content has the name" },
	{ "temp", "DIR", "where files are kept until they are sent" },
	{ "dry-run", NULL, "send nothing; print what would be done" },
	{ "no-checksum", NULL, "compare only sizes" },
	END
};

const struct command_option options_compare[] = {
	{ "list", "FILE", "data sets, one a line, in place of HUB" },
	{ "content", NULL, "read the stored files; compare their SHA-256" },
	END
};

const struct command_option options_json[] = {
	{ "json", NULL, "print JSON, for programs" },
	END
};

const struct command_option options_sign[] = {
	{ "hotkey", "FILE", "the hotkey that signs, such as\n"
	    "~/.bittensor/wallets/WALLET/hotkeys/HOTKEY;\n"
	    "with --wallet its name" },
	{ "wallet", "NAME", "the wallet that has the hotkey, and the\n"
	    "coldkey's address" },
	{ "wallet-path", "DIR", "the directory of wallets" },
	{ "password-file", "FILE", "its password, if it is encrypted; else\n"
	    "the terminal is asked" },
	{ "coldkey", "SS58", "the hotkey's owner; or a miner, by coldkey" },
	{ "source", "NAME", "the source of the coldkey's folder" },
	{ "miner", "SS58", "a miner, by hotkey" },
	{ "expiry", "TIME", "when the grant ends: a time from now such as\n"
	    "30m, 12h or 7d, or a Unix time" },
	{ "timestamp", "UNIX", "the time that is signed, in place of now" },
	{ "hours", "N", "lifetime of the URLs of files" },
	{ "token", "NEXT", "NextContinuationToken of the page before" },
	{ "tao", "BODY", "print X-Tao headers for that file" },
	{ "btauth", "BODY", "print X-Bittensor headers for that file" },
	{ "receiver", "SS58", "the service's own hotkey, auth.receiver\n"
	    "there" },
	{ "url", "URL", "of the request as it is sent, or its path and\n"
	    "query" },
	{ "method", "WORD", "of the request; POST if not given" },
	END
};

const struct command_option options_verify[] = {
	{ "public", "HEX", "the public key, 32 bytes" },
	{ "message-hex", "HEX", "the message" },
	{ "signature", "HEX", "the signature, 64 bytes" },
	END
};

const struct command_option options_check_config[] = {
	{ "user", "NAME", "the user that the programs run as; for root\n"
	    "only. Without it root becomes the owner of\n"
	    "state.shared" },
	END
};

const struct command_option options_doctor[] = {
	{ "url", "URL", "ask this service from outside, such as\n"
	    "https://access.example" },
	{ "ca-file", "FILE", "certificates to trust, not the system's" },
	{ "here", NULL, "look at this machine, also with --url" },
	{ "user", "NAME", "the user that the programs run as; for root\n"
	    "only. Without it root becomes the owner of\n"
	    "state.shared" },
	{ "sockets", "DIR", "where the programs have their sockets, not\n"
	    "/run/foldergate" },
	{ "json", NULL, "print JSON, for programs" },
	{ "quiet,q", NULL, "print only parts that are not well" },
	{ "config", "FILE", "your settings; see foldergate config" },
	END
};

const struct command_option options_selftest[] = {
	{ "other-wallet", "NAME", "cross-folder: the other miner's wallet, in\n"
	    "the same directory of wallets" },
	{ "other-hotkey", "NAME", "its hotkey; with a slash, a hotkey file" },
	{ "other-coldkey", "SS58", "its coldkey, if it is not in the wallet" },
	{ "validator", "NAME", "cross-folder: a validator's wallet, or with a\n"
	    "slash a hotkey file, to look at the bucket" },
	{ "other-bucket", "NAME", "cross-folder: another bucket of the store" },
	{ "kind", "KIND", "cross-folder: only ways of this kind, such as\n"
	    "keys" },
	{ "junit", "FILE", "also write the report as JUnit's XML" },
	END
};

const struct command_option options_credentials[] = {
	{ "other-bucket", "NAME", "a bucket that is not for the upload key" },
	{ "internal", NULL, "ask at s3.endpoint, not at s3.public_endpoint" },
	{ "json", NULL, "print the result of check as JSON" },
	{ "provider", "NAME", "the kind of store; not given: s3.provider" },
	{ "bucket", "NAME", "the bucket; not given: s3.bucket" },
	{ "upload-user", "NAME", "the store's user of the upload key" },
	{ "read-user", "NAME", "the store's user of the read key" },
	END
};

const struct command_option options_check_store[] = {
	{ "internal", NULL, "ask at s3.endpoint, not at\n"
	    "s3.public_endpoint" },
	END
};

const struct command_option options_explain[] = {
	{ "coldkey", "SS58", "the owner that a request would name" },
	{ "as", "ROLE", "miner or validator" },
	END
};

const struct command_option options_deny[] = {
	{ "hotkey", "SS58", "a hotkey" },
	{ "coldkey", "SS58", "a coldkey, with all its hotkeys" },
	{ "address", "CIDR", "an address or a network" },
	{ "reason", "TEXT", "why; it is printed by list" },
	{ "until", "UNIX", "when the entry ends" },
	{ "for", "TIME", "the same, from now: 30m, 12h, 7d" },
	{ "json", NULL, "print JSON, for programs" },
	END
};

const struct command_option options_audit[] = {
	{ "head", "SEQ:HEX", "what `audit head` printed before" },
	{ "file", "PATH", "the log, in place of the configured one" },
	{ "key-file", "PATH", "its key, in place of the configured one" },
	{ "hotkey", "SS58", "search: of this hotkey" },
	{ "coldkey", "SS58", "search: of this coldkey" },
	{ "address", "CIDR", "search: from this address or network" },
	{ "kind", "KIND", "search: post_policy, put, list or get" },
	{ "code", "CODE", "search: ok, or the code of a refusal" },
	{ "request-id", "ID", "search: our ID, or the client's" },
	{ "since", "TIME", "search: from then on: 7d ago, a Unix time or\n"
	    "2026-11-28T09:51:08Z, or its date alone" },
	{ "until", "TIME", "search: before then" },
	{ "limit", "N", "search: end after so many entries" },
	{ "json", NULL, "search: print the lines as they are" },
	END
};

const struct command_option options_top[] = {
	{ "once", NULL, "print everything once, as plain text" },
	{ "interval", "SECONDS", "between two looks, 1 to 3600 (default 2).\n"
	    "With --once: print the rates of that time" },
	{ "json", NULL, "print JSON: an object with --once, else a\n"
	    "line for each interval" },
	{ "color", "WHEN", "auto, always or never" },
	END
};
