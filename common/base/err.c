#include <stddef.h>

#include "base/err.h"

static const struct {
	int status;
	const char *name, *code, *detail;
} table[] = {
#define ERR_ROW(name, status, code, detail) { status, #name, code, detail },
	ERR_TABLE(ERR_ROW)
#undef ERR_ROW
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
