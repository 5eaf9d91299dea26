#ifndef CLIENT_HUB_H_
#define CLIENT_HUB_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "connect.h"
#include "crypto/digest.h"
#include "hub_head.h"

/*
 * The Hugging Face Hub, whose data sets are read: $HF_ENDPOINT or
 * https://huggingface.co.  The token ($HF_TOKEN, or the file $HF_TOKEN_PATH,
 * $HF_HOME/token, $XDG_CACHE_HOME/huggingface/token or the one in ~/.cache) is
 * sent to that host alone, and only over https or to this machine.  Redirects
 * are followed here, so that no other host gets it.
 * What the Hub answers is a stranger's: it is bounded and checked.
 */
struct hub;
struct progress;

#define HUB_NAME_MAX 96
#define HUB_REVISION_MAX 200
#define HUB_SHA_LEN 40

/* A data set. */
struct hub_repo {
	char name[HUB_NAME_MAX + 1];	/* USER/REPO */
	char revision[HUB_REVISION_MAX + 1];	/* as a person named it */
	char sha[HUB_SHA_LEN + 1];	/* the commit; "": not asked yet */
	bool card;			/* it has a README.md */
};

/* A file of a data set. */
struct hub_file {
	const char *path;
	int64_t bytes;
	bool lfs;		/* ${id} is the SHA-256 of the content; else
				   git's SHA-1 of it as a blob */
	uint8_t id[DIGEST_MAX];
	const char *odd;	/* why it cannot be used, or NULL */
};

/**
 * hub_read(text, repo):
 * Read hf://datasets/USER/REPO[@REVISION].  Return NULL, or why it is wrong, to
 * follow the name of what it is.
 *   Shape   USER and REPO: letters, digits, "-", "_" and ".", not at the ends
 *	     "-" or ".", no "--" and ".."; REVISION: the same and "/"; "main"
 *	     if it is absent
 *   Source  huggingface_hub, validate_repo_id()
 */
const char *hub_read(const char *text, struct hub_repo *repo);

/**
 * hub_new(c, progress), hub_free(h):
 * Read the environment.  Nothing is sent.  A fault is printed, and NULL
 * returned.  Both must stay; lines are printed above ${progress}.
 */
struct hub *hub_new(const struct connect *c, struct progress *progress);
void hub_free(struct hub *h);

/**
 * hub_pin(h, repo):
 * Set repo->sha to the commit that repo->revision is now.  A fault is printed.
 * Return the exit status.
 */
int hub_pin(struct hub *h, struct hub_repo *repo);

/**
 * hub_tree(h, repo, most, found, user):
 * Call ${found} with each file of the commit, page by page.  The file is valid
 * during the call.  A fault is printed, also that there are more than ${most}
 * files.  Return the exit status.
 */
int hub_tree(struct hub *h, const struct hub_repo *repo, size_t most,
    void (*found)(void *user, const struct hub_file *f), void *user);

/**
 * hub_text(h, repo, path, text):
 * Append the file ${path} to ${text}, which grows up to its bound.  A fault is
 * printed.  Return the exit status.
 */
int hub_text(struct hub *h, const struct hub_repo *repo, const char *path,
    struct buf *text);

/**
 * hub_url(h, repo, path, url):
 * Write the URL that leads to the content of ${path}.  Return false if it would
 * be too long.
 */
bool hub_url(const struct hub *h, const struct hub_repo *repo,
    const char *path, char url[HUB_URL_MAX + 1]);

#endif /* !CLIENT_HUB_H_ */
