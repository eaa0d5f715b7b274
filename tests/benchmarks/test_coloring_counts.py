"""docs/coloring.md has the counts that `python -m benchmarks.coloring_counts` prints."""

from pathlib import Path

from benchmarks import coloring_counts

PAGE = Path(__file__).parents[2] / "docs" / "coloring.md"


def test_the_tables_of_the_page_are_what_the_command_prints(capsys):
    coloring_counts.main()
    rows = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(rows) > 20
    assert not set(rows) - set(PAGE.read_text(encoding="utf-8").splitlines())
