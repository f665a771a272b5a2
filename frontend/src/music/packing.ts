/**
 * A piece in the fragment of an address: it opens on any studio, also where its server is gone.
 *
 * The fragment is base64url of a version byte and a raw deflate stream. Inside, all numbers are little-endian base 128
 * (`Writer.number`), signed ones zigzag (`Writer.signed`), text is UTF-8 after its length:
 *
 * 1. title, model, style (texts); request as JSON (text; empty: none)
 * 2. ticks per quarter; 1 if there is a grid of bars, else 0; bars; end in ticks
 * 3. unit: the ticks that all onsets and durations of 4 to 7 are multiples of; they are told in units
 * 4. tempos: count, then onset deltas, then thousandths of bpm; meters: count, onset deltas, numerators, exponents of 2
 * 5. key: 0 for none, else tonic + 1, the scale as 12 bits (pitch class 0 the lowest), name; chords: count, onset deltas, then the distinct names
 *    (count, texts), then the index of each
 * 6. parts: count; of each a name, program, and 1 for drums else 0
 * 7. of each part: its notes, sorted by onset and pitch: count, onset deltas, durations, pitch deltas (signed; the first
 *    from 60), velocity deltas (signed; the first from 80); then its pedals: count, onset deltas, durations
 */

import { DamageError, deflate, fromBase64Url, inflate, Reader, toBase64Url, Writer } from './bytes';
import type { Chord, Head, Key, Meter, Note, Part, Pedal, Piece, Tempo } from './piece';

/** Links longer than this are not passed on whole by some programs: the stored address is better. */
export const MOST_CHARACTERS = 8000;

const VERSION = 1;
const MOST_BYTES = 4_000_000;
const MOST_TICKS = 2 ** 30;
const MOST_NOTES = 200_000;
const MOST_PARTS = 256;
const MOST_EVENTS = 20_000;
const MOST_TEXT = 20_000;
const FIRST_PITCH = 60;
const FIRST_VELOCITY = 80;

/** A piece as a fragment, without the #. The id and which notes were given are left out. */
export async function pack(piece: Piece): Promise<string> {
  const writer = new Writer();
  const { head } = piece;
  writer.text(head.title);
  writer.text(head.model);
  writer.text(head.style);
  writer.text(head.request ? JSON.stringify(head.request) : '');
  writer.number(head.ticksPerQuarter);
  writer.number(head.hasGrid ? 1 : 0);
  writer.number(head.bars);
  writer.number(head.end);
  const unit = unitOf(piece);
  writer.number(unit);
  writeTimes(writer, head, unit);
  writeHarmony(writer, head, unit);
  writer.number(head.parts.length);
  for (const part of head.parts) {
    writer.text(part.name);
    writer.number(part.program);
    writer.number(part.isDrum ? 1 : 0);
  }
  head.parts.forEach((_, part) => writePart(writer, piece, part, unit));
  const packed = await deflate(writer.done(), 'deflate-raw');
  return toBase64Url(Uint8Array.from([VERSION, ...packed]));
}

/** The piece of a fragment. Throws `DamageError` for anything else than what `pack` writes. */
export async function unpack(fragment: string): Promise<Piece> {
  const bytes = fromBase64Url(fragment);
  if (bytes.length === 0) throw new DamageError('it is empty');
  if (bytes[0] !== VERSION) throw new DamageError(`it is of version ${bytes[0]}, which this studio does not know`);
  const reader = new Reader(await inflate(bytes.subarray(1), 'deflate-raw', MOST_BYTES));
  const [title, model, style] = [reader.text(MOST_TEXT), reader.text(MOST_TEXT), reader.text(MOST_TEXT)];
  const request = readRequest(reader.text(MOST_TEXT));
  const ticksPerQuarter = atLeast1(reader.number(32767));
  const hasGrid = reader.number(1) === 1;
  const bars = reader.number(MOST_TICKS);
  const end = reader.number(MOST_TICKS);
  const unit = atLeast1(reader.number(MOST_TICKS));
  const times = readTimes(reader, unit);
  const harmony = readHarmony(reader, unit);
  const parts = Array.from({ length: reader.count(MOST_PARTS) }, (): Part => {
    const name = reader.text(MOST_TEXT);
    return { name, program: reader.number(127), isDrum: reader.number(1) === 1 };
  });
  const notes: Note[] = [];
  const pedals: Pedal[] = [];
  parts.forEach((_, part) => readPart(reader, part, unit, notes, pedals));
  if (reader.rest > 0) throw new DamageError('more follows after its end');
  notes.sort((a, b) => a.onset - b.onset || a.part - b.part || a.pitch - b.pitch);
  const head: Head = { title, model, style, ticksPerQuarter, hasGrid, bars, end, request, parts, ...times, ...harmony };
  return { id: '', head, notes, pedals, composedTo: end, isWhole: true };
}

/** The largest number of ticks that everything is a multiple of. */
function unitOf({ head, notes, pedals }: Piece): number {
  let unit = 0;
  const take = (ticks: number) => {
    let rest = ticks;
    while (rest) [unit, rest] = [rest, unit % rest];
  };
  for (const each of [...notes, ...pedals]) {
    take(each.onset);
    take(each.duration);
  }
  for (const each of [...head.tempos, ...head.meters, ...head.chords]) take(each.onset);
  return unit || 1;
}

function writeOnsets(writer: Writer, list: readonly { onset: number }[], unit: number): void {
  let before = 0;
  for (const { onset } of list) {
    writer.number((onset - before) / unit);
    before = onset;
  }
}

function readOnsets(reader: Reader, count: number, unit: number): number[] {
  let onset = 0;
  return Array.from({ length: count }, () => {
    onset += reader.number(MOST_TICKS) * unit;
    if (onset > MOST_TICKS) throw new DamageError('it lasts too long');
    return onset;
  });
}

function writeTimes(writer: Writer, head: Head, unit: number): void {
  const [tempos, meters] = [inOrder(head.tempos), inOrder(head.meters)];
  writer.number(tempos.length);
  writeOnsets(writer, tempos, unit);
  for (const { bpm } of tempos) writer.number(Math.round(bpm * 1000));
  writer.number(meters.length);
  writeOnsets(writer, meters, unit);
  for (const { numerator } of meters) writer.number(numerator);
  for (const { denominator } of meters) writer.number(Math.log2(denominator));
}

function readTimes(reader: Reader, unit: number): { tempos: Tempo[]; meters: Meter[] } {
  const tempos = readOnsets(reader, reader.count(MOST_EVENTS), unit).map((onset) => ({ onset, bpm: 0 }));
  for (const tempo of tempos) {
    tempo.bpm = reader.number(10_000_000) / 1000;
    if (tempo.bpm < 1) throw new DamageError(`it holds a tempo of ${tempo.bpm}`);
  }
  const meters = readOnsets(reader, reader.count(MOST_EVENTS), unit).map((onset) => {
    return { onset, numerator: 4, denominator: 4 };
  });
  for (const meter of meters) meter.numerator = atLeast1(reader.number(255));
  for (const meter of meters) meter.denominator = 2 ** reader.number(6);
  return { tempos, meters };
}

function writeHarmony(writer: Writer, { key, chords }: Head, unit: number): void {
  writer.number(key ? key.tonic + 1 : 0);
  if (key) {
    writer.number(key.scale.reduce((bits, each) => bits | (1 << each), 0));
    writer.text(key.name);
  }
  const sorted = inOrder(chords);
  const names = [...new Set(sorted.map((chord) => chord.name))];
  writer.number(sorted.length);
  writeOnsets(writer, sorted, unit);
  writer.number(names.length);
  names.forEach((name) => writer.text(name));
  for (const chord of sorted) writer.number(names.indexOf(chord.name));
}

function readHarmony(reader: Reader, unit: number): { key: Key | null; chords: Chord[] } {
  const tonic = reader.number(12) - 1;
  let key: Key | null = null;
  if (tonic >= 0) {
    const bits = reader.number(4095);
    const scale = Array.from({ length: 12 }, (_, step) => (tonic + step) % 12).filter((each) => bits & (1 << each));
    key = { tonic, scale, name: reader.text(MOST_TEXT) };
  }
  const onsets = readOnsets(reader, reader.count(MOST_EVENTS), unit);
  const names = Array.from({ length: reader.count(MOST_EVENTS) }, () => reader.text(MOST_TEXT));
  const chords = onsets.map((onset) => ({ onset, name: names[reader.number(names.length - 1)] ?? '' }));
  return { key, chords };
}

function writePart(writer: Writer, piece: Piece, part: number, unit: number): void {
  const notes = piece.notes.filter((each) => each.part === part);
  notes.sort((a, b) => a.onset - b.onset || a.pitch - b.pitch);
  writer.number(notes.length);
  writeOnsets(writer, notes, unit);
  for (const { duration } of notes) writer.number(duration / unit);
  notes.forEach(({ pitch }, index) => writer.signed(pitch - (notes[index - 1]?.pitch ?? FIRST_PITCH)));
  notes.forEach(({ velocity }, index) => writer.signed(velocity - (notes[index - 1]?.velocity ?? FIRST_VELOCITY)));
  const pedals = inOrder(piece.pedals.filter((each) => each.part === part));
  writer.number(pedals.length);
  writeOnsets(writer, pedals, unit);
  for (const { duration } of pedals) writer.number(duration / unit);
}

function readPart(reader: Reader, part: number, unit: number, notes: Note[], pedals: Pedal[]): void {
  const own = readOnsets(reader, reader.count(MOST_NOTES - notes.length), unit).map((onset): Note => {
    return { part, onset, duration: 0, pitch: 0, velocity: 0, given: false };
  });
  for (const each of own) each.duration = readDuration(reader, unit);
  let pitch = FIRST_PITCH;
  for (const each of own) each.pitch = pitch = within(pitch + reader.signed(127), 0, 127);
  let velocity = FIRST_VELOCITY;
  for (const each of own) each.velocity = velocity = within(velocity + reader.signed(127), 1, 127);
  notes.push(...own);
  for (const onset of readOnsets(reader, reader.count(MOST_EVENTS), unit)) pedals.push({ part, onset, duration: 0 });
  for (const each of pedals) if (each.part === part) each.duration = readDuration(reader, unit);
}

function readDuration(reader: Reader, unit: number): number {
  const duration = reader.number(MOST_TICKS) * unit;
  if (duration > MOST_TICKS) throw new DamageError('it lasts too long');
  return duration;
}

function readRequest(json: string): Record<string, unknown> | null {
  if (!json) return null;
  let request: unknown;
  try {
    request = JSON.parse(json);
  } catch {
    throw new DamageError('it holds a request that is none');
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new DamageError('it holds a request that is none');
  }
  return request as Record<string, unknown>;
}

function inOrder<T extends { onset: number }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => a.onset - b.onset);
}

function atLeast1(value: number): number {
  if (value < 1) throw new DamageError('it holds a 0 where none can be');
  return value;
}

function within(value: number, low: number, high: number): number {
  if (value < low || value > high) throw new DamageError(`it holds ${value} where ${low} to ${high} can be`);
  return value;
}
