#include "policy.h"

#define HEAD "{\"Version\": \"2012-10-17\", \"Statement\": [\n"
#define ALLOW "  {\"Effect\": \"Allow\", "
#define TO(user)							\
	"\"Principal\": {\"AWS\": [\"arn:aws:iam:::user/" user "\"]},\n   "
#define PUT "\"Action\": [\"s3:PutObject\"],\n" \
	"   \"Resource\": [\"arn:aws:s3:::%B/data/*\"]}"
#define GET "\"Action\": [\"s3:GetObject\"],\n" \
	"   \"Resource\": [\"arn:aws:s3:::%B/data/*\"]}"
#define LIST "\"Action\": [\"s3:ListBucket\"],\n" \
	"   \"Resource\": [\"arn:aws:s3:::%B\"]}"
#define TAIL "\n]}\n"

/* Of a user, by whatever name. */
#define UPLOAD HEAD ALLOW PUT TAIL
#define READ HEAD ALLOW GET ",\n" ALLOW LIST TAIL

/* Of the bucket, for two users who own nothing.  In Ceph, the user who uploads
   an object owns it, and could read it and set its ACL: hence the Deny.  Ceph
   ignores a Deny with NotAction. */
#define BUCKET HEAD ALLOW TO("%U") PUT ",\n" \
	"  {\"Effect\": \"Deny\", " TO("%U") \
	"\"Action\": [\"s3:Get*\", \"s3:List*\", \"s3:Delete*\",\n" \
	"    \"s3:PutObjectAcl\", \"s3:PutObjectVersionAcl\", " \
	"\"s3:PutObjectTagging\", \"s3:PutBucket*\"],\n" \
	"   \"Resource\": [\"arn:aws:s3:::%B\", \"arn:aws:s3:::%B/*\"]},\n" \
	ALLOW TO("%R") GET ",\n" ALLOW TO("%R") LIST TAIL

#define ROW(NAME, name, about, text) \
	{ CONFIG_S3_PROVIDER_##NAME, name, about, text }
#define USER_UPLOAD "attach it to the user of the upload key"
#define USER_READ "attach it to the user of the read key"

/*
 * ListBucket has no condition on the prefix.  With one, a HEAD of a file that
 * is not there is answered with 403 in place of 404, and get-file-upload-url
 * needs the 404.
 */
const struct policy policy_table[] = {
	ROW(AWS, "upload", USER_UPLOAD, UPLOAD),
	ROW(AWS, "read", USER_READ, READ),
	ROW(CEPH, "bucket", "set it as the bucket's policy, as the bucket's "
	    "owner. The keys belong to two users who own nothing: create them "
	    "with --max-buckets=-1", BUCKET),
	ROW(MINIO, "upload", USER_UPLOAD, UPLOAD),
	ROW(MINIO, "read", USER_READ, READ),
	ROW(GENERIC, "upload", USER_UPLOAD " (if the store has policies of "
	    "users)", UPLOAD),
	ROW(GENERIC, "read", USER_READ " (if the store has policies of users)",
	    READ),
	ROW(SPACES, "upload", "Spaces has no smaller key than one that may "
	    "read, write and delete in one bucket: make a limited access key "
	    "with the permission readwrite for %B", NULL),
	ROW(SPACES, "read", "make a limited access key with the "
	    "permission read for %B", NULL),
	ROW(R2, "upload", "R2 has no smaller key than one that may read, "
	    "write, list and delete in one bucket: make a token with Object "
	    "Read & Write for %B "
	    "(developers.cloudflare.com/r2/api/tokens)", NULL),
	ROW(R2, "read", "make a token with Object Read only for %B", NULL),
	ROW(SEAWEEDFS, "upload", "give the upload identity the action "
	    "Write:%B, which includes deleting (SeaweedFS wiki, S3 "
	    "Credentials)", NULL),
	ROW(SEAWEEDFS, "read", "give the read identity the actions Read:%B and "
	    "List:%B", NULL),
	ROW(VERSITY, "bucket", "set it as the bucket's policy. The keys belong "
	    "to two accounts of the role user",
	    HEAD ALLOW "\"Principal\": {\"AWS\": [\"%U\"]},\n   " PUT ",\n"
	    ALLOW "\"Principal\": {\"AWS\": [\"%R\"]},\n   " GET ",\n"
	    ALLOW "\"Principal\": {\"AWS\": [\"%R\"]},\n   " LIST TAIL),
	{ 0 }
};

static void
print_text(const char *text, const struct policy_names *names)
{

	for (; *text != '\0'; text++) {
		if (text[0] != '%' || text[1] == '\0') {
			putchar(*text);
			continue;
		}
		text++;
		fputs(*text == 'B' ? names->bucket : *text == 'U' ?
		    names->upload_user : names->read_user, stdout);
	}
}

void
policy_print(const struct policy *p, const struct policy_names *names)
{

	print_text(p->text != NULL ? p->text : p->about, names);
}
