/* The status of chain-sync's endpoints, for explain and check-config. */

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/file.h"
#include "config/config.h"
#include "json/document.h"
#include "state/snapshot.h"
#include "sync_status.h"

/* One line, with a sentence for each of several endpoints. */
#define STATUS_MAX 16384

/* "endpoint 1 of 3: block 7000000" reports no fault, and nothing follows it. */
static bool
complains(const char *sentence)
{
	const char *colon = strchr(sentence, ':');

	return (colon != NULL && (strncmp(colon, ": block ", 8) != 0 ||
	    strchr(colon, ',') != NULL));
}

void
sync_status_show(const struct config *cfg, void (*show)(const char *))
{
	struct json_object *o = NULL, *list;
	char path[PATH_MAX];
	struct file_map map;
	const char *text, *why;
	size_t i;

	snapshot_path(cfg->state_directory, "chain-sync.status", path);
	if (file_map_open(path, STATUS_MAX, &map, &why) != ERR_OK)
		return;
	if (document_parse(map.data, map.len, DOCUMENT_ANY, &o) == NULL &&
	    json_object_object_get_ex(o, "endpoints", &list) &&
	    json_object_is_type(list, json_type_array)) {
		for (i = 0; i < json_object_array_length(list); i++) {
			text = json_object_get_string(
			    json_object_array_get_idx(list, i));
			if (text != NULL && complains(text))
				show(text);
		}
	}
	json_object_put(o);
	file_map_close(&map);
}
