/**
 * Where pieces come from. There are two sources: a server that composes (server.ts), and files that were composed
 * beforehand (shards.ts). A composer in the browser would be the third.
 */

import type { Head, Note, Pedal, Piece } from '../music/piece';

/** What a source says of itself; a page offers nothing that its source lacks. */
export interface Studio {
  /** Whether it composes; else it only has pieces that were composed beforehand. */
  composes: boolean;
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
  /** Controls that it knows, such as style, key, chords, density, complexity, parts, time_signature. */
  controls: string[];
  styles: { name: string; bars: number; tempoBpm: number; parts: string[] }[];
  /** Instruments that a band has; of a composer of fixed parts, these. */
  parts: { name: string; program: number; isDrum: boolean }[];
  /** Whether the instruments of a piece are chosen among its parts. */
  choosesParts: boolean;
}

/** What comes of a piece while it is composed, in this order: head, any number of notes, end or failure. */
export interface Listener {
  head(id: string, head: Head): void;
  notes(notes: Note[], pedals: Pedal[]): void;
  /** The piece is whole; durations that a later note of the same key cut short, by index of the note as it came. */
  end(cuts: { index: number; duration: number }[]): void;
  failed(problem: Problem): void;
}

/** What went wrong: RFC 9457. `title` says what in a few words, `detail` what to do about it. */
export interface Problem {
  status: number;
  title: string;
  detail: string;
}

/** A source of pieces. */
export interface Source {
  studio(): Promise<Studio>;
  /** Composes; returns a function that stops it. What was composed by then is the piece. */
  compose(request: Record<string, unknown>, model: string | null, listener: Listener): () => void;
  /** A piece by its address; follows it if it is still being composed. Returns a function that stops following. */
  open(id: string, listener: Listener): () => void;
  /** Reads a MIDI or MusicXML file. */
  read(file: Blob, name: string): Promise<Piece>;
}
