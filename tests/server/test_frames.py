"""Frames: what goes in comes out, numbers can be read in place, and what is no frame is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.server.errors import MessageError
from dsa110_vis.server.frames import pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
MESSAGES = st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(MESSAGES, st.lists(st.binary(max_size=40), max_size=5))
def test_what_goes_in_comes_out(message, buffers):
    frame = pack(message, buffers)
    assert isinstance(frame, bytes if buffers else str)
    found, parts = unpack(frame)
    assert found == message
    assert [bytes(part) for part in parts] == buffers


@given(MESSAGES, st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_each_part_begins_at_a_multiple_of_eight(message, buffers):
    frame = pack(message, buffers)
    (count,) = struct.unpack_from("<I", frame)
    lengths = struct.unpack_from(f"<{count}I", frame, 4)
    assert lengths[1:] == tuple(map(len, buffers))
    end = 4 * (count + 1)
    for length, buffer in zip(lengths, [None, *buffers], strict=True):
        start = -(-end // 8) * 8
        assert frame[end:start] == b"\0" * (start - end)
        assert buffer is None or frame[start : start + length] == buffer
        end = start + length
    assert end == len(frame)


def test_the_layout_is_the_one_that_is_written_down():
    frame = pack({"a": 1}, [b"\x01\x02\x03"])
    head = struct.pack("<III", 2, 7, 3)
    assert frame == b"".join([head, bytes(4), b'{"a":1}', bytes(1), b"\x01\x02\x03"])


@given(st.binary(max_size=60))
def test_anything_else_is_refused_or_is_a_message(frame):
    try:
        message, _ = unpack(frame)
    except MessageError:
        return
    assert isinstance(message, dict)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\0\0\0\0", b"\x01\0\0", b"\x01\0\0\0", b"\xff\xff\xff\xff" * 4,
        struct.pack("<II", 1, 5) + b"[1,2]", struct.pack("<II", 1, 100) + b"{}", struct.pack("<II", 1, 2) + b"\xff\xfe",
        "", "[]", "{", "null", "[" * 100_000,
    ],
)  # fmt: skip
def test_refused(frame):
    with pytest.raises(MessageError):
        unpack(frame)


def test_what_is_not_a_number_is_never_sent():
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"value": float("nan")})
