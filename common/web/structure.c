#include "web/structure.h"

const struct emit_field structure_fields[] = {
	EMIT_FIELD(struct structure, folder_structure, EMIT_TEXT, NULL,
	    "Folder of a miner's files"),
	EMIT_FIELD(struct structure, description, EMIT_TEXT, NULL,
	    "Description of the folder"),
	EMIT_END
};
