#include "web/structure.h"

const struct emit_field structure_fields[] = {
	EMIT_FIELD(struct structure, folder_structure, EMIT_TEXT, NULL,
	    "Where files belong"),
	EMIT_FIELD(struct structure, description, EMIT_TEXT, NULL,
	    "The same as a sentence"),
	EMIT_END
};
