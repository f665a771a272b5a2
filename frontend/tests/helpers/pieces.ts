/** Pieces for tests: made by hand, and drawn at random. */

import fc from 'fast-check';
import type { Head, Note, Part, Pedal, Piece } from '../../src/music/piece';

export const PIANO: Part = { name: 'piano', program: 0, isDrum: false };
export const BASS: Part = { name: 'electric bass', program: 33, isDrum: false };
export const DRUMS: Part = { name: 'drums', program: 0, isDrum: true };

/** A head of 4/4 at 120, with 12 ticks a quarter. */
export function head(change: Partial<Head> = {}): Head {
  return {
    title: 'Test',
    model: 'band',
    style: 'folk',
    ticksPerQuarter: 12,
    tempos: [{ onset: 0, bpm: 120 }],
    meters: [{ onset: 0, numerator: 4, denominator: 4 }],
    key: null,
    chords: [],
    bars: 4,
    end: 192,
    hasGrid: true,
    parts: [PIANO, BASS, DRUMS],
    request: null,
    ...change,
  };
}

/** A note of part, onset, duration, pitch and velocity. */
export function note(part: number, onset: number, duration: number, pitch = 60, velocity = 80): Note {
  return { part, onset, duration, pitch, velocity, given: false };
}

/** A piece that is whole. */
export function piece(notes: Note[], change: Partial<Head> = {}, pedals: Pedal[] = []): Piece {
  const whole = head(change);
  return { id: '', head: whole, notes, pedals, composedTo: whole.end, isWhole: true };
}

/** Notes of three parts on few keys, so that keys are struck again. */
export const someNotes = fc.array(
  fc.record({
    part: fc.integer({ min: 0, max: 2 }),
    onset: fc.integer({ min: 0, max: 180 }),
    duration: fc.integer({ min: 0, max: 60 }),
    pitch: fc.integer({ min: 60, max: 62 }),
    velocity: fc.integer({ min: 1, max: 127 }),
    given: fc.boolean(),
  }),
  { maxLength: 40 },
);

export const somePedals = fc.array(
  fc.record({
    part: fc.integer({ min: 0, max: 2 }),
    onset: fc.integer({ min: 0, max: 180 }),
    duration: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 6 },
);
