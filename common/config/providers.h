#ifndef CONFIG_PROVIDERS_H_
#define CONFIG_PROVIDERS_H_

/*
 * What object stores differ in, one row each.  The rows are the values of
 * s3.provider (keys.def) and the defaults of the settings that the columns are
 * named after (s3/bucket.c).
 *
 * ROW(NAME, word, region, virtual_hosted, post_policy, acl, storage_class)
 *
 * An empty region must be set, since every bucket has its own.  An empty acl or
 * storage_class is not sent.
 *
 * Amazon S3: no ACL, since buckets made after April 2023 refuse every one that
 * is sent ("bucket owner enforced").  Spaces is Ceph, and us-east-1 is what the
 * service that this one replaces signed for it.  MinIO has no ACLs.  R2 has no
 * POST policies, ACLs or storage classes; its region is auto (Cloudflare's
 * "S3 API compatibility").  versitygw resolves ".." after it has checked a
 * policy, so one miner's form overwrites another's file.  It obeys no header of
 * a PUT that is not signed.
 *
 * SeaweedFS refuses an extra field only if its name begins with x-amz-, so the
 * policy must name the ACL.
 *
 * ceph, minio, versity and seaweedfs were run: see make check-stores.
 */
#define CONFIG_PROVIDERS(ROW)						\
	ROW(AWS, "aws", "", true, true, "", "STANDARD")			\
	ROW(CEPH, "ceph", "us-east-1", false, true, "private", "STANDARD") \
	ROW(SPACES, "spaces", "us-east-1", false, true, "private",	\
	    "STANDARD")							\
	ROW(MINIO, "minio", "us-east-1", false, true, "", "STANDARD")	\
	ROW(VERSITY, "versity", "us-east-1", false, false, "", "")	\
	ROW(SEAWEEDFS, "seaweedfs", "us-east-1", false, true, "private", \
	    "STANDARD")							\
	ROW(R2, "r2", "auto", false, false, "", "")			\
	ROW(GENERIC, "generic", "", false, true, "private", "STANDARD")

#endif /* !CONFIG_PROVIDERS_H_ */
