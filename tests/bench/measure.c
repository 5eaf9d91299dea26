/* Runs a command, and prints what it used: its exit status, seconds of wall
   time, seconds of CPU time, and the most memory in kB.  A program that forks has
   the memory of its parent for a moment, and getrusage() counts that; so the
   parent must be as small as this one.

   usage: measure FILE COMMAND [ARGUMENT ...]	the figures go to FILE */

#include <sys/resource.h>
#include <sys/wait.h>

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}

static double
seconds(const struct timeval *t)
{

	return ((double)t->tv_sec + 1e-6 * (double)t->tv_usec);
}

int
main(int argc, char **argv)
{
	const double start = now_s();
	struct rusage used;
	FILE *out;
	pid_t pid;
	int status;

	if (argc < 3 || (out = fopen(argv[1], "we")) == NULL ||
	    (pid = fork()) == -1)
		return (2);
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &used) != pid)
		return (2);
	fprintf(out, "%d %.6f %.6f %ld\n",
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1, now_s() - start,
	    seconds(&used.ru_utime) + seconds(&used.ru_stime),
	    used.ru_maxrss);
	return (fclose(out) != 0);
}
