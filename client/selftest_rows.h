#ifndef CLIENT_SELFTEST_ROWS_H_
#define CLIENT_SELFTEST_ROWS_H_

/* Short names for the tables of ways alone: client/selftest_ways_*.c. */

#include "selftest_way.h"

#define FORM SELFTEST_FORM
#define EXACT SELFTEST_EXACT
#define PUT SELFTEST_PUT
#define LIST SELFTEST_LIST
#define BARE SELFTEST_BARE

#define INSIDE SELFTEST_INSIDE
#define NOTHING SELFTEST_NOTHING
#define BLIND SELFTEST_BLIND
#define CLOSED SELFTEST_CLOSED

#define KEY(a) { SELFTEST_KEY, a, NULL, 0 }
#define SET(a, b) { SELFTEST_SET, a, b, 0 }
#define DROP(a) { SELFTEST_DROP, a, NULL, 0 }
#define CALL(a, b) { SELFTEST_CALL, a, b, 0 }
#define FIRST(a, b) { SELFTEST_FIRST, a, b, 0 }
#define LAST(a, b) { SELFTEST_LAST, a, b, 0 }
#define AFTER(a, b) { SELFTEST_AFTER, a, b, 0 }
#define HEAD(a, b) { SELFTEST_HEAD, a, b, 0 }
#define NAME(a) { SELFTEST_FILE, a, NULL, 0 }
#define FILE_HEAD(a) { SELFTEST_FILE_HEAD, a, NULL, 0 }
#define POLICY(a, b) { SELFTEST_POLICY, a, b, 0 }
#define FLIP(a) { SELFTEST_FLIP, a, NULL, 0 }
#define TAKE(a) { SELFTEST_TAKE, a, NULL, 0 }
#define PREAMBLE(a) { SELFTEST_PREAMBLE, a, NULL, 0 }
#define EPILOGUE(a) { SELFTEST_EPILOGUE, a, NULL, 0 }
#define TYPE(a) { SELFTEST_TYPE, a, NULL, 0 }
#define METHOD(a) { SELFTEST_METHOD, a, NULL, 0 }
#define PATH(a) { SELFTEST_PATH, a, NULL, 0 }
#define QUERY(a) { SELFTEST_QUERY, a, NULL, 0 }
#define BEGIN(a) { SELFTEST_BEGIN, a, NULL, 0 }
#define APPEND(a) { SELFTEST_APPEND, a, NULL, 0 }
#define PARAM(a, b) { SELFTEST_PARAM, a, b, 0 }
#define HOST(a) { SELFTEST_HOST, a, NULL, 0 }
#define HEADER(a) { SELFTEST_HEADER, a, NULL, 0 }
#define BODY(a) { SELFTEST_BODY, a, NULL, 0 }
#define BYTES(n) { SELFTEST_BYTES, NULL, NULL, n }
#define LENGTH(a) { SELFTEST_LENGTH, a, NULL, 0 }
#define CHUNKED { SELFTEST_CHUNKED, NULL, NULL, 0 }
#define TAIL(a) { SELFTEST_TAIL, a, NULL, 0 }
#define END { SELFTEST_END, NULL, NULL, 0 }

#endif /* !CLIENT_SELFTEST_ROWS_H_ */
