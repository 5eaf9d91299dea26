/* Rows of foldergate doctor: do chain-sync and bucket-sync run, and how was
   their last look? */

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "auth/ready_mend.h"
#include "base/clock.h"
#include "base/file.h"
#include "config/config.h"
#include "doctor.h"
#include "json/document.h"
#include "state/bucket_index.h"
#include "state/metagraph.h"
#include "state/seen.h"
#include "state/snapshot.h"

/* As in sync/daemon.c. */
#define STATUS_MAX 16384

/* The longest line of /proc/locks. */
#define LINE_MAX_LEN 256

struct sync {
	const char *name, *code, *keeps;
	int64_t interval_s;
	bool warns;			/* grants do not depend on it */
	const char *once, *unit;
};

/* What is known about the last look. */
struct status {
	int64_t age_s;			/* INT64_MAX: none is known */
	bool ok;
	int64_t failures;
	char reason[LOG_VALUE_MAX + 1];
};

/* Does the kernel name a file by another device there than stat() does? */
static bool
has_other_device(const char *path)
{
	struct statfs fs;

	return (statfs(path, &fs) == 0 &&
	    (fs.f_type == BTRFS_SUPER_MAGIC ||
	    fs.f_type == OVERLAYFS_SUPER_MAGIC));
}

/* Does somebody hold the lock file?  /proc/locks shows that without a try,
   which could be in the way of the program as it starts. */
static bool
is_locked(const char *path)
{
	char line[LINE_MAX_LEN], want[64];
	bool found = false;
	struct stat st;
	FILE *f;

	if (stat(path, &st) != 0 || (f = fopen("/proc/locks", "re")) == NULL)
		return (false);
	if (has_other_device(path))
		snprintf(want, sizeof(want), ":%llu ",
		    (unsigned long long)st.st_ino);
	else
		snprintf(want, sizeof(want), " %02x:%02x:%llu ",
		    major(st.st_dev), minor(st.st_dev),
		    (unsigned long long)st.st_ino);
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, "FLOCK") != NULL &&
		    strstr(line, want) != NULL;
	fclose(f);
	return (found);
}

bool
doctor_sync_runs(const struct doctor *d, const char *sync)
{
	char name[NAME_MAX + 1], path[PATH_MAX];

	snprintf(name, sizeof(name), "%s.lock", sync);
	snapshot_path(d->cfg->state_directory, name, path);
	return (is_locked(path));
}

static void
parse_status(const struct file_map *map, struct status *s)
{
	struct json_object *o = NULL, *v;
	const char *text;

	if (document_parse(map->data, map->len, DOCUMENT_ANY, &o) == NULL) {
		s->ok = json_object_object_get_ex(o, "ok", &v) &&
		    json_object_get_boolean(v);
		if (json_object_object_get_ex(o, "failures", &v) &&
		    json_object_is_type(v, json_type_int))
			s->failures = json_object_get_int64(v);
		if (json_object_object_get_ex(o, "reason", &v) &&
		    json_object_is_type(v, json_type_string) &&
		    (text = json_object_get_string(v)) != NULL)
			snprintf(s->reason, sizeof(s->reason), "%s", text);
	}
	json_object_put(o);
}

static void
read_status(const struct doctor *d, const struct sync *y, struct status *s)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	struct file_map map;
	const char *why;

	memset(s, 0, sizeof(*s));
	s->age_s = INT64_MAX;
	snprintf(name, sizeof(name), "%s.status", y->name);
	snapshot_path(d->cfg->state_directory, name, path);
	if (file_map_open(path, STATUS_MAX, &map, &why) != ERR_OK)
		return;
	s->age_s = clock_now_ms() / 1000 - map.st.st_mtim.tv_sec;
	parse_status(&map, s);
	file_map_close(&map);
}

/* The program does not run, and did not run lately. */
static void
report_absent(struct doctor *d, const struct sync *y, struct ready_found *f,
    const struct status *s)
{

	if (s->age_s == INT64_MAX)
		snprintf(f->reason, sizeof(f->reason), "it does not run");
	else
		snprintf(f->reason, sizeof(f->reason), "it does not run, and "
		    "its last look was %lld s ago", (long long)s->age_s);
	snprintf(f->path, sizeof(f->path), "%s/%s", d->cfg->state_directory,
	    y->keeps);
	ready_mend(f, &d->as, y->once);
	if (doctor_unit(y->unit))
		snprintf(f->mend, sizeof(f->mend),
		    "systemctl enable --now %s", y->unit);
	doctor_found(d, f);
}

static void
report(struct doctor *d, const struct sync *y)
{
	struct ready_found f = { .code = y->code, .what = y->name,
	    .warns = y->warns };
	const bool runs = doctor_sync_runs(d, y->name);
	struct status s;

	read_status(d, y, &s);
	if (!runs && (s.age_s == INT64_MAX ||
	    s.age_s > SEEN_LATELY_S(y->interval_s))) {
		report_absent(d, y, &f, &s);
		return;
	}
	if (s.age_s != INT64_MAX && !s.ok) {
		f.warns = true;
		snprintf(f.reason, sizeof(f.reason), "%lld looks in a row "
		    "failed: %.150s", (long long)s.failures, s.reason);
		snprintf(f.path, sizeof(f.path), "%s/%s.status",
		    d->cfg->state_directory, y->name);
		ready_mend(&f, &d->as, "cat %P");
		if (doctor_unit(y->unit))
			snprintf(f.mend, sizeof(f.mend),
			    "journalctl -n 20 -u %s", y->unit);
		doctor_found(d, &f);
		return;
	}
	if (s.age_s == INT64_MAX)
		doctor_fine(d, y->code, y->name, "it runs");
	else
		doctor_fine(d, y->code, y->name, "%s; its last look was %lld s "
		    "ago", runs ? "it runs" : "it ran",
		    (long long)(s.age_s < 0 ? 0 : s.age_s));
}

void
doctor_sync(struct doctor *d)
{
	const struct sync chain = {
		"chain-sync", "chain_sync", METAGRAPH_FILE,
		d->cfg->chain_sync_interval_s, false,
		"sudo -u %S %Cchain-sync --once",
		"foldergate-chain-sync.service"
	}, bucket = {
		"bucket-sync", "bucket_sync", BUCKET_INDEX_FILE,
		d->cfg->bucket_sync_interval_s, true,
		"sudo -u %S %Cbucket-sync --once",
		"foldergate-bucket-sync.service"
	};

	if (d->cfg->chain_endpoints.n > 0)
		report(d, &chain);
	else
		doctor_fine(d, chain.code, chain.name,
		    "not used, since chain.endpoints is not set");
	report(d, &bucket);
}
