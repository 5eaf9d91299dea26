/* moves [-n N] [-c CAFILE] [-p [-q] [-j]] JOB ...: files through net/stream.h,
   N at once.  A JOB is form:URL:::FILE, put:URL:::FILE, get:URL:::FILE or
   get@OFFSET:URL:::FILE.  Prints a line of JSON for each, as it ends; with -p
   shows progress instead, as under --quiet and --json. */

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "net/stream.h"
#include "progress.h"
#include "settings.h"

#define JOBS_MAX 3000

static struct stream jobs[JOBS_MAX];
static int64_t pieces;

static const struct text_pair fields[] = {
	{ "acl", "private" }, { "key", "data/x/${filename}" },
};

static const struct text_pair headers[] = {
	{ "Content-Type", "application/octet-stream" }, { "X-Own", "1" },
};

static bool
on_piece(void *user, const void *data, size_t len)
{

	(void)user;
	(void)data;
	pieces += (int64_t)len;
	return (true);
}

static void
make(struct stream *s, char *word)
{
	char *url = strchr(word, ':') + 1, *file = strstr(word, ":::");
	const char *at = strchr(word, '@');
	struct stat st;

	*file = '\0';
	file += 3;
	s->url = url;
	s->filename = strrchr(file, '/') + 1;
	s->kind = word[0] == 'f' ? STREAM_FORM : word[0] == 'p' ? STREAM_PUT :
	    STREAM_GET;
	if (s->kind == STREAM_GET) {
		s->fd = open(file, O_WRONLY | O_CREAT, 0600);
		s->offset = at != NULL && at < url ? atoll(at + 1) : 0;
		s->bytes = (int64_t)1 << 33;
		s->piece = on_piece;
		return;
	}
	s->fd = open(file, O_RDONLY);
	if (s->fd == -1 || fstat(s->fd, &st) != 0)
		exit(2);
	s->bytes = st.st_size;
	s->fields = fields;
	s->n_fields = s->kind == STREAM_FORM ? 2 : 0;
	s->headers = headers;
	s->n_headers = 2;
	if (s->kind == STREAM_FORM)
		s->headers = NULL, s->n_headers = 0;
}

static void
print(const struct stream *s)
{

	printf("{\"name\":\"%s\",\"fault\":%d,\"errno\":%d,\"status\":%d,"
	    "\"etag\":%s,\"whole\":%lld,\"moved\":%lld,\"no_range\":%d,"
	    "\"answer\":%zu,\"pieces\":%lld}\n", s->filename, (int)s->fault,
	    s->file_errno, s->status, s->etag[0] != '\0' ? s->etag : "null",
	    (long long)s->whole, (long long)s->moved, s->no_range,
	    s->answer_len, (long long)pieces);
	fflush(stdout);
}

/* The most memory, without that of the process that started us. */
static void
print_memory(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			printf("{\"name\":\"memory\",\"kib\":%d}\n",
			    atoi(line + 6));
	}
}

/* What is done so far, of jobs whose size is known. */
static void
show(struct progress *p, int n, int ended)
{
	struct progress_view v = { .files = ended, .files_total = n };
	int i;

	for (i = 0; i < n; i++) {
		v.bytes += jobs[i].moved;
		v.bytes_total += jobs[i].kind == STREAM_GET ? 2000000 :
		    jobs[i].bytes;
	}
	progress_show(p, &v);
}

int
main(int argc, char **argv)
{
	static struct settings set;
	struct progress *p = NULL;
	const char *ca = NULL;
	int ended = 0;
	bool shows = false;
	unsigned most = STREAM_USUAL;
	struct stream_set *m;
	struct stream *s;
	int c, n = 0, next = 0;

	log_plain("moves");
	while ((c = getopt(argc, argv, "n:c:pqj")) != -1) {
		if (c == 'n')
			most = (unsigned)atoi(optarg);
		else if (c == 'c')
			ca = optarg;
		else if (c == 'p')
			shows = true;
		else
			*(c == 'q' ? &set.quiet : &set.json) = true;
	}
	if (shows && settings_load(&set) == 0)
		p = progress_new(&set, "move");
	for (; optind < argc && n < JOBS_MAX; optind++)
		make(&jobs[n++], argv[optind]);
	m = stream_new(NULL, ca);
	while (next < n || stream_running(m) > 0) {
		while (next < n && stream_running(m) < most)
			stream_start(m, &jobs[next++]);
		s = stream_next(m, p != NULL ? 50 : 200);
		if (p != NULL)
			show(p, n, ended);
		if (s == NULL)
			continue;
		ended++;
		if (p != NULL)
			progress_say(p, false, "moved %s", s->filename);
		else
			print(s);
		stream_drop(m, s);
		close(s->fd);
	}
	stream_free(m);
	progress_free(p);
	if (p == NULL)
		print_memory();
	return (0);
}
