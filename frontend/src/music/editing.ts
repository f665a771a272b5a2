/** Pieces made of pieces: pure, none is changed. */

import type { Note, Piece } from './piece';
import { endOf } from './notes';

/** Notes of one piece that another one lacks: of the same part, onset, pitch and duration. */
export function missing(from: Piece, to: Piece, parts: readonly number[]): Note[] {
  const there = new Set(to.notes.map(noteKey));
  return from.notes.filter((note) => {
    const part = parts[note.part] ?? -1;
    return part < 0 || !there.has(noteKey({ ...note, part }));
  });
}

/** How loud a piece is: the mean energy of its notes a second, by their velocities and how long they last. */
export function energy(piece: Piece, seconds: number): number {
  let sum = 0;
  for (const note of piece.notes) {
    const amplitude = (note.velocity / 127) ** 2;
    // Beyond a quarter or so a note has mostly died away.
    const length = Math.min(endOf(note) - note.onset, 2 * piece.head.ticksPerQuarter) / piece.head.ticksPerQuarter;
    sum += amplitude ** 2 * Math.sqrt(length);
  }
  return seconds > 0 ? sum / seconds : 0;
}

function noteKey(note: Note): string {
  return `${note.part}/${note.onset}/${note.duration}/${note.pitch}`;
}

/** The piece at another tempo from a tick on. */
export function withTempo(piece: Piece, from: number, bpm: number): Piece {
  const tempos = [...piece.head.tempos.filter((tempo) => tempo.onset < from), { onset: from, bpm }];
  return { ...piece, id: '', head: { ...piece.head, tempos } };
}
