#ifndef CONFIG_CLEARTEXT_H_
#define CONFIG_CLEARTEXT_H_

#include "config/config.h"

/**
 * cleartext_found(cfg):
 * Return the name of a setting with a URL that is not encrypted and names a
 * public host, or NULL.  An address on this machine or in a private network, a
 * name without a dot, and a name that the public DNS does not have, such as one
 * below .internal, .local or .test, are not public.
 *   Source  RFC 6761, 6762 and 8375; ICANN's reservation of .internal; names
 *	     that routers and Kubernetes (.svc) use
 */
const char *cleartext_found(const struct config *cfg);

#endif /* !CONFIG_CLEARTEXT_H_ */
