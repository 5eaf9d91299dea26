#include <stdio.h>
#include <string.h>

#include "config/providers.h"
#include "paper.h"
#include "store_advice.h"

/* How uploads are granted, and the settings for it.  The best one is first. */
static const struct way {
	enum store_trial_use use;
	bool post_policy, per_file_only;
	const char *settings;
} ways[] = {
	{ STORE_TRIAL_FOLDER, true, false,
	    "s3.post_policy = yes and access.per_file_only = no" },
	{ STORE_TRIAL_PUT, false, false, "s3.post_policy = no" },
	{ STORE_TRIAL_FILE, true, true,
	    "s3.post_policy = yes and access.per_file_only = yes" },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const struct way *
configured(const struct store *s)
{

	if (!s->bucket.post_policy)
		return (&ways[1]);
	return (s->cfg->access_per_file_only ? &ways[2] : &ways[0]);
}

unsigned
store_advice_uses(const struct store *s)
{
	const bool asks = s->cfg->access_file_uploads &&
	    s->cfg->access_layouts.hotkey;
	unsigned uses = configured(s)->use;

	/* get-file-upload-url vends a form for one file. */
	if (uses == STORE_TRIAL_FOLDER && asks)
		uses |= STORE_TRIAL_FILE;
	return (asks ? uses | STORE_TRIAL_ASK : uses);
}

static bool
holds(const struct store_advice_row *rows, size_t n, unsigned uses)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((rows[i].trial->used_by & uses) != 0 &&
		    rows[i].result != STORE_TRIAL_OK)
			return (false);
	}
	return (true);
}

/* --- the profile --------------------------------------------------------- */

static const struct row {
	const char *word, *region;
	bool virtual_hosted, post_policy;
	const char *acl, *storage_class;
} rows_of_providers[] = {
#define ROW(NAME, word, ...) { word, __VA_ARGS__ },
	CONFIG_PROVIDERS(ROW)
#undef ROW
};
#define PROVIDERS (sizeof(rows_of_providers) / sizeof(rows_of_providers[0]))

/* Print, or only count, the settings that must be written beside a provider's
   name. */
static int
differs(const struct row *p, const struct row *want, bool print)
{
	const struct { const char *key, *value; bool differs; } all[] = {
		{ "region", want->region,
		    strcmp(p->region, want->region) != 0 },
		{ "addressing", want->virtual_hosted ? "virtual" : "path",
		    p->virtual_hosted != want->virtual_hosted },
		{ "post_policy", want->post_policy ? "yes" : "no",
		    p->post_policy != want->post_policy },
		{ "acl", want->acl[0] != '\0' ? want->acl : "none",
		    want->post_policy && strcmp(p->acl, want->acl) != 0 },
		{ "storage_class", want->storage_class[0] != '\0' ?
		    want->storage_class : "none", want->post_policy &&
		    strcmp(p->storage_class, want->storage_class) != 0 },
	};
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		n += all[i].differs;
		if (print && all[i].differs)
			printf("  %s = %s\n", all[i].key, all[i].value);
	}
	return (n);
}

/* The provider that leaves the least to write.  The configured one, if it is
   one of several. */
static const struct row *
best(const struct store *s, const struct row *want)
{
	const struct row *p = &rows_of_providers[s->cfg->s3_provider];
	size_t i;

	for (i = 0; i < PROVIDERS; i++) {
		if (differs(&rows_of_providers[i], want, false) <
		    differs(p, want, false))
			p = &rows_of_providers[i];
	}
	return (p);
}

static void
print_profile(const struct store *s, const struct way *way)
{
	const struct row want = {
		NULL, s->bucket.region, s->bucket.prefix_len == 0,
		way->post_policy, s->bucket.acl, s->bucket.storage_class
	};
	const struct row *p = best(s, &want);

	paper(2, "\nThe profile that fits this store:\n");
	printf("  [s3]\n  provider = %s\n", p->word);
	(void)differs(p, &want, true);
	if (way->per_file_only)
		printf("\n  [access]\n  per_file_only = yes\n");
}

/* --- the verdict --------------------------------------------------------- */

static void
print_row(const struct store_advice_row *r)
{

	if (r->result == STORE_TRIAL_UNKNOWN)
		paper(2, "  %s is not known: the store did not answer",
		    r->trial->name);
	else
		paper(2, "  %s: %s", r->trial->name, r->trial->harm);
}

static void
print_other_ways(const struct store *s, const struct store_advice_row *rows,
    size_t n)
{
	const struct way *first = NULL;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (&ways[i] == configured(s) || !holds(rows, n, ways[i].use))
			continue;
		paper(2, "%s %s", first == NULL ? "\nInstead, set" : "or",
		    ways[i].settings);
		if (first == NULL)
			first = &ways[i];
	}
	if (first != NULL)
		print_profile(s, first);
	else
		paper(2, "\nNo settings of foldergate make this store safe. "
		    "Use another store, or another key pair.");
}

bool
store_advice_verdict(const struct store *s, const struct store_advice_row *rows,
    size_t n)
{
	const struct way *way = configured(s);
	const unsigned uses = store_advice_uses(s);
	bool unknown = false;
	size_t i;

	if (holds(rows, n, uses)) {
		paper(2, "\nThe store enforces what these settings (%s) rely "
		    "on.", way->settings);
		print_profile(s, way);
		return (true);
	}
	paper(2, "\nThis store does NOT enforce what these settings (%s) rely "
	    "on:", way->settings);
	for (i = 0; i < n; i++) {
		if ((rows[i].trial->used_by & uses) == 0 ||
		    rows[i].result == STORE_TRIAL_OK)
			continue;
		print_row(&rows[i]);
		unknown |= rows[i].result == STORE_TRIAL_UNKNOWN;
	}
	if (unknown)
		paper(2, "\nTry again when the store answers.");
	else if (holds(rows, n, uses & ~(unsigned)STORE_TRIAL_ASK))
		paper(2, "\nLet the read key list and get, or set "
		    "access.file_uploads = no.");
	else
		print_other_ways(s, rows, n);
	return (false);
}
