"""Finds the instrument of a part by its name as scores print it: ``Clarinet 2 in B♭``, ``Corno in F``, ``Vln. I``.

Names of several languages (English, German, French, Italian, Spanish, Portuguese, Dutch, Latin) and the usual
abbreviations are known; numbers, transpositions and words such as *solo* do not count. A name that stands for a voice
or for an instrument (alto, tenor, bass) is a voice where the part has words, or beside other voices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from componium.score.instruments import PROGRAM_NAMES

_LONGEST_NAME = 120
_CHOIR, _VOICE = 52, 53

# program: names, of one word or several, without accents. Longer names count before shorter ones.
_NAMES: dict[int, str] = {
    0: "piano, pianoforte, pf, pno, klavier, grand piano, concert grand, flugel, fortepiano, hammerklavier, keyboard,"
    " keyboards, right hand, left hand, rh, lh, pianoforte a quattro mani, tasti, pian",
    3: "honky tonk piano, honky tonk",
    4: "electric piano, e piano, rhodes, wurlitzer, fender rhodes, el piano, e pno",
    6: "harpsichord, cembalo, clavecin, clavicembalo, clave cin, cemb, hpsd, hps, cravo, clavecimbel, continuo,"
    " basso continuo, spinet, virginal",
    7: "clavinet, clavichord, clav",
    8: "celesta, celeste, cel",
    9: "glockenspiel, glock, campanelli, carillon, jeu de timbres, glsp, glspl, glk",
    10: "music box",
    11: "vibraphone, vibraphon, vibes, vibrafono, vib, vibr",
    12: "marimba",
    13: "xylophone, xylophon, xilofono, xyl, xylo",
    14: "tubular bells, chimes, campane, rohrenglocken, cloches, bells, glocken",
    15: "dulcimer, hammered dulcimer, hackbrett, cimbalom, psaltery",
    16: "hammond, drawbar organ, hammond organ, electric organ",
    19: "organ, orgel, orgue, organo, church organ, pipe organ, org, orgao, pedal, pedals, manuals, orgelpedal",
    20: "harmonium, reed organ, portative",
    21: "accordion, akkordeon, accordeon, fisarmonica, acordeon, acc",
    22: "harmonica, mouth organ, mundharmonika, armonica",
    23: "bandoneon, concertina",
    24: "guitar, gitarre, guitare, chitarra, guitarra, gtr, git, guit, gitaar, violao, classical guitar, nylon guitar,"
    " spanish guitar, lute, laute, luth, liuto, theorbo, theorbe, teorba, tiorba, vihuela, ukulele, uke, charango,"
    " cavaquinho, guitalele",
    25: "acoustic guitar, steel guitar, mandolin, mandoline, mandolino, mandola, twelve string guitar, folk guitar,"
    " bouzouki, balalaika, cuatro, mandoloncello",
    26: "jazz guitar",
    27: "electric guitar, e guitar, el guitar, e gitarre, lead guitar, rhythm guitar, guitare electrique,"
    " e gtr, el gtr",
    29: "overdriven guitar, overdrive guitar",
    30: "distortion guitar, distorted guitar",
    32: "acoustic bass, upright bass, walking bass, upright, ac bass",
    33: "electric bass, bass guitar, e bass, el bass, fingered bass, basse electrique, basso elettrico, bajo,"
    " bajo electrico, bass gtr, e bas, baixo, bassgitarre",
    34: "picked bass",
    35: "fretless bass",
    36: "slap bass",
    38: "synth bass",
    40: "violin, violins, violine, violinen, violon, violons, violino, violini, vln, vlns, vl, vi, vn, vns, viol,"
    " fiddle, geige, violin solo, violon principal, viool, violino piccolo, viola pomposa, vno, vni",
    41: "viola, violas, bratsche, bratschen, br, brt, vla, vlas, altviool, va, vle, viole, viola d amore,"
    " viola da braccio, altos, quinton",
    42: "cello, celli, cellos, violoncello, violoncelli, violoncellos, violoncelle, violoncelles, vc, vcl, vlc, vcs,"
    " violonchelo, violoncelo, viola da gamba, gamba, bass viol, viol da gamba, viole de gambe, vlcl, baryton",
    43: "double bass, contrabass, contrabasses, double basses, kontrabass, kontrabasse, contrebasse, contrebasses,"
    " contrabasso, contrabassi, contrabajo, contrabaixo, cb, kb, db, d b, violone, string bass, contrabas, cbs, ctb",
    46: "harp, harps, harfe, harpe, arpa, hp, hrp, harpa, lyre, celtic harp, hrf, hf",
    47: "timpani, pk, pkn, kettledrums, kettle drums, pauken, timbales d orchestre, timp, tp, tympani, timpano,"
    " timbales, tympana",
    48: "strings, string ensemble, string section, streicher, cordes, archi, string orchestra, str, cuerdas, cordas",
    51: "synth strings",
    52: "choir, chor, choeur, coro, chorus, satb, coral, coros, vocal ensemble, soprano, sopran, sopranos, sop,"
    " soprani, cantus, discantus, superius, canto, treble, trebles, mezzo soprano, mezzosoprano, mezzo sopran, mezzo,"
    " contralto, contraltos, countertenor, countertenors, counter tenor, contratenor, haute contre, altus, altist,"
    " tenore, tenori, bariton, baritone, baritono, barytone, baritones, bassus, bass baritone, baryton martin, dessus,"
    " quintus, sextus, sopraan, tiple, choeurs, congregation, gemeinde,"
    " chor der frauen, mannerchor, frauenchor, tenors, altstimme, tutti voices, soprano solo, hautecontre, taille",
    53: "voice, voices, vocal, vocals, voc, vox, singstimme, gesang, stimme, chant, canto solo, voix, voce, voci, voz,"
    " vokal, zang, singer, lead vocal, lead vocals, solo voice, backing vocals, melody voice, lyrics, vo, cantor,"
    " ein singstimme, gesangstimme, voices solo, canto e piano, speaker, sprecher, narrator",
    56: "trumpet, trumpets, trompete, trompeten, trompette, trompettes, tromba, trombe, trompeta, tpt, tpts, trp, tr,"
    " trpt, cornet, cornets, kornett, cornetto, cornetta, flugelhorn, fluegelhorn, flh, bugle, clarino, clarini,"
    " piccolo trumpet, trompet, tbe, trba, trompete piccolo, flicorno, cornet a pistons, piston, zink, natural trumpet",
    57: "trombone, trombones, posaune, posaunen, tromboni, tbn, tbns, trb, trbn, bass trombone, bassposaune, pos,"
    " trombon, trbne, tenor trombone, alto trombone, tenorposaune, altposaune, sackbut, trombone basso",
    58: "tuba, tubas, basstuba, bass tuba, tba, euphonium, euph, eufonio, bombardon, bombardino, sousaphone,"
    " ophicleide, baritone horn, tenor tuba, tenorhorn, cimbasso, serpent, oficleide, saxhorn, barhorn,"
    " baritone t c, baritone b c, contrabass tuba",
    59: "muted trumpet",
    60: "horn, horns, hr, hrs, corno, corni, french horn, french horns, waldhorn, horner, cor, cors, trompa, trompas,"
    " hn, hns, hrn, f hn, cor d harmonie, tenor horn, alto horn, althorn, wagner tuba, wagner tubas, natural horn,"
    " hoorn, mellophone, corno da caccia, cor de chasse, alphorn",
    61: "brass, brass section, blechblaser, cuivres, ottoni, brass ensemble, metales",
    64: "soprano sax, soprano saxophone, sopransaxophon, saxophone soprano, sax soprano, sopr sax, s sax,"
    " sopranino sax, sopransax, sopranino saxophone, sassofono soprano, saxofon soprano, sopran sax",
    65: "alto sax, alto saxophone, altsaxophon, saxophone alto, sax alto, saxophone, saxophones, sax, saxophon,"
    " sassofono, saxofon, saxofono, a sax, alt sax, alt saxophon, sassofono contralto, sax contralto, saxofon alto,"
    " asax, altsax",
    66: "tenor sax, tenor saxophone, tenorsaxophon, saxophone tenor, sax tenor, sax tenore, t sax, sassofono tenore,"
    " saxofon tenor, tenor saxophon, ten sax, tsax, tenorsax, saxophone tenor",
    67: "baritone sax, baritone saxophone, bari sax, baritonsaxophon, saxophone baryton, sax baritono, b sax, bar sax,"
    " sassofono baritono, saxofon baritono, bass sax, bass saxophone, bariton sax, bsax, sax baryton, bari, barisax,"
    " baritonsax",
    68: "oboe, oboes, hautbois, oboi, ob, obs, oboen, hoboe, oboe d amore, hobo, hautboy, shawm, musette oboe",
    69: "english horn, cor anglais, englischhorn, corno inglese, corno ingles, e h, eh, c a, ca, engl horn, ing horn,"
    " englisch horn, althobo, e hn, oboe da caccia, heckelphone, engelse hoorn, c ingl",
    70: "bassoon, bassoons, fagott, fagotte, fagotto, fagotti, basson, bassons, fagot, fagote, bsn, bsns, fg, fag, bn,"
    " contrabassoon, contrafagotto, kontrafagott, contrebasson, double bassoon, cbsn, c bn, contrafagot, dulcian,"
    " dulzian, bssn, cfg, contra bassoon, kfg",
    71: "clarinet, clarinets, klarinette, klarinetten, clarinette, clarinettes, clarinetto, clarinetti, clarinete, cl,"
    " clar, klar, kl, cls, clt, bass clarinet, bassklarinette, clarinette basse, clarinetto basso, b cl, bcl, bs cl,"
    " basset horn, bassetthorn, corno di bassetto, cor de basset, klarinet, alto clarinet, contrabass clarinet,"
    " clarinete bajo, chalumeau, basset clarinet, b clar, piccolo clarinet, clarinetto piccolo, eb clarinet",
    72: "piccolo, piccolos, piccoloflote, petite flute, ottavino, picc, flautin, flauto piccolo, kleine flote, pic,"
    " flautim, piccolo flute, fl picc, fife",
    73: "flute, flutes, flote, floten, flauto, flauti, flauta, flautas, fl, fls, querflote, alto flute, bass flute,"
    " fluit, traverso, flauto traverso, flute traversiere, altflote, flte, flt, grosse flote, dwarsfluit, fla, floete",
    74: "recorder, recorders, blockflote, flauto dolce, flute a bec, flauta dulce, blokfluit, rec, sopranino recorder,"
    " soprano recorder, descant recorder, alto recorder, treble recorder, tenor recorder, bass recorder,"
    " sopranblockflote, altblockflote, tenorblockflote, bassblockflote, flageolet, descant, blockfloete",
    75: "pan flute, panflote, panpipes, pan pipes, flute de pan, zampona, siku",
    77: "shakuhachi",
    78: "whistle, tin whistle, penny whistle, low whistle",
    79: "ocarina",
    81: "synth lead, synth, synthesizer, lead, synthesiser, lead synth, synthe",
    89: "synth pad, pad, warm pad",
    104: "sitar",
    105: "banjo, bjo, bj",
    106: "shamisen",
    107: "koto",
    108: "kalimba, mbira",
    109: "bagpipe, bagpipes, dudelsack, cornemuse, uilleann pipes, gaita, zampogna, pipes, hurdy gurdy, vielle a roue",
    111: "shanai, duduk, zurna",
    114: "steel drums, steel drum, steelpan, steelpans, steel pan, steel pans",
    116: "taiko, taiko drum, taiko drums",
}  # fmt: skip
_DRUMS = (
    "drums, drum, drumset, drum set, drum kit, drumkit, percussion, perc, schlagzeug, batterie, batteria, bateria,"
    " percussions, percussione, percusion, schlagwerk, slagwerk, snare, snare drum, side drum, bass drum, kick,"
    " cymbal, cymbals, crash cymbal, ride cymbal, triangle, triangel, triangolo, tambourine, tamburin, tamburino,"
    " grosse trommel, kleine trommel, gran cassa, grancassa, cassa, grosse caisse, caisse claire, tamburo, piatti,"
    " becken, cymbales, tam tam, tamtam, gong, congas, conga, bongos, bongo, cajon, maracas, shaker, woodblock,"
    " wood block, wood blocks, claves, castanets, castagnette, kastagnetten, tom toms, toms, hi hat, hihat, kit,"
    " cowbell, guiro, djembe, cabasa, dr, drs, perk, tenor drum, side drums, bombo, caja, platillos, bd, sd,"
    " military drum, tambour, tambour de basque, unpitched percussion, marching percussion, drumline, pandero, trgl,"
    " ratsche, whip, vibraslap, sleigh bells, temple blocks, anvil, wind machine, clap, claps, hand claps, agogo,"
    " bell tree"
)
# A voice where the part is sung or stands beside other voices; else an instrument, by its company.
_VOICES_OR_INSTRUMENTS = {
    "alto": 41, "alt": 41, "alti": 41, "altos": 41, "taille": 41, "bass": 32, "bas": 32, "bs": 32, "bajo": 33,
    "baixo": 33, "basse": 43, "basso": 43, "bassi": 43, "basses": 43, "b": 32, "a": _CHOIR, "t": _CHOIR, "s": _CHOIR,
    "tenor": _CHOIR, "ten": _CHOIR,
}  # fmt: skip
_VOICE_WORDS = (
    "soprano sopran sopranos sop soprani cantus superius tenor tenore tenori altus bassus choir chor satb mezzo"
    " contralto treble canto baritone bariton sopraan discantus tiple s t"
)
_STRING_WORDS = (
    "violin violins violon violons violino violini violine violinen vln vlns violoncelle violoncello cello vc vlc"
    " violoncelles celli violoncelli viola"
)
# Words that name no instrument.
_IGNORED = (
    "solo soli tutti div divisi i ii iii iv v vi vii viii ix x st nd rd th er eme first second third fourth fifth erste"
    " zweite dritte vierte premier premiere deuxieme troisieme seconde secondo primo prima seconda terzo quarto primero"
    " segundo 1st 2nd 3rd 4th section principal principale concertant concertante concertino ripieno obbligato obligato"
    " unis and und et e y in en the der die das le la les il lo gli del della des de di du l zu con with mit sordino"
    " sord muted offstage orchestra desk desks player players part parts stimme number no nr gp staff upper lower high"
    " low main ad lib ossia optional flat sharp sib mib lab reb si mi fa sol re do ut bemol bemolle hoch dur"
)
_NOTE = re.compile(r"[a-h](?:b|s|es|is)?")


class PartInstrument(NamedTuple):
    """The instrument of a part: General MIDI program 0-127, without meaning where ``is_drum``."""

    program: int
    is_drum: bool = False


def part_instrument(name: str, *, others: Iterable[str] = (), is_sung: bool = False) -> PartInstrument | None:
    """Returns the instrument that the name of a part stands for; None where it stands for none.

    Args:
        name: as it is printed before the staff.
        others: names of the other parts.
        is_sung: whether the part has words.
    """
    key = _best_key(_words(name))
    if key is None:
        return PartInstrument(_VOICE) if is_sung else None
    if key not in _VOICES_OR_INSTRUMENTS:
        return _instruments()[key]
    program = _VOICES_OR_INSTRUMENTS[key]
    company = {word for other in others for word in _words(other)}
    if is_sung or (company & _set(_VOICE_WORDS) and not company & _set(_STRING_WORDS)):
        return PartInstrument(_CHOIR)
    if company & _set(_STRING_WORDS):
        return PartInstrument(43 if program == 32 else program)
    return PartInstrument(_CHOIR if program == 41 else program)


@lru_cache(maxsize=1)
def _instruments() -> dict[str, PartInstrument]:
    """The instrument of each name; words of a name in alphabetical order."""
    known = {_key(name.split()): PartInstrument(0, is_drum=True) for name in _DRUMS.split(", ")}
    for program, names in _NAMES.items():
        known |= {_key(name.split()): PartInstrument(program) for name in names.split(", ")}
    known |= {key: PartInstrument(program) for key, program in _VOICES_OR_INSTRUMENTS.items()}
    return known | {_key(_words(name)): PartInstrument(program) for program, name in enumerate(PROGRAM_NAMES)}


@lru_cache(maxsize=8)
def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _key(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[str, ...]:
    """Words of a name without accents and case; accidentals as letters."""
    text = name[:_LONGEST_NAME].replace("\u266d", "b").replace("\u266f", "s").replace("\xdf", "ss")
    text = text.replace("-flat", "b").replace("-sharp", "s").replace("\xf8", "o").replace("\u0153", "oe")
    letters = unicodedata.normalize("NFKD", text).casefold()
    return tuple(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


@lru_cache(maxsize=1024)
def _best_key(words: tuple[str, ...]) -> str | None:
    """The longest known name among the words; short ones and abbreviations count only where they are all there is."""
    known = _instruments()
    named = [word for word in words if word not in _set(_IGNORED) and not word.isdecimal()]
    bare = [word for word in named if not _NOTE.fullmatch(word)] or named
    for whole in (words, named, bare):
        if _key(whole) in known:
            return _key(whole)
    spans = [bare[start:end] for start in range(len(bare)) for end in range(start + 1, min(start + 5, len(bare) + 1))]
    spans += [[*pair] for pair in pairwise(named)]
    keys = [key for key in map(_key, spans) if key in known and len(key) > 3]
    if keys:
        return max(keys, key=lambda key: (key.count(" "), len(key) > 4, len(key)))
    # Compounds such as "Konzertgitarre".
    ends = [key for word in bare for key in known if len(key) > 4 and (word.endswith(key) or word.startswith(key))]
    return max(ends, key=len, default=None)
