/** Playing along: keys of the screen, of the computer and of MIDI, a count-in, a metronome, and what was played. */

import type { Note } from '../music/piece';

/** What is played by hand, and how it is taken down. */
export class Recorder {
  /** General MIDI program that sounds under the hands. */
  program = $state(0);
  /** Octaves by which the computer keyboard is moved; 0: its first key is C4, MIDI pitch 60. */
  octave = $state(0);
  /** Whether beats are heard while it records. */
  hasMetronome = $state(true);
  bpm = $state(100);
  /** Beats still to count before recording begins; 0 when it has begun or is off. */
  countIn = $state(0);
  isRecording = $state(false);
  /** Seconds from the first beat of the recording; of each note onset, duration (0 while it is held), pitch, velocity. */
  notes = $state.raw<readonly Played[]>([]);
  /** Pitches that are held down now. */
  held = $state.raw<ReadonlySet<number>>(new Set());
  /** Names of the MIDI inputs that are listened to; null: not asked for. */
  inputs = $state.raw<readonly string[] | null>(null);
  /** Whether the browser has Web MIDI. */
  readonly hasMidi = typeof navigator !== 'undefined' && 'requestMIDIAccess' in navigator;
}

/** A note played by hand, in seconds. */
export interface Played {
  onset: number;
  duration: number;
  pitch: Note['pitch'];
  velocity: Note['velocity'];
}
