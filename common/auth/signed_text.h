#ifndef AUTH_SIGNED_TEXT_H_
#define AUTH_SIGNED_TEXT_H_

#include <stddef.h>
#include <stdint.h>

#include "crypto/ss58.h"

/*
 * The exact text that a client signs, for each kind of request and generation
 * of clients: signed_text.def.  Clients sign with the same function
 * (foldergate sign).
 */
enum signed_text_kind {
#define SIGNED_TEXT(name, form) SIGNED_TEXT_##name,
#include "auth/signed_text.def"
#undef SIGNED_TEXT
	SIGNED_TEXT_KINDS
};

#define SIGNED_TEXT_MAX 255

struct signed_text {
	char text[SIGNED_TEXT_MAX + 1];
	size_t len;
};

/* The parts of a text.  A kind uses the parts that its form names. */
struct signed_parts {
	const struct ss58 *hotkey;	/* the signer */
	const struct ss58 *coldkey;	/* its owner */
	const struct ss58 *miner;	/* by hotkey or coldkey */
	const char *source;		/* the first 32 bytes are used */
	int64_t timestamp;		/* Unix seconds */
};

/**
 * signed_text_make(kind, parts, out):
 * Write the text of ${kind}.  It always fits.
 */
void signed_text_make(enum signed_text_kind kind,
    const struct signed_parts *parts, struct signed_text *out);

/**
 * signed_text_form(kind):
 * Return the form of ${kind}, with {part} for each part.  It is a static
 * string.
 */
const char *signed_text_form(enum signed_text_kind kind);

#endif /* !AUTH_SIGNED_TEXT_H_ */
