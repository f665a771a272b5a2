/** Playing along: keys of the screen, of the computer and of MIDI, a count-in, a metronome, and what was played. */

import { type Played, secondsOfBar } from '../music/recorded';
import type { Synthesizer, Ticker } from '../sound/contract';
import { Metronome } from '../sound/metronome';
import { listen } from '../sound/midi_input';
import { HAND_SLOT } from '../sound/slots';

const BEATS = 4;
/** Seconds that the composer is given, at least, between the last note and its first. */
const THINKING = 0.4;

/** What is played by hand, and how it is taken down. */
export class Recorder {
  /** General MIDI program that sounds under the hands. */
  program = $state(0);
  /** Octaves by which the computer keyboard is moved; 0: its first key is C4, MIDI pitch 60. */
  octave = $state(0);
  /** Whether beats are heard while it records; those of the count-in always are. */
  hasMetronome = $state(true);
  bpm = $state(100);
  /** Beats still to count before recording begins; 0 when it has begun or is off. */
  countIn = $state(0);
  isRecording = $state(false);
  /** What was recorded so far; a note that is held has a duration of 0. */
  notes = $state.raw<readonly Played[]>([]);
  /** Pitches that are held down now. */
  held = $state.raw<ReadonlySet<number>>(new Set());
  /** Names of the MIDI inputs that are listened to; null: not asked for. */
  inputs = $state.raw<readonly string[] | null>(null);
  /** Whether the browser has Web MIDI. */
  readonly hasMidi = typeof navigator !== 'undefined' && 'requestMIDIAccess' in navigator;
  private synthesizer: Synthesizer | null = null;
  private metronome: Metronome | null = null;
  private assigned = -1;

  /** Plays with these from now on. */
  use(synthesizer: Synthesizer, ticker: Ticker): void {
    this.synthesizer = synthesizer;
    this.metronome = new Metronome(synthesizer, ticker, (beat) => {
      this.countIn = Math.max(0, -beat);
    });
  }

  /** A key goes down; `at`: when, by `performance.now()`. */
  down(pitch: number, velocity: number, at = performance.now()): void {
    const { synthesizer } = this;
    if (!synthesizer || this.held.has(pitch)) return;
    void synthesizer.resume();
    if (this.assigned !== this.program) {
      this.assigned = this.program;
      synthesizer.assign(HAND_SLOT, { isDrum: false, program: this.program }, 0);
    }
    synthesizer.noteOn(HAND_SLOT, pitch, velocity, 0);
    this.held = new Set([...this.held, pitch]);
    const onset = this.seconds(at);
    // What is struck a little before the first beat is meant for it.
    if (this.isRecording && onset > -0.15) this.notes = [...this.notes, { onset, duration: 0, pitch, velocity }];
  }

  /** A key goes up. */
  up(pitch: number, at = performance.now()): void {
    if (!this.held.has(pitch)) return;
    this.synthesizer?.noteOff(HAND_SLOT, pitch, 0);
    this.held = new Set([...this.held].filter((each) => each !== pitch));
    if (this.isRecording) this.release(pitch, this.seconds(at));
  }

  /** The pedal of the hands. */
  pedal(isDown: boolean): void {
    this.synthesizer?.pedal(HAND_SLOT, isDown, 0);
  }

  /** Counts in a bar, then records. */
  async start(): Promise<void> {
    if (!this.synthesizer || !this.metronome) return;
    this.isRecording = true;
    this.notes = [];
    this.countIn = BEATS;
    this.metronome.start = Infinity;
    await this.synthesizer.resume();
    if (!this.isRecording) return;
    this.metronome.isAudible = this.hasMetronome;
    this.metronome.run(this.bpm, BEATS);
  }

  /**
   * Ends recording; the beats go on until `endBeats`. Returns what was played, and how many bars after the first beat,
   * and at which time of the audio clock, the next bar line is that leaves the composer a moment; null: nothing was played.
   */
  finish(): { notes: readonly Played[]; nextLine: () => { bar: number; at: number } } | null {
    const now = this.seconds(performance.now());
    for (const { pitch, duration } of this.notes) if (duration === 0) this.release(pitch, now);
    this.isRecording = false;
    this.countIn = 0;
    const start = this.metronome?.start ?? 0;
    const bar = secondsOfBar(this.bpm);
    const nextLine = () => {
      const elapsed = (this.synthesizer?.now ?? start) - start;
      const number = Math.max(1, Math.ceil((elapsed + THINKING) / bar));
      return { bar: number, at: start + number * bar };
    };
    if (this.notes.length === 0) this.endBeats();
    return this.notes.length > 0 ? { notes: this.notes, nextLine } : null;
  }

  endBeats(): void {
    this.metronome?.stop();
  }

  /** Listens to MIDI instruments; rejects where the browser or the user refuses. */
  async connect(): Promise<void> {
    await listen({
      down: (pitch, velocity, at) => this.down(pitch, velocity, at),
      up: (pitch, at) => this.up(pitch, at),
      pedal: (isDown) => this.pedal(isDown),
      inputs: (names) => {
        this.inputs = names;
      },
    });
  }

  /** Seconds from the first beat, of a time of `performance.now()`: what was heard then, not what was told then. */
  private seconds(at: number): number {
    const { synthesizer, metronome } = this;
    if (!synthesizer || !metronome) return 0;
    const ago = (performance.now() - at) / 1000;
    return synthesizer.now - synthesizer.latency - ago - metronome.start;
  }

  private release(pitch: number, at: number): void {
    this.notes = this.notes.map((note) => {
      return note.pitch === pitch && note.duration === 0
        ? { ...note, duration: Math.max(0.02, at - note.onset) }
        : note;
    });
  }
}

export type { Played };
