#include <stddef.h>
#include <unistd.h>

#include <curl/curl.h>

#include "net/ca.h"

/* As curl's own configure looks for them. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/var/lib/ca-certificates/ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/share/certs/ca-root-nss.crt",
	NULL
};

const char *
ca_choose(const char *own, const char *const *usual)
{

	if (own != NULL && access(own, R_OK) == 0)
		return (NULL);
	for (; *usual != NULL; usual++) {
		if (access(*usual, R_OK) == 0)
			return (*usual);
	}
	return (NULL);
}

const char *
ca_file(void)
{
	const curl_version_info_data *curl =
	    curl_version_info(CURLVERSION_NOW);

	/* 7.70.0 tells what it was built with. */
	return (ca_choose(curl->age >= CURLVERSION_SEVENTH ? curl->cainfo :
	    NULL, bundles));
}
