/** What plays a piece: a synthesizer that is told notes, and a transport that tells it when. */

import type { Piece } from '../music/piece';

/** How loud and where a part sounds. */
export interface Strip {
  isMuted: boolean;
  isSolo: boolean;
  /** 0 to 1; 1 is as the piece has it. */
  volume: number;
  /** -1 left to 1 right. */
  pan: number;
  /** General MIDI program that sounds; for drums the kit, 0. */
  program: number;
}

/** Plays notes on channels at times of the audio clock. Made suspended at load; `resume` belongs in a click. */
export interface Synthesizer {
  /** Fulfilled when worklet and SoundFont are loaded. */
  readonly ready: Promise<void>;
  /** The audio clock, in seconds. */
  readonly now: number;
  resume(): Promise<void>;
  /** Sets channels up for the parts of a piece: program, kit, strip. */
  setUp(strips: { isDrum: boolean; strip: Strip }[]): void;
  setStrip(part: number, strip: Strip): void;
  noteOn(part: number, pitch: number, velocity: number, at: number): void;
  noteOff(part: number, pitch: number, at: number): void;
  pedal(part: number, isDown: boolean, at: number): void;
  /** Silences what sounds now; what is scheduled and not yet due (at most 0.2 s) may still begin. */
  silence(): void;
  /** Everything that sounds, for meters and tests. */
  readonly analyser: AnalyserNode;
}

/** Plays a piece that may still be growing. */
export interface Transport {
  readonly isPlaying: boolean;
  /** Where it is, in ticks of the piece: a function of the audio clock, to be asked each frame. */
  readonly position: number;
  /** Starts at the position; at the very start, at the first onset. */
  play(): Promise<void>;
  pause(): void;
  seek(tick: number): void;
  /** Another version of the piece takes over at the same place; notes that both have sound on. */
  replace(piece: Piece): void;
  /** The next piece enters on the next bar line, or where this one ends. */
  enqueue(piece: Piece, when: 'next bar' | 'end'): void;
  /** A stretch that is repeated, in ticks; null ends it. */
  loop(stretch: { start: number; end: number } | null): void;
  /** How fast: 1 is the piece's own tempo. */
  speed: number;
  /** How loud all of it is, 0 to 1: by which versions are made equally loud. */
  gain: number;
}
