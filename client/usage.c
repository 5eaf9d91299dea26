/* foldergate usage: print today's counters and their limits. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/admit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/timefmt.h"
#include "command.h"
#include "config/config.h"
#include "crypto/ss58.h"
#include "ledger/ledger.h"
#include "state/throttle.h"

#define DAY_S 86400

static void
print_counter(void *user, const char *name, int64_t used)
{
	const struct config *cfg = user;
	const int64_t limit = admit_limit(cfg, name);

	printf("%-80s %8" PRId64, name, used);
	if (limit >= 0)
		printf(" of %" PRId64, limit);
	printf("\n");
}

/* All counters, or those of one address, which is a hotkey or an owner. */
static enum err
print_counters(struct ledger *s, const struct config *cfg, int64_t day,
    const char *address)
{
	static const char *const levels[] = { "hotkey/", "coldkey/" };
	char prefix[LEDGER_NAME_MAX + 1];
	struct buf b;
	size_t i;
	enum err e;

	if (address == NULL)
		return (ledger_usage(s, day, "", print_counter,
		    (void *)(uintptr_t)cfg));
	for (i = 0; i < 2; i++) {
		buf_init(&b, prefix, sizeof(prefix));
		buf_fmt(&b, "%s%s/", levels[i], address);
		if ((e = ledger_usage(s, day, prefix, print_counter,
		    (void *)(uintptr_t)cfg)) != ERR_OK)
			return (e);
	}
	return (ERR_OK);
}

/* Print the refusals of this machine since its table was made.  Another
   user's table cannot be read, and then nothing is printed. */
static void
print_refusals(const struct config *cfg)
{
	const struct throttle_options o = {
		.directory = cfg->state_shared,
		.per_minute = cfg->limits_address_per_minute,
		.burst = cfg->limits_address_burst,
	};
	uint64_t counts[ERR_COUNT];
	char name[64];
	int i, j;

	if (throttle_told(&o, counts) != ERR_OK)
		return;
	for (i = 0; i < ERR_COUNT; i++) {
		/* One code may stand for several errors. */
		for (j = i + 1; j < ERR_COUNT; j++) {
			if (strcmp(err_code((enum err)i),
			    err_code((enum err)j)) == 0) {
				counts[i] += counts[j];
				counts[j] = 0;
			}
		}
		if (counts[i] == 0)
			continue;
		snprintf(name, sizeof(name), "refused/%s",
		    err_code((enum err)i));
		printf("%-80s %8" PRIu64 "\n", name, counts[i]);
	}
}

int
command_usage(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	const int64_t now_s = clock_now_ms() / 1000;
	const char *address = NULL;
	char until[TIMEFMT_ISO_MAX + 1];
	struct config cfg;
	struct ledger *s;
	uint8_t key[SS58_KEY_LEN];
	enum err e;

	if (command_options(argc, argv, none, &address, 1) < 0)
		return (COMMAND_USAGE);
	if (address != NULL &&
	    ss58_decode(address, strlen(address), key) != ERR_OK)
		return (command_wrong("\"%s\" %s", address,
		    ss58_wrong(address, strlen(address))));
	if (!command_config(&cfg) ||
	    admit_open_ledger(&cfg, &s) != ERR_OK)
		return (COMMAND_FAILED);
	timefmt_iso(now_s - now_s % DAY_S + DAY_S, until);
	e = print_counters(s, &cfg, now_s / DAY_S, address);
	if (e == ERR_OK && address == NULL)
		print_refusals(&cfg);
	if (e == ERR_OK)
		printf("counted until %s\n", until);
	ledger_free(s);
	return (e == ERR_OK ? COMMAND_OK : COMMAND_FAILED);
}
