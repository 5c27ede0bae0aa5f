"""The bytes behind attachments: small, harmless, and the same for the same seed."""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that requests enclose. Many cases share its bytes, none its id."""

    name: str
    media_type: str
    content: bytes
    description: str
    category: str | None = None
    level: int = 0

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def samples(seed: int) -> list[Sample]:
    """Return the files of a desk; the last is under a category that nobody fetches."""
    chance = Random(f"files {seed}")  # noqa: S311 - practice data, no secret
    letter = _pdf("Emergency request, signed. Practice data.")
    return [
        Sample("request.pdf", "application/pdf", letter, "Request on letterhead"),
        Sample("cover sheet.pdf", "application/pdf", _pdf("Cover sheet."), "Cover sheet, one page"),
        Sample(
            "headers.txt", "text/plain", b"Received: from mail.example\r\n" * 40, "Mail headers"
        ),
        Sample("post.png", "image/png", _png(chance, 64, 48), "Screenshot of a post", None, 0),
        Sample(
            "profile.png", "image/png", _png(chance, 48, 48), "Screenshot of a profile", None, 1
        ),
        Sample("still.png", "image/png", _png(chance, 96, 64), "Still of a stream", "violence", 2),
        Sample(
            "still 2.png", "image/png", _png(chance, 96, 64), "Still of a stream", "self_harm", 3
        ),
        Sample(
            "order\u202efdp.exe", "application/octet-stream", b"MZ practice", "Name with a trick"
        ),
        Sample("hash match", "application/octet-stream", b"never fetched", "Known hash", "csam", 3),
    ]


def _pdf(text: str) -> bytes:
    stream = f"BT /F1 14 Tf 60 760 Td ({text}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>"
        % b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (len(objects) + 1, table)
    return bytes(out + b"%%EOF\n")


def _png(chance: Random, width: int, height: int) -> bytes:
    shade = chance.randrange(64, 192)
    rows = b"".join(
        b"\x00" + bytes((shade + row + column) % 256 for column in range(width))
        for row in range(height)
    )
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
