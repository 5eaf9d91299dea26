/* Real values for the examples of the API's description, for the programs that
   print it.  tests/check/openapi.t sends the requests to the programs. */
#ifndef SCRIPTS_EXAMPLES_H_
#define SCRIPTS_EXAMPLES_H_

#include <stdbool.h>

/* Substrate's well-known development keys.  Alice is a miner whom Bob owns,
   Charlie a validator, Dave this service. */
#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define BOB "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
#define CHARLIE "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y"
#define DAVE "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy"

/* When every example was signed: 2026-01-01T00:00:00+00:00. */
#define WHEN 1767225600

#define JOB "job-7"
#define FILE_NAME "data_20260101_000000_250_0123456789abcdef.parquet"
#define FOLDER "data/hotkey=" ALICE "/"
#define KEY FOLDER "job_id=" JOB "/" FILE_NAME

/* The body that the examples of headers were signed for. */
#define UPLOAD_BODY "{\"job_id\":\"" JOB "\",\"filename\":\"" FILE_NAME "\"}"
#define WHEN_MS "1767225600000"
#define NONCE "6f2d1c3e-8a54-4b0e-9d3a-0c5f1b7e2a90"
#define BTAUTH_NONCE_TEXT "1767225600000000000"
#define TAO_SIGNATURE_TEXT						\
	"QCBy74Oewi6at4Peuj3X/92oXfhjMQlGY8U4dcdUhVF4"	\
	"pQhIFbRjKYffpgK/+fJOfPbaCzhRmPK7yUpb4Sqmgw=="
#define BTAUTH_SIGNATURE_TEXT						\
	"0xf227dcd0c34cdc7aef2a403eb46b86045dc2da6ee25a24c98e95f10e29040319"	\
	"1340b72e9070964d603a7ec66642d384cf2cc473dcebb1d99a836c2674476b84"

/**
 * example_of_request(field, sent), example_of_answer(field):
 * Return the JSON of a field, or NULL if there is none.  ${sent} is set if the
 * example of a whole request has the field.
 */
const char *example_of_request(const char *field, bool *sent);
const char *example_of_answer(const char *field);

/**
 * example_signature(endpoint):
 * Return the signature of that request, in hex, or NULL.
 */
const char *example_signature(const char *endpoint);

#endif /* !SCRIPTS_EXAMPLES_H_ */
