#ifndef CLIENT_SERVICE_ANSWER_H_
#define CLIENT_SERVICE_ANSWER_H_

#include <stddef.h>
#include <stdint.h>

#include "service.h"

/*
 * Reading what a service or its store answers, and explaining a refusal.  The
 * words are a stranger's: they are cut, and what is not printable ASCII is
 * replaced.  For client/service.c.
 */

/**
 * service_answer_say(a, words):
 * Set a->detail to ${words}, as far as they are safe to print.
 */
void service_answer_say(struct service_answer *a, const char *words);

/**
 * service_answer_read(a, text, len, max_values):
 * Read the JSON object in the ${len} bytes at ${text} into a->json and, if
 * a->result is a failure, its code and detail.  Without an object a->result
 * becomes SERVICE_BROKEN.
 */
void service_answer_read(struct service_answer *a, const char *text,
    size_t len, size_t max_values);

/**
 * service_answer_store(a, xml, len):
 * Read the code of a store's refusal.
 */
void service_answer_store(struct service_answer *a, const char *xml,
    size_t len);

/**
 * service_answer_explain(a, url, ahead_s):
 * service_explain(): ${url} is the service's, whose clock is ${ahead_s} before
 * ours.
 */
int service_answer_explain(const struct service_answer *a, const char *url,
    int64_t ahead_s);

#endif /* !CLIENT_SERVICE_ANSWER_H_ */
