"""Every known corpus keeps the same promises; each is tried on a miniature imitation of its folder."""

import io
import json
import re
from urllib.parse import urlsplit

import numpy as np
import pytest

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
from componium.formats.midi import midi_bytes
from componium.formats.musicxml import musicxml_bytes, write_musicxml
from componium.score import Score, Track, make_notes

CATALOGUE = (MAESTRO, GIANTMIDI, NOTTINGHAM, JSB, LAKH, GROOVE, ASAP)
CORPORA = tuple({corpus.name: corpus for corpus in (*REGISTERED.values(), *CATALOGUE)}.values())
SCORE = Score(480, (Track(make_notes(np.arange(0, 4800, 480), 240, 60, 80)),))
MIDI = midi_bytes(SCORE)
MUSICXML = musicxml_bytes(SCORE)
CHORALE = [[60, 55, 52, 48], [60, 55, -1, 48], [60, 57, 52, 48], [62, 57, 53, 50]]


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def midi_files(*names):
    return dict.fromkeys(names, MIDI)


def mxl_files(*names):
    archive = io.BytesIO()
    write_musicxml(SCORE, archive, compressed=True)
    return dict.fromkeys(names, archive.getvalue())


# name of the corpus -> the files of a miniature, and name -> (work, some of the labels) of the pieces found in it.
MINIATURES = {
    "folder": (
        midi_files("a.mid", "jazz/b.MIDI", "jazz/deep/c.kar")
        | mxl_files("a.mxl", "jazz/d.MXL")
        | {"e.xml": MUSICXML, "f.musicxml": MUSICXML, "notes.txt": "no music"},
        {
            "a.mid": ("a", {}),
            "a.mxl": ("a", {}),
            "e.xml": ("e", {}),
            "f.musicxml": ("f", {}),
            "jazz/b.MIDI": ("jazz/b", {"folder": "jazz"}),
            "jazz/d.MXL": ("jazz/d", {"folder": "jazz"}),
            "jazz/deep/c.kar": ("jazz/deep/c", {}),
        },
    ),
    "pop909": (
        midi_files("POP909/001/001.mid", "POP909/001/versions/001-v1.mid", "POP909/002/002.mid")
        | {f"POP909/{song}/beat_midi.txt": "0.0 1 1\n0.5 0 0\n1.0 1 0\n1.5 0 0\n2.0 1 1\n" for song in ("001", "002")}
        | {f"POP909/{song}/chord_midi.txt": "0.0\t2.0\tC:maj\n" for song in ("001", "002")},
        {"POP909/001/001.mid": ("pop909/001", {}), "POP909/002/002.mid": ("pop909/002", {})},
    ),
    "maestro": (
        midi_files("2008/a.midi", "2008/b.midi", "2018/c.midi", "2018/d.midi")
        | {
            "maestro-v3.0.0.csv": "canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration"
            "\n"
            'Frédéric Chopin,"Sonata No. 2, Op. 35, 1st mov.",train,2008,2008/a.midi,2008/a.wav,10.0\n'
            "Frédéric Chopin,Sonata in B-flat Minor Op. 35,train,2008,2008/b.midi,2008/b.wav,10.0\n"
            "Alban Berg,Sonata Op. 1,test,2018,2018/c.midi,2018/c.wav,10.0\n"
            "Alban Berg,A lost file,test,2018,2018/lost.midi,2018/lost.wav,10.0\n"
        },
        {
            "2008/a.midi": ("maestro/frederic chopin/op 35", {"composer": "Frédéric Chopin", "split": "train"}),
            "2008/b.midi": ("maestro/frederic chopin/op 35", {"year": "2008"}),
            "2018/c.midi": ("maestro/alban berg/op 1", {"title": "Sonata Op. 1", "split": "test"}),
        },
    ),
    "giantmidi": (
        midi_files(
            "midis/Satie, Erik, 3 Gymnopédies, TL0xzp4zzBE.mid",
            "midis/Satie, Erik, 3 Gymnopedies, 5pyhBJzuixM.mid",
            "midis/Bach, Johann Sebastian, Partita No.2, BWV 826, v-QmwrhO3ec.mid",
            "midis/Brahms_Johannes_Piano_Sonata_No2_Op2_RhZqUE63B9g_mov_1.mid",
            "midis/Brahms_Johannes_Piano_Sonata_No2_Op2_RhZqUE63B9g_cut_mov_2.mid",
        ),
        {
            "midis/Satie, Erik, 3 Gymnopédies, TL0xzp4zzBE.mid": (
                "giantmidi/erik satie/3 gymnopedies",
                {"composer": "Erik Satie", "title": "3 Gymnopédies"},
            ),
            "midis/Satie, Erik, 3 Gymnopedies, 5pyhBJzuixM.mid": ("giantmidi/erik satie/3 gymnopedies", {}),
            "midis/Bach, Johann Sebastian, Partita No.2, BWV 826, v-QmwrhO3ec.mid": (
                "giantmidi/johann sebastian bach/bwv 826",
                {"title": "Partita No.2, BWV 826"},
            ),
            "midis/Brahms_Johannes_Piano_Sonata_No2_Op2_RhZqUE63B9g_mov_1.mid": ("giantmidi/brahms/op 2", {}),
            "midis/Brahms_Johannes_Piano_Sonata_No2_Op2_RhZqUE63B9g_cut_mov_2.mid": ("giantmidi/brahms/op 2", {}),
        },
    ),
    "nottingham": (
        midi_files("MIDI/jigs1.mid", "MIDI/melody/jigs1.mid", "MIDI/chords/jigs1.mid", "MIDI/reelsa-c2.mid")
        | {"ABC_cleaned/jigs.abc": "X:1"},
        {
            "MIDI/jigs1.mid": ("nottingham/jigs1", {"style": "jig"}),
            "MIDI/reelsa-c2.mid": ("nottingham/reelsa-c2", {"style": "reel"}),
        },
    ),
    "jsb": (
        {"Jsb16thSeparated.json": json.dumps({"train": [CHORALE] * 2, "valid": [CHORALE], "test": [CHORALE]})},
        {
            "train/000": ("jsb/train/000", {"split": "train", "composer": "Bach"}),
            "train/001": ("jsb/train/001", {"split": "train"}),
            "validation/000": ("jsb/validation/000", {"split": "validation"}),
            "test/000": ("jsb/test/000", {"split": "test"}),
        },
    ),
    "lakh": (
        midi_files(
            "0/00000ec8a66b6bd2ef809b0443eeae41.mid",
            "f/ffffff2b8c7fea0e3a4dbc2e3a3d5a1c.mid",
            "A/A/A/TRAAAGR128F425B14B/1d9d16a9da90c090809c153754823c2b.mid",
        ),
        {
            "A/A/A/TRAAAGR128F425B14B/1d9d16a9da90c090809c153754823c2b.mid": ("lakh/TRAAAGR128F425B14B", {}),
            "0/00000ec8a66b6bd2ef809b0443eeae41.mid": ("lakh/00000ec8a66b6bd2ef809b0443eeae41", {}),
            "f/ffffff2b8c7fea0e3a4dbc2e3a3d5a1c.mid": ("lakh/ffffff2b8c7fea0e3a4dbc2e3a3d5a1c", {}),
        },
    ),
    "groove": (
        midi_files("drummer1/eval_session/1.mid", "drummer5/eval_session/1.mid", "drummer1/session1/7.mid")
        | {
            "info.csv": "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,"
            "duration,split\n"
            "drummer1,s,drummer1/eval_session/1,funk/groove1,138,beat,4-4,drummer1/eval_session/1.mid,,27.8,test\n"
            "drummer5,s,drummer5/eval_session/1,funk/groove1,138,beat,4-4,drummer5/eval_session/1.mid,,27.8,test\n"
            "drummer1,s,drummer1/session1/7,jazz/swing,90,fill,4-4,drummer1/session1/7.mid,,2.8,train\n"
        },
        {
            "drummer1/eval_session/1.mid": ("groove/groove1", {"genre": "funk", "drummer": "drummer1"}),
            "drummer5/eval_session/1.mid": ("groove/groove1", {"split": "test"}),
            "drummer1/session1/7.mid": ("groove/drummer1/session1/7", {"style": "jazz/swing", "beat_type": "fill"}),
        },
    ),
    "asap": (
        midi_files(
            "Bach/Fugue/bwv_846/midi_score.mid",
            "Bach/Prelude/bwv_846/Shi05M.mid",
            "Beethoven/Piano_Sonatas/17-1/midi_score.mid",
            "Beethoven/Piano_Sonatas/17-1_no_repeat/Lu01.mid",
            "Beethoven/Piano_Sonatas/17-3/Lu02.mid",
            "Chopin/Sonata_2/1st_no_repeat/midi_score.mid",
            "Chopin/Sonata_2/4th/Lin01.mid",
            "Schumann/Toccata/A01.mid",
            "Schumann/Toccata_repeat/B01.mid",
        )
        | {"metadata.csv": "composer,title\n"},
        {
            "Bach/Fugue/bwv_846/midi_score.mid": ("asap/Bach/bwv_846", {"composer": "Bach", "kind": "score"}),
            "Bach/Prelude/bwv_846/Shi05M.mid": ("asap/Bach/bwv_846", {"kind": "performance"}),
            "Beethoven/Piano_Sonatas/17-1/midi_score.mid": ("asap/Beethoven/Piano_Sonatas/17", {}),
            "Beethoven/Piano_Sonatas/17-1_no_repeat/Lu01.mid": ("asap/Beethoven/Piano_Sonatas/17", {}),
            "Beethoven/Piano_Sonatas/17-3/Lu02.mid": ("asap/Beethoven/Piano_Sonatas/17", {}),
            "Chopin/Sonata_2/1st_no_repeat/midi_score.mid": ("asap/Chopin/Sonata_2", {}),
            "Chopin/Sonata_2/4th/Lin01.mid": ("asap/Chopin/Sonata_2", {}),
            "Schumann/Toccata/A01.mid": ("asap/Schumann/Toccata", {}),
            "Schumann/Toccata_repeat/B01.mid": ("asap/Schumann/Toccata", {"title": "Toccata repeat"}),
        },
    ),
    "irish_cre": (
        midi_files(
            "folk-9d8c/cre_corpus/midi/BantryBay.mid",
            "folk-9d8c/cre_corpus/midi/AbbeyReelThe.mid",
            "folk-9d8c/thesession/BantryBay.mid",
        ),
        {
            "folk-9d8c/cre_corpus/midi/AbbeyReelThe.mid": ("irish/AbbeyReelThe", {}),
            "folk-9d8c/cre_corpus/midi/BantryBay.mid": ("irish/BantryBay", {}),
        },
    ),
    "freedoom_multitrack": (
        midi_files("freedoom-d14d/musics/d_e1m1.mid", "freedoom-d14d/musics/d_map01.mid", "freedoom-d14d/lumps/x.mid"),
        {
            "freedoom-d14d/musics/d_e1m1.mid": ("freedoom/d_e1m1", {}),
            "freedoom-d14d/musics/d_map01.mid": ("freedoom/d_map01", {}),
        },
    ),
    "jsb_chorales_music21": (
        midi_files("bwv112.5-sc.mid", "bwv112.5.mid", "bwv113.8.mid", "bwv253.mid"),
        {
            "bwv112.5-sc.mid": ("music21/bwv112", {}),
            "bwv112.5.mid": ("music21/bwv112", {}),
            "bwv113.8.mid": ("music21/bwv113", {}),
            "bwv253.mid": ("music21/bwv253", {}),
        },
    ),
    "music21_string_quartets": (
        midi_files("haydn__opus1no1__movement1.mid", "haydn__opus1no1__movement2.mid", "beethoven__opus133.mid"),
        {
            "beethoven__opus133.mid": ("music21/beethoven__opus133", {"composer": "beethoven"}),
            "haydn__opus1no1__movement1.mid": ("music21/haydn__opus1no1", {"composer": "haydn"}),
            "haydn__opus1no1__movement2.mid": ("music21/haydn__opus1no1", {"composer": "haydn"}),
        },
    ),
    "music21_palestrina": (
        midi_files(
            "palestrina__Credo_02_a.mid",
            "palestrina__Kyrie_02.mid",
            "palestrina__Kyrie_II_13.mid",
            "palestrina__Gloria_20.mid",
        ),
        {
            "palestrina__Credo_02_a.mid": ("music21/02", {"composer": "palestrina"}),
            "palestrina__Gloria_20.mid": ("music21/20", {}),
            "palestrina__Kyrie_02.mid": ("music21/02", {}),
            "palestrina__Kyrie_II_13.mid": ("music21/13", {}),
        },
    ),
    "music21_monteverdi": (
        midi_files("monteverdi__madrigal.3.1.mid", "monteverdi__madrigal.3.10.mid", "monteverdi__madrigal.4.1.mid"),
        {
            "monteverdi__madrigal.3.1.mid": ("music21/monteverdi__madrigal.3.1", {"composer": "monteverdi"}),
            "monteverdi__madrigal.3.10.mid": ("music21/monteverdi__madrigal.3.10", {}),
            "monteverdi__madrigal.4.1.mid": ("music21/monteverdi__madrigal.4.1", {}),
        },
    ),
    "music21_ryans_mammoth": (
        midi_files("ryansMammoth__AcaciaReel.mid", "ryansMammoth__7thRegimentReel.mid"),
        {
            "ryansMammoth__7thRegimentReel.mid": ("music21/ryansMammoth__7thRegimentReel", {}),
            "ryansMammoth__AcaciaReel.mid": ("music21/ryansMammoth__AcaciaReel", {}),
        },
    ),
    "music21_misc": (
        midi_files("schumann_robert__opus41no1__movement1.mid", "schumann_robert__opus48no2.mid"),
        {
            "schumann_robert__opus41no1__movement1.mid": ("music21/schumann_robert__opus41no1", {}),
            "schumann_robert__opus48no2.mid": (
                "music21/schumann_robert__opus48no2",
                {"composer": "schumann_robert"},
            ),
        },
    ),
    "openscore_lieder": (
        mxl_files(
            "scores/Smyth,_Ethel/3_Songs,_Op.1/2_Dusk/lc12.mxl",
            "scores/Smyth,_Ethel/3_Songs,_Op.1/1_Dawn/lc11.mxl",
            "scores/Smyth,_Ethel/_/Dusk/lc13.mxl",
        )
        | {"scores/Smyth,_Ethel/_/Dusk/lc13.mscz": "", "README.md": ""},
        {
            "scores/Smyth,_Ethel/3_Songs,_Op.1/1_Dawn/lc11.mxl": (
                "openscore_lieder/Smyth,_Ethel/3_Songs,_Op.1/1_Dawn",
                {"composer": "Smyth, Ethel", "set": "3 Songs, Op.1", "title": "1 Dawn", "genre": "art song"},
            ),
            "scores/Smyth,_Ethel/3_Songs,_Op.1/2_Dusk/lc12.mxl": (
                "openscore_lieder/Smyth,_Ethel/3_Songs,_Op.1/2_Dusk",
                {},
            ),
            "scores/Smyth,_Ethel/_/Dusk/lc13.mxl": ("openscore_lieder/Smyth,_Ethel/_/Dusk", {"title": "Dusk"}),
        },
    ),
    "openscore_quartets": (
        mxl_files("scores/Bach,_Maria/Quartet_in_F/sq1.mxl", "scores/Grieg,_Edvard/Quartet,_Op.27/sq2.mxl"),
        {
            "scores/Bach,_Maria/Quartet_in_F/sq1.mxl": ("openscore_quartets/Bach,_Maria/Quartet_in_F", {}),
            "scores/Grieg,_Edvard/Quartet,_Op.27/sq2.mxl": (
                "openscore_quartets/Grieg,_Edvard/Quartet,_Op.27",
                {"composer": "Grieg, Edvard", "title": "Quartet, Op.27", "genre": "string quartet"},
            ),
        },
    ),
    "openscore_orchestra": (
        mxl_files(
            "data/Farrenc,_Louise/Symphony_No.3/1/Farrenc_3_1.mxl",
            "data/Farrenc,_Louise/Symphony_No.3/1/Farrenc_3_1_melody.mxl",
            "data/Farrenc,_Louise/Symphony_No.3/2/Farrenc_3_2.mxl",
            "data/Farrenc,_Louise/Overture/Overture.mxl",
        ),
        {
            "data/Farrenc,_Louise/Overture/Overture.mxl": (
                "openscore_orchestra/Farrenc,_Louise/Overture",
                {"composer": "Farrenc, Louise", "title": "Overture", "genre": "orchestral"},
            ),
            "data/Farrenc,_Louise/Symphony_No.3/1/Farrenc_3_1.mxl": (
                "openscore_orchestra/Farrenc,_Louise/Symphony_No.3",
                {"title": "Symphony No.3", "movement": "1"},
            ),
            "data/Farrenc,_Louise/Symphony_No.3/2/Farrenc_3_2.mxl": (
                "openscore_orchestra/Farrenc,_Louise/Symphony_No.3",
                {"movement": "2"},
            ),
        },
    ),
    "openewld": (
        mxl_files("dataset/Ann_Ames-Bo_Bell/Some_Song/Some_Song.mxl", "dataset/Bo_Bell/Some_Song/Some_Song.mxl"),
        {
            "dataset/Ann_Ames-Bo_Bell/Some_Song/Some_Song.mxl": (
                "openewld/Ann_Ames-Bo_Bell/Some_Song",
                {"composer": "Ann Ames-Bo Bell", "title": "Some Song", "genre": "popular song"},
            ),
            "dataset/Bo_Bell/Some_Song/Some_Song.mxl": ("openewld/Bo_Bell/Some_Song", {}),
        },
    ),
}

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
