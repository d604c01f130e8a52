"""The records of an event file, in the order of writing: each stands between its length and its checksums.

TensorBoard's own reader does the same in pure Python, one byte at a time for the checksums, which is most of the time
that a large file takes. TensorFlow's would cost seconds to import, and TensorBoard's data server gives only what is
left when overwritten steps are gone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache

import google_crc32c

from tb_diagnose import storage

HEAD = struct.Struct("<QI")
"""In front of a record: its length in bytes, and the checksum of that."""
LENGTH_BYTES = 8
CHECKSUM_BYTES = 4
"""Behind it."""
LONGEST = 2**31
"""Bytes of a record: no message of protobuf is longer."""
PORTION = 2**24
"""Bytes that are read at once."""


class DamagedError(Exception):
    """A record is not what was written: what comes behind it cannot be found."""


def records(path: str) -> Iterator[bytes]:
    """The records of one file; a last one that is not whole, as while it is being written, is left out.

    Args:
        path: An event file; may be an address.

    Raises:
        DamagedError: a checksum does not fit.
        OSError: the file cannot be read.
    """
    with storage.open_to_read(path) as file:
        while len(head := file.read(HEAD.size)) == HEAD.size:
            length = _length(head)
            rest = _read(file, length + CHECKSUM_BYTES)
            if len(rest) < length + CHECKSUM_BYTES:
                return
            record = rest[:length]
            if int.from_bytes(rest[length:], "little") != _checksum(record):
                raise DamagedError
            yield record


@lru_cache(maxsize=4096)
def _length(head: bytes) -> int:
    """The length of a record by what stands in front of it: the same few occur over and over."""
    length, checksum = HEAD.unpack(head)
    if checksum != _checksum(head[:LENGTH_BYTES]) or length > LONGEST:
        raise DamagedError
    return int(length)


def _read(file: storage.Source, count: int) -> bytes:
    """So many bytes, or what is left of the file. A length that somebody made up takes no memory that is not there."""
    read = file.read(min(count, PORTION))
    if count <= PORTION:
        return read
    portions = [read]
    while read and (count := count - len(read)):
        read = file.read(min(count, PORTION))
        portions.append(read)
    return b"".join(portions)


def _checksum(data: bytes) -> int:
    """CRC-32C, turned and shifted as TensorFlow does it."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
