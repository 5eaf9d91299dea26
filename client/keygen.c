/* foldergate keygen: make a new hotkey. */

#include <stdio.h>

#include "command.h"
#include "wallet.h"

int
command_keygen(int argc, char **argv)
{
	static const struct option_spec none[] = { { NULL, NULL, NULL } };
	const char *path = NULL;
	struct wallet w;
	int n;

	if ((n = command_options(argc, argv, none, &path, 1)) < 0)
		return (COMMAND_USAGE);
	if (n != 1)
		return (command_wrong("FILE is missing"));
	if (wallet_create(path, &w) != ERR_OK)
		return (COMMAND_FAILED);
	printf("%s\n", w.ss58);
	wallet_free(&w);
	return (COMMAND_OK);
}
