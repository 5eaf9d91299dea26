"""AWS Signature Version 4 by the book, independent of the product's."""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import quote


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def amz_date(now):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def scope(now, region):
    return "%s/%s/s3/aws4_request" % (amz_date(now)[:8], region)


def signature(secret, now, region, text):
    key = ("AWS4" + secret).encode()
    for part in scope(now, region).split("/"):
        key = _hmac(key, part)
    return _hmac(key, text).hex()


def policy_text(now, until, key, bucket, key_id, region, least, most,
                acl="private", storage_class="STANDARD", exact=False):
    """The policy's text as the contract gives it."""
    which = ["eq" if exact else "starts-with", "$key", key]
    return json.dumps({
        "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until)),
        "conditions": [c for c in [
            {"acl": acl} if acl else None,
            which,
            ["content-length-range", least, most],
            {"x-amz-storage-class": storage_class} if storage_class else None,
            {"bucket": bucket},
            None if exact else which,
            {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
            {"x-amz-credential": "%s/%s" % (key_id, scope(now, region))},
            {"x-amz-date": amz_date(now)},
        ] if c is not None]})


def form_fields(now, until, key, bucket, key_id, secret, region, least, most,
                acl="private", storage_class="STANDARD", exact=False):
    """Of a folder, or of one exact key."""
    text = policy_text(now, until, key, bucket, key_id, region, least, most,
                       acl, storage_class, exact)
    policy = base64.b64encode(text.encode()).decode()
    fields = {
        "acl": acl,
        "x-amz-storage-class": storage_class,
        "key": key if exact else key + "${filename}",
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": "%s/%s" % (key_id, scope(now, region)),
        "x-amz-date": amz_date(now),
        "policy": policy,
        "x-amz-signature": signature(secret, now, region, policy),
    }
    return {name: value for name, value in fields.items() if value}


def _presigned(now, ttl, query, scheme, host, path, key_id, secret, region,
               method="GET", size=None):
    """path: as it goes over the wire."""
    headers = {"host": host}
    if size is not None:
        headers = {"content-length": str(size), "host": host}
    query = query + [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", "%s/%s" % (key_id, scope(now, region))),
        ("X-Amz-Date", amz_date(now)), ("X-Amz-Expires", str(ttl)),
        ("X-Amz-SignedHeaders", ";".join(headers)),
    ]

    def text(pairs):
        return "&".join("%s=%s" % (quote(k, safe=""), quote(v, safe=""))
                        for k, v in pairs)

    canonical = "\n".join(
        [method, path, text(sorted(query))] +
        ["%s:%s" % pair for pair in headers.items()] +
        ["", ";".join(headers), "UNSIGNED-PAYLOAD"])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", amz_date(now),
                         scope(now, region),
                         hashlib.sha256(canonical.encode()).hexdigest()])
    return "%s://%s%s?%s&X-Amz-Signature=%s" % (
        scheme, host, path, text(query),
        signature(secret, now, region, to_sign))


def list_url(now, ttl, prefix, scheme, host, path, key_id, secret, region,
             max_keys=None, token=None, delimiter=None, after=None):
    """path: "/bucket", or "/" where the bucket is in the host."""
    query = [("list-type", "2"), ("prefix", prefix)]
    if delimiter is not None:
        query.append(("delimiter", delimiter))
    if max_keys is not None:
        query.append(("max-keys", str(max_keys)))
    if token is not None:
        query.append(("continuation-token", token))
    if after is not None:
        query.append(("start-after", after))
    query.append(("encoding-type", "url"))
    return _presigned(now, ttl, query, scheme, host, path, key_id, secret,
                      region)


def object_url(now, ttl, key, scheme, host, path, key_id, secret, region,
               method="GET", size=None):
    """One object, with a signed length if there is a size; path as for
    list_url()."""
    return _presigned(now, ttl, [], scheme, host, path.rstrip("/") + "/" +
                      quote(key, safe="/"), key_id, secret, region, method,
                      size)
