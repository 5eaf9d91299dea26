/* A CGI program that does nothing: what the system takes for each request. */
#include <unistd.h>

int
main(void)
{
	static const char answer[] = "Status: 200 OK\r\n\r\n";

	return (write(STDOUT_FILENO, answer, sizeof(answer) - 1) !=
	    (ssize_t)sizeof(answer) - 1);
}
