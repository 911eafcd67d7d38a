"""The line of each key, and strict tables."""

from __future__ import annotations

import pytest

from flexnetd.model.toml_lines import TomlMalformed, read_toml
from flexnetd.model.toml_table import Table, TomlMissing, TomlWrong

TEXT = '''\
# a file
origin = "https://a"
numbers = [
    1, # [ not a bracket
    2,
]
words = """
[not.a.table]
x = 1"""

[operator.name]
de = 'KV'
"e\\u006E" = "KV" # comment
'lit' = 1
a.b = { c = 1, d = "}" }

[[gateway]]
name = "one"
[gateway.more]
x = 1
[[gateway]]
name = "two"
[last]'''


def test_every_key_table_and_item_stands_on_its_line() -> None:
    lines = read_toml(TEXT).lines
    assert dict(lines) == {
        ("origin",): 2,
        ("numbers",): 3,
        ("numbers", "0"): 4,
        ("numbers", "1"): 5,
        ("words",): 7,
        ("operator",): 11,
        ("operator", "name"): 11,
        ("operator", "name", "de"): 12,
        ("operator", "name", "en"): 13,
        ("operator", "name", "lit"): 14,
        ("operator", "name", "a"): 15,
        ("operator", "name", "a", "b"): 15,
        ("operator", "name", "a", "b", "c"): 15,
        ("operator", "name", "a", "b", "d"): 15,
        ("gateway",): 17,
        ("gateway", "0"): 17,
        ("gateway", "0", "name"): 18,
        ("gateway", "0", "more"): 19,
        ("gateway", "0", "more", "x"): 20,
        ("gateway", "1"): 21,
        ("gateway", "1", "name"): 22,
        ("last",): 23,
    }


def test_what_the_text_does_not_name_stands_where_the_thing_around_it_does() -> None:
    text = read_toml(TEXT)
    assert text.line(("operator", "name", "a", "nothing", "deeper")) == 15
    assert text.line(("nowhere",)) == 1


def test_lines_go_on_being_right_behind_texts_that_look_like_toml() -> None:
    rows = [
        "a = ['[', \"]\", '''",
        "[x] = 1",
        "''''', \"\"\"",
        '\\"\\\\ # [y] = 1',
        '"""""]',
        "b = [{c = [ # ]",
        "1], d = 2},",
        "{'e.f' = 3}]",
    ]
    text = read_toml("\n".join(rows))
    assert text.values == {
        "a": ["[", "]", "[x] = 1\n''", '"\\ # [y] = 1\n""'],
        "b": [{"c": [1], "d": 2}, {"e.f": 3}],
    }
    assert text.line(("a", "3")) == 3
    assert text.line(("b", "0", "c", "0")) == 7
    assert text.line(("b", "0", "d")) == 7
    assert text.line(("b", "1", "e.f")) == 8


def test_a_table_below_an_array_of_tables_belongs_to_the_latest() -> None:
    text = read_toml("[[a]]\n[[a.b]]\n[a.b.c]\nx = 1\n[[a]]\n[[a.b]]\ny = 2\n")
    assert text.values == {"a": [{"b": [{"c": {"x": 1}}]}, {"b": [{"y": 2}]}]}
    assert text.line(("a", "0", "b", "0", "c", "x")) == 4
    assert text.line(("a", "1", "b", "0", "y")) == 7


def test_windows_line_ends_count_as_lines() -> None:
    assert read_toml("a = 1\r\nb = 2 # last").line(("b",)) == 2


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = = 2\n", 2), ("a = 1\nb = [1,\n\n", 2), ("a = 1\na = 2\n", 2)])
def test_what_is_no_toml_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(TomlMalformed) as wrong:
        read_toml(text)
    assert wrong.value.line == line
    assert wrong.value.problem


def test_text_that_is_too_long_or_too_deep_is_refused_in_a_moment() -> None:
    with pytest.raises(TomlMalformed, match="longer"):
        read_toml("#" * (64 * 1024 + 1))
    with pytest.raises(TomlMalformed, match="deep"):
        read_toml("a = " + "[" * 20000 + "]" * 20000)


def table(text: str) -> Table:
    return Table(read_toml(text))


def test_a_table_gives_what_it_holds_and_defaults_for_what_it_does_not() -> None:
    t = table('a = "x"\nn = 3\nb = true\nl = ["x", "y"]\n[t]\nk = 1\n[[r]]\nk = 2\n')
    assert "a" in t
    assert t.keys() == ("a", "n", "b", "l", "t", "r")
    assert (t.text("a"), t.integer("n", 0, 5), t.boolean("b", False), t.texts("l")) == ("x", 3, True, ("x", "y"))
    assert t.table("t").integer("k", 0, 9) == 1
    assert [row.integer("k", 0, 9) for row in t.tables("r")] == [2]
    t.done()
    assert t.text("none", "") == ""
    assert t.integer("none", 0, 9, 4) == 4
    assert t.boolean("none", True) is True
    assert t.texts("none", ()) == ()
    assert t.table("none", optional=True).keys() == ()
    assert t.tables("none") == ()


def test_an_unknown_key_is_refused_by_line_and_name() -> None:
    t = table("[a]\nknown = 1\nunknown = 2\n").table("a")
    t.integer("known", 0, 9)
    with pytest.raises(TomlWrong) as wrong:
        t.done()
    assert (wrong.value.line, wrong.value.key, wrong.value.problem) == (3, "a.unknown", "unknown key")


def test_a_missing_key_is_named_with_its_table() -> None:
    with pytest.raises(TomlMissing) as missing:
        table("[a]\n").table("a").text("name")
    assert missing.value.key == "a.name"


def test_values_of_another_type_or_out_of_bounds_are_refused() -> None:
    t = table('s = 1\nlong = "xxxx"\nn = true\nbig = 10\nb = 1\nl = [1]\nmany = ["a", "b"]\nt = 1\nr = [1]\n')
    for read in (
        lambda: t.text("s"),
        lambda: t.text("long", most=3),
        lambda: t.integer("n", 0, 9),
        lambda: t.integer("big", 0, 9),
        lambda: t.boolean("b", False),
        lambda: t.texts("l"),
        lambda: t.texts("many", most=1),
        lambda: t.table("t"),
        lambda: t.tables("r"),
    ):
        with pytest.raises(TomlWrong):
            read()
