"""The last catch of the command line: what the system refuses is one line, what is a bug keeps its traceback."""

import pytest

from componium.cli import main


def _ends_with(error, monkeypatch):
    def app(**_):
        raise error

    monkeypatch.setattr(main, "app", app)
    with pytest.raises(SystemExit) as ended:
        main.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "closed/x.mid"), "closed/x.mid"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(2, "No such file or directory", "a\nb"), "a\\nb"),
        (MemoryError(), "memory"),
        (RecursionError("maximum recursion depth exceeded"), "nested"),
    ],
)
def test_what_the_system_refuses_is_one_line(error, said, monkeypatch, capsys):
    assert _ends_with(error, monkeypatch) == 2
    told = capsys.readouterr().err
    assert told.startswith("componium: ")
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("kind", [TypeError, KeyError, AssertionError, ValueError])
def test_a_bug_is_no_complaint(kind, monkeypatch):
    def app(**_):
        raise kind("a bug")

    monkeypatch.setattr(main, "app", app)
    with pytest.raises(kind):
        main.main()
