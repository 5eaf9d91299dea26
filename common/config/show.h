#ifndef CONFIG_SHOW_H_
#define CONFIG_SHOW_H_

#include <stddef.h>

#include "config/config.h"

/* The text of every setting for `foldergate check-config`. */

/* Longest text of show_value(): a full list. */
#define SHOW_VALUE_MAX (CONFIG_ITEMS_MAX * (CONFIG_TEXT_MAX + 2))

/**
 * show_count(), show_name(i), show_about(i):
 * Return the number of settings; "section.key" of the ${i}th, and its
 * description.
 */
size_t show_count(void);
const char *show_name(size_t i);
const char *show_about(size_t i);

/**
 * show_value(cfg, i, out, size):
 * Write the value of the ${i}th setting in the form of the file, "" if it is
 * not set.  Passwords and tokens in URLs are left out.
 */
void show_value(const struct config *cfg, size_t i, char *out, size_t size);

#endif /* !CONFIG_SHOW_H_ */
