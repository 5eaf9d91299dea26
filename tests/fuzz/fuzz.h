#ifndef TESTS_FUZZ_FUZZ_H_
#define TESTS_FUZZ_FUZZ_H_

#include <stddef.h>
#include <stdint.h>

/*
 * What a fuzz target is.  It runs under libFuzzer as it is:
 *
 *   clang -std=c11 -D_GNU_SOURCE -g -O1 -Icommon
 *     -fsanitize=fuzzer,address,undefined -fno-sanitize-recover
 *     tests/fuzz/json.c common/X/X.c ... -ljson-c -lsodium
 *
 * or, linked with standalone.c, under a driver that is the same every time.
 */

/**
 * LLVMFuzzerTestOneInput(data, len):
 * Take the ${len} bytes at ${data}; abort() if what must hold does not.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What standalone.c starts from and what it mixes in; each ends with NULL. */
extern const char *const fuzz_seeds[], *const fuzz_words[];

/* Longest input that standalone.c makes. */
#define FUZZ_MAX 1024

#endif /* !TESTS_FUZZ_FUZZ_H_ */
