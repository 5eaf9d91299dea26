#ifndef CLIENT_OPTIONS_H_
#define CLIENT_OPTIONS_H_

#include "command.h"

/* The options of commands, for the table in foldergate.c.  Each list ends with
   a row without a name. */
extern const struct command_option options_sign[], options_verify[];
extern const struct command_option options_json[], options_check_config[];
extern const struct command_option options_doctor[], options_check_store[];
extern const struct command_option options_explain[], options_deny[];
extern const struct command_option options_audit[], options_upload[];
extern const struct command_option options_form[], options_selftest[];
extern const struct command_option options_credentials[], options_get[];
extern const struct command_option options_top[];
extern const struct command_option options_compare[], options_migrate[];

#endif /* !CLIENT_OPTIONS_H_ */
