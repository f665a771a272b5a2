/** Beats on the audio clock: a count-in and a metronome. */

import type { Synthesizer, Ticker } from './contract';
import { METRONOME_SLOT } from './slots';

/** General MIDI percussion: high and low wood block. */
const [HIGH, LOW] = [76, 77];
const AHEAD = 0.12;
const LEAD = 0.1;

/** Tells beats from a moment on. */
export class Metronome {
  /** Time of the audio clock of beat 0, the first after the count-in. */
  start = 0;
  isAudible = true;
  private seconds = 0.5;
  private beats = 4;
  private next = 0;

  constructor(
    private readonly synthesizer: Synthesizer,
    private readonly ticker: Ticker,
    /** Called when a beat is heard; negative ones are counted in. */
    private readonly beat: (number: number) => void,
  ) {}

  /** Begins, one bar of so many beats before beat 0. */
  run(bpm: number, beats: number): void {
    this.seconds = 60 / bpm;
    this.beats = beats;
    this.next = -beats;
    this.start = this.synthesizer.now + LEAD + beats * this.seconds;
    this.synthesizer.assign(METRONOME_SLOT, { isDrum: true, program: 0 }, 0);
    let heard = -beats - 1;
    this.ticker.start(() => {
      const { now } = this.synthesizer;
      while (this.start + this.next * this.seconds < now + AHEAD) this.click(this.next++);
      const last = Math.floor((now - this.start) / this.seconds);
      while (heard < last) if (++heard >= -beats) this.beat(heard);
    });
  }

  stop(): void {
    this.ticker.stop();
  }

  private click(number: number): void {
    if (!this.isAudible && number >= 0) return;
    const at = this.start + number * this.seconds;
    const pitch = number % this.beats === 0 ? HIGH : LOW;
    this.synthesizer.noteOn(METRONOME_SLOT, pitch, pitch === HIGH ? 100 : 70, at);
    this.synthesizer.noteOff(METRONOME_SLOT, pitch, at + 0.05);
  }
}
