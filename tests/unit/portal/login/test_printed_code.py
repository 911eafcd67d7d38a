"""Codes on paper."""

from __future__ import annotations

import pytest

from flexnetd.model.secret import Secret
from flexnetd.portal.login.printed_code import HASH_BYTES, is_printed_code, new_printed_code, printed_code_hash


def test_a_code_has_four_groups_and_is_never_the_same() -> None:
    codes = {new_printed_code().reveal() for _ in range(50)}
    assert len(codes) == 50
    assert all([len(group) for group in code.split("-")] == [4, 4, 4, 4] for code in codes)
    assert all(is_printed_code(Secret(code)) for code in codes)


def test_a_code_is_the_same_however_it_is_typed() -> None:
    code = new_printed_code()
    typed = Secret(f"  {code.reveal().lower().replace('-', ' ')}\n")
    assert printed_code_hash(typed) == printed_code_hash(code)
    assert len(printed_code_hash(code)) == HASH_BYTES
    assert is_printed_code(typed)


@pytest.mark.parametrize(
    "text", ["", "ABCD-EFGH-IJKL-MNO", "ABCD-EFGH-IJKL-MNO1", "c" * 44, "123456", "ABCD-EFGH-IJKL-MNOPQ"]
)
def test_what_is_no_such_code_is_told_apart(text: str) -> None:
    assert not is_printed_code(Secret(text))
