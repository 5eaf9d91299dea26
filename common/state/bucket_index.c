#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "state/bucket_form.h"
#include "state/bucket_index.h"
#include "state/snapshot.h"

struct bucket_index {
	struct hmac *h;
	struct snapshot file;
};

/* Is it a complete index?  Return NULL, or the fault.  The checksum is not
   a signature, so every index and length is checked. */
static const char *
check(const struct file_map *map, void *user)
{
	const struct bucket_index_info *info = map->data;
	struct bucket_index *b = user;
	uint8_t sum[32];

	if (map->len < sizeof(*info) ||
	    memcmp(info->magic, BUCKET_FORM_MAGIC, sizeof(info->magic)) != 0 ||
	    info->version != BUCKET_FORM_VERSION ||
	    info->byte_order != BUCKET_FORM_BYTE_ORDER)
		return ("not a bucket index of this version");
	if (info->folders > BUCKET_INDEX_ENTRIES_MAX ||
	    info->miners > BUCKET_INDEX_ENTRIES_MAX || info->complete > 1 ||
	    info->jobs > BUCKET_INDEX_BYTES_MAX ||
	    info->text_bytes > BUCKET_INDEX_BYTES_MAX ||
	    info->file_bytes != map->len ||
	    info->file_bytes != bucket_form_bytes(info))
		return ("sizes do not agree");
	bucket_form_sum(info, b->h, sum);
	if (memcmp(sum, info->checksum, sizeof(sum)) != 0)
		return ("checksum does not match");
	return (bucket_form_wrong(info));
}

struct bucket_index *
bucket_index_new(const char *directory, struct hmac *h)
{
	struct bucket_index *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		log_die("out_of_memory", "bucket_index");
	snapshot_path(directory, BUCKET_INDEX_FILE, b->file.path);
	b->file.optional = true;
	b->h = h;
	return (b);
}

void
bucket_index_free(struct bucket_index *b)
{

	if (b == NULL)
		return;
	file_map_close(&b->file.map);
	free(b);
}

enum err
bucket_index_refresh(struct bucket_index *b)
{

	snapshot_refresh(&b->file, BUCKET_INDEX_BYTES_MAX, check, b);
	return (b->file.map.data == NULL ? ERR_NO_INDEX : ERR_OK);
}

int64_t
bucket_index_as_of(const struct bucket_index_info *info)
{

	return (info->complete_at_s != 0 ? info->complete_at_s :
	    info->written_at_s);
}

const struct bucket_index_info *
bucket_index_info(const struct bucket_index *b)
{

	return (b->file.map.data);
}

const struct bucket_index_folder *
bucket_index_folder(const struct bucket_index *b, uint32_t i)
{

	return (bucket_form_folders(b->file.map.data) + i);
}

const struct bucket_index_miner *
bucket_index_miner(const struct bucket_index *b, uint32_t i)
{

	return (bucket_form_miners(b->file.map.data) + i);
}

const struct bucket_index_miner *
bucket_index_find(const struct bucket_index *b, const uint8_t hotkey[32])
{
	const struct bucket_index_info *info = b->file.map.data;
	struct bucket_index_miner key;

	memcpy(key.hotkey, hotkey, sizeof(key.hotkey));
	return (bsearch(&key, bucket_form_miners(info), info->miners,
	    sizeof(key), bucket_form_by_hotkey));
}

const char *
bucket_index_job(const struct bucket_index *b,
    const struct bucket_index_miner *m, uint32_t j, size_t *len)
{
	const struct bucket_index_info *info = b->file.map.data;
	const struct bucket_form_job *job = bucket_form_jobs(info) +
	    m->job_first + j;

	*len = job->len;
	return (bucket_form_text(info) + m->text_at + job->at);
}
