from pathlib import Path

import pytest
from jinja2 import UndefinedError

from componium.errors import ComponiumError
from componium.evaluation.reports import page
from componium.evaluation.reports.page import refuse_existing, render_page, write_report


def test_what_a_template_is_not_given_is_an_error():
    with pytest.raises(UndefinedError):
        render_page("piece_report.html", piece="x")


def test_files_are_written_and_overwritten_whole(tmp_path):
    folder = tmp_path / "deep" / "report"
    for text in ("first", "sécond\n"):
        assert write_report(folder, {"a.html": text, "b.json": text}) == [folder / "a.html", folder / "b.json"]
        assert (folder / "a.html").read_bytes() == text.encode()
    assert sorted(path.name for path in folder.iterdir()) == ["a.html", "b.json"]


def test_nothing_is_left_of_a_report_that_fails(tmp_path):
    write_report(tmp_path, {"a.html": "old"})
    with pytest.raises(ComponiumError, match="cannot be written"):
        write_report(tmp_path, {"a.html": "new", "no-such-folder/b.html": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert (tmp_path / "a.html").read_text() == "old"


def test_a_report_overwrites_nothing_unless_forced(tmp_path):
    refuse_existing(tmp_path / "new", ["a.html"], force=False)
    write_report(tmp_path, {"a.html": "old"})
    refuse_existing(tmp_path, ["b.html"], force=False)
    refuse_existing(tmp_path, ["a.html"], force=True)
    with pytest.raises(ComponiumError, match="--force"):
        refuse_existing(tmp_path, ["b.html", "a.html"], force=False)
    with pytest.raises(ComponiumError, match="not a folder"):
        refuse_existing(tmp_path / "a.html", ["b.html"], force=True)


def test_a_report_that_cannot_be_written_leaves_no_folder(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ComponiumError, match=r"a\.html: cannot be written \(No space"):
        write_report(tmp_path / "new", {"a.html": "x"})
    (tmp_path / "old").mkdir()
    with pytest.raises(ComponiumError, match="No space"):
        write_report(tmp_path / "old", {"a.html": "x"})
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]


def test_templates_need_nothing_from_elsewhere():
    folder = Path(page.__file__).parent / "templates"
    templates = sorted(folder.glob("*.html"))
    assert len(templates) >= 3
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert not any(found in text for found in ("<script", "src=", "@import", "url(", "<link", "http"))
