"""Instruments by the names that parts have in print."""

import pytest

from componium.score.instruments import BAND, PROGRAM_NAMES
from componium.score.part_names import PartInstrument, part_instrument

CHOIR = {52, 53}


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (0, ["Piano", "Pno.", "Klavier", "Pianoforte", "Piano (right hand)", "PIANO 2"]),
        (6, ["Cembalo", "Harpsichord", "Clavecin"]),
        (19, ["Organ", "Orgel", "Organo", "Orgue"]),
        (24, ["Guitar", "Gitarre", "Chitarra 1", "Konzertgitarre"]),
        (27, ["Electric Guitar", "Guitar (electric)", "E. Gtr."]),
        (33, ["Bass Guitar", "Electric Bass", "E-Bass"]),
        (40, ["Violin", "Vln. I", "Violin II", "2. Violine", "Violons 1", "Violino primo", "1er Violon", "Violín"]),
        (41, ["Viola", "Vla.", "Bratsche", "Viole"]),
        (42, ["Violoncello", "Vc.", "Cello solo", "Violoncelle", "Violoncelli"]),
        (43, ["Contrabass", "Double Bass", "Kontrabaß", "Contrebasse", "Cb."]),
        (46, ["Harp", "Harfe", "Arpa"]),
        (47, ["Timpani", "Pauken in C, G", "Timbales"]),
        (56, ["Trumpet in B♭", "Trompete in B", "Tromba in C", "B-flat Trumpet 2", "Tpt. 1", "Trompette en ut"]),
        (57, ["Trombone 3", "Posaune", "Bass Trombone", "Trombone basso"]),
        (58, ["Tuba", "Euphonium"]),
        (60, ["Horn in F", "F Horn", "Corno in F", "Cor en fa", "Hn. in E♭"]),
        (60, [ "Horn in F 3.4", "Waldhorn", "Corni I, II"]),
        (65, ["Alto Saxophone", "Sax alto", "Altsaxophon in Es", "Saxophone alto en mib"]),
        (66, ["Tenor Sax", "Saxofon tenor", "Sax tenore"]),
        (68, ["Oboe", "Hautbois 2", "Ob. I"]),
        (69, ["English Horn", "Cor anglais", "Corno inglese", "Englischhorn"]),
        (70, ["Bassoon", "Fagott", "Fagotti", "Bsn. 2"]),
        (71, ["Clarinet in Bb", "Bb Clarinet 1", "Clarinetto in La"]),
        (71, ["Klarinette in A", "Clarinette en sib", "Cl. 2 in B♭"]),
        (73, ["Flute 1", "Flöte", "Flauto traverso", "Große Flöte", "Fl."]),
        (74, ["Recorder", "Blockflöte", "Altblockflöte"]),
        (105, ["Banjo"]),
        # As German orchestras shorten them.
        (6, ["Cemb."]), (9, ["Glsp."]), (11, ["Vibr."]), (41, ["Br.", "Br. II"]), (46, ["Hrf."]), (47, ["Pk.", "Pkn."]),
        (60, ["Hr. in F", "Hr. 3"]), (65, ["Altsax", "Altsax 2"]), (66, ["Tenorsax"]), (67, ["Barisax"]),
    ],
)  # fmt: skip
def test_names_in_several_languages_with_numbers_and_transpositions(program, names):
    assert {name: part_instrument(name) for name in names} == dict.fromkeys(names, PartInstrument(program))


@pytest.mark.parametrize(
    "name", ["Drumset", "Drums", "Percussion 2", "Schlagzeug", "Batterie", "Snare Drum", "Gran cassa"]
)
def test_drums_are_drums(name):
    assert part_instrument(name) == PartInstrument(0, is_drum=True)


@pytest.mark.parametrize(
    "names",
    [
        ["Soprano", "Alto", "Tenor", "Bass"], ["Soprano", "Alto", "Tenore", "Basso"],
        ["Sopran", "Alt", "Tenor", "Bass"],
        ["S.", "A.", "T.", "B."], ["Soprano 1", "Soprano 2", "Alto 1", "Bass"], ["Cantus", "Altus", "Tenor", "Bassus"],
        ["Mezzo-soprano", "Contralto", "Baritone"], ["Soprano", "Alto", "Ténor", "Basse"],
    ],
)  # fmt: skip
def test_voices_that_stand_together_are_voices(names):
    found = [part_instrument(name, others=names) for name in names]
    assert {own.program for own in found if own} <= CHOIR
    assert None not in found


def test_names_of_voices_and_instruments_go_by_their_company():
    assert part_instrument("Alto", others=["Violon I", "Violon II", "Alto", "Violoncelle"]) == PartInstrument(41)
    assert part_instrument("Bass", others=["Violin", "Cello"]) == PartInstrument(43)
    assert part_instrument("Bass", others=["Guitar", "Drums"]) == PartInstrument(32)
    assert part_instrument("Bass", is_sung=True) == PartInstrument(52)
    assert part_instrument("Marguerite", is_sung=True) == PartInstrument(53)


@pytest.mark.parametrize("name", ["", "MusicXML Part", "12", "Staff 1"])
def test_names_of_nothing_are_none(name):
    assert part_instrument(name) is None


def test_names_of_general_midi_and_of_bands_are_known():
    assert [part_instrument(name) for name in PROGRAM_NAMES[:80]] == [PartInstrument(program) for program in range(80)]
    for instrument in BAND:
        found = part_instrument(instrument.name)
        assert found is not None
        assert not found.is_drum


def test_names_without_end_are_read_by_their_beginning():
    assert part_instrument("Violin" + " " * 100_000) == PartInstrument(40)
    assert part_instrument("1" * 100_000) is None
