"""Reports, frames, the CRC."""

from __future__ import annotations

import pytest

from tests.bed.yubikey.frames import (
    CRC_RESIDUE,
    PENDING,
    WRITE,
    Assembly,
    Frame,
    Response,
    crc16,
    reports_from_frame,
    with_crc,
)


def test_the_crc_is_iso_13239s() -> None:
    """The check value of CRC-16/MCRF4XX, which is the same without the complement."""
    assert crc16(b"123456789") == 0x6F91
    assert crc16(with_crc(b"123456789")) == CRC_RESIDUE


def assembled(reports: list[bytes]) -> list[Frame]:
    assembly = Assembly()
    return [frame for report in reports if (frame := assembly.add(report))]


@pytest.mark.parametrize("payload", [bytes(64), bytes(range(64)), b"\1" + bytes(63), bytes(63) + b"\1"])
def test_a_frame_arrives_as_it_was_sent(payload: bytes) -> None:
    frame = Frame(0x38, payload)
    assert assembled(reports_from_frame(frame)) == [frame]


def test_parts_of_zeros_are_left_out_but_for_the_first_and_the_last() -> None:
    assert [report[-1] for report in reports_from_frame(Frame(0x10, bytes(64)))] == [WRITE, WRITE | 9]


def test_a_first_part_forgets_what_came_before() -> None:
    old = reports_from_frame(Frame(0x38, b"\xff" * 64))[:-1]
    new = Frame(0x10, bytes(64))
    assert assembled(old + reports_from_frame(new)) == [new]


def test_a_frame_with_a_wrong_crc_is_none() -> None:
    reports = reports_from_frame(Frame(0x38, bytes(range(64))))
    assert assembled([reports[0], *reports[2:]]) == []


def test_a_response_comes_in_numbered_parts_and_ends_where_it_began() -> None:
    response = Response(bytes(range(20)))
    reports = [response.next_report() for _ in range(5)]
    assert [report[-1] for report in reports] == [PENDING | n for n in (0, 1, 2, 3, 0)]
    data = b"".join(report[:7] for report in reports[:4])
    assert data[:20] == bytes(range(20))
    assert crc16(data[:22]) == CRC_RESIDUE
