#include "base/clock.h"
#include "state/busiest.h"
#include "state/metrics.h"
#include "web/meter.h"
#include "web/web.h"

_Static_assert((int)METRICS_SCHEME_TEXT == (int)AUTH_TEXT &&
    (int)METRICS_SCHEME_TAO == (int)AUTH_TAO &&
    (int)METRICS_SCHEME_BTAUTH == (int)AUTH_BTAUTH, "as metrics.def says");

int64_t
meter_start(void)
{

	return (clock_run_us());
}

void
meter_proof(struct web *w, enum auth_scheme scheme, enum err e,
    int64_t began_us)
{

	metrics_count(w->metrics, METRICS_COUNTED_PROOFS, scheme,
	    e == ERR_OK ? METRICS_PROOF_VALID : METRICS_PROOF_INVALID, 1);
	metrics_time(w->metrics, METRICS_TIMED_PROOF, scheme,
	    clock_run_us() - began_us);
}

void
meter_ledger(struct web *w, enum err e, int64_t began_us)
{
	enum metrics_of_LEDGER how = METRICS_LEDGER_REFUSED;

	/* The deny list refuses before the ledger is asked. */
	if (e == ERR_DENIED)
		return;
	if (e == ERR_OK)
		how = METRICS_LEDGER_COUNTED;
	else if (err_status(e) >= 500)
		how = METRICS_LEDGER_FAILED;
	metrics_count(w->metrics, METRICS_COUNTED_LEDGER, how, 0, 1);
	metrics_time(w->metrics, METRICS_TIMED_LEDGER, 0,
	    clock_run_us() - began_us);
}

void
meter_audit(struct web *w, enum err e, int64_t began_us)
{

	metrics_count(w->metrics, METRICS_COUNTED_AUDIT, e == ERR_OK ?
	    METRICS_AUDIT_WRITTEN : METRICS_AUDIT_FAILED, 0, 1);
	metrics_time(w->metrics, METRICS_TIMED_AUDIT, 0,
	    clock_run_us() - began_us);
}

void
meter_store(struct web *w, enum err e, int64_t began_us)
{

	metrics_count(w->metrics, METRICS_COUNTED_STORE,
	    e == ERR_OK ? METRICS_STORE_NEW : e == ERR_EXISTS ?
	    METRICS_STORE_EXISTS : METRICS_STORE_FAILED, 0, 1);
	metrics_time(w->metrics, METRICS_TIMED_STORE, 0,
	    clock_run_us() - began_us);
}

void
meter_caller(struct web *w, enum err e)
{
	const struct address *a = w->has_client ? &w->client : NULL;
	const uint8_t *key = w->is_proven ? w->proven.hotkey.key : NULL;
	const int64_t now_s = w->now_ms / 1000;
	const uint8_t *salt = NULL;
	struct busiest *b = metrics_busiest(w->metrics, &salt);

	if (key != NULL)
		busiest_came(b, salt, key, a, now_s);

	/* A failure of the service is nobody's refusal. */
	if (e != ERR_OK && err_status(e) < 500)
		busiest_refused(b, salt, key, a, now_s);
}
