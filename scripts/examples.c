#include <stddef.h>
#include <string.h>

#include "examples.h"

/* Any URL of the store, shortened. */
#define URL "https://store.example.org/miners-data"
#define SIGNED "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=10800"
#define LIST_URL URL "?list-type=2&prefix=data%2F&encoding-type=url&" SIGNED
#define GET_URL URL "/" KEY "?" SIGNED

#define FORM_FIELDS							\
	"{\"acl\":\"private\",\"key\":\"" FOLDER "${filename}\","	\
	"\"x-amz-algorithm\":\"AWS4-HMAC-SHA256\",\"policy\":\"eyJ\","	\
	"\"x-amz-signature\":\"0f1e\"}"

static const struct request {
	const char *field, *value;
	bool sent;		/* in the example of a whole request */
} requests[] = {
	{ "coldkey", "\"" BOB "\"", true },
	{ "timestamp", "1767225600", true },
	{ "source", "\"x\"", false },
	{ "expiry", "1767229200", false },
	{ "miner_hotkey", "\"" ALICE "\"", true },
	{ "miner_coldkey", "\"" BOB "\"", false },
	{ "continuation_token", "\"1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J\"", false },
	{ "file_keys", "[\"" KEY "\"]", true },
	{ "expiry_hours", "3", true },
	{ "miners", "false", false },
	{ "sources", "[\"x\"]", false },
	{ "job_id", "\"" JOB "\"", true },
	{ "filename", "\"" FILE_NAME "\"", true },
	{ "name", "\"job_id=" JOB "/" FILE_NAME "\"", false },
	{ "size", "4194304", false },
	{ "list_after", "\"job_id=" JOB "/" FILE_NAME "\"", false },
};

static const struct answer {
	const char *field, *value;
} answers[] = {
	{ "miner_hotkey", "\"" ALICE "\"" },
	{ "miner_coldkey", "\"" BOB "\"" },
	{ "expiry_hours", "3" },
	{ "expiry", "\"2026-01-01T03:00:00+00:00\"" },
	{ "timestamp", "1767225600" },
	{ "name", "\"job_id=" JOB "/" FILE_NAME "\"" },
	{ "job_id", "\"" JOB "\"" },
	{ "folder", "\"" FOLDER "\"" },
	{ "url", "\"" URL "\"" },
	{ "fields", FORM_FIELDS },
	{ "headers", "{\"content-length\":\"4194304\"}" },
	{ "method", "\"POST\"" },
	{ "key", "\"" KEY "\"" },
	{ "s3_key", "\"" KEY "\"" },
	{ "file_key", "\"" KEY "\"" },
	{ "file_name", "\"" FILE_NAME "\"" },
	{ "invalid_files", "\"data/hotkey=" CHARLIE "/a.parquet\"" },
	{ "failed_files_details", "[]" },
	{ "path", "\"" FOLDER "job_id=" JOB "/\"" },
	{ "miner_path", "\"" FOLDER "\"" },
	{ "prefix", "\"" FOLDER "\"" },
	{ "bucket", "\"miners-data\"" },
	{ "region", "\"eu-central-1\"" },
	{ "validator_hotkey", "\"" CHARLIE "\"" },
	{ "list_url", "\"" LIST_URL "\"" },
	{ "miner_url", "\"" LIST_URL "\"" },
	{ "list_all_data", "\"" LIST_URL "\"" },
	{ "list_all_miners", "\"" LIST_URL "\"" },
	{ "list_miners", "\"" LIST_URL "\"" },
	{ "list_files", "\"" LIST_URL "\"" },
	{ "presigned_url", "\"" GET_URL "\"" },
	{ "expiry_time", "\"2026-01-01T03:00:00+00:00\"" },
	{ "expiry_seconds", "10800" },
	{ "expires_in_seconds", "10800" },
	{ "total_requested_files", "1" },
	{ "valid_files_count", "1" },
	{ "invalid_files_count", "0" },
	{ "successful_urls", "1" },
	{ "failed_files", "0" },
	{ "total_miners", "1" },
	{ "total_jobs", "1" },
	{ "truncated", "true" },
	{ "index_age_s", "42" },
	{ "status", "\"ok\"" },
	{ "reason", "\"stale\"" },
	{ "reasons", "[\"no_index\"]" },
	{ "netuid", "13" },
	{ "block", "7000000" },
	{ "spec_version", "300" },
	{ "hotkeys_count", "256" },
	{ "age_s", "12" },
	{ "s3_ok", "true" },
	{ "s3_fault", "\"NoSuchBucket\"" },
	{ "folder_structure",
	    "\"data/hotkey={hotkey_id}/job_id={job_id}/\"" },
	{ "migration_phase", "\"s3_only\"" },
	{ "old_structure", "\"data/{source}/{coldkey}/\"" },
	{ "new_structure",
	    "\"data/hotkey={hotkey_id}/job_id={job_id}/\"" },
	{ "benefits", "[\"One folder for each miner, for all sources\"]" },
	{ "example_paths", "[\"" KEY "\"]" },
	{ "upload_flow",
	    "[\"POST the signature to /get-folder-access\"]" },
	{ "validation_flow",
	    "[\"GET presigned_url of a job to list its files\"]" },
	{ "miner_validation_flow",
	    "[\"List the miner's files (get-miner-list)\"]" },
	{ "description", "\"Miners' files are in job_id folders\"" },
	{ "instructions", "\"Sign the text with the hotkey\"" },
	{ "schemes", "[\"text\",\"tao\",\"btauth\"]" },
	{ "receiver", "\"" CHARLIE "\"" },
	{ "min_bytes", "1024" },
	{ "max_bytes", "5368709120" },
	{ "folder_forms", "true" },
	{ "file_uploads", "true" },
	{ "layouts", "[\"hotkey\",\"coldkey\"]" },
	{ "sources", "[\"x\",\"reddit\"]" },
	{ "miner_format",
	    "\"s3:data:access:{coldkey}:{hotkey}:{timestamp}\"" },
	{ "miner_source_format",
	    "\"s3:access:{coldkey}:{source}:{timestamp}\"" },
	{ "validator_format", "\"s3:validator:access:{timestamp}\"" },
	{ "miner_specific_format",
	    "\"s3:validator:miner:{miner_hotkey}:{timestamp}\"" },
	{ "folder_presigned_format",
	    "\"s3:validator:folders:{hotkey}:{timestamp}\"" },
	{ "file_presigned_format",
	    "\"s3:validator:files:{miner_hotkey}:{hotkey}:{timestamp}\"" },
	{ "example_miner",
	    "\"s3:data:access:" BOB ":" ALICE ":1767225600\"" },
	{ "example_miner_source",
	    "\"s3:access:" BOB ":x:1767225600\"" },
	{ "example_validator", "\"s3:validator:access:1767225600\"" },
	{ "example_miner_specific",
	    "\"s3:validator:miner:" ALICE ":1767225600\"" },
	{ "example_folder_presigned",
	    "\"s3:validator:folders:" CHARLIE ":1767225600\"" },
	{ "example_file_presigned",
	    "\"s3:validator:files:" ALICE ":" CHARLIE ":1767225600\"" },
	{ "commitment_used", "\"s3:validator:folders:" CHARLIE ":1767225600\"" },
};

/* The signatures of the texts in bodies, by the endpoint. */
static const struct signature {
	const char *endpoint, *hex;
} signatures[] = {
	{ "get-file-presigned-urls",
	    "1ec09281ebd958fbf03e44235ef549a29448fd4eaa3c1c93e4cc649d6e8dd716"
	    "40877ad5487d6bd9454474296774645b65c4a7e982addca4c6e41ad60ac25483" },
	{ "get-folder-access",
	    "8a3f5eb11fb2ce8e241387d429007eb8829730345f74f8bce180524e10b08f2a"
	    "37a11310e26ba9b87f5c784e1403af742d39c3200dfe8f0418dd7929620db68c" },
	{ "get-folder-presigned-urls",
	    "20db912868ed32dbffd39bfb77ed953dc086e65721109634870747e9c96fab6d"
	    "487a582b8284d72be35e676032312735eb47b35ddd929850aae044687d5c218d" },
	{ "get-miner-list",
	    "bc8a2afdeb63b8ea3fc8b75db13739e32665f05a765fd91ae52ef605dd955256"
	    "9b64484b3c5f3e901d3cffca67e2344910b6ff83bd5cbef82410a3d4a2d40485" },
	{ "get-miner-specific-access",
	    "505772687c6121f1859329073a8e7328bbfc057dc111c7e642814987cbb4d02d"
	    "47a112f6c3afa62c0d958fce3ee0c2b7652b00ec0c8c052015c389b3e8d41e8c" },
	{ "get-validator-access",
	    "922170fa344d64e236f0d151c15fec829ad050c884767488c08efe4c55095e69"
	    "56462043d631b38f4dc95be074d7e502ce61c961e0b4bf13fe90772438b33f81" },
	{ NULL, NULL }
};


#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

const char *
example_of_request(const char *field, bool *sent)
{
	size_t i;

	for (i = 0; i < ROWS(requests); i++) {
		if (strcmp(requests[i].field, field) != 0)
			continue;
		*sent = requests[i].sent;
		return (requests[i].value);
	}
	return (NULL);
}

const char *
example_of_answer(const char *field)
{
	size_t i;

	for (i = 0; i < ROWS(answers); i++) {
		if (strcmp(answers[i].field, field) == 0)
			return (answers[i].value);
	}
	return (NULL);
}

const char *
example_signature(const char *endpoint)
{
	size_t i;

	for (i = 0; signatures[i].endpoint != NULL; i++) {
		if (strcmp(signatures[i].endpoint, endpoint) == 0)
			return (signatures[i].hex);
	}
	return (NULL);
}
