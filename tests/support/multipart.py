"""multipart/form-data, byte by byte as Python's clients send it."""

import secrets


def _quoted(text):
    """A name in a header, as browsers, requests and httpx escape it."""
    raw = text if isinstance(text, bytes) else text.encode()
    return raw.replace(b'"', b"%22").replace(b"\r", b"%0D").replace(
        b"\n", b"%0A")


def encode(fields, data, name, content_type=None, field="file", after=()):
    """A form: fields (a dict or pairs) in their order, then the file, which a
    store wants last; after it, more fields.  requests sends no content_type
    with a file, httpx guesses one.  Returns Content-Type and body."""
    boundary = secrets.token_hex(16).encode()
    pairs = fields.items() if isinstance(fields, dict) else fields

    def part(key, value):
        value = value if isinstance(value, bytes) else value.encode()
        return (b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
                b"%s\r\n" % (boundary, _quoted(key), value))

    kind = b"" if content_type is None else \
        b"Content-Type: %s\r\n" % content_type.encode()
    body = b"".join(part(*p) for p in pairs)
    body += (b'--%s\r\nContent-Disposition: form-data; name="%s"; '
             b'filename="%s"\r\n%s\r\n%s\r\n' % (
                 boundary, _quoted(field), _quoted(name), kind, data))
    body += b"".join(part(*p) for p in after) + b"--%s--\r\n" % boundary
    return "multipart/form-data; boundary=" + boundary.decode(), body
