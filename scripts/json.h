/* Writes indented JSON to standard output, for the programs that describe the
   API at build time. */
#ifndef SCRIPTS_JSON_H_
#define SCRIPTS_JSON_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/**
 * json_begin(depth):
 * Start, as if ${depth} objects were open around.
 */
void json_begin(int depth);

/**
 * json_open(name, bracket), json_close():
 * Open an object ('{') or an array ('['), as the member ${name} of the one
 * around it, or without a name (NULL).  Close the innermost.
 */
void json_open(const char *name, char bracket);
void json_close(void);

/**
 * json_text(name, fmt, ...), json_int(name, n), json_flag(name, is):
 * Write a string, a number, a boolean.
 */
void json_text(const char *name, const char *fmt, ...) PRINTF_LIKE(2, 3);
void json_int(const char *name, int64_t n);
void json_flag(const char *name, bool is);

/**
 * json_raw(name, value):
 * Write ${value}, which is JSON.
 */
void json_raw(const char *name, const char *value);

/**
 * json_ref(name, kind, of):
 * Write an object that refers to the component ${of} of ${kind}.
 */
void json_ref(const char *name, const char *kind, const char *of);

/**
 * json_paste(in):
 * Copy to the innermost object the members that ${in} has, a few lines each,
 * as a program writes them after json_begin().
 */
void json_paste(FILE *in);

#endif /* !SCRIPTS_JSON_H_ */
