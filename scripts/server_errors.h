/* What a web server answers by itself, read from errors/. */
#ifndef SCRIPTS_SERVER_ERRORS_H_
#define SCRIPTS_SERVER_ERRORS_H_

struct server_error {
	char detail[128], code[64];
};

/**
 * server_error(status):
 * Return the body of errors/STATUS.html, or NULL if there is no such file.  It
 * is valid until the next call.  The program ends if the file is malformed.
 */
const struct server_error *server_error(int status);

#endif /* !SCRIPTS_SERVER_ERRORS_H_ */
