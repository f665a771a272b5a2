/**
 * Where pieces come from. There are two sources: a server that composes (server.ts), and files that were composed
 * beforehand (shards.ts). A composer in the browser would be the third.
 */

import type { Head, Note, Part, Pedal, Piece } from '../music/piece';

/** What a source says of itself; a page offers nothing that its source lacks. */
export interface StudioInfo {
  version: string;
  /** Whether it composes; else it only has pieces that were composed beforehand. */
  composes: boolean;
  /** A sentence that the page says of itself, such as that its pieces were composed beforehand; '' is none. */
  notice: string;
  models: Model[];
  /** Address of the SoundFont, relative to the page's root. */
  soundfont: string;
  /** For each General MIDI program the one of the SoundFont that plays it; 128 numbers. */
  programs: number[];
  /** Endings of the files that it writes, such as mid, musicxml, wav, pdf; each with what is missing, '' if nothing. */
  endings: Record<string, string>;
  /** What it accepts of a file, in bytes. */
  mostBytes: number;
}

/** A composer, as far as the page offers its tasks and controls. */
export interface Model {
  name: string;
  title: string;
  /** compose, continue, accompany, infill, ... */
  tasks: string[];
  /** Controls that it knows, by their names in requests: style, key, chords, density, time_signature, ... */
  controls: string[];
  styles: { name: string; bars: number; tempoBpm: number; parts: string[] }[];
  /** Instruments that a band has; of a composer of fixed parts, these. */
  parts: { name: string; program: number; isDrum: boolean }[];
  /** Whether the instruments of a piece are chosen among its parts. */
  choosesParts: boolean;
}

/** A request to compose: a task and its fields, by their names of the API, such as tempo_bpm. */
export type Request = Record<string, unknown>;

/** A duration that turned out shorter than told, since the key was struck again; of a note by its index as it came. */
export interface Cut {
  index: number;
  duration: number;
}

/** What comes of a piece while it is composed, in this order: head, any number of notes, end or failure. */
export interface Listener {
  head(id: string, head: Head): void;
  /** `composedTo`: the tick before which all notes have come. */
  notes(notes: Note[], pedals: Pedal[], composedTo: number): void;
  /** The piece is whole. */
  end(cuts: Cut[]): void;
  failed(problem: Problem): void;
}

/** What went wrong: RFC 9457. `title` says what in a few words, `detail` what to do about it. */
export interface Problem {
  /** HTTP status; 0 where no server answered. */
  status: number;
  title: string;
  detail: string;
}

/** A kept piece, as the library lists it. */
export interface Entry {
  id: string;
  title: string;
  notes: string;
  isFavorite: boolean;
  /** ISO 8601. */
  createdAt: string;
  model: string;
  style: string;
  bars: number;
  seconds: number;
  parts: Part[];
}

/** Human music that comes with the studio. */
export interface Recording {
  name: string;
  title: string;
  composer: string;
  /** The collection that it is from. */
  set: string;
  licence: string;
  credit: string;
  parts: Part[];
  bars: number;
  seconds: number;
}

/** How much of a piece the training music has as well; fields are passed on as the server names them, in camelCase. */
export interface Originality {
  /** Share of the notes in stretches that training pieces have, 0 to 1. */
  share: number;
  [field: string]: unknown;
}

/** What is written of a model: its card, as the server tells it, in camelCase. */
export type Card = Record<string, unknown>;

/** A source of pieces. */
export interface Source {
  studio(): Promise<StudioInfo>;
  /**
   * Composes; returns a function that stops it. What was composed by then is the piece. `within`: the seconds in which
   * the first notes should come; who can wait gets the best of more candidates.
   */
  compose(request: Request, model: string | null, within: number, listener: Listener): () => void;
  /** A piece by its address; follows it if it is still being composed. Returns a function that stops following. */
  open(id: string, listener: Listener): () => void;
  /** Reads a MIDI or MusicXML file. Rejects with a `Problem`, as the following do. */
  read(file: Blob, name: string): Promise<Piece>;
  recordings(): Promise<Recording[]>;
  recording(name: string): Promise<Piece>;
  card(model: string): Promise<Card>;
}
