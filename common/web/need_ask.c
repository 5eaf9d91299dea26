#include "base/sandbox.h"
#include "ledger/redis_url.h"
#include "web/need.h"
#include "web/web.h"

void
need_ask_state(const struct web *w, struct sandbox *s)
{

	sandbox_directory(s, w->cfg.state_directory, SANDBOX_READ);
}

void
need_ask_shared(const struct web *w, struct sandbox *s)
{
	const struct config *c = &w->cfg;

	sandbox_directory(s, c->state_shared, SANDBOX_WRITE);
	if (c->audit_key_file[0] != '\0') {
		sandbox_beside(s, c->audit_key_file, SANDBOX_READ);
		sandbox_beside(s, c->audit_file, SANDBOX_WRITE);
		sandbox_beside(s, c->audit_refusals_file, SANDBOX_WRITE);
	}
	if (c->state_redis_url[0] != '\0') {
		sandbox_beside(s, c->state_redis_password_file, SANDBOX_READ);
		sandbox_beside(s, c->state_redis_sentinel_password_file,
		    SANDBOX_READ);
		sandbox_connect(s, !redis_url_is_path(c->state_redis_url));
	}
}
