#ifndef WEB_PROGRAM_H_
#define WEB_PROGRAM_H_

struct endpoint;

/**
 * program_main(ep):
 * The main function of a program in cgi-bin/.  Serve ${ep} until a signal
 * stops it (FastCGI), or once (CGI).  Return the program's exit status.
 */
int program_main(const struct endpoint *ep);

#endif /* !WEB_PROGRAM_H_ */
