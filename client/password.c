#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "password.h"

/* What a person at a terminal may do in the middle. */
static const int signals[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU
};
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t caught;

static void
on_signal(int number)
{

	caught = number;
}

static void
write_text(int fd, const char *text)
{

	/* What cannot be shown is not needed. */
	(void)!write(fd, text, strlen(text));
}

/* Read a line.  Return its length without its end, or -1. */
static ssize_t
read_line(int fd, char *line, size_t size)
{
	size_t len = 0;
	char c;
	ssize_t n;

	while ((n = read(fd, &c, 1)) == 1 && c != '\n') {
		if (len < size)
			line[len++] = c;
	}
	c = '\0';
	return (n < 0 || (n == 0 && len == 0) ? -1 : (ssize_t)len);
}

/* Ask once.  Return -1 if a signal or a fault came first. */
static ssize_t
ask(int fd, const char *prompt, char *line, size_t size)
{
	struct termios before, silent;
	struct sigaction act = { .sa_handler = on_signal }, old[SIGNALS];
	ssize_t len = -1;
	size_t i;

	caught = 0;
	sigemptyset(&act.sa_mask);
	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &act, &old[i]);
	if (tcgetattr(fd, &before) == 0) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		if (tcsetattr(fd, TCSAFLUSH, &silent) == 0) {
			write_text(fd, prompt);
			if (caught == 0)
				len = read_line(fd, line, size);
			write_text(fd, "\n");
			while (tcsetattr(fd, TCSAFLUSH, &before) == -1 &&
			    errno == EINTR && caught != SIGTTOU)
				continue;
		}
	}
	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &old[i], NULL);
	return (caught != 0 ? -1 : len);
}

static enum err
ask_terminal(const char *prompt, struct secret **password)
{
	struct secret *typed;
	void *room, *out;
	ssize_t len;
	int fd;

	/* A script, whose errors go elsewhere, must not wait for a person. */
	if (!isatty(STDERR_FILENO))
		return (ERR_IO);
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return (ERR_IO);
	typed = secret_room(PASSWORD_MAX, &room);
	do {
		len = ask(fd, prompt, room, PASSWORD_MAX);

		/* With the terminal as it was, the signal does what it does
		   elsewhere.  Whoever comes back from Ctrl-Z is asked
		   again. */
		if (caught != 0)
			raise(caught);
	} while (caught == SIGTSTP || caught == SIGTTIN || caught == SIGTTOU);
	close(fd);
	if (len > 0) {
		*password = secret_room((size_t)len, &out);
		memcpy(out, room, (size_t)len);
	}
	secret_free(typed);
	return (len > 0 ? ERR_OK : ERR_IO);
}

enum err
password_read(const char *file, const char *prompt, struct secret **password)
{

	*password = NULL;
	return (file != NULL ? secret_load(file, password) :
	    ask_terminal(prompt, password));
}
