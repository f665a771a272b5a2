/** Words for what the page shows. */

import { type Head, type Key, ownTitle } from '../music/piece';

const STYLES: Readonly<Record<string, string>> = {
  folk: 'Folk tune',
  pop: 'Pop song',
  chorale: 'Chorale',
  'string-quartet': 'String quartet',
  renaissance: 'Renaissance piece',
  'game-rock': 'Game rock',
  'classical-piano': 'Piano piece',
};
const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** A piece in words, from what is known of it: "Folk tune in D, recorder, 96"; a title that a person gave it stays. */
export function titleOf(head: Head): string {
  const own = ownTitle(head);
  if (own) return own;
  const key = head.key ? ` in ${keyWords(head.key.name)}` : '';
  const what = `${STYLES[head.style] ?? (head.style ? sentence(head.style.replaceAll('-', ' ')) : 'Piece')}${key}`;
  return [what, ensembleOf(head), tempoOf(head)].filter(Boolean).join(', ');
}

/** What is known of a piece beside its title: "4/4 · 32 bars · 1:20"; and that something of it is being composed. */
export function factsOf(head: Head, seconds: number, isComposing: boolean): string {
  const meter = head.meters[0];
  return [
    // The title of a composed piece says its key already.
    head.key && !head.model ? keyWords(head.key.name) : '',
    meter && head.hasGrid ? `${meter.numerator}/${meter.denominator}` : '',
    head.hasGrid ? counted(head.bars, 'bar') : '',
    clock(seconds),
    isComposing ? 'composing …' : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Who plays, as far as the style does not say it already. */
function ensembleOf(head: Head): string {
  const names = [...new Set(head.parts.map(({ name }) => name.toLowerCase()))];
  if (head.style === 'string-quartet' && head.parts.length === 4) return '';
  if (head.style === 'classical-piano' && names.join() === 'piano') return '';
  if (!names.length) return '';
  if (names.length <= 2 && head.parts.length <= 2) return names.join(' and ');
  return `${NUMBERS[head.parts.length] ?? head.parts.length} parts`;
}

function tempoOf(head: Head): string {
  const bpm = head.tempos[0]?.bpm;
  return bpm && head.hasGrid ? String(Math.round(bpm)) : '';
}

/** A key as it is said: "D" for D major, "F♯ minor". */
export function keyWords(name: string): string {
  return signs(name.replace(/ major$/, ''));
}

/** Accidentals as musicians write them: F# as F♯, Bb as B♭; in names of keys and chords. */
export function signs(name: string): string {
  return name.replace(/([A-G])#/g, '$1♯').replace(/([A-G])b/g, '$1♭');
}

/** With a capital first letter. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The name of a style, as a chip shows it. */
export function styleWords(name: string): string {
  return sentence(name.replaceAll('-', ' '));
}

/** The name of a part, as a card shows it. */
export function partWords(name: string): string {
  return sentence(name.replaceAll('_', ' '));
}

/** Minutes and seconds: 1:09. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const PITCHES = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];

/** A pitch with its octave: C4 is MIDI pitch 60. */
export function pitchWords(pitch: number): string {
  return `${PITCHES[pitch % 12] ?? ''}${Math.floor(pitch / 12) - 1}`;
}

/** One of a thing, or several: "1 note", "12 notes". */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

/** The name of a file of training music as words: "corpus/TheMorningDew_12.mid" as "The Morning Dew 12". */
export function pieceWords(path: string): string {
  const name = path.split('/').at(-1) ?? path;
  const own =
    name
      .replace(/\.[a-z0-9]{2,8}$/i, '')
      .split('__')
      .at(-1) ?? name;
  return own
    .replace(/[_-]+/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .trim();
}

/** What happened, in words, where a server only had the phrase of HTTP for it. */
export function problemWords(title: string): string {
  const words: Readonly<Record<string, string>> = {
    'Bad Request': 'That could not be understood',
    'Not Found': 'It is not there',
    'Content Too Large': 'That is too large',
    'Request Entity Too Large': 'That is too large',
    'Unprocessable Content': 'That cannot be done',
    'Unprocessable Entity': 'That cannot be done',
    'Internal Server Error': 'The studio failed',
    'Service Unavailable': 'The studio is busy',
  };
  return words[title] ?? title;
}

/**
 * A chord as the key spells it: in D flat major C#m is D♭m. Names of roots come with sharps and flats mixed, as if every
 * key were C.
 */
export function chordWords(name: string, key: Key | null): string {
  if (!key) return signs(name);
  const isMinor = key.scale.includes((key.tonic + 3) % 12) && !key.scale.includes((key.tonic + 4) % 12);
  const major = (key.tonic + (isMinor ? 3 : 0)) % 12;
  const fifths = ((major * 7 + 5) % 12) - 5;
  if (fifths === 0) return signs(name);
  const [from, to] = fifths < 0 ? [SHARPS, FLATS] : [FLATS, SHARPS];
  return signs(name.replace(/[A-G][#b]/g, (root) => to[from.indexOf(root)] ?? root));
}

const SHARPS = ['C#', 'D#', 'F#', 'G#', 'A#'];
const FLATS = ['Db', 'Eb', 'Gb', 'Ab', 'Bb'];
