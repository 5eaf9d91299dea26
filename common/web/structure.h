#ifndef WEB_STRUCTURE_H_
#define WEB_STRUCTURE_H_

#include "json/emit.h"

/* The layout of files, as members of an answer. */
struct structure {
	const char *folder_structure, *description;
};

extern const struct emit_field structure_fields[];

#endif /* !WEB_STRUCTURE_H_ */
