/*
 * What one presigned GET URL costs: ours, against the obvious way of writing
 * it, where each step asks OpenSSL for its algorithm and derives the key anew.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "s3/presign.h"

#define ROUNDS 15
#define PER_ROUND 20000
#define NOW 1795360631

#define ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define HOST "nyc3.digitaloceanspaces.com"
#define BUCKET "data-universe-storage"
#define REGION "nyc3"
#define KEY								\
	"data/hotkey=5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX/"	\
	"job_id=default_0/data_20261122_151711_%04d.parquet"

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3);
}

static void
naive_encode(char *out, const char *s)
{

	for (; *s != '\0'; s++) {
		if ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
		    (*s >= '0' && *s <= '9') || strchr("-._~/", *s) != NULL)
			*out++ = *s;
		else
			out += snprintf(out, 4, "%%%02X", (unsigned char)*s);
	}
	*out = '\0';
}

static void
naive_hmac(const void *key, size_t key_len, const char *text, uint8_t out[32])
{
	unsigned len = 32;

	HMAC(EVP_sha256(), key, (int)key_len, (const uint8_t *)text,
	    strlen(text), out, &len);
}

static void
naive(const char *key, char *url, size_t size)
{
	char path[2048], query[512], canonical[4096], string[512], hex[65];
	uint8_t k[32], hash[32];
	unsigned len = 32;

	naive_encode(path, key);
	snprintf(query, sizeof(query), "X-Amz-Algorithm=AWS4-HMAC-SHA256"
	    "&X-Amz-Credential=%s%%2F20261122%%2F%s%%2Fs3%%2Faws4_request"
	    "&X-Amz-Date=20261122T151711Z&X-Amz-Expires=3600"
	    "&X-Amz-SignedHeaders=host", ID, REGION);
	snprintf(canonical, sizeof(canonical), "GET\n/%s/%s\n%s\nhost:%s\n\n"
	    "host\nUNSIGNED-PAYLOAD", BUCKET, path, query, HOST);
	EVP_Digest(canonical, strlen(canonical), hash, &len, EVP_sha256(),
	    NULL);
	hex_encode(hex, hash, 32);
	snprintf(string, sizeof(string), "AWS4-HMAC-SHA256\n20261122T151711Z\n"
	    "20261122/%s/s3/aws4_request\n%s", REGION, hex);
	naive_hmac("AWS4" SECRET, strlen("AWS4" SECRET), "20261122", k);
	naive_hmac(k, 32, REGION, k);
	naive_hmac(k, 32, "s3", k);
	naive_hmac(k, 32, "aws4_request", k);
	naive_hmac(k, 32, string, hash);
	hex_encode(hex, hash, 32);
	snprintf(url, size, "https://%s/%s/%s?%s&X-Amz-Signature=%s", HOST,
	    BUCKET, path, query, hex);
}

static void
ours(struct s3_signer *s, const char *key, char *url, size_t size)
{
	struct buf b;

	buf_init(&b, url, size);
	if (presign_object(s, NOW, PRESIGN_GET, key, strlen(key), 3600, &b) !=
	    ERR_OK)
		abort();
}

/* Microseconds for one URL. */
static double
round_us(struct s3_signer *s, const char *key)
{
	char url[4096];
	double start = now_us();
	int i;

	for (i = 0; i < PER_ROUND; i++) {
		if (s != NULL)
			ours(s, key, url, sizeof(url));
		else
			naive(key, url, sizeof(url));
	}
	return ((now_us() - start) / PER_ROUND);
}

int
main(void)
{
	char key[256], a[4096], b[4096];
	double us, best = 1e9, best_naive = 1e9;
	struct s3_bucket bucket;
	struct sigv4_key pair;
	struct s3_signer s;
	struct hmac *h = hmac_new();
	int i;

	if (s3_bucket_init(&bucket, "https://" HOST, REGION, BUCKET, false) !=
	    ERR_OK || sigv4_key_init(&pair, ID, strlen(ID), SECRET,
	    strlen(SECRET)) != ERR_OK)
		return (1);
	s3_signer_init(&s, h, &pair, &bucket);
	snprintf(key, sizeof(key), KEY, 7);
	ours(&s, key, a, sizeof(a));
	naive(key, b, sizeof(b));
	if (strcmp(a, b) != 0) {
		fprintf(stderr, "not the same URL:\n%s\n%s\n", a, b);
		return (1);
	}
	for (i = 0; i < ROUNDS; i++) {
		us = round_us(&s, key);
		best = us < best ? us : best;
		us = round_us(NULL, key);
		best_naive = us < best_naive ? us : best_naive;
	}
	printf("presigned GET: %.2f us, naive %.2f us, ratio %.1f\n", best,
	    best_naive, best_naive / best);
	hmac_free(h);
	return (0);
}
