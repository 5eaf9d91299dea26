#ifndef BASE_ERR_H_
#define BASE_ERR_H_

/*
 * Every error of foldergate, once: its HTTP status, the code and the text that
 * a client may see.  Texts of the wire contract are kept to the letter.  None
 * of them may hold the digits 409 (clients search answers for them) nor
 * anything that came from a request.
 */
#define ERR_TABLE(X)							\
	X(OK,		  200, "ok",		    "")			\
	/* What the request looks like. */				\
	X(SCHEMA,	  422, "invalid_request",   "Invalid request")	\
	X(TOO_LARGE,	  413, "body_too_large",    "Request body too large") \
	X(BODY,		  400, "incomplete_body",   "Incomplete request body") \
	X(BODY_TIMEOUT,	  408, "body_timeout",	    "Request body timed out") \
	X(HEADER,	  400, "invalid_header",    "Invalid or repeated header") \
	X(NOT_FOUND,	  404, "not_found",	    "Not Found")	\
	X(METHOD,	  405, "method_not_allowed", "Method Not Allowed") \
	/* Who asks, and for what. */					\
	X(TIMESTAMP,	  400, "invalid_timestamp", "Invalid timestamp") \
	X(NOT_REGISTERED, 401, "not_registered",    "Invalid signature") \
	X(COLDKEY,	  401, "coldkey_mismatch",  "Coldkey does not own this hotkey") \
	X(SIGNATURE,	  401, "invalid_signature", "Invalid signature") \
	X(LAYOUT,	  400, "layout_disabled",   "This folder layout is not enabled here") \
	X(SOURCE,	  400, "unknown_source",    "This source is not configured here") \
	/* What we lack. */						\
	X(NO_IDENTITY,	  503, "no_identity",	    "Identity data is not available") \
	X(STALE,	  503, "stale",		    "Identity data is stale") \
	X(INTERNAL,	  500, "internal",	    "Internal Server Error") \
	/* Between our own functions; a client sees them as INTERNAL. */	\
	X(FORMAT,	  500, "internal",	    "Internal Server Error") \
	X(RANGE,	  500, "internal",	    "Internal Server Error") \
	X(IO,		  500, "internal",	    "Internal Server Error") \
	X(DENIED,	  500, "internal",	    "Internal Server Error")

enum err {
#define ERR_ENUM(name, status, code, detail) ERR_##name,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
	ERR_COUNT
};

/* Marks a function whose result must be looked at. */
#define CHECKED __attribute__((warn_unused_result))

/* Marks a function that takes a printf format. */
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * err_status(e), err_code(e), err_detail(e), err_name(e):
 * HTTP status, machine-readable code, public text, and our own name (for logs)
 * of ${e}.  Static strings.
 */
int err_status(enum err e);
const char *err_code(enum err e);
const char *err_detail(enum err e);
const char *err_name(enum err e);

#endif /* !BASE_ERR_H_ */
