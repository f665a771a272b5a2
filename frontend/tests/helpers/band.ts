/** A synthesizer and a ticker for tests, with a clock that is moved by hand. */

import type { Piece } from '../../src/music/piece';
import type { Synthesizer, Ticker, TransportEvents, Voice } from '../../src/sound/contract';
import { Transport } from '../../src/sound/transport';

export interface Told {
  kind: 'on' | 'off' | 'down' | 'up';
  slot: number;
  pitch: number;
  at: number;
  /** When it was told. */
  now: number;
}

/** Takes down what it is told. */
export class FakeSynthesizer implements Synthesizer {
  now = 100;
  latency = 0;
  readonly told: Told[] = [];
  readonly voices = new Map<number, Voice>();
  readonly gains = new Map<number, number>();
  hushedTo = 0;
  gain = 1;

  async resume(): Promise<void> {}

  assign(slot: number, voice: Voice): void {
    this.voices.set(slot, voice);
  }

  mix(slot: number, gain: number): void {
    this.gains.set(slot, gain);
  }

  noteOn(slot: number, pitch: number, _velocity: number, at: number): void {
    this.told.push({ kind: 'on', slot, pitch, at, now: this.now });
  }

  noteOff(slot: number, pitch: number, at: number): void {
    this.told.push({ kind: 'off', slot, pitch, at, now: this.now });
  }

  pedal(slot: number, isDown: boolean, at: number): void {
    this.told.push({ kind: isDown ? 'down' : 'up', slot, pitch: 0, at, now: this.now });
  }

  hush(until: number): void {
    this.hushedTo = until;
  }

  setGain(gain: number): void {
    this.gain = gain;
  }
}

/** A transport with all around it. */
export class Band implements TransportEvents, Ticker {
  readonly synthesizer = new FakeSynthesizer();
  readonly transport = new Transport(this.synthesizer, this, this);
  readonly entries: Piece[] = [];
  nEnded = 0;
  private callback: (() => void) | null = null;

  entered(piece: Piece): void {
    this.entries.push(piece);
  }

  ended(): void {
    this.nEnded++;
  }

  ticked(): void {}

  start(callback: () => void): void {
    this.callback = callback;
  }

  stop(): void {
    this.callback = null;
  }

  /** Lets time pass; `each` is done before each tick. */
  async wait(seconds: number, each: () => void = () => undefined): Promise<void> {
    const until = this.synthesizer.now + seconds;
    while (this.synthesizer.now < until - 1e-9) {
      this.synthesizer.now = Math.min(until, this.synthesizer.now + 0.025);
      each();
      this.callback?.();
      await Promise.resolve();
    }
  }

  /** Onsets that were told, in seconds from a time on, with their pitches. */
  onsets(from: number): [number, number][] {
    return this.synthesizer.told
      .filter((each) => each.kind === 'on')
      .map((each) => [Math.round((each.at - from) * 1000) / 1000, each.pitch]);
  }
}
