/* foldergate: what miners, validators and operators run. */

#include <stdio.h>
#include <string.h>

#include "base/build.h"
#include "base/log.h"
#include "base/process.h"
#include "command.h"
#include "help.h"
#include "options.h"
#include "settings.h"

/* What a command that reads the store takes. */
#define READS (SETTINGS_IN_LOOK | SETTINGS_IN_SERVICE | SETTINGS_IN_KEYS)

/* Every command, in the order of the list that `foldergate help` prints. */
const struct command command_table[] = {
	{ "upload", "[--source NAME] [--job ID] FILE|DIR ...",
	    "Send files to your folder of the store",
	    "A file is stored under its own name, the files of a directory "
	    "under their\n"
	    "paths below it. Links in directories are not followed.\n"
	    "\n"
	    "A file that the store has is not sent again. It is the same if "
	    "the sizes are\n"
	    "equal, and the ETag of the store is the MD5 of the file. Where "
	    "an ETag is no\n"
	    "MD5 (and with --no-checksum), the stored one must be as new as "
	    "the file. What\n"
	    "was sent is compared with the ETag of the answer in the same "
	    "way. So after an\n"
	    "interruption, run the same command again.\n"
	    "\n"
	    "--json prints a line for each file, and a last one with the "
	    "sum. Exit status 5\n"
	    "means that some files were not sent.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate upload --job default_0 posts.parquet\n"
	    "  foldergate upload --source x --connections 8 data/\n",
	    command_upload, SETTINGS_IN_ALL, options_upload },
	{ "form", "[--source NAME] [--job ID] FILE",
	    "Print a grant for one file, for curl -K - to send",
	    "Whoever has this text can write into your folder until the grant "
	    "ends. curl\n"
	    "prints 204 (or 200) if the file is stored.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate form --job default_0 posts.parquet | curl -K -\n",
	    command_form, SETTINGS_IN_ALL & ~(unsigned)SETTINGS_IN_CONNECTIONS,
	    options_form },
	{ "ls", "[miners]\nMINER [PREFIX]",
	    "List the miners, or the files of one, for a validator",
	    "MINER is HOTKEY or SOURCE/COLDKEY, as `foldergate ls` prints it. "
	    "PREFIX is\n"
	    "the beginning of the names below the miner's folder. Each file "
	    "has a line\n"
	    "with its size, its time and its name. Control characters in a "
	    "name are\n"
	    "escaped.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate ls\n"
	    "  foldergate ls 5F... job_id=default_0/\n"
	    "  foldergate ls x/5F... --json\n",
	    command_ls, READS, NULL },
	{ "du", "[MINER]",
	    "Sum files and bytes by miner and by source, for a validator",
	    "A line has the bytes, the same for people, the files, and whose "
	    "they are. Each\n"
	    "1,000 files cost one request.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate du 5F...\n",
	    command_du, READS, NULL },
	{ "get", "MINER [PATTERN ...] -o DIR",
	    "Load a miner's files into a directory, for a validator",
	    "The names below the miner's folder become paths below DIR. "
	    "PATTERN has *, ?\n"
	    "and [], which also stand for a slash. Without any, all files are "
	    "loaded. A\n"
	    "file is checked by its size and, where the store's ETag is an "
	    "MD5, by its\n"
	    "MD5. Files that are there are left alone, and other files of the "
	    "same name\n"
	    "are replaced. After an interruption, run the same command again.\n"
	    "\n"
	    "Nothing is written outside DIR, and no link in it is followed. "
	    "Names that no\n"
	    "file may have are reported and left out. Exit status 5 means "
	    "that some files\n"
	    "are not there.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate get 5F... -o data\n"
	    "  foldergate get x/5F... '*.parquet' --connections 8 -o data\n",
	    command_get, READS | SETTINGS_IN_CONNECTIONS, options_get },
	{ "cat", "MINER KEY",
	    "Print one of a miner's files, for a validator",
	    "KEY is the name below the miner's folder, as `foldergate ls "
	    "MINER` prints it.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate cat 5F... job_id=default_0/posts.csv | head\n",
	    command_cat, READS, NULL },
	{ "migrate", "[--source NAME] HUB [PATTERN ...]\n"
	    "[--source NAME] --list FILE [PATTERN ...]",
	    "Move data sets of Hugging Face into your folder of the store",
	    "HUB is hf://datasets/USER/REPO, optionally with @REVISION. The "
	    "files below\n"
	    "data/, or those whose paths a PATTERN names, are stored under "
	    "their basenames.\n"
	    "The plan is printed before anything is sent. Each file is "
	    "checked by the\n"
	    "SHA-256 that the Hub names, and by the MD5 of the store.\n"
	    "\n"
	    "Files that the folder has are not sent again. An object with "
	    "another content is\n"
	    "never overwritten: the file is reported (fail), left out (skip), "
	    "or stored with\n"
	    "digits of its SHA-256 in its name (rename). The Hub names no "
	    "MD5, so a file\n"
	    "whose name is taken is loaded once to compare it. After an "
	    "interruption, run\n"
	    "the same command again.\n"
	    "\n"
	    "HF_TOKEN is a token for private data sets. HF_ENDPOINT names "
	    "another Hub. Exit\n"
	    "status 5 means that some files were not sent.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate migrate hf://datasets/USER/x_dataset_1 --source x "
	    "--dry-run\n"
	    "  foldergate migrate --list sets.txt --source x --on-conflict "
	    "skip\n",
	    command_migrate, SETTINGS_IN_ALL, options_migrate },
	{ "compare", "HUB [MINER]\n--list FILE [MINER]",
	    "Compare data sets of Hugging Face with a folder of the store",
	    "HUB is hf://datasets/USER/REPO, optionally with @REVISION. A "
	    "validator names\n"
	    "MINER as for `foldergate ls`. Without it, the folder is your own. "
	    "The files\n"
	    "below data/ are looked for by their basenames. It prints those "
	    "that are only at\n"
	    "the Hub, and those that differ.\n"
	    "\n"
	    "The Hub names the SHA-256 of a file, and the store its size and "
	    "MD5. A file\n"
	    "that `foldergate migrate` has read on this machine is compared by "
	    "size and\n"
	    "MD5, other files only by size. With --content, a validator reads "
	    "the stored\n"
	    "files and compares their SHA-256.\n"
	    "\n"
	    "Exit status 0 means that all of the Hub's files are in the "
	    "folder, and none\n"
	    "differs. 1 means that some are missing or differ, 5 that some "
	    "could not be\n"
	    "compared.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate compare hf://datasets/USER/x_dataset_1 --source x\n"
	    "  foldergate compare hf://datasets/USER/x_dataset_1 x/5F... "
	    "--content\n",
	    command_compare, SETTINGS_IN_ALL, options_compare },
	{ "keygen", "FILE",
	    "Make a hotkey file as btwallet writes it, and print its address",
	    "FILE must not exist. It gets mode 0600.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate keygen ~/.bittensor/wallets/demo/hotkeys/default\n",
	    command_keygen, 0, NULL },
	{ "sign",
	    "miner --hotkey FILE --coldkey SS58 [--source NAME]\n"
	    "validator --hotkey FILE\n"
	    "list --hotkey FILE MINER [--token NEXT]\n"
	    "folders --hotkey FILE\n"
	    "files --hotkey FILE MINER [--hours N] KEY ...\n"
	    "--tao BODY --hotkey FILE\n"
	    "--btauth BODY --hotkey FILE --receiver SS58 --url URL",
	    "Print a signed request, for curl to send",
	    "  miner      for /get-folder-access\n"
	    "  validator  for /get-validator-access\n"
	    "  list       for /get-miner-list and /get-miner-specific-access\n"
	    "  folders    for /get-folder-presigned-urls\n"
	    "  files      for /get-file-presigned-urls\n"
	    "  --tao      headers for a body that is a file (\"-\": standard "
	    "input)\n"
	    "  --btauth   the same for btauth/1; they are valid for 10 "
	    "seconds\n"
	    "\n"
	    "MINER is --miner SS58 (a hotkey), or --coldkey SS58 "
	    "[--source NAME].\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate sign miner --hotkey HOTKEY --coldkey 5F... |\n"
	    "      curl --json @- URL/get-folder-access\n"
	    "  foldergate sign --tao body.json --hotkey HOTKEY |\n"
	    "      curl -K - --data-binary @body.json "
	    "URL/get-file-upload-url\n"
	    "  foldergate sign --btauth body.json --hotkey HOTKEY "
	    "--receiver 5F... \\\n"
	    "      --url URL/get-folder-access |\n"
	    "      curl -K - --data-binary @body.json "
	    "URL/get-folder-access\n",
	    command_sign, 0, options_sign },
	{ "verify", "--public HEX --message-hex HEX --signature HEX",
	    "Check an sr25519 signature",
	    "Prints \"valid\" and exits with 0, or \"invalid\" and exits with "
	    "1.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate verify --public $PUBLIC --signature $SIGNATURE \\\n"
	    "      --message-hex $(printf '<Bytes>hello</Bytes>' | xxd -p)\n",
	    command_verify, 0, options_verify },
	{ "snapshot", "import FILE\nshow [--json]",
	    "Make or print the identity snapshot",
	    "  import  make it from JSON in FILE (\"-\": standard input)\n"
	    "  show    print it; with --json in the form that import reads\n"
	    "\n"
	    "Example:\n"
	    "  foldergate snapshot show --json >neurons.json\n",
	    command_snapshot, 0, options_json },
	{ "check-config", "[--user NAME]",
	    "Print every setting and its origin, and try the installation",
	    "Faults are printed last, with the file, its owner and mode, and "
	    "the command\n"
	    "that mends it. It exits with 0 if the installation can serve.\n"
	    "\n"
	    "Example:\n"
	    "  sudo foldergate check-config --user foldergate\n",
	    command_check_config, 0, options_check_config },
	{ "doctor", "[--user NAME] [--sockets DIR] [--json] [-q]\n"
	    "--url URL [--here]",
	    "Check the running service, with the command that mends each part",
	    "On the server it checks the configuration and everything that "
	    "readyz checks,\n"
	    "chain-sync and bucket-sync, the programs at the sockets, the "
	    "versions, room on\n"
	    "the disks, the clock, the sandbox, and the store. If a part is "
	    "not well, the\n"
	    "next line has the command that mends it. No setting and no file "
	    "is changed.\n"
	    "Each program gets a request with a method that it refuses. It "
	    "exits with 1 if\n"
	    "a part is bad.\n"
	    "\n"
	    "With --url it sends ten requests that grant nothing, through "
	    "every proxy\n"
	    "in front of the service, and prints what is wrong. It also does "
	    "so if\n"
	    "FOLDERGATE_URL or your settings name the service. Then use --here "
	    "to check\n"
	    "this machine.\n"
	    "\n"
	    "Examples:\n"
	    "  sudo foldergate doctor\n"
	    "  foldergate doctor --url https://access.example\n",
	    command_doctor, 0, options_doctor },
	{ "selftest",
	    "cross-folder --other-wallet NAME [OPTION ...]\n"
	    "upload [OPTION ...]\n"
	    "download [OPTION ...]",
	    "Try what grants allow, and what they must not",
	    "  cross-folder  try every known way out of a miner's folder, with "
	    "two miners'\n"
	    "                wallets\n"
	    "  upload        store small files as a miner, and compare them "
	    "with the list\n"
	    "  download      list and load as a validator\n"
	    "\n"
	    "Files that it stores stay, because miners cannot delete. Most are "
	    "in a job\n"
	    "whose name begins with selftest-. --junit FILE writes the report "
	    "for other\n"
	    "programs, and --json prints a line for each row.\n"
	    "\n"
	    "It exits with 0 if every row is as it should be, with 1 if a row "
	    "is not, and\n"
	    "with 5 if a row could not be tried. A row that is absent does not "
	    "apply to this\n"
	    "service.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate selftest upload --wallet miner\n"
	    "  foldergate selftest cross-folder --wallet first "
	    "--other-wallet second\n",
	    command_selftest, SETTINGS_IN_ALL &
	    ~(unsigned)SETTINGS_IN_CONNECTIONS, options_selftest },
	{ "check-store", "[--internal]",
	    "Test whether the store enforces the limits of a grant",
	    "It stores about 40 files of a few KiB in a scratch folder, which "
	    "cannot be a\n"
	    "miner's. It tries everything that a grant does not allow, and "
	    "reads back what\n"
	    "happened. It deletes the files if one of the keys may. It ends "
	    "within 6\n"
	    "minutes, with 0 if the store enforces what the configured grants "
	    "rely on.\n"
	    "\n"
	    "Example:\n"
	    "  sudo foldergate check-store\n",
	    command_check_store, 0, options_check_store },
	{ "credentials",
	    "check [--other-bucket NAME] [--internal] [--json]\n"
	    "policy [--provider NAME] [upload|read|bucket]\n"
	    "revoke upload|read",
	    "Check, limit or revoke the key pairs of the store",
	    "  check   try what each key must be able to do, and what it must "
	    "not: it\n"
	    "          stores a few files in a scratch folder, and deletes "
	    "them "
	    "if it may\n"
	    "  policy  print the smallest permissions for the store; with a "
	    "word, only\n"
	    "          that document\n"
	    "  revoke  let no program sign with the pair any more, and print "
	    "what ends\n"
	    "          the grants that it has signed\n"
	    "\n"
	    "check exits with 0 if all is as it should be, with 3 if a grant "
	    "would not\n"
	    "work, with 4 if the store does not answer, and with 5 if a key "
	    "may do more\n"
	    "than it needs to.\n"
	    "\n"
	    "Example:\n"
	    "  sudo foldergate credentials check\n",
	    command_credentials, 0, options_credentials },
	{ "explain", "HOTKEY [--coldkey SS58] [--as miner|validator]",
	    "Print every check that a key would go through now",
	    "It exits with 0 if the key would be served. It does not check "
	    "limits (see\n"
	    "foldergate usage).\n"
	    "\n"
	    "Example:\n"
	    "  foldergate explain 5F... --as validator\n",
	    command_explain, 0, options_explain },
	{ "deny",
	    "add WHOM --reason TEXT [--until UNIX | --for 30m|12h|7d]\n"
	    "remove WHOM\n"
	    "list [--json]",
	    "Refuse a key or an address from the next request on",
	    "  add     deny, and print which grants are still alive\n"
	    "  remove  allow again; exits with 1 if there is no such entry\n"
	    "  list    print who is denied, until when, and why\n"
	    "\n"
	    "WHOM is --hotkey SS58, --coldkey SS58 (with all its hotkeys) or\n"
	    "--address CIDR.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate deny add --hotkey 5F... --reason \"sells its "
	    "grants\" --for 7d\n",
	    command_deny, 0, options_deny },
	{ "audit",
	    "verify [--head SEQ:HEX] [FILE ...]\n"
	    "head [FILE ...]\n"
	    "search [OPTION ...] [FILE ...]",
	    "Check that the audit log is whole, and search it",
	    "  verify  exits with 0 if no line was altered, removed, inserted "
	    "or moved\n"
	    "  head    print SEQ:HEX of the last line; keep it elsewhere\n"
	    "  search  print the entries for which all options hold; exits "
	    "with 1 if\n"
	    "          there is none. It verifies nothing\n"
	    "\n"
	    "FILEs must be in their order. Without any, all files of the\n"
	    "configured log are read.\n"
	    "\n"
	    "It cannot detect a truncated end (unless you give --head), "
	    "missing files\n"
	    "at the beginning, or a log rewritten by someone who has the "
	    "key.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate audit verify --head 123:9f86d0...\n"
	    "  foldergate audit search --hotkey 5F... --since 7d\n",
	    command_audit, 0, options_audit },
	{ "usage", "[SS58]",
	    "Print what was counted today, and its limits",
	    "SS58 is a hotkey or a coldkey. Without it, all counts are "
	    "printed.\n"
	    "\n"
	    "Example:\n"
	    "  foldergate usage 5F...\n",
	    command_usage, 0, NULL },
	{ "top", "[--once] [--interval SECONDS] [--json]",
	    "Show requests, refusals and the busiest keys as they happen",
	    "It reads the counters that /metrics shows, the snapshot, the "
	    "index and the\n"
	    "ledger, and changes none of them. It sends no request to the "
	    "service. If there\n"
	    "are no counters, it prints the reason.\n"
	    "\n"
	    "On a terminal it draws the numbers at each interval until you "
	    "press q. The\n"
	    "key h lists the other keys. Without a terminal it prints them "
	    "once, as\n"
	    "--once does, and exits with 1 if there are no counters. --json "
	    "without\n"
	    "--once prints a line for each interval.\n"
	    "\n"
	    "Examples:\n"
	    "  sudo foldergate top\n"
	    "  sudo foldergate top --once --interval 10\n"
	    "  sudo foldergate top --json --interval 60 >>top.jsonl\n",
	    command_top, 0, options_top },
	{ "logs", "explain ID [FILE ...]",
	    "Print what the logs say about one request",
	    "ID is the X-Request-ID of an answer. The lines about it come from "
	    "the\n"
	    "audit log, the sample of refusals, and the log: the file that "
	    "log.to\n"
	    "names, or each FILE (\"-\": standard input). A client or proxy "
	    "may give\n"
	    "several requests the same X-Request-ID. They are printed one by "
	    "one.\n"
	    "\n"
	    "It exits with 1 if no line has this ID.\n"
	    "\n"
	    "Examples:\n"
	    "  foldergate logs explain mbwejqbhfmigjmmiubov\n"
	    "  journalctl -u 'foldergate*' -o cat | foldergate logs explain ID "
	    "-\n",
	    command_logs, 0, NULL },
	{ "config", "[OPTION ...]",
	    "Print which settings of yours apply, and where they come from",
	    "An option counts before a variable of the environment, and that "
	    "before\n"
	    "the file, which has lines such as \"wallet = miner\" and \"url = "
	    "https://...\".\n"
	    "It is ~/.config/foldergate/config, or what --config names.\n"
	    "\n"
	    "Example:\n"
	    "  FOLDERGATE_WALLET=miner foldergate config\n",
	    command_show_config, SETTINGS_IN_ALL, NULL },
	{ "completion", "bash|zsh|fish",
	    "Print a script that makes a shell complete commands and options",
	    "`make install` puts it where the shells look for it. It is made "
	    "from the table\n"
	    "of commands that --help prints.\n"
	    "\n"
	    "Examples:\n"
	    "  . <(foldergate completion bash)\n"
	    "  foldergate completion fish >~/.config/fish/completions/"
	    "foldergate.fish\n",
	    command_completion, 0, NULL },
	{ NULL, NULL, NULL, NULL, NULL, 0, NULL }
};

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct command *c;

	process_harden();
	log_plain("foldergate");
	if (argc < 2) {
		help_list(stderr);
		return (COMMAND_USAGE);
	}
	if (strcmp(word, "help") == 0)
		return (command_finish(help(argc - 2, argv + 2)));
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return (command_finish(help(0, NULL)));
	if (strcmp(word, "--version") == 0) {
		printf("foldergate %s\n", build_version);
		return (command_finish(COMMAND_OK));
	}
	if ((c = help_find(word)) == NULL)
		return (COMMAND_USAGE);
	return (command_finish(command_run(c, argc - 2, argv + 2)));
}
