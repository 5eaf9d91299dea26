#ifndef CLIENT_PAPER_H_
#define CLIENT_PAPER_H_

/**
 * paper(indent, fmt, ...):
 * Print a line on standard output.  On a terminal it is folded between words at
 * its width, and what does not fit on the first line is indented by ${indent};
 * elsewhere it stays one line, for programs.
 */
void paper(int indent, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* !CLIENT_PAPER_H_ */
