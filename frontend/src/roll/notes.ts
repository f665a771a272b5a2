/** Notes by their onsets, to find those of a stretch and those that sound at a tick without going through all. */

import type { Note } from '../music/piece';

/** Notes sorted by onset; it grows with the piece. */
export class NoteIndex {
  private readonly sorted: Note[] = [];
  private longest = 0;

  constructor(notes: readonly Note[] = []) {
    this.add(notes);
  }

  get size(): number {
    return this.sorted.length;
  }

  /** Takes further notes in, in any order. */
  add(notes: readonly Note[]): void {
    let before = this.sorted.at(-1)?.onset ?? -Infinity;
    let inOrder = true;
    for (const note of notes) {
      if (note.onset < before) inOrder = false;
      before = note.onset;
      this.longest = Math.max(this.longest, note.duration);
      this.sorted.push(note);
    }
    if (!inOrder) this.sorted.sort((a, b) => a.onset - b.onset);
  }

  /** Notes that sound within [from, to), by onset. */
  within(from: number, to: number): Note[] {
    const found: Note[] = [];
    for (let at = this.firstFrom(from - this.longest); at < this.sorted.length; at += 1) {
      const note = this.sorted[at] as Note;
      if (note.onset >= to) break;
      if (note.onset + note.duration > from) found.push(note);
    }
    return found;
  }

  /** Notes that sound at a tick; the hit of a drum sounds for `ring` ticks. */
  sounding(tick: number, isDrum: (part: number) => boolean, ring: number): Note[] {
    return this.within(tick - ring, tick + 1e-6).filter(({ part, onset, duration }) =>
      isDrum(part) ? tick - onset < ring : onset + duration > tick,
    );
  }

  /** Index of the first note whose onset is not before a tick. */
  private firstFrom(tick: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as Note).onset < tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
