/** What was played by hand, as a piece: as it was played, on ticks fine enough to keep it. */

import type { Note, Part, Piece } from './piece';

/** A note played by hand, in seconds from the first beat of the recording. */
export interface Played {
  onset: number;
  duration: number;
  pitch: number;
  velocity: number;
}

const TICKS_PER_QUARTER = 480;
const BEATS = 4;

/** Seconds of a bar of 4/4. */
export function secondsOfBar(bpm: number): number {
  return (BEATS * 60) / bpm;
}

/** Bars that hold all onsets; at least one. A note that begins just before a bar line is meant for the line. */
export function barsOf(notes: readonly Played[], bpm: number): number {
  const last = notes.reduce((latest, note) => Math.max(latest, note.onset), 0);
  return Math.max(1, Math.floor(last / secondsOfBar(bpm) + 1 - 0.02));
}

/** The piece: one part in 4/4, its notes ended with its last bar. */
export function pieceOf(notes: readonly Played[], bpm: number, part: Part): Piece {
  const bars = barsOf(notes, bpm);
  const end = bars * BEATS * TICKS_PER_QUARTER;
  const ticks = (seconds: number) => Math.round((seconds * bpm * TICKS_PER_QUARTER) / 60);
  const found = notes.map(({ onset, duration, pitch, velocity }): Note => {
    const at = Math.min(Math.max(0, ticks(onset)), end - 1);
    return {
      part: 0,
      onset: at,
      duration: Math.min(Math.max(1, ticks(duration)), end - at),
      pitch,
      velocity,
      given: true,
    };
  });
  return {
    id: '',
    head: {
      title: 'Played by hand',
      model: '',
      style: '',
      ticksPerQuarter: TICKS_PER_QUARTER,
      tempos: [{ onset: 0, bpm }],
      meters: [{ onset: 0, numerator: BEATS, denominator: 4 }],
      key: null,
      chords: [],
      bars,
      end,
      hasGrid: true,
      parts: [part],
      request: null,
    },
    notes: found.sort((a, b) => a.onset - b.onset || a.pitch - b.pitch),
    pedals: [],
    composedTo: end,
    isWhole: true,
  };
}
