"""Prometheus' text format."""

from __future__ import annotations

from flexnetd.portal.metrics.text import Family, Kind, Sample, exposition, gauge, number


def test_a_family_is_told_with_help_type_and_samples_in_order() -> None:
    counted = Family("a_total", Kind.COUNTER, "How many.", (Sample({"way": "x", "outcome": "ok"}, 3),))
    assert exposition([counted, number("b", "One.", -1), gauge("c", "None.", [])]) == (
        "# HELP a_total How many.\n# TYPE a_total counter\n"
        'a_total{outcome="ok",way="x"} 3\n'
        "# HELP b One.\n# TYPE b gauge\nb -1\n"
        "# HELP c None.\n# TYPE c gauge\n"
    )


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    told = exposition([gauge("a", "A.", [Sample({"x": 'q"\\\n'}, 1)])])
    assert told.splitlines()[2] == 'a{x="q\\"\\\\\\n"} 1'
