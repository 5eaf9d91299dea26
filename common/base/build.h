#ifndef BASE_BUILD_H_
#define BASE_BUILD_H_

/*
 * Values set by the build.  The Makefile passes them to build.c and to no
 * other file.
 */

/* The first line of the file VERSION, such as "1.2.3". */
extern const char build_version[];

/* The configuration file that is read unless the environment names another. */
extern const char build_config_path[];

#endif /* !BASE_BUILD_H_ */
