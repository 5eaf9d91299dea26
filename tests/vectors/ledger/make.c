/* Made store.sqlite; see SOURCE. */
#include <string.h>

#include "ledger/ledger.h"

#define NOW INT64_C(1795360631000)
#define DAY_MS INT64_C(86400000)

static void
admit(struct ledger *s, int64_t n, int64_t ms)
{
	struct ledger_counter c = { "a", 1000, false };
	uint8_t key[LEDGER_KEY_LEN];
	struct ledger_request r = { .replay_key = key, .signed_at_ms = ms,
	    .now_ms = ms, .day = ms / DAY_MS, .counter = &c, .counters = 1 };
	struct ledger_result out;

	memset(key, 0x80, sizeof(key));
	key[7] = 0;
	memcpy(key + 32, &n, sizeof(n));
	(void)!ledger_admit(s, &r, &out);
}

int
main(void)
{
	struct ledger_options o = { .directory = ".", .redis_url = "",
	    .redis_password_file = "", .wait_ms = 1000, .boot_id = "" };
	struct ledger *s;
	int64_t n;

	if (ledger_open(&o, &s) != ERR_OK)
		return (1);
	admit(s, 1, NOW - DAY_MS);	/* the birth, refused */
	admit(s, 2, NOW - DAY_MS + 1);	/* forgotten by the next */
	for (n = 100; n < 300; n++)
		admit(s, n, NOW - 300000 + n);
	ledger_free(s);
	return (0);
}
