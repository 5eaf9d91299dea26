#include <stdio.h>

#include "store_look.h"
#include "store_sign.h"
#include "store_start.h"

static bool
form_stores(struct store *s, const char *folder, const char *name)
{
	const struct store_sign_form f = {
		.kind = POST_POLICY_FOLDER, .granted = folder, .sent = name
	};
	const size_t bytes = store_size(s);

	return (store_sign_form(s, &f, bytes, "file") / 100 == 2 &&
	    store_look_holds(s, name, bytes));
}

static bool
put_stores(struct store *s, const char *name)
{
	const size_t bytes = store_size(s);
	const struct store_sign_url u = {
		KEYRING_UPLOAD, PRESIGN_PUT, name, NULL, (int64_t)bytes
	};
	char url[PRESIGN_OBJECT_MAX + 1], data[STORE_MAX_BYTES];

	store_fill(data, bytes);
	store_sign_url(s, &u, url);
	return (store_send(s, "PUT", url, NULL, data, bytes) / 100 == 2 &&
	    store_look_holds(s, name, bytes));
}

bool
store_start_file(struct store *s, const char *folder, const char *name)
{

	return (s->forms ? form_stores(s, folder, name) : put_stores(s, name));
}

/* Find the fields with which the store takes a form. */
static bool
find_form(struct store *s)
{
	const char *acl = s->bucket.acl, *class = s->bucket.storage_class;
	int i;

	for (i = 0; i < 4; i++) {
		s->no_acl = (i & 1) != 0;
		s->no_class = (i & 2) != 0;
		if ((s->no_acl && acl[0] == '\0') ||
		    (s->no_class && class[0] == '\0'))
			continue;
		s->bucket.acl = s->no_acl ? "" : acl;
		s->bucket.storage_class = s->no_class ? "" : class;
		if (form_stores(s, STORE_START_OWN, STORE_START_FIRST))
			return (true);
		if (s->lost)
			break;
	}
	s->no_acl = s->no_class = false;
	s->bucket.acl = acl;
	s->bucket.storage_class = class;
	return (false);
}

bool
store_start(struct store *s, char note[STORE_START_NOTE_MAX + 1])
{
	int by_form, by_put;

	s->forms = find_form(s);
	by_form = s->status;
	if ((s->forms || put_stores(s, STORE_START_FIRST)) &&
	    store_start_file(s, "other/", STORE_LOOK_VICTIM)) {
		store_look_again(s);
		return (!s->lost);
	}
	by_put = s->status;
	snprintf(note, STORE_START_NOTE_MAX + 1, "a file could be stored and "
	    "read back neither by form (status %d) nor by PUT (status %d): %s",
	    by_form, by_put, store_reason(s));
	return (false);
}

void
store_start_again(struct store *s)
{

	(void)store_start_file(s, STORE_START_OWN, STORE_START_FIRST);
	(void)store_start_file(s, "other/", STORE_LOOK_VICTIM);
	store_look_again(s);
}
