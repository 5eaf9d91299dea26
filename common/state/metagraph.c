#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "crypto/hmac.h"
#include "state/metagraph.h"
#include "state/snapshot.h"

#define MAGIC "fgate-m\n"
#define VERSION 4
#define BYTE_ORDER_MARK 0x01020304u

static_assert(sizeof(struct metagraph_neuron) == 88, "no padding");
static_assert(sizeof(struct metagraph_info) == 176, "no padding");

struct metagraph {
	uint32_t netuid;
	bool one_network;
	uint8_t genesis[32];		/* if so: of that network */
	struct hmac *h;
	struct snapshot file;
};

/* Parts of a snapshot's bytes. */
static const uint32_t *
dir_of(const struct metagraph_info *info)
{

	return ((const uint32_t *)(const void *)(info + 1));
}

/* Return the number of directory entries.  It is even, so that the neurons
   stay aligned. */
static size_t
dir_entries(uint32_t bits)
{

	return (((size_t)1 << bits) + 2);
}

static const struct metagraph_neuron *
neurons_of(const struct metagraph_info *info)
{

	return ((const void *)(dir_of(info) + dir_entries(info->dir_bits)));
}

static uint64_t
file_bytes(uint32_t bits, uint32_t count, uint32_t left_out)
{

	return (sizeof(struct metagraph_info) +
	    dir_entries(bits) * sizeof(uint32_t) +
	    (uint64_t)count * sizeof(struct metagraph_neuron) +
	    (uint64_t)left_out * sizeof(uint16_t));
}

/* The first ${bits} <= 17 bits of a hotkey.  A ristretto255 encoding's first
   byte is even, so one of them carries nothing; the size allows for it. */
static uint32_t
bucket_of(const uint8_t hotkey[32], uint32_t bits)
{
	uint32_t v = (uint32_t)hotkey[0] << 16 | (uint32_t)hotkey[1] << 8 |
	    hotkey[2];

	return (v >> (24 - bits));
}

static void
checksum(const struct metagraph_info *info, struct hmac *h, uint8_t out[32])
{
	uint8_t in[offsetof(struct metagraph_info, checksum) + HMAC_LEN];

	memcpy(in, info, offsetof(struct metagraph_info, checksum));
	hmac_hash(h, info + 1, (size_t)info->file_bytes - sizeof(*info),
	    in + offsetof(struct metagraph_info, checksum));
	hmac_hash(h, in, sizeof(in), out);
}

static int
by_hotkey(const void *a, const void *b)
{

	return (memcmp(((const struct metagraph_neuron *)a)->hotkey,
	    ((const struct metagraph_neuron *)b)->hotkey, 32));
}

/* Everybody can sign for the all-zero key, so it belongs to nobody. */
static bool
is_zero(const uint8_t key[32])
{
	static const uint8_t zero[32];

	return (memcmp(key, zero, 32) == 0);
}

static bool
neurons_valid(const struct metagraph_neuron *n, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (is_zero(n[i].hotkey) || is_zero(n[i].coldkey) ||
		    n[i].permit > 1)
			return (false);
		if (i > 0 && by_hotkey(&n[i - 1], &n[i]) >= 0)
			return (false);
	}
	return (true);
}

static int
by_uid(const void *a, const void *b)
{

	return (((const struct metagraph_neuron *)a)->uid -
	    ((const struct metagraph_neuron *)b)->uid);
}

/* Is neuron ${i} of the ${count} sorted neurons usable? */
static bool
usable(const struct metagraph_neuron *n, uint32_t count, uint32_t i)
{

	return (!is_zero(n[i].hotkey) && !is_zero(n[i].coldkey) &&
	    (i == 0 || by_hotkey(&n[i - 1], &n[i]) != 0) &&
	    (i + 1 == count || by_hotkey(&n[i], &n[i + 1]) != 0));
}

uint32_t
metagraph_sift(struct metagraph_neuron *neurons, uint32_t n)
{
	struct metagraph_neuron *bad;
	uint32_t i, good = 0, out = 0;

	if ((bad = calloc(n + 1, sizeof(*bad))) == NULL)
		log_die("out_of_memory", "metagraph");
	qsort(neurons, n, sizeof(*neurons), by_hotkey);

	/* Compare all neighbours before a neuron is moved. */
	for (i = 0; i < n; i++) {
		if (!usable(neurons, n, i)) {
			bad[out++] = neurons[i];
			neurons[i].zero[0] = 1;
		}
	}
	for (i = 0; i < n; i++) {
		if (neurons[i].zero[0] == 0)
			neurons[good++] = neurons[i];
	}
	qsort(bad, out, sizeof(*bad), by_uid);
	memcpy(neurons + good, bad, out * sizeof(*bad));
	free(bad);
	return (good);
}

/* Write the sifted ${neurons} after ${out}, into zeroed memory. */
static void
fill(struct metagraph_info *out, const struct metagraph_neuron *neurons)
{
	uint32_t *dir = (uint32_t *)(void *)(out + 1), i, bucket = 0;
	const uint32_t buckets = 1u << out->dir_bits;
	struct metagraph_neuron *n =
	    (void *)(dir + dir_entries(out->dir_bits));
	uint16_t *uids = (uint16_t *)(void *)(n + out->count);

	for (i = 0; i < out->count; i++) {
		while (bucket <= bucket_of(neurons[i].hotkey, out->dir_bits))
			dir[bucket++] = i;
	}
	while (bucket <= buckets)
		dir[bucket++] = out->count;
	memcpy(n, neurons, out->count * sizeof(*neurons));
	for (i = 0; i < out->left_out; i++)
		uids[i] = neurons[out->count + i].uid;
}

enum err
metagraph_write(const char *directory, struct metagraph_info *info,
    struct metagraph_neuron *neurons, struct hmac *h)
{
	char path[PATH_MAX];
	struct metagraph_info *out;
	uint32_t kept;
	enum err e;

	if (info->count < 1 || info->count > METAGRAPH_NEURONS_MAX)
		return (ERR_FORMAT);
	kept = metagraph_sift(neurons, info->count);
	if (kept == 0 || !neurons_valid(neurons, kept))
		return (ERR_FORMAT);
	memcpy(info->magic, MAGIC, sizeof(info->magic));
	info->version = VERSION;
	info->byte_order = BYTE_ORDER_MARK;
	info->left_out = info->count - kept;
	info->count = kept;
	for (info->dir_bits = 1; 1u << info->dir_bits < info->count;
	    info->dir_bits++)
		;
	info->dir_bits++;
	info->file_bytes = file_bytes(info->dir_bits, info->count,
	    info->left_out);

	if ((out = calloc(1, (size_t)info->file_bytes)) == NULL)
		log_die("out_of_memory", "metagraph");
	*out = *info;
	fill(out, neurons);
	checksum(out, h, out->checksum);
	memcpy(info->checksum, out->checksum, sizeof(info->checksum));
	snapshot_path(directory, METAGRAPH_FILE, path);
	e = file_replace(path, out, (size_t)info->file_bytes, 0644);
	free(out);
	return (e);
}

struct metagraph *
metagraph_new(const char *directory, uint32_t netuid, struct hmac *h)
{
	struct metagraph *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		log_die("out_of_memory", "metagraph");
	snapshot_path(directory, METAGRAPH_FILE, m->file.path);
	m->netuid = netuid;
	m->h = h;
	return (m);
}

void
metagraph_free(struct metagraph *m)
{

	if (m == NULL)
		return;
	file_map_close(&m->file.map);
	free(m);
}

void
metagraph_expect(struct metagraph *m, const uint8_t genesis[32])
{

	m->one_network = true;
	memcpy(m->genesis, genesis, sizeof(m->genesis));
}

/* Is it a whole snapshot of our subnet?  NULL, or what is wrong. */
static const char *
check(const struct file_map *map, void *user)
{
	const struct metagraph *m = user;
	const struct metagraph_info *info = map->data;
	const uint32_t *dir;
	uint8_t sum[32];
	uint32_t i, buckets;

	if (map->len < sizeof(*info) ||
	    memcmp(info->magic, MAGIC, sizeof(info->magic)) != 0 ||
	    info->version != VERSION || info->byte_order != BYTE_ORDER_MARK)
		return ("not a snapshot of this version");
	if (info->count < 1 || info->count > METAGRAPH_NEURONS_MAX ||
	    info->left_out > METAGRAPH_NEURONS_MAX ||
	    info->dir_bits < 1 || info->dir_bits > 17 ||
	    info->file_bytes != map->len ||
	    info->file_bytes != file_bytes(info->dir_bits, info->count,
	    info->left_out))
		return ("sizes do not agree");
	checksum(info, m->h, sum);
	if (memcmp(sum, info->checksum, sizeof(sum)) != 0)
		return ("checksum does not match");
	if (info->written_at_s < 0 || info->written_at_s > TIMEFMT_S_MAX ||
	    info->advanced_at_s < 0 || info->advanced_at_s > TIMEFMT_S_MAX)
		return ("a time out of range");
	if (info->netuid != m->netuid)
		return ("made for another netuid");
	if (m->one_network && !is_zero(info->genesis) &&
	    memcmp(info->genesis, m->genesis, sizeof(m->genesis)) != 0)
		return ("made for another network");

	/* The checksum is not a signature, so check every index. */
	dir = dir_of(info);
	buckets = 1u << info->dir_bits;
	for (i = 0; i < buckets; i++) {
		if (dir[i] > dir[i + 1])
			return ("directory out of order");
	}
	if (dir[0] != 0 || dir[buckets] != info->count ||
	    !neurons_valid(neurons_of(info), info->count))
		return ("neurons out of order");
	return (NULL);
}

enum err
metagraph_refresh(struct metagraph *m)
{

	snapshot_refresh(&m->file, (size_t)file_bytes(17,
	    METAGRAPH_NEURONS_MAX, METAGRAPH_NEURONS_MAX), check, m);
	return (m->file.map.data == NULL ? ERR_NO_IDENTITY : ERR_OK);
}

const struct metagraph_info *
metagraph_info(const struct metagraph *m)
{

	return (m->file.map.data);
}

const struct metagraph_neuron *
metagraph_neurons(const struct metagraph *m)
{

	return (m->file.map.data == NULL ? NULL : neurons_of(m->file.map.data));
}

const uint16_t *
metagraph_left_out(const struct metagraph *m)
{
	const struct metagraph_info *info = m->file.map.data;

	return (info == NULL ? NULL :
	    (const void *)(neurons_of(info) + info->count));
}

const struct metagraph_neuron *
metagraph_find(const struct metagraph *m, const uint8_t hotkey[32])
{
	const struct metagraph_info *info = m->file.map.data;
	const struct metagraph_neuron *n;
	const uint32_t *dir;
	uint32_t lo, hi, mid;
	int c;

	if (info == NULL)
		return (NULL);
	n = neurons_of(info);
	dir = dir_of(info) + bucket_of(hotkey, info->dir_bits);

	/* A bucket holds two neurons on average.  The binary search limits
	   the worst case. */
	for (lo = dir[0], hi = dir[1]; lo < hi; ) {
		mid = lo + (hi - lo) / 2;
		if ((c = memcmp(hotkey, n[mid].hotkey, 32)) == 0)
			return (&n[mid]);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (NULL);
}
