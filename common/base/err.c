#include <stddef.h>

#include "base/err.h"

static const struct {
	int status;
	const char *name, *code, *detail;
} table[] = {
#define ERR(name, status, code, detail) { status, #name, code, detail },
#include "base/err.def"
#undef ERR
};

int
err_status(enum err e)
{

	return (table[e].status);
}

const char *
err_code(enum err e)
{

	return (table[e].code);
}

const char *
err_detail(enum err e)
{

	return (table[e].detail);
}

const char *
err_name(enum err e)
{

	return (table[e].name);
}
