/* Linked into the static program in place of the commands that need libcurl,
   because that is not linked statically. */

#include "command.h"
#include "doctor.h"

static int
absent(const char *name)
{

	return (command_failed("%s is not in the static program, because it "
	    "needs libcurl. Use the dynamic program.", name));
}

int
command_check_store(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("check-store"));
}

int
command_credentials(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("credentials"));
}

bool
doctor_outside(struct doctor *d, const char *url, const char *ca_file)
{

	(void)d;
	(void)url;
	(void)ca_file;
	absent("doctor --url");
	return (false);
}

/* The other rows of doctor need no libcurl. */
void
doctor_store(struct doctor *d)
{

	doctor_fine(d, "store_not_listed", "the store",
	    "not asked by the static program");
}

int
command_upload(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("upload"));
}

int
command_form(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("form"));
}

int
command_ls(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("ls"));
}

int
command_du(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("du"));
}

int
command_get(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("get"));
}

int
command_cat(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("cat"));
}

int
command_compare(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("compare"));
}

int
command_migrate(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("migrate"));
}

int
command_selftest(int argc, char **argv)
{

	(void)argc;
	(void)argv;
	return (absent("selftest"));
}
