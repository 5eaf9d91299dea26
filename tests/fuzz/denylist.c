#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "state/denylist.h"
#include "state/denylist_entry.h"

#include "fuzz.h"

/*
 * A denylist, of any bytes.  What must hold of one that is accepted: written
 * anew, entry by entry, its values are the same; its reasons lie within it and
 * print nothing that a terminal obeys; and it is no longer a denylist when its
 * last byte is missing.
 */
#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define HEAD "foldergate denylist 1\n"

const char *const fuzz_seeds[] = {
	HEAD "hotkey " ALICE " never r\nentries 1\n",
	HEAD "address 10.0.0.0/8 1774000123 \xc3\xbc x\n"
	    "coldkey " ALICE " 0 r\nentries 2\n",
	HEAD "address 2001:db8::/32 1 a  b\naddress ::1 never r\nentries 2\n",
	HEAD "entries 0\n",
	NULL
};

const char *const fuzz_words[] = {
	HEAD, "hotkey ", "coldkey ", "address ", ALICE, " never ", " 1 ",
	"entries 0\n", "entries 1\n", "entries 2\n", "entries 3\n", "\n", " ",
	"0", "-", "253402300799", "253402300800", "18446744073709551616",
	"10.0.0.0/8", "::ffff:192.0.2.1", "2001:db8::/32", "/", "\r", "\t",
	"\x1b[", "\xc2\x9b", "\xc2\xa0", "\xff", "\x7f",
	"address ::/0 0 r\n", "hotkey " ALICE " never r\n", NULL
};

static void
must(bool holds, const char *what)
{

	if (!holds) {
		fprintf(stderr, "denylist: %s\n", what);
		abort();
	}
}

static void
reason(const struct denylist_entry *e)
{
	size_t i;

	must(e->reason_len > 0 && e->reason_len <= DENYLIST_REASON_MAX &&
	    text_is_utf8(e->reason, e->reason_len), "a reason of no form");
	for (i = 0; i < e->reason_len; i++) {
		must((unsigned char)e->reason[i] >= 0x20 &&
		    e->reason[i] != 0x7f, "a control byte");
		must(i == 0 || e->reason[i - 1] != '\xc2' ||
		    (unsigned char)e->reason[i] >= 0xa0, "one of C1");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char value[DENYLIST_ENTRY_VALUE_MAX + 1],
	    again[DENYLIST_ENTRY_VALUE_MAX + 1];
	struct denylist_entry *entry, copy, *none;
	const char *text = (const char *)data;
	size_t i, n, m;

	if (denylist_entry_parse(text, len, &entry, &n) != NULL)
		return (0);
	must(n <= DENYLIST_ENTRIES_MAX, "too many entries");
	for (i = 0; i < n; i++) {
		denylist_entry_value(&entry[i], value);
		must(denylist_entry_set(&copy, entry[i].kind, value,
		    strlen(value)) == ERR_OK, "a value that is none");
		denylist_entry_value(&copy, again);
		must(strcmp(value, again) == 0, "another value");
		must(entry[i].end_s >= 0, "an end before time");
		must(entry[i].reason > text && entry[i].reason +
		    entry[i].reason_len < text + len, "a reason elsewhere");
		reason(&entry[i]);
	}
	free(entry);
	must(denylist_entry_parse(text, len - 1, &none, &m) != NULL,
	    "cut, and good");
	return (0);
}
