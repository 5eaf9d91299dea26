#ifndef S3_XML_H_
#define S3_XML_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * XML as a store answers it, read by expat.  A document is refused if its
 * elements are more than XML_DEPTH_MAX deep, or if it has a document type,
 * which could define entities.
 */
#define XML_DEPTH_MAX 8

/* What is called for each element.  If one of them returns false, the document
   is refused, and none is called again. */
struct xml_reader {
	/* ${name} is without its namespace; it is "" if the element has
	   another one than the root.  The root has that of S3, or none.
	   ${depth} is 0 for the root. */
	bool (*start)(void *user, const char *name, size_t depth);

	/* A piece of the text in the element that was started last, or after
	   a child of it. */
	bool (*text)(void *user, const char *s, size_t len);

	/* The end of an element, with the same depth as at its start. */
	bool (*end)(void *user, size_t depth);
};

/**
 * xml_read(r, user, xml, len):
 * Read the ${len} bytes at ${xml}.  Return whether they are a whole document
 * that was not refused.  The functions of ${r} may have been called in either
 * case.
 */
bool xml_read(const struct xml_reader *r, void *user, const char *xml,
    size_t len);

#endif /* !S3_XML_H_ */
