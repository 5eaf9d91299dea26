#include <stdio.h>
#include <string.h>

#include "command.h"
#include "connect.h"

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{

	stop = number;
}

/* The second signal does what it always does. */
static void
watch_signals(void)
{
	const struct sigaction act = {
		.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND
	};

	struct sigaction old;

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);

	/* nohup ignores it, so that the work goes on. */
	if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &act, NULL);
}

const volatile sig_atomic_t *
connect_stop(void)
{

	return (&stop);
}

static void
on_wait(void *user, const char *why, long ms)
{
	const struct connect *c = user;

	/* A short wait is not worth a line. */
	if (!c->set.quiet && (c->set.verbose || ms >= 5000))
		fprintf(stderr, "foldergate: %s; trying again in %ld s\n", why,
		    (ms + 999) / 1000);
}

static enum service_scheme
scheme(const char *word)
{

	return (strcmp(word, "text") == 0 ? SERVICE_SCHEME_TEXT :
	    strcmp(word, "tao") == 0 ? SERVICE_SCHEME_TAO :
	    strcmp(word, "btauth") == 0 ? SERVICE_SCHEME_BTAUTH :
	    SERVICE_SCHEME_AUTO);
}

static int
need_coldkey(const struct connect *c)
{

	if (c->keys.has_coldkey)
		return (COMMAND_OK);
	return (command_failed("the coldkey's address is not known: there is "
	    "no coldkeypub.txt in the wallet; name it with --coldkey"));
}

int
connect_open(struct connect *c, enum connect_needs needs)
{
	struct service_options o;
	int status;

	if ((status = settings_load(&c->set)) != COMMAND_OK)
		return (status);
	if (c->set.value[SETTING_URL] == NULL)
		return (command_wrong("--url is missing; it may also be "
		    "FOLDERGATE_URL, or url in %s", c->set.path != NULL ?
		    c->set.path : "a file named with --config"));
	if (c->second && c->set.from[SETTING_COLDKEY] != SETTINGS_OPTION)
		c->set.value[SETTING_COLDKEY] = NULL;
	if (needs >= CONNECT_HOTKEY && (status = identity_load(&c->set,
	    &c->keys)) != COMMAND_OK)
		return (status);
	if (needs >= CONNECT_COLDKEY &&
	    (status = need_coldkey(c)) != COMMAND_OK)
		return (status);
	o = (struct service_options){
		.url = c->set.value[SETTING_URL],
		.ca_file = c->set.value[SETTING_CA_FILE],
		.hotkey = needs >= CONNECT_HOTKEY ? &c->keys.hotkey : NULL,
		.coldkey = c->keys.has_coldkey ? &c->keys.coldkey : NULL,
		.scheme = scheme(c->set.value[SETTING_SCHEME]),
		.receiver = c->set.value[SETTING_RECEIVER],
		.stop = &stop, .notice = on_wait, .user = c,
	};
	c->service = service_new(&o);
	watch_signals();
	return (COMMAND_OK);
}

void
connect_close(struct connect *c)
{

	service_free(c->service);
	c->service = NULL;
	identity_free(&c->keys);
	settings_free(&c->set);
}
