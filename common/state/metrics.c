#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "state/busiest.h"
#include "state/metrics.h"
#include "state/shared.h"
#include "state/snapshot.h"

/* Room for all errors, so that the layout seldom changes. */
#define ERRORS 128

/* Cells of a histogram: its buckets, then the sum of the microseconds. */
#define HISTOGRAM_CELLS (METRICS_BUCKETS + 2)
#define SUM (METRICS_BUCKETS + 1)

const int64_t metrics_bucket_us[METRICS_BUCKETS] = {
	50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000,
	250000, 500000, 1000000, 2500000, 5000000
};

/* How many values a label has. */
enum {
	COUNT_NONE = 1, COUNT_ENDPOINT = METRICS_ENDPOINTS,
	COUNT_ERROR = ERRORS,
#define LABEL(NAME, name, values) COUNT_##NAME = METRICS_COUNT_##NAME,
#include "state/metrics.def"
	COUNT_END
};

static const unsigned count_of[METRICS_LABELS] = {
	COUNT_NONE, COUNT_ENDPOINT, COUNT_ERROR,
#define LABEL(NAME, name, values) COUNT_##NAME,
#include "state/metrics.def"
};

/* All cells of the file. */
struct cells {
#define COUNTER(NAME, name, a, b, help)					\
	_Atomic uint64_t count_##NAME[COUNT_##a][COUNT_##b];
#define HISTOGRAM(NAME, name, a, help)					\
	_Atomic uint64_t time_##NAME[COUNT_##a][HISTOGRAM_CELLS];
#include "state/metrics.def"
};

#define CELL(member) (offsetof(struct cells, member) / sizeof(uint64_t))

const struct metrics_family metrics_families[METRICS_FAMILIES] = {
#define COUNTER(NAME, name, a, b, help)					\
	{ METRICS_COUNTER, "foldergate_" name "_total", help,		\
	    { METRICS_LABEL_##a, METRICS_LABEL_##b }, CELL(count_##NAME) },
#define HISTOGRAM(NAME, name, a, help)					\
	{ METRICS_HISTOGRAM, "foldergate_" name "_seconds", help,	\
	    { METRICS_LABEL_##a, METRICS_LABEL_NONE }, CELL(time_##NAME) },
#define GAUGE(NAME, name, a, b, help)					\
	{ METRICS_GAUGE, "foldergate_" name, help,			\
	    { METRICS_LABEL_##a, METRICS_LABEL_##b }, 0 },
#include "state/metrics.def"
};

struct head {
	char magic[8];
	uint32_t version, byte_order;
	uint64_t size;
	uint64_t meaning;	/* hash of all names, in their order */
};

struct endpoint {
	_Atomic uint64_t tag;	/* hash of the name; 0: free */
	char name[METRICS_NAME_MAX + 1];
};

struct table {
	struct head head;
	uint8_t salt[SHARED_SALT_LEN];
	struct endpoint endpoints[METRICS_ENDPOINTS];
	struct cells cells;
	struct busiest busiest;
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock would stay with the dead");
_Static_assert(ERR_COUNT <= ERRORS, "a cell for each error");
_Static_assert(SHARED_SALT_LEN == BUSIEST_SALT_LEN &&
    offsetof(struct table, salt) == sizeof(struct head) &&
    sizeof(struct head) <= SHARED_HEAD_MAX, "as state/shared.h has it");

struct metrics {
	struct table *table;
	size_t own;		/* our endpoint; METRICS_ENDPOINTS: none */
	int fd;			/* holds our lock; -1: not kept */
	int locked;		/* our byte; -1: none */
	enum metrics_of_SANDBOX how;
	bool is_copy;		/* the table is ours alone */
};

/* --- the file ------------------------------------------------------------ */

/* What the cells mean, except those of gauges, which have none. */
static const char meaning[] =
#define LABEL(NAME, name, values) name " " values
#define VALUE(LABEL_, NAME, text) #NAME " "
#define COUNTER(NAME, name, a, b, help) name " " #a " " #b " "
#define HISTOGRAM(NAME, name, a, help) name " " #a " "
#include "state/metrics.def"
#define ERR(name, status, code, detail) #name " "
#include "base/err.def"
#undef ERR
    ;

/*
 * No secret is in it, and nobody chooses what is hashed.  Eight bytes at a
 * time, because each CGI request does this.
 *   Source  Fowler, Noll and Vo: FNV-1a
 */
static uint64_t
hash(const char *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;
	size_t n;

	for (; len > 0; text += n, len -= n) {
		word = 0;
		n = len < sizeof(word) ? len : sizeof(word);
		memcpy(&word, text, n);
		h = (h ^ word) * UINT64_C(0x100000001b3);
	}
	return (h ^ h >> 32);
}

/* Find our place.  A process that is killed between the two steps has made a
   place without a name, which the next process of its endpoint names. */
static size_t
find_endpoint(struct table *t, const char *name)
{
	const uint64_t tag = hash(name, strlen(name));
	struct endpoint *p;
	uint64_t was;
	size_t i;

	for (i = 0; i < METRICS_ENDPOINTS; i++) {
		p = &t->endpoints[i];
		was = 0;
		if (!atomic_compare_exchange_strong(&p->tag, &was, tag) &&
		    was != tag)
			continue;
		if (p->name[0] == '\0' && strlen(name) <= METRICS_NAME_MAX)
			memcpy(p->name, name, strlen(name));
		return (i);
	}
	return (METRICS_ENDPOINTS);
}

static struct head
right_head(void)
{

	return ((struct head){ "fgcount", 1, 0x01020304, sizeof(struct table),
	    hash(meaning, sizeof(meaning)) });
}

enum err
metrics_open(const char *directory, const char *endpoint, bool keeps,
    struct metrics **m)
{
	const struct head head = right_head();
	const struct shared_form form = { &head, sizeof(head),
	    sizeof(struct table), endpoint == NULL };
	char path[PATH_MAX];
	int fd = -1;
	void *table;
	enum err e;

	*m = NULL;
	snapshot_path(directory, METRICS_FILE, path);
	if ((e = shared_keep(path, &form, &table, keeps ? &fd : NULL)) !=
	    ERR_OK)
		return (e);
	if ((*m = malloc(sizeof(**m))) == NULL)
		log_die("out_of_memory", "metrics");
	(*m)->table = table;
	(*m)->fd = fd;
	(*m)->locked = -1;
	(*m)->is_copy = false;
	(*m)->own = endpoint == NULL ? METRICS_ENDPOINTS :
	    find_endpoint(table, endpoint);
	return (ERR_OK);
}

enum err
metrics_copy(const char *directory, struct metrics **m, const char **why)
{
	const struct head head = right_head();
	const struct shared_form form = { &head, sizeof(head),
	    sizeof(struct table), true };
	char path[PATH_MAX];
	enum err e;

	if ((*m = calloc(1, sizeof(**m))) == NULL ||
	    ((*m)->table = malloc(sizeof(*(*m)->table))) == NULL)
		log_die("out_of_memory", "metrics");
	(*m)->locked = -1;
	(*m)->is_copy = true;
	(*m)->own = METRICS_ENDPOINTS;
	snapshot_path(directory, METRICS_FILE, path);
	e = shared_copy(path, &form, (*m)->table, &(*m)->fd, why);
	if (e != ERR_OK) {
		metrics_close(*m);
		*m = NULL;
	}
	return (e);
}

void
metrics_close(struct metrics *m)
{

	if (m == NULL)
		return;
	if (m->fd != -1)
		close(m->fd);
	if (m->is_copy)
		free(m->table);
	else
		shared_close(m->table, sizeof(*m->table));
	free(m);
}

int64_t
metrics_born_s(const struct metrics *m)
{
	struct statx x;

	if (m == NULL || m->fd == -1 || statx(m->fd, "", AT_EMPTY_PATH,
	    STATX_BTIME, &x) != 0 || (x.stx_mask & STATX_BTIME) == 0)
		return (0);
	return (x.stx_btime.tv_sec);
}

/* --- processes ----------------------------------------------------------- */

/* The first of the bytes that the processes of an endpoint lock.  They need
   not be in the file. */
static int
first_byte(size_t endpoint, enum metrics_of_SANDBOX how)
{

	return ((int)(endpoint * METRICS_COUNT_SANDBOX + how) *
	    METRICS_PROCESSES);
}

static int
lock_byte(int fd, short type, int at)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = at,
	    .l_len = 1 };

	return (fcntl(fd, F_OFD_SETLK, &l));
}

void
metrics_alive(struct metrics *m, enum metrics_of_SANDBOX how)
{
	int i, at;

	if (m == NULL || m->fd == -1 || m->own == METRICS_ENDPOINTS ||
	    (m->locked != -1 && m->how == how))
		return;
	if (m->locked != -1)
		(void)lock_byte(m->fd, F_UNLCK, m->locked);
	m->locked = -1;
	m->how = how;
	for (i = 0; i < METRICS_PROCESSES; i++) {
		at = first_byte(m->own, how) + i;
		if (lock_byte(m->fd, F_WRLCK, at) != 0)
			continue;
		m->locked = at;
		return;
	}
}

/* Count the bytes from ${from} on, before ${to}, that others have locked.  The
   kernel names any one of them. */
static unsigned
count_locked(int fd, off_t from, off_t to)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = from, .l_len = to - from };

	if (from >= to || fcntl(fd, F_OFD_GETLK, &l) != 0 ||
	    l.l_type == F_UNLCK || l.l_start < from || l.l_start >= to)
		return (0);
	return (1 + count_locked(fd, from, l.l_start) +
	    count_locked(fd, l.l_start + 1, to));
}

unsigned
metrics_processes(const struct metrics *m, size_t i,
    enum metrics_of_SANDBOX how)
{
	const int at = first_byte(i, how);
	bool own;

	if (m == NULL || m->fd == -1)
		return (0);
	own = m->locked >= at && m->locked < at + METRICS_PROCESSES;
	return (count_locked(m->fd, at, at + METRICS_PROCESSES) + own);
}

/* --- counting ------------------------------------------------------------ */

/* Return the ${c}th cell of the row ${a} of ${id}, whose rows have ${width}. */
static _Atomic uint64_t *
cell(const struct metrics *m, enum metrics_id id, unsigned a, unsigned width,
    unsigned c)
{
	_Atomic uint64_t *cells = (void *)&m->table->cells;

	return (&cells[metrics_families[id].first + (size_t)a * width + c]);
}

/* Set ${a} to our place if it means the endpoint.  False: it is in no table. */
static bool
place(const struct metrics *m, enum metrics_id id, unsigned *a)
{
	const struct metrics_family *f = &metrics_families[id];

	if (m == NULL)
		return (false);
	if (f->label[0] == METRICS_LABEL_ENDPOINT)
		*a = (unsigned)m->own;
	return (*a < count_of[f->label[0]]);
}

void
metrics_count(struct metrics *m, enum metrics_id id, unsigned a, unsigned b,
    uint64_t n)
{
	const unsigned width = count_of[metrics_families[id].label[1]];

	if (place(m, id, &a) && b < width)
		atomic_fetch_add_explicit(cell(m, id, a, width, b), n,
		    memory_order_relaxed);
}

void
metrics_time(struct metrics *m, enum metrics_id id, unsigned a, int64_t us)
{
	unsigned i;

	if (!place(m, id, &a))
		return;
	if (us < 0)
		us = 0;
	for (i = 0; i < METRICS_BUCKETS && us > metrics_bucket_us[i]; i++)
		;
	atomic_fetch_add_explicit(cell(m, id, a, HISTOGRAM_CELLS, i), 1,
	    memory_order_relaxed);
	atomic_fetch_add_explicit(cell(m, id, a, HISTOGRAM_CELLS, SUM),
	    (uint64_t)us, memory_order_relaxed);
}

struct busiest *
metrics_busiest(struct metrics *m, const uint8_t **salt)
{

	if (m == NULL)
		return (NULL);
	*salt = m->table->salt;
	return (&m->table->busiest);
}

/* --- reading ------------------------------------------------------------- */

const char *
metrics_endpoint(const struct metrics *m, size_t i)
{
	const struct endpoint *p;

	if (m == NULL || i >= METRICS_ENDPOINTS)
		return (NULL);
	p = &m->table->endpoints[i];
	return (p->name[0] != '\0' && p->name[METRICS_NAME_MAX] == '\0' ?
	    p->name : NULL);
}

uint64_t
metrics_counted(const struct metrics *m, enum metrics_id id, unsigned a,
    unsigned b)
{
	const unsigned width = count_of[metrics_families[id].label[1]];

	return (m == NULL ? 0 : atomic_load_explicit(cell(m, id, a, width, b),
	    memory_order_relaxed));
}

uint64_t
metrics_timed(const struct metrics *m, enum metrics_id id, unsigned a,
    uint64_t buckets[METRICS_BUCKETS + 1])
{
	unsigned i;

	memset(buckets, 0, (METRICS_BUCKETS + 1) * sizeof(buckets[0]));
	if (m == NULL)
		return (0);
	for (i = 0; i <= METRICS_BUCKETS; i++)
		buckets[i] = atomic_load_explicit(cell(m, id, a,
		    HISTOGRAM_CELLS, i), memory_order_relaxed);
	return (atomic_load_explicit(cell(m, id, a, HISTOGRAM_CELLS, SUM),
	    memory_order_relaxed));
}
