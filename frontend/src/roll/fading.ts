/** Notes that come and notes that give way: how visible each is at a time. */

import type { Note } from '../music/piece';

/** Milliseconds that a note takes to appear, and to go. */
export const APPEARING = 260;
export const GOING = 900;

/** Equal for notes that look alike. */
export function keyOf({ part, onset, pitch, duration }: Note): string {
  return `${part}/${onset}/${pitch}/${duration}`;
}

/** Notes that appeared less than `APPEARING` ago. */
export class Arrivals {
  private entries: { note: Note; since: number }[] = [];

  begin(notes: readonly Note[], now: number): void {
    for (const note of notes) this.entries.push({ note, since: now });
  }

  /** How visible each is that still appears, 0 to 1, and those that are there now, which are forgotten. */
  at(now: number): { shown: { note: Note; visible: number }[]; settled: Note[] } {
    const isThrough = ({ since }: { since: number }) => now - since >= APPEARING;
    const settled = this.entries.filter(isThrough).map(({ note }) => note);
    if (settled.length) this.entries = this.entries.filter((entry) => !isThrough(entry));
    const shown = this.entries.map(({ note, since }) => ({
      note,
      visible: Math.max(0, (now - since) / APPEARING),
    }));
    return { shown, settled };
  }

  /** Forgets notes that are not among those of a piece; returns what still appears. */
  keep(notes: ReadonlySet<Note>): Set<Note> {
    this.entries = this.entries.filter(({ note }) => notes.has(note));
    return new Set(this.entries.map(({ note }) => note));
  }

  clear(): void {
    this.entries = [];
  }
}

/**
 * How visible a note is that gives way, 0 to 1: it pales at once, waits until what comes in its place is known, and
 * then goes.
 */
export class Departures {
  private readonly passed = new Map<Note, number>();

  constructor(
    readonly notes: readonly Note[],
    readonly since: number,
  ) {}

  /** `composedTo`: the tick before which the new notes are known; Infinity when all are. */
  at(now: number, composedTo: number): { note: Note; visible: number }[] {
    const paled = 1 - 0.65 * Math.min(1, Math.max(0, now - this.since) / (GOING / 3));
    const shown: { note: Note; visible: number }[] = [];
    for (const note of this.notes) {
      let passed = this.passed.get(note);
      if (passed === undefined && note.onset < composedTo) {
        passed = Math.max(now, this.since);
        this.passed.set(note, passed);
      }
      const left = passed === undefined ? 1 : 1 - (now - passed) / GOING;
      if (left > 0) shown.push({ note, visible: paled * Math.min(1, left) });
    }
    return shown;
  }
}
