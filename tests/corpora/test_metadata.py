import pytest

from componium.corpora.metadata import plain, read_table, work_of
from componium.errors import CorpusError


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sonata No. 23 in F Minor, Op. 57, First Movement", "Sonata in F Minor, op.57 (Complete)"),
        ("Prelude and Fugue in C Major, WTC I, BWV 846", "Prelude in C major, BWV846"),
        ("Etude Op. 10 No. 4", "Etude in C-sharp Minor, Opus 10, No. 12"),
        ("Sonata in A Minor, D784", "Sonata in A minor, D. 784, 1st mvt."),
        ("Sonata in F Major, K. 332", "Sonata in F major, KV 332, III. mov"),
        ("Keyboard Sonata in D minor K9", "Sonata K.9"),
        ("Sonata in E-flat Major, Hob. XVI:49", "Sonata in E-flat Hob XVI/49, 2nd movement"),
        ("Waltz in A Minor", "WALTZ, in A minor"),
        ("Sonata in C Major, 1st mov.", "Sonata in C Major"),
        ("Concerto italien, second movement", "Concerto Italien"),
    ],
)
def test_one_work_under_several_titles(left, right):
    assert work_of("Some Composer", left) == work_of("Some Composer", right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sonata Op. 57", "Sonata Op. 5"),
        ("Sonata in D, 3rd movement", "Sonata in E, 3rd movement"),
        ("Sonata D 784", "Sonata K 784"),
        ("Sonata in D Major", "Sonata in D Minor"),
        ("Etude No. 4", "Etude No. 5"),
        ("Sonata Hob. XVI:49", "Sonata Hob. XVI:50"),
    ],
)
def test_different_works(left, right):
    assert work_of("Some Composer", left) != work_of("Some Composer", right)
    assert work_of("Some Composer", left) != work_of("Another", left)


def test_names_are_compared_without_accents_and_punctuation():
    assert plain("Chopin,  Frédéric ") == "chopin frederic"
    assert work_of("Frédéric Chopin", "Étude_Op._10") == work_of("Frederic Chopin", "Etude, Op. 10")


def test_a_table_is_found_below_the_folder(tmp_path):
    (tmp_path / "corpus-1.0").mkdir()
    (tmp_path / "corpus-1.0" / "info.csv").write_text('a,b\n1,"x, y"\n2\n', encoding="utf-8")
    base, rows = read_table(tmp_path, "info*.csv")
    assert base == tmp_path / "corpus-1.0"
    assert rows == [{"a": "1", "b": "x, y"}, {"a": "2", "b": ""}]


def test_a_missing_or_unreadable_table_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        read_table(tmp_path / "nowhere", "info.csv")
    with pytest.raises(CorpusError, match=r"no info\.csv"):
        read_table(tmp_path, "info.csv")
    (tmp_path / "info.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(CorpusError, match="cannot be read"):
        read_table(tmp_path, "info.csv")
