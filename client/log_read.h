#ifndef CLIENT_LOG_READ_H_
#define CLIENT_LOG_READ_H_

#include <sys/stat.h>

#include <stdint.h>
#include <stdio.h>

/*
 * Logs, line by line: a file that may be renamed while it is read, and those
 * that were renamed before.  Others may write into their directory, so no link
 * and no FIFO is read.
 */

/* A longer line was not written by foldergate.  Only so much of it is kept. */
#define LOG_READ_LINE_MAX 65536

struct log_read {
	/* Called with each line, without its newline.  ${len} is its length
	   even if not all of it was kept. */
	void (*line)(void *with, const char *line, size_t len);
	void *with;

	struct stat first;		/* the first file that was read */
	uintmax_t files, unread_files;
};

/**
 * log_read_stream(r, f):
 * Read ${f} to its end.
 */
void log_read_stream(struct log_read *r, FILE *f);

/**
 * log_read_file(r, path):
 * Read the file ${path}, which may be missing.  If it cannot be read, print
 * why and count it.
 */
void log_read_file(struct log_read *r, const char *path);

/**
 * log_read_all(r, path):
 * Read ${path}, and NAME.N or NAME-N beside it, with any suffix.
 */
void log_read_all(struct log_read *r, const char *path);

/**
 * log_read_print(text):
 * Print a text between quotes, without any byte that a terminal obeys.
 */
void log_read_print(const char *text);

/**
 * log_read_print_word(text):
 * Print a word as it is, and any other text as log_read_print() does.
 */
void log_read_print_word(const char *text);

#endif /* !CLIENT_LOG_READ_H_ */
