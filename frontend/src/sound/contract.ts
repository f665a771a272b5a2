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

/** What sounds in a slot. */
export interface Voice {
  isDrum: boolean;
  program: number;
}

/**
 * Plays notes in slots at times of the audio clock; a slot is a place for one instrument, numbered from 0. Made
 * suspended at load; `resume` belongs in a click. What is scheduled cannot be withdrawn: nothing is further than 0.2 s
 * ahead.
 */
export interface Synthesizer {
  /** The audio clock, in seconds. */
  readonly now: number;
  /** By how many seconds what is heard is behind the clock. */
  readonly latency: number;
  resume(): Promise<void>;
  /** Puts an instrument in a slot, from a time on. */
  assign(slot: number, voice: Voice, at: number): void;
  /** Loudness 0 to 1, 0 being silent, and place -1 to 1 of a slot, at once. */
  mix(slot: number, gain: number, pan: number): void;
  noteOn(slot: number, pitch: number, velocity: number, at: number): void;
  noteOff(slot: number, pitch: number, at: number): void;
  pedal(slot: number, isDown: boolean, at: number): void;
  /** Lets nothing be heard from now to a time, so that what is scheduled and not wanted passes unheard. */
  hush(until: number): void;
  /** Loudness of everything, 1 as it is. */
  setGain(gain: number): void;
}

/** Calls back every 25 ms or so while it runs, in hidden tabs as well. */
export interface Ticker {
  start(callback: () => void): void;
  stop(): void;
}

/** What a transport tells of. */
export interface TransportEvents {
  /** Another piece has begun to be heard, which was enqueued. */
  entered(piece: Piece): void;
  /** The end was heard and nothing was enqueued. */
  ended(): void;
  /** Called at every tick of the timer, for bars and the like. */
  ticked(): void;
}

/** When a piece that is enqueued enters. */
export type Entry = 'next bar' | 'end';
