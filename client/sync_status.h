#ifndef CLIENT_SYNC_STATUS_H_
#define CLIENT_SYNC_STATUS_H_

struct config;

/**
 * sync_status_show(cfg, show):
 * Call ${show} with a sentence from the status file for each endpoint that
 * chain-sync did not believe in its last look.
 */
void sync_status_show(const struct config *cfg, void (*show)(const char *));

#endif /* !CLIENT_SYNC_STATUS_H_ */
