#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_user.h"
#include "command.h"
#include "config/config.h"

static void
name_user(uid_t uid, char out[READY_NAME_MAX + 1])
{
	const struct passwd *p = getpwuid(uid);

	if (p != NULL && strlen(p->pw_name) <= READY_NAME_MAX)
		snprintf(out, READY_NAME_MAX + 1, "%s", p->pw_name);
	else
		snprintf(out, READY_NAME_MAX + 1, "%u", (unsigned)uid);
}

static void
name_group(gid_t gid, char out[READY_NAME_MAX + 1])
{
	const struct group *g = getgrgid(gid);

	if (g != NULL && strlen(g->gr_name) <= READY_NAME_MAX)
		snprintf(out, READY_NAME_MAX + 1, "%s", g->gr_name);
	else
		snprintf(out, READY_NAME_MAX + 1, "%u", (unsigned)gid);
}

/* For good: there is no way back. */
static bool
become(uid_t uid, gid_t gid, const char *name)
{
	const int groups = name != NULL ? initgroups(name, gid) :
	    setgroups(0, NULL);

	return (groups == 0 && setgid(gid) == 0 && setuid(uid) == 0);
}

/* Root's own directory is root's to use; of no configuration there is
   nothing to learn. */
static bool
become_owner(void)
{
	char message[CONFIG_MESSAGE_MAX + 1];
	const struct passwd *p;
	struct config cfg;
	struct stat st;

	if (geteuid() != 0 || config_load(config_path(), &cfg, NULL,
	    message) != ERR_OK || stat(cfg.state_shared, &st) != 0 ||
	    st.st_uid == 0)
		return (true);
	p = getpwuid(st.st_uid);
	return (p != NULL ? become(p->pw_uid, p->pw_gid, p->pw_name) :
	    become(st.st_uid, st.st_gid, NULL));
}

bool
check_user_become(const char *name, struct check_user *u)
{
	const struct passwd *p;

	if (name == NULL) {
		if (!become_owner()) {
			command_failed("cannot become the owner of "
			    "state.shared: %s", strerror(errno));
			return (false);
		}
	} else if ((p = getpwnam(name)) == NULL) {
		command_failed("there is no user \"%s\"", name);
		return (false);
	} else if (p->pw_uid != geteuid() &&
	    !become(p->pw_uid, p->pw_gid, p->pw_name)) {
		command_failed("cannot become \"%s\": %s", name,
		    strerror(errno));
		return (false);
	}
	name_user(geteuid(), u->name);
	return (true);
}

void
check_user_as(const struct check_user *u, struct ready_as *as)
{

	memcpy(as->user, u->name, sizeof(as->user));
	name_group(getegid(), as->group);
}

void
check_user_owner(uid_t uid, gid_t gid, char out[CHECK_USER_MAX + 1])
{
	char user[READY_NAME_MAX + 1], group[READY_NAME_MAX + 1];

	name_user(uid, user);
	name_group(gid, group);
	snprintf(out, CHECK_USER_MAX + 1, "%s:%s", user, group);
}
