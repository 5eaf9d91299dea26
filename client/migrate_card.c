#include <string.h>

#include "command.h"
#include "crypto/ss58.h"
#include "identity.h"
#include "migrate.h"
#include "progress.h"

#define CARD "README.md"
#define LINE "Miner Hotkey"
#define CARD_BYTES ((size_t)1 << 20)

/* Return the first address in the ${len} bytes at ${s}, or 0 and its
   length. */
static size_t
address_in(const char *s, size_t len, const char **at)
{
	size_t i, n;
	uint8_t key[SS58_KEY_LEN];

	for (i = 0; i < len; i += n + 1) {
		for (n = 0; i + n < len && ((s[i + n] >= '1' &&
		    s[i + n] <= '9') || (s[i + n] >= 'A' && s[i + n] <= 'Z') ||
		    (s[i + n] >= 'a' && s[i + n] <= 'z')); n++)
			continue;
		if (n > 40 && ss58_decode(s + i, n, key) == ERR_OK) {
			*at = s + i;
			return (n);
		}
	}
	return (0);
}

/* The line of a card that names the miner's hotkey is what somebody wrote, so
   it only raises a question. */
static void
check(struct migrate *m, const struct hub_repo *repo, const char *text)
{
	const char *own = m->c->keys.hotkey.ss58;
	const char *line = strstr(text, LINE), *at;
	size_t n;

	if (line == NULL)
		return;
	line += strlen(LINE);
	n = address_in(line, strcspn(line, "\r\n"), &at);
	if (n > 0 && (strlen(own) != n || memcmp(own, at, n) != 0))
		progress_say(m->progress, true, "foldergate: hf://datasets/%s: "
		    "its card names the hotkey %.*s, not yours; is this your "
		    "data set?", repo->name, (int)n, at);
}

void
migrate_card(struct migrate *m)
{
	struct buf text;
	size_t i;

	for (i = 0; i < m->list.repos; i++) {
		if (!m->list.repo[i].card || service_stopped(m->c->service))
			continue;
		buf_init_growing(&text, 4096, CARD_BYTES);
		if (hub_text(m->hub, &m->list.repo[i], CARD, &text) ==
		    COMMAND_OK)
			check(m, &m->list.repo[i], text.data);
		buf_free(&text);
	}
}
