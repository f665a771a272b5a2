"""Every known corpus keeps the same promises; each is tried on a miniature imitation of its folder."""

import re
from urllib.parse import urlsplit

import pytest
from fixtures.miniatures import MINIATURES, write

from componium.corpora import CORPORA as REGISTERED
from componium.corpora.catalogue.ensembles.groove import GROOVE
from componium.corpora.catalogue.ensembles.jsb import JSB
from componium.corpora.catalogue.ensembles.lakh import LAKH
from componium.corpora.catalogue.piano.asap import ASAP
from componium.corpora.catalogue.piano.giantmidi import GIANTMIDI
from componium.corpora.catalogue.piano.maestro import MAESTRO
from componium.corpora.catalogue.tunes.nottingham import NOTTINGHAM
from componium.corpora.files.reading import read_pieces
from componium.corpora.folder import FOLDER
from componium.corpora.splits import SPLITS
from componium.errors import CorpusError, FormatError

CATALOGUE = (MAESTRO, GIANTMIDI, NOTTINGHAM, JSB, LAKH, GROOVE, ASAP)
CORPORA = tuple({corpus.name: corpus for corpus in (*REGISTERED.values(), *CATALOGUE)}.values())


PERFORMANCES = {"maestro", "giantmidi"}

each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
published = pytest.mark.parametrize(
    "corpus", [corpus for corpus in CORPORA if corpus is not FOLDER], ids=lambda corpus: corpus.name
)


def test_names_are_unique_and_plain():
    names = [corpus.name for corpus in CORPORA]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert sorted(MINIATURES) == sorted(names)


@published
def test_a_corpus_says_whose_it_is(corpus):
    assert corpus.title.strip()
    assert corpus.licence.strip()
    assert re.search(r"\d{4}", corpus.citation), "a citation has a year"
    assert urlsplit(corpus.homepage).scheme == "https"


@published
def test_every_remote_is_safe_to_fetch(corpus):
    for remote in corpus.remotes:
        url = urlsplit(remote.url)
        assert url.netloc
        assert remote.filename == remote.filename.strip("./\\")
        assert (remote.checksum is None) != (remote.contents is None), "one checksum vouches for it"
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", remote.checksum or remote.contents)
        # An archive that is packed on demand is one of a commit, and no branch that moves on.
        assert remote.contents is None or re.search(r"/[0-9a-f]{40}\.zip$", url.path)
        assert url.scheme == "https" or remote.checksum is not None


@each_corpus
def test_a_miniature_is_found_and_read(corpus, tmp_path):
    files, expected = MINIATURES[corpus.name]
    write(tmp_path, files)
    pieces = corpus.find(tmp_path)
    assert [piece.name for piece in pieces] == sorted(expected)
    for piece in pieces:
        work, labels = expected[piece.name]
        assert piece.work == work
        assert labels.items() <= piece.labels.items()
        assert piece.labels.get("split", "train") in SPLITS
        [(read, score)] = read_pieces(corpus, piece)
        assert read == piece
        assert score.n_notes > 0
        assert score.has_grid == (corpus.name not in PERFORMANCES and piece.labels.get("kind") != "performance")


@each_corpus
def test_names_and_works_do_not_depend_on_where_the_folder_lies(corpus, tmp_path):
    files, _ = MINIATURES[corpus.name]
    found = []
    # Folders called as parts of an archive are called hide nothing.
    for place in ("here", "musics/cre_corpus/versions/else"):
        write(tmp_path / place, files)
        found.append([(piece.name, piece.work, piece.labels) for piece in corpus.find(tmp_path / place)])
    assert found[0] == found[1]


@each_corpus
def test_a_folder_without_the_corpus_is_an_error(corpus, tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        corpus.find(tmp_path / "nowhere")
    with pytest.raises(CorpusError):
        corpus.find(tmp_path)


@each_corpus
def test_a_damaged_file_is_a_format_error(corpus, tmp_path):
    files, _ = MINIATURES[corpus.name]
    write(tmp_path, files)
    piece = corpus.find(tmp_path)[0]
    piece.path.write_bytes(b"garbage")
    with pytest.raises(FormatError):
        corpus.read(piece)


def test_chorales_are_voices_of_runs(tmp_path):
    write(tmp_path, MINIATURES["jsb"][0])
    score = JSB.read(JSB.find(tmp_path)[0])
    assert [track.name for track in score.tracks] == ["soprano", "alto", "tenor", "bass"]
    soprano, _, tenor, _ = (
        [tuple(int(note[field]) for field in ("onset", "duration", "pitch")) for note in track.notes]
        for track in score.tracks
    )
    assert soprano == [(0, 360, 60), (360, 120, 62)]
    assert tenor == [(0, 120, 52), (240, 120, 52), (360, 120, 53)]


def test_files_that_are_not_lakhs_are_not_credited_to_it(tmp_path):
    (tmp_path / "song.mid").write_bytes(b"")
    with pytest.raises(CorpusError, match="named by 32 hexadecimal digits; read it as another corpus: --corpus folder"):
        LAKH.find(tmp_path)


@pytest.mark.parametrize("name", ["openscore_lieder", "openscore_quartets", "openscore_orchestra", "openewld"])
def test_a_folder_of_composers_is_read_as_the_archive_is(name, tmp_path):
    files, expected = MINIATURES[name]
    write(tmp_path, {path.partition("/")[2]: content for path, content in files.items() if path.endswith(".mxl")})
    found = REGISTERED[name].find(tmp_path)
    wanted = {path.partition("/")[2]: own for path, own in expected.items()}
    assert {piece.name: piece.work for piece in found} == {path: work for path, (work, _) in wanted.items()}
    for piece in found:
        assert wanted[piece.name][1].items() <= piece.labels.items()
