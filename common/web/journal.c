#include <string.h>

#include "audit/audit.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/sink.h"
#include "config/form.h"
#include "web/journal.h"
#include "web/web.h"

void
journal_open(const struct web *w)
{
	const char *to = w->cfg.log_to;

	if (to[0] == '/')
		sink_file(to);
	else if (strcmp(to, FORM_LOG_SYSLOG) != 0)
		sink_close();
	else if (sink_syslog(SINK_SYSLOG) != ERR_OK)
		LOG(LOG_WARN, "log_not_written", LOG_S("path", SINK_SYSLOG));
}

void
journal_ask(const struct web *w, struct sandbox *s)
{

	if (w->cfg.log_to[0] == '/')
		sandbox_beside(s, w->cfg.log_to, SANDBOX_APPEND);
}

bool
journal_wants(const struct web *w, enum err e)
{

	return (w->cfg.log_requests == CONFIG_LOG_REQUESTS_ALL ||
	    (w->cfg.log_requests == CONFIG_LOG_REQUESTS_REFUSED &&
	    e != ERR_OK));
}

/* Add a text that is there. */
static void
add(struct log_field *f, size_t *n, const char *name, const char *text)
{

	if (text != NULL && text[0] != '\0')
		f[(*n)++] = (struct log_field){ name, text, 0 };
}

void
journal_request(const struct audit_entry *entry)
{
	const int status = err_status(entry->outcome);
	struct log_field f[8];
	size_t n = 0;

	add(f, &n, "request_id", entry->request_id);
	add(f, &n, "given_id", entry->given_id);
	f[n++] = (struct log_field)LOG_I("status", status);
	add(f, &n, "code", err_code(entry->outcome));
	add(f, &n, "address", entry->address);
	add(f, &n, "role", entry->role);
	add(f, &n, "hotkey", entry->hotkey);
	f[n++] = (struct log_field)LOG_I("duration_us", entry->duration_us);
	log_fields(status >= 500 ? LOG_WARN : LOG_INFO, "request", f, n);
}
