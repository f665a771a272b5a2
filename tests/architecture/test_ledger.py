"""Documents print the figures of the ledger and no others, and what is measured again is compared with them."""

import re
import subprocess
import sys
from pathlib import Path

import ledger
import pytest

ROOT = Path(__file__).parents[2]
FIGURE = """
[row.figures.area]
what = "a classifier"
value = ".89"
interval = [".85", ".93"]
unit = ""
goal = ".8"
command = "python area.py"
data = "none"
measured = "0123abc"
minutes = 20
pattern = '^area (\\S+)'
"""
ROW = f'[[row]]\npage = "README.md"\nwhat = "how good"\nfigure = "{{area}}"\n{FIGURE}'


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "figures.toml"
        path.write_text(text, encoding="utf-8")
        return ledger.read_ledger(path)

    return of


def test_documents_print_what_the_ledger_has():
    own = ledger.read_ledger()
    pages = ledger.pages_of()
    assert {"README.md", "docs/figures.md", "docs/judged.md", "docs/compare.md"} <= pages.keys()
    wrong = [line for name, text in pages.items() for line in ledger.wrong_in_page(name, text, own)]
    assert [*wrong, *ledger.wrong_in_files(own), *ledger.printed_nowhere(own, pages)] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("An area of .89.\n<!-- figures: area -->", []),
        ("An area of .89 (.85 to .93), goal .8.\n<!-- figures: area -->", []),
        ("An area of .91.\n<!-- no figures: a threshold -->", []),
        ("An area of .89.", ["prints .89"]),
        ("* An area of .89.\n<!-- figures: area -->\n* And .89.", ["prints .89"]),
        ("An area of .91.\n<!-- figures: area -->", ["prints .91", "has .89 for area"]),
        ("An area of .89.\n<!-- figures: aria -->", ["names aria", "prints .89"]),
        ("An area of .91.\n<!-- no figures:  -->", ["prints .91"]),
        ("It takes 12 s and 2,000 MB.", ["prints 12", "prints 2,000"]),
        ("A seventh of it, 40 %.", ["prints 40"]),
        ("12 bars of `x 0.5`, 95 % intervals, Python 3.11, version 0.1.0, [a](b-0.5.md).\n\n```\n7 s\n```", []),
    ],
)
def test_a_figure_that_the_ledger_lacks_is_found(read, text, wrong):
    found = list(ledger.wrong_in_page("docs/page.md", text + "\n", read(ROW)))
    assert [own for own, part in zip(found, wrong, strict=True) if part not in own] == []


def test_the_table_is_that_of_the_ledger(read):
    own = read(ROW)
    page = ledger.with_table(f"# Title\n\n{ledger.BEGIN}\n{ledger.END}\n\nText.\n", ledger.table(own, "README.md"))
    assert "\n| how good | .89 (.85 to .93) | .8 | `python area.py` |\n" in page
    assert list(ledger.wrong_in_page("README.md", page, own)) == []
    [wrong] = ledger.wrong_in_page("README.md", page.replace(".89", ".91"), own)
    assert "its table is not that of the ledger" in wrong


def test_a_file_that_holds_another_value_is_found(read, tmp_path):
    own = read(ROW + "found_in = 'card.json: \"area\": (\\S+)'\n")
    (tmp_path / "card.json").write_text('{\n"area": 0.8949\n}')
    assert list(ledger.wrong_in_files(own, tmp_path)) == []
    (tmp_path / "card.json").write_text('{\n"area": 0.8963\n}')
    assert len(list(ledger.wrong_in_files(own, tmp_path))) == 1
    (tmp_path / "card.json").write_text("{}")
    assert len(list(ledger.wrong_in_files(own, tmp_path))) == 1


def test_a_figure_that_is_printed_nowhere_is_found(read):
    own = read(f"[[row]]\n{FIGURE}")
    assert list(ledger.printed_nowhere(own, {"docs/a.md": "An area of .89.\n<!-- figures: area -->"})) == []
    assert len(list(ledger.printed_nowhere(own, {"docs/a.md": "An area of .89."}))) == 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('data = "none"\n', "", "lacks"),
        ('unit = ""', 'unit = ""\nunits = ""', "unknown"),
        ('"0123abc"', '"lately"', "at a commit"),
        ('"0123abc"', '"unknown: "', "at a commit"),
        ("pattern = '^area (\\S+)'", "", "by_hand says why"),
        ("(\\S+)", "\\S+", "one group"),
        ('value = ".89"', 'value = "good"', "no numbers"),
        ('[".85", ".93"]', '"wide"', "undecided"),
        ('"{area}"', '"{area}, 7 s"', "without an id"),
        ('"{area}"', '"{aria}"', "aria: not in the ledger"),
        ("pattern =", "found_in = 'card.json'\npattern =", "found_in"),
    ],
)
def test_a_ledger_that_says_too_little_is_refused(read, before, after, said):
    assert before in ROW
    with pytest.raises(ValueError, match=said):
        read(ROW.replace(before, after))


def test_an_id_stands_once(read):
    with pytest.raises(ValueError, match="twice"):
        read(ROW + ROW)


@pytest.mark.parametrize(
    ("value", "more", "measured", "agrees"),
    [
        (".89", 'interval = [".85", ".93"]', [0.932], True),
        (".89", 'interval = [".85", ".93"]', [0.938], False),
        (".89", 'interval = [".85", ".93"]', [0.86, 0.85, 0.93], True),
        (".89", 'interval = [".85", ".93"]', [0.89, 0.84, 0.93], False),
        (".89", 'interval = "undecided"', [0.894], True),
        (".89", "", [0.896], False),
        ("2,000", "tolerance = 0.25", [1510], True),
        ("2,000", "tolerance = 0.25", [2502], False),
    ],
)
def test_what_is_measured_agrees_within_the_interval_or_the_tolerance(read, value, more, measured, agrees):
    row = ROW.replace('interval = [".85", ".93"]', more).replace('".89"', f'"{value}"')
    assert read(row).figures["area"].agrees(measured) == agrees


def measured_again(path, *asked):
    command = [sys.executable, str(ROOT / "benchmarks" / "figures.py"), "--ledger", str(path), *asked]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def planted(read, tmp_path):
    def with_command(command):
        read(ROW.replace('"python area.py"', f"'''{command}'''"))
        return tmp_path / "figures.toml"

    return with_command


@pytest.mark.parametrize(
    ("program", "said", "status"),
    [
        ("print('area 0.87 of all')", "as printed", 0),
        ("print('area 0.51')", "DIFFERS", 1),
        ("print('volume 0.89')", "not found", 1),
        ("print('area high')", "not a number", 1),
        ("print('area 0.89'); raise SystemExit(3)", "the command failed", 1),
    ],
)
def test_a_command_is_run_and_compared(planted, program, said, status):
    done = measured_again(planted(f'python -c "{program}"'), "run", "area")
    assert done.returncode == status, done.stderr
    assert re.search(rf"area +printed \.89 \(\.85 to \.93\) +measured .*{said}", done.stdout)


def test_no_shell_reads_a_command(planted):
    path = planted('python -c "import sys; print(sys.argv[1:])" ; $HOME | false\narea 0.89')
    done = measured_again(path, "run", "--all")
    assert "not found" in done.stdout
    assert done.returncode == 1


def test_slow_figures_are_marked_and_not_quick(planted):
    path = planted("python -c \"print('area 0.89')\"")
    assert "slow" in measured_again(path, "list").stdout
    done = measured_again(path, "run", "--quick")
    assert (done.returncode, "measured" in done.stdout) == (1, False)
    assert "none was compared" in done.stderr
    assert "not in the ledger: aria" in measured_again(path, "run", "aria").stderr


def test_cards_print_what_the_ledger_has():
    own = ledger.read_ledger()
    asked = [name for name, figure in own.figures.items() if figure.command == "componium models" and figure.pattern]
    assert len(asked) >= 6
    done = measured_again(ROOT / "docs" / "figures.toml", "run", *asked)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("as printed") == len(asked)
