#include <stddef.h>
#include <string.h>

#include "web/endpoint.h"
#include "web/refusals.h"

/* For which endpoints the frame takes a step. */
enum when {
	ALWAYS,		/* all */
	CALLER,		/* a caller must be known */
	OPERATOR,	/* only the operator may ask */
	MINER, VALIDATOR,
	OWNER,		/* a request may name the hotkey's owner */
	TEXT,		/* a signed text may be the proof */
	HEADERS,	/* headers may be it */
	TAO, BTAUTH,
	ELSEWHERE,	/* X-Tao headers are refused, or only at times */
	SWITCHED	/* a setting turns the endpoint off */
};

/* In the order of the steps. */
static const struct {
	enum when when;
	enum err e;
} rows[] = {
	/* program.c: the request, and a program that cannot start. */
	{ ALWAYS, ERR_HEADER },
	{ ALWAYS, ERR_METHOD },
	{ ALWAYS, ERR_ORIGIN },
	{ ALWAYS, ERR_TOO_LARGE },
	{ ALWAYS, ERR_BODY },
	{ ALWAYS, ERR_BODY_TIMEOUT },
	{ ALWAYS, ERR_INTERNAL },

	/* guard.c: the address. */
	{ CALLER, ERR_NO_ADDRESS },
	{ CALLER, ERR_LEDGER },
	{ CALLER, ERR_DENIED },
	{ CALLER, ERR_ADDRESS_LIMIT },

	/* operator.c */
	{ OPERATOR, ERR_NO_ADDRESS },
	{ OPERATOR, ERR_UNAUTHORIZED },
	{ OPERATOR, ERR_TOKEN },

	/* endpoint.c and caller.c: the kind of proof, and the body. */
	{ SWITCHED, ERR_OFF },
	{ HEADERS, ERR_TWO_PROOFS },
	{ ELSEWHERE, ERR_TAO_ELSEWHERE },
	{ CALLER, ERR_SCHEME_OFF },
	{ BTAUTH, ERR_NO_TARGET },
	{ CALLER, ERR_SCHEMA },

	/* auth/: the time, the headers, the caller on the chain. */
	{ TEXT, ERR_TIMESTAMP },
	{ TAO, ERR_TIMESTAMP },
	{ TAO, ERR_TAO_VERSION },
	{ TAO, ERR_TAO_OLD },
	{ TAO, ERR_TAO_NONCE },
	{ TAO, ERR_TAO_NETWORK },
	{ TAO, ERR_TAO_ENCODING },
	{ BTAUTH, ERR_BTAUTH_VERSION },
	{ BTAUTH, ERR_BTAUTH_HOTKEY },
	{ BTAUTH, ERR_BTAUTH_NETWORK },
	{ BTAUTH, ERR_BTAUTH_NONCE },
	{ BTAUTH, ERR_BTAUTH_CRYPTO },
	{ BTAUTH, ERR_BTAUTH_ENCODING },
	{ BTAUTH, ERR_BTAUTH_RECEIVER },
	{ BTAUTH, ERR_BTAUTH_OLD },
	{ BTAUTH, ERR_BTAUTH_EARLY },
	{ BTAUTH, ERR_BTAUTH_TARGET },
	{ CALLER, ERR_NO_IDENTITY },
	{ CALLER, ERR_STALE },
	{ MINER, ERR_NOT_REGISTERED },
	{ OWNER, ERR_COLDKEY },
	{ VALIDATOR, ERR_NO_VALIDATOR },
	{ VALIDATOR, ERR_NO_PERMIT },
	{ VALIDATOR, ERR_LOW_STAKE },
	{ CALLER, ERR_SIGNATURE },
	{ TEXT, ERR_HOTKEY_KIND },
	{ TAO, ERR_HOTKEY_KIND },

	/* guard.c and admit.c: the audit log, the deny list, the ledger. */
	{ CALLER, ERR_AUDIT },
	{ CALLER, ERR_REPLAY },
	{ CALLER, ERR_SIGNED_EARLY },
	{ CALLER, ERR_LIMIT },
	{ CALLER, ERR_COLDKEY_LIMIT },
	{ CALLER, ERR_TOTAL_LIMIT },

	/* endpoint.c: the keys of the store. */
	{ CALLER, ERR_KEY_REVOKED }
};

static bool
names_owner(const struct endpoint *ep)
{
	const struct schema_field *f = ep->who != NULL ? ep->request : NULL;

	for (; f != NULL && f->name != NULL; f++) {
		if (f->need == SCHEMA_SIGNED &&
		    f->offset == offsetof(struct endpoint_by, coldkey))
			return (true);
	}
	return (false);
}

static bool
applies(enum when when, const struct endpoint *ep)
{
	const unsigned proofs = ep->who != NULL ? ep->proofs : 0;

	switch (when) {
	case ALWAYS:
		return (true);
	case CALLER:
		return (ep->who != NULL && ep->who->identify != NULL);
	case OPERATOR:
		return (ep->who == &endpoint_operator);
	case MINER:
		return (ep->who == &endpoint_miner);
	case VALIDATOR:
		return (ep->who == &endpoint_validator);
	case OWNER:
		return (names_owner(ep));
	case TEXT:
		return ((proofs & ENDPOINT_TEXT) != 0);
	case HEADERS:
		return ((proofs & ~ENDPOINT_TEXT) != 0);
	case TAO:
		return ((proofs & (ENDPOINT_TAO | ENDPOINT_TAO_WIDE)) != 0);
	case BTAUTH:
		return ((proofs & ENDPOINT_BTAUTH) != 0);
	case ELSEWHERE:
		return (applies(CALLER, ep) && (proofs & ENDPOINT_TAO) == 0);
	case SWITCHED:
		return (ep->switched_by != 0);
	}
	return (false);
}

/* Headers have texts of their own for some errors. */
static void
add(bool can[ERR_COUNT], enum err e, const struct endpoint *ep)
{

	if (applies(TEXT, ep) || tao_error(e) == e)
		can[e] = true;
	if (applies(HEADERS, ep))
		can[tao_error(e)] = true;
}

/* Errors in place of a 422.  A field of a list may have one, too. */
static void
add_bounds(bool can[ERR_COUNT], const struct schema_field *f)
{

	for (; f != NULL && f->name != NULL; f++) {
		can[f->instead] = true;
		add_bounds(can, f->of);
	}
}

void
refusals_of(const struct endpoint *ep, bool can[ERR_COUNT])
{
	const enum err *e;
	size_t i;

	memset(can, 0, ERR_COUNT * sizeof(can[0]));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (applies(rows[i].when, ep))
			add(can, rows[i].e, ep);
	}
	for (e = ep->refuses; e != NULL && *e != ERR_OK; e++)
		can[*e] = true;
	add_bounds(can, ep->request);
	can[ERR_OK] = false;
}
