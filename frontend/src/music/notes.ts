/** Small things about notes. */

import type { Note, Piece } from './piece';

/** The tick at which something is over: at least one after its onset. */
export function endOf(each: { onset: number; duration: number }): number {
  return each.onset + Math.max(1, each.duration);
}

/** The onset of the first note that is known; null if none is. */
export function firstOnset(piece: Piece): number | null {
  if (piece.notes.length === 0) return null;
  return piece.notes.reduce((first, note) => Math.min(first, note.onset), Infinity);
}

/** By onset, part and pitch: the order of the notes of a whole piece. */
export function byOnset(a: Note, b: Note): number {
  return a.onset - b.onset || a.part - b.part || a.pitch - b.pitch;
}

/** Whether so much of a piece is known that it can begin to be played. */
export function isBegun(piece: Piece): boolean {
  const first = firstOnset(piece);
  if (piece.isWhole) return first !== null;
  return first !== null && piece.composedTo >= Math.min(piece.head.end, first + 4 * piece.head.ticksPerQuarter);
}
