#ifndef NET_ASKER_WIRE_H_
#define NET_ASKER_WIRE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/asker.h"

/*
 * The messages between net/asker and its process, one packet each.  Neither end
 * trusts the other.
 */
struct asker_question {
	uint32_t id;			/* not 0 */
	uint32_t sandbox;		/* enum asker_sandbox */
	uint32_t total_s, max_bytes;	/* the limits */
	char url[ASKER_URL_MAX + 1];	/* sent up to its NUL, inclusive */
};

struct asker_answer {
	uint32_t id;		/* 0: a process died */
	uint32_t fault;		/* enum net_fault */
	uint32_t status;	/* 0 unless that is NET_FINE */
	uint32_t etag;		/* 0 or 1 */
	int64_t date_s;		/* http_date(); -1: none */
};

/* The length of a question with the URL. */
#define ASKER_QUESTION_LEN(url_len)					\
	(offsetof(struct asker_question, url) + (url_len) + 1)

/**
 * asker_wire_question(q, len), asker_wire_answer(a, len):
 * Are the ${len} bytes at ${q} or ${a} a valid message?
 */
bool asker_wire_question(const struct asker_question *q, size_t len);
bool asker_wire_answer(const struct asker_answer *a, size_t len);

/**
 * asker_wire_serve(fd):
 * Answer questions from ${fd} until it ends.  Return the exit status.
 */
int asker_wire_serve(int fd);

#endif /* !NET_ASKER_WIRE_H_ */
