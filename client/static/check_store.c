/* Linked into the static program in place of client/check_store.c, because that
   needs libcurl, which is not linked statically. */

#include "command.h"

int
command_check_store(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (command_failed("check-store is not in the static program: "
	    "libcurl is not either. Use the usual one."));
}
