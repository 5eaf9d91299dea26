/* Ways to another's folder through the service.  Each must be refused. */

#include <stddef.h>

#include "selftest_asks.h"

#define SERVICE "requests to the service"
#define SCHEME "signature under another scheme"
#define TEXT SELFTEST_PROOF_TEXT
#define TAO SELFTEST_PROOF_TAO
#define BTAUTH SELFTEST_PROOF_BTAUTH

/* A text follows, which is signed. */
#define R(about, route, json, ...) { .kind = SERVICE, .name = about,	\
	.proof = TEXT, .path = route, .body = json, .signs = __VA_ARGS__ }
#define S(about, by, route, json, ...) { .kind = SCHEME, .name = about, \
	.proof = by, .path = route, .body = json, __VA_ARGS__ }

#define FOLDER "/get-folder-access"
#define UPLOAD "/get-file-upload-url"
#define LIST "/get-miner-list"
#define FILES "/get-file-presigned-urls"
#define PROOF ",\"hotkey\":\"{me}\",\"timestamp\":{now},"		\
	"\"signature\":\"{sig}\"}"
#define OWN "{\"coldkey\":\"{owner}\"" PROOF
#define OWN_TEXT "s3:data:access:{owner}:{me}:{now}"
#define JOB(job, file) "{\"job_id\":\"" job "\",\"filename\":\"" file "\"}"
#define GOOD_FILE "data_20260101_000000_1_0123456789abcdef.parquet"

const struct selftest_ask selftest_asks[] = {
	R("the other's coldkey, signed by the caller", FOLDER,
	    "{\"coldkey\":\"{theirowner}\"" PROOF,
	    "s3:data:access:{theirowner}:{me}:{now}"),
	R("the other's coldkey and a source, signed by the caller", FOLDER,
	    "{\"coldkey\":\"{theirowner}\",\"source\":\"{source}\"" PROOF,
	    "s3:access:{theirowner}:{source}:{now}"),
	R("the other's hotkey, signed by the caller", FOLDER,
	    "{\"coldkey\":\"{theirowner}\",\"hotkey\":\"{them}\","
	    "\"timestamp\":{now},\"signature\":\"{sig}\"}",
	    "s3:data:access:{theirowner}:{them}:{now}"),
	R("the other's hotkey with the caller's coldkey", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"hotkey\":\"{them}\","
	    "\"timestamp\":{now},\"signature\":\"{sig}\"}",
	    "s3:data:access:{owner}:{them}:{now}"),
	R("the other's coldkey in the body, the caller's in the text", FOLDER,
	    "{\"coldkey\":\"{theirowner}\"" PROOF, OWN_TEXT),
	R("both hotkeys, the other's last", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"hotkey\":\"{me}\",\"hotkey\":"
	    "\"{them}\",\"timestamp\":{now},\"signature\":\"{sig}\"}",
	    OWN_TEXT),
	R("both coldkeys, the other's last", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"coldkey\":\"{theirowner}\"" PROOF,
	    OWN_TEXT),
	R("both coldkeys, the other's with an escaped letter", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"c\\u006fldkey\":\"{theirowner}\""
	    PROOF, OWN_TEXT),
	R("a list of both coldkeys", FOLDER,
	    "{\"coldkey\":[\"{owner}\",\"{theirowner}\"]" PROOF, OWN_TEXT),
	R("a coldkey with a slash and the other's", FOLDER,
	    "{\"coldkey\":\"{owner}/../{theirowner}\"" PROOF,
	    "s3:data:access:{owner}/../{theirowner}:{me}:{now}"),
	R("a hotkey with a slash and the other's", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"hotkey\":\"{me}/../hotkey={them}\","
	    "\"timestamp\":{now},\"signature\":\"{sig}\"}", OWN_TEXT),
	R("a source with the other's folder", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"{source}/{theirowner}\""
	    PROOF, "s3:access:{owner}:{source}/{theirowner}:{now}"),
	R("a source of \"..\"", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"..\"" PROOF,
	    "s3:access:{owner}:..:{now}"),
	R("an empty source", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"\"" PROOF,
	    "s3:access:{owner}::{now}"),
	R("a source with the other's hotkey", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"hotkey={them}\"" PROOF,
	    "s3:access:{owner}:hotkey={them}:{now}"),
	R("a source with a colon and the other's coldkey", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"{source}:{theirowner}\""
	    PROOF, "s3:access:{owner}:{source}:{theirowner}:{now}"),
	R("a source with a line break", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"source\":\"{source}\\n\"" PROOF,
	    "s3:access:{owner}:{source}\n:{now}"),
	R("a request that was sent before", FOLDER, OWN, OWN_TEXT,
	    .twice = true),
	R("a request of ten minutes ago", FOLDER, OWN, OWN_TEXT, -600),
	R("a request from the future", FOLDER, OWN, OWN_TEXT, 600),
	R("another time than the signed one", FOLDER,
	    "{\"coldkey\":\"{owner}\",\"hotkey\":\"{me}\",\"timestamp\":"
	    "{now}0,\"signature\":\"{sig}\"}", OWN_TEXT),
	R("no time", FOLDER, "{\"coldkey\":\"{owner}\",\"hotkey\":\"{me}\","
	    "\"signature\":\"{sig}\"}", OWN_TEXT),
	R("no signature", FOLDER, "{\"coldkey\":\"{owner}\",\"hotkey\":"
	    "\"{me}\",\"timestamp\":{now}}", NULL),
	R("an empty signature", FOLDER, "{\"coldkey\":\"{owner}\",\"hotkey\":"
	    "\"{me}\",\"timestamp\":{now},\"signature\":\"\"}", NULL),
	R("a miner asks for everything", "/get-validator-access",
	    "{\"miners\":false" PROOF, "s3:validator:access:{now}"),
	R("a miner asks for the jobs of all", "/get-folder-presigned-urls",
	    "{\"x\":1" PROOF, "s3:validator:folders:{me}:{now}"),
	R("a miner asks for the other's list", LIST,
	    "{\"miner_hotkey\":\"{them}\"" PROOF,
	    "s3:validator:miner:{them}:{now}"),
	R("a miner asks for the other's list by coldkey", LIST,
	    "{\"miner_coldkey\":\"{theirowner}\"" PROOF,
	    "s3:validator:miner:{theirowner}:{now}"),
	R("a miner asks for the other's first page",
	    "/get-miner-specific-access", "{\"miner_hotkey\":\"{them}\""
	    PROOF, "s3:validator:miner:{them}:{now}"),
	R("a miner asks for the other's file", FILES,
	    "{\"miner_hotkey\":\"{them}\",\"file_keys\":[\"{canary}\"]"
	    PROOF, "s3:validator:files:{them}:{me}:{now}"),
	{ SERVICE, "a job with the other's folder", TAO, UPLOAD,
	    JOB("../hotkey={them}/job_id=1", GOOD_FILE), .line = NULL },
	{ SERVICE, "a job of \"..\"", TAO, UPLOAD, JOB("..", GOOD_FILE),
	    .may = true },
	{ SERVICE, "a file name with the other's folder", TAO, UPLOAD,
	    JOB("1", "../../hotkey={them}/" GOOD_FILE), .line = NULL },

	S("a text of the other route", TEXT, FOLDER, OWN,
	    "s3:validator:access:{now}"),
	S("the text between <bytes> of another case", TEXT, FOLDER, OWN,
	    "<bytes>" OWN_TEXT "</bytes>"),
	S("X-Tao headers for a folder of the other's coldkey", TAO, FOLDER,
	    "{\"coldkey\":\"{theirowner}\"}", .line = NULL),
	S("X-Tao headers signed by the caller, with the other's name", TAO,
	    UPLOAD, JOB("1", GOOD_FILE), .line = "X-Tao-Signed-By: {them}"),
	S("X-Tao headers for another body", TAO, UPLOAD,
	    JOB("1", GOOD_FILE), .altered = JOB("2", GOOD_FILE)),
	S("X-Tao headers of a minute ago", TAO, UPLOAD, JOB("1", GOOD_FILE),
	    .offset_s = -60),
	S("X-Tao headers of the future", TAO, UPLOAD, JOB("1", GOOD_FILE),
	    .offset_s = 600),
	S("X-Tao headers with another nonce", TAO, UPLOAD,
	    JOB("1", GOOD_FILE),
	    .line = "X-Tao-Nonce: 00000000-0000-4000-8000-000000000000"),
	S("X-Tao headers of version 1", TAO, UPLOAD, JOB("1", GOOD_FILE),
	    .line = "X-Tao-Version: 1"),
	S("X-Tao headers of a miner for the other's list", TAO, LIST,
	    "{\"miner_hotkey\":\"{them}\"}", .line = NULL),
	S("X-Tao headers and a text at once", TAO, FOLDER, OWN, OWN_TEXT),
	S("X-Bittensor headers for a folder of the other's coldkey", BTAUTH,
	    FOLDER, "{\"coldkey\":\"{theirowner}\"}", .line = NULL),
	S("X-Bittensor headers with the other's name", BTAUTH, FOLDER, "{}",
	    .line = "X-Bittensor-Hotkey: {them}"),
	S("X-Bittensor headers for another receiver", BTAUTH, FOLDER, "{}",
	    .line = "X-Bittensor-Receiver: {them}"),
	S("X-Bittensor headers for another body", BTAUTH, FOLDER, "{}",
	    .altered = "{\"source\":\"{source}\"}"),
	S("X-Bittensor headers for another route", BTAUTH, LIST,
	    "{\"miner_hotkey\":\"{me}\"}", .sent_to = FOLDER),
	S("X-Bittensor headers for another target", BTAUTH, FOLDER, "{}",
	    .sent_to = FOLDER "?a=b"),
	S("X-Bittensor headers of a minute ago", BTAUTH, FOLDER, "{}",
	    .offset_s = -60),
	S("X-Bittensor headers of the future", BTAUTH, FOLDER, "{}",
	    .offset_s = 60),
	S("X-Bittensor headers that say ed25519", BTAUTH, FOLDER, "{}",
	    .line = "X-Bittensor-Crypto: ed25519"),
	S("X-Bittensor and X-Tao headers at once", BTAUTH, FOLDER, "{}",
	    .line = "X-Tao-Version: 2"),
	{ 0 }
};
