#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "screen.h"

/* The alternate screen, which keeps what was there, and no cursor. */
#define ENTER "\033[?1049h"
#define CLEAR "\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* The largest frame. */
#define FRAME_MAX ((size_t)1 << 20)

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int changes[] = { SIGTSTP, SIGCONT, SIGWINCH };
#define ENDS (sizeof(ends) / sizeof(ends[0]))
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* What came since screen_wait() looked last. */
static volatile sig_atomic_t stop, suspend, back, resized;

struct screen {
	struct termios before;
	bool taken;		/* the terminal is ours now */
	sigset_t mask;		/* of signals, before and while we wait */
	struct sigaction old_end[ENDS], old_change[CHANGES];
	unsigned char key[64];	/* read, and not looked at yet */
	size_t keys, next;
	int code;		/* where we are in the code of a key */
	int number;		/* in it */
};

/* The one that exit() gives back. */
static struct screen *current;

/* --- the terminal -------------------------------------------------------- */

/* Write everything.  A signal that ends the command ends this, too, because a
   terminal may be stopped. */
static bool
write_all(const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(STDOUT_FILENO, data, len);
		if (n == -1 && errno == EINTR && stop == 0)
			continue;
		if (n <= 0)
			return (false);
		data += n;
		len -= (size_t)n;
	}
	return (true);
}

static bool
set_modes(const struct termios *modes)
{

	while (tcsetattr(STDIN_FILENO, TCSANOW, modes) != 0) {
		if (errno != EINTR)
			return (false);
	}
	return (true);
}

/* Ctrl-C and Ctrl-Z stay signals.  In the background this stops us, until a
   person fetches us back.  After SIGSTOP the alternate screen is still on. */
static bool
take(struct screen *s)
{
	const char *enter = s->taken ? CLEAR : ENTER CLEAR;
	struct termios modes = s->before;

	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	if (!set_modes(&modes))
		return (false);
	s->taken = true;
	return (write_all(enter, strlen(enter)));
}

static void
give_back(struct screen *s)
{

	if (!s->taken)
		return;
	s->taken = false;
	(void)write_all(LEAVE, strlen(LEAVE));
	(void)set_modes(&s->before);
}

static void
at_exit(void)
{

	if (current != NULL)
		give_back(current);
}

/* --- signals ------------------------------------------------------------- */

static void
on_signal(int number)
{

	if (number == SIGTSTP)
		suspend = 1;
	else if (number == SIGCONT)
		back = 1;
	else if (number == SIGWINCH)
		resized = 1;
	else
		stop = number;
}

static void
watch(struct screen *s)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours;
	size_t i;

	sigfillset(&act.sa_mask);
	sigemptyset(&ours);
	for (i = 0; i < ENDS; i++)
		sigaddset(&ours, ends[i]);
	for (i = 0; i < CHANGES; i++)
		sigaddset(&ours, changes[i]);
	sigprocmask(SIG_BLOCK, &ours, &s->mask);
	for (i = 0; i < ENDS; i++) {
		sigaction(ends[i], NULL, &s->old_end[i]);

		/* nohup ignores SIGHUP, so that the work goes on. */
		if (s->old_end[i].sa_handler != SIG_IGN)
			sigaction(ends[i], &act, NULL);
	}
	for (i = 0; i < CHANGES; i++)
		sigaction(changes[i], &act, &s->old_change[i]);
}

static void
unwatch(struct screen *s)
{
	size_t i;

	for (i = 0; i < ENDS; i++)
		sigaction(ends[i], &s->old_end[i], NULL);
	for (i = 0; i < CHANGES; i++)
		sigaction(changes[i], &s->old_change[i], NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/* Stop, as Ctrl-Z asks, with the terminal as it was; then go on. */
static bool
sleep_until_back(struct screen *s)
{

	give_back(s);
	unwatch(s);
	raise(SIGTSTP);
	watch(s);
	suspend = back = 0;
	return (take(s));
}

/* --- opening and closing ------------------------------------------------- */

struct screen *
screen_open(void)
{
	static bool registered;
	struct screen *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		log_die("out_of_memory", "screen");
	if (!registered && atexit(at_exit) != 0)
		log_die("out_of_memory", "screen");
	registered = true;
	stop = suspend = back = resized = 0;
	if (tcgetattr(STDIN_FILENO, &s->before) != 0) {
		free(s);
		return (NULL);
	}
	current = s;
	watch(s);
	if (!take(s)) {
		screen_close(s);
		return (NULL);
	}
	return (s);
}

bool
screen_close(struct screen *s)
{
	const int number = stop;

	give_back(s);
	current = NULL;
	unwatch(s);
	free(s);
	if (number != 0 && number != SIGINT)
		raise(number);
	return (number == SIGINT);
}

/* --- drawing ------------------------------------------------------------- */

/* Each line is cleared before it is written: a sign in the last column leaves
   the cursor on it, and clearing would remove it.  The last line also clears
   what is below. */
bool
screen_draw(struct screen *s, const char *line, size_t size, size_t n)
{
	sigset_t ours;
	struct buf b;
	bool good;
	size_t i;

	buf_init_growing(&b, 16384, FRAME_MAX);
	buf_str(&b, n > 0 ? "\033[H" : "\033[H\033[J");
	for (i = 0; i < n; i++) {
		buf_str(&b, i > 0 ? "\r\n" : "");
		buf_str(&b, i + 1 < n ? "\033[K" : "\033[J");
		buf_str(&b, line + i * size);
	}
	sigprocmask(SIG_SETMASK, &s->mask, &ours);
	good = buf_end(&b) == ERR_OK && write_all(b.data, b.len);
	sigprocmask(SIG_SETMASK, &ours, NULL);
	buf_free(&b);
	return (good);
}

/* --- waiting ------------------------------------------------------------- */

/* The key that ends with ${c} after "ESC [" or "ESC O"; 0: none of ours. */
static int
coded(int c, int number)
{

	switch (c) {
	case 'A':
		return (SCREEN_UP);
	case 'B':
		return (SCREEN_DOWN);
	case '~':
		return (number == 5 ? SCREEN_PAGE_UP : number == 6 ?
		    SCREEN_PAGE_DOWN : 0);
	}
	return (0);
}

/* Take one byte further.  Return a key, or 0.
 *   Source  ECMA-48, 5.4: parameters are 0x30 to 0x3f, intermediates 0x20 to
 *	     0x2f, the final byte is 0x40 to 0x7e
 */
static int
advance(struct screen *s, int c)
{

	if (c == '\033') {
		s->code = 1;
		s->number = 0;
	} else if (s->code == 1 && (c == '[' || c == 'O')) {
		s->code = 2;
	} else if (s->code == 2 && c >= '0' && c <= '9') {
		s->number = s->number < 1000 ? s->number * 10 + c - '0' : 1000;
	} else if (s->code == 2 && c >= 0x20 && c <= 0x3f) {
		s->number = 1000;
	} else if (s->code == 2) {
		s->code = 0;
		return (coded(c, s->number));
	} else {
		s->code = 0;
		return (c);
	}
	return (0);
}

static bool
read_keys(struct screen *s)
{
	const ssize_t n = read(STDIN_FILENO, s->key, sizeof(s->key));

	s->next = 0;
	s->keys = n > 0 ? (size_t)n : 0;
	return (n > 0 || (n == -1 && (errno == EINTR || errno == EAGAIN)));
}

/* The signals that came; SCREEN_NOTHING: none. */
static enum screen_event
signalled(struct screen *s)
{

	if (stop != 0)
		return (SCREEN_STOPPED);
	if (suspend != 0)
		return (sleep_until_back(s) ? SCREEN_CHANGED : SCREEN_LOST);
	if (back != 0) {
		back = 0;
		return (take(s) ? SCREEN_CHANGED : SCREEN_LOST);
	}
	if (resized == 0)
		return (SCREEN_NOTHING);
	resized = 0;
	return (SCREEN_CHANGED);
}

enum screen_event
screen_wait(struct screen *s, int64_t ms, int *key)
{
	const int64_t end_ms = clock_tick_ms() + ms;
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec wait;
	enum screen_event event;
	int64_t left;
	int n;

	for (;;) {
		while (s->next < s->keys) {
			if ((*key = advance(s, s->key[s->next++])) != 0)
				return (SCREEN_KEY);
		}
		if ((event = signalled(s)) != SCREEN_NOTHING)
			return (event);
		left = end_ms - clock_tick_ms();
		left = left < 0 ? 0 : left;
		wait.tv_sec = left / 1000;
		wait.tv_nsec = left % 1000 * 1000000;
		n = ppoll(&p, 1, &wait, &s->mask);
		if (n == 0)
			return (SCREEN_NOTHING);
		if ((n == -1 && errno != EINTR) || (n > 0 && !read_keys(s)))
			return (stop != 0 ? SCREEN_STOPPED : SCREEN_LOST);
	}
}
