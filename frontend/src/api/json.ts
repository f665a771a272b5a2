/**
 * Turns what servers and shards send into the page's own types, and back: the one place that knows both namings.
 * Everything that is read is checked, as it may come from any file host.
 */

import type { Chord, Head, Key, Meter, Note, Part, Pedal, Piece, Tempo } from '../music/piece';
import type { Card, Cut, Model, Problem, Recording, StudioInfo } from './source';

type Fields = Record<string, unknown>;

/** A problem, thrown: what was read is not what it should be, or a server refused. */
export class ProblemError extends Error implements Problem {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }
}

/** The problem that something thrown is, or stands for. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { status: 0, title: 'Something went wrong', detail };
}

export function readStudio(json: unknown): StudioInfo {
  const own = fields(json, 'the studio');
  return {
    version: text(own.version),
    composes: own.composes !== false,
    notice: text(own.notice ?? ''),
    models: list(own.models ?? []).map(readModel),
    soundfont: text(own.soundfont),
    programs: list(own.programs ?? []).map((each) => integer(each, 0, 127)),
    endings: Object.fromEntries(
      Object.entries(fields(own.endings ?? {}, 'endings')).map(([at, why]) => [at, text(why)]),
    ),
    mostBytes: typeof own.most_bytes === 'number' ? own.most_bytes : 0,
  };
}

export function readHead(json: unknown): Head {
  const own = fields(json, 'the head of a piece');
  return {
    title: text(own.title),
    model: text(own.model),
    style: text(own.style),
    ticksPerQuarter: integer(own.ticks_per_quarter, 1, 32767),
    tempos: list(own.tempos ?? []).map(readTempo),
    meters: list(own.meters ?? []).map(readMeter),
    key: own.key == null ? null : readKey(own.key),
    chords: list(own.chords ?? []).map(readChord),
    bars: integer(own.bars),
    end: integer(own.end),
    hasGrid: own.has_grid !== false,
    parts: list(own.parts ?? []).map(readPart),
    request: own.request == null ? null : fields(own.request, 'a request'),
  };
}

/** A head as the server writes it. */
export function writeHead(head: Head): Fields {
  return {
    title: head.title,
    model: head.model,
    style: head.style,
    ticks_per_quarter: head.ticksPerQuarter,
    tempos: head.tempos.map((each) => [each.onset, each.bpm]),
    meters: head.meters.map((each) => [each.onset, each.numerator, each.denominator]),
    key: head.key,
    chords: head.chords.map((each) => [each.onset, each.name]),
    bars: head.bars,
    end: head.end,
    has_grid: head.hasGrid,
    parts: head.parts.map((part) => ({ name: part.name, program: part.program, is_drum: part.isDrum })),
    request: head.request,
  };
}

/** Notes of a piece of so many parts. */
export function readNotes(json: unknown, nParts: number): Note[] {
  return list(json).map((row) => {
    const [part, onset, duration, pitch, velocity, given] = list(row);
    return {
      part: integer(part, 0, nParts - 1),
      onset: integer(onset),
      duration: integer(duration),
      pitch: integer(pitch, 0, 127),
      velocity: integer(velocity, 1, 127),
      given: given === 1,
    };
  });
}

export function readPedals(json: unknown, nParts: number): Pedal[] {
  return list(json ?? []).map((row) => {
    const [part, onset, duration] = list(row);
    return { part: integer(part, 0, nParts - 1), onset: integer(onset), duration: integer(duration) };
  });
}

export function readCuts(json: unknown): Cut[] {
  return list(json ?? []).map((row) => {
    const [index, duration] = list(row);
    return { index: integer(index), duration: integer(duration) };
  });
}

/** A piece of a file, a shard or the store. */
export function readPiece(json: unknown): Piece {
  const own = fields(json, 'a piece');
  const head = readHead(own.head);
  const isWhole = own.is_whole !== false;
  const notes = readNotes(own.notes ?? [], head.parts.length);
  return {
    id: text(own.id ?? ''),
    head,
    notes,
    pedals: readPedals(own.pedals, head.parts.length),
    composedTo: isWhole ? head.end : notes.reduce((latest, note) => Math.max(latest, note.onset), 0),
    isWhole,
  };
}

/** What is written of a model; its figures keep their names. */
export function readCard(json: unknown): Card {
  return inCamelCase(fields(json, 'a card'), ['figures']) as Card;
}

export function readRecordings(json: unknown): Recording[] {
  return inCamelCase(list(fields(json, 'recordings').recordings)) as Recording[];
}

/** Plain data with names in camelCase, through and through; names that are data themselves stay with `keep`. */
export function inCamelCase(json: unknown, keep: readonly string[] = []): unknown {
  if (Array.isArray(json)) return json.map((each) => inCamelCase(each, keep));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [camel(name), keep.includes(name) ? value : inCamelCase(value, keep)]),
  );
}

function readModel(json: unknown): Model {
  const own = fields(json, 'a composer');
  return {
    name: text(own.name),
    title: text(own.title),
    tasks: list(own.tasks ?? []).map(text),
    controls: list(own.controls ?? []).map(text),
    styles: list(own.styles ?? []).map((each) => {
      const style = fields(each, 'a style');
      const parts = list(style.parts ?? []).map(text);
      return { name: text(style.name), bars: number(style.bars), tempoBpm: number(style.tempo_bpm), parts };
    }),
    parts: list(own.parts ?? []).map(readPart),
    choosesParts: own.chooses_parts === true,
  };
}

function readPart(json: unknown): Part {
  const own = fields(json, 'a part');
  return { name: text(own.name), program: integer(own.program, 0, 127), isDrum: own.is_drum === true };
}

function readTempo(json: unknown): Tempo {
  const [onset, bpm] = list(json);
  const value = number(bpm);
  if (value < 1 || value > 10_000) throw damaged(`a tempo of ${value}`);
  return { onset: integer(onset), bpm: value };
}

function readMeter(json: unknown): Meter {
  const [onset, numerator, denominator] = list(json);
  const own = {
    onset: integer(onset),
    numerator: integer(numerator, 1, 255),
    denominator: integer(denominator, 1, 64),
  };
  if ((own.denominator & (own.denominator - 1)) !== 0) throw damaged(`a meter over ${own.denominator}`);
  return own;
}

function readChord(json: unknown): Chord {
  const [onset, name] = list(json);
  return { onset: integer(onset), name: text(name) };
}

function readKey(json: unknown): Key {
  const own = fields(json, 'a key');
  const scale = list(own.scale ?? []).map((each) => integer(each, 0, 11));
  return { name: text(own.name), tonic: integer(own.tonic, 0, 11), scale };
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function damaged(what: string): ProblemError {
  return new ProblemError(0, 'This music cannot be read', `It holds ${what}.`);
}

export function fields(json: unknown, what: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw damaged(`no ${what} where one should be`);
  return json as Fields;
}

export function list(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw damaged('no list where one should be');
  return json;
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw damaged('no text where some should be');
  return json;
}

function number(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw damaged('no number where one should be');
  return json;
}

/** Ticks are below 2^30, as in MIDI files. */
function integer(json: unknown, low = 0, high = 2 ** 30): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < low || json > high) {
    throw damaged(`${String(json)} where a whole number from ${low} to ${high} should be`);
  }
  return json;
}
