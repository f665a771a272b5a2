/** The synthesizer: spessasynth_lib in an AudioWorklet, playing the embedded SoundFont. */

import { WorkletSynthesizer } from 'spessasynth_lib';
import processor from 'spessasynth_lib/dist/spessasynth_processor.min.js?url';
import { Channels, PERCUSSION, type Place } from './channels';
import type { Synthesizer, Voice } from './contract';

const SUSTAIN = 64;
/** Seconds in which sound is faded out or in, short enough to be at once and long enough not to click. */
const FADE = 0.008;
/** The font is quiet: pieces reach a tenth to a fifth of full scale. This makes them about as loud as other music. */
const LOUDNESS = 3;

/** Whether this page may have an AudioWorklet: browsers give it to https and localhost alone. */
export function hasWorklet(): boolean {
  return typeof AudioContext !== 'undefined' && typeof AudioWorkletNode !== 'undefined' && isSecureContext;
}

/** What is played with: the address of the SoundFont, and for each General MIDI program the one that plays it. */
export interface Font {
  soundfont: string;
  programs: readonly number[];
}

/**
 * Plays slots, sixteen a synthesizer. Made suspended: worklet and SoundFont load without a click. What is told before
 * they are there is told them when they are; notes before that are lost.
 */
export class FontSynthesizer implements Synthesizer {
  /** Fulfilled when worklet and SoundFont are loaded; rejected if they cannot be. */
  readonly ready: Promise<void>;
  /** Everything that sounds, for meters and tests. */
  readonly analyser: AnalyserNode;
  private readonly context = new AudioContext({ latencyHint: 'interactive' });
  private readonly hushing: GainNode;
  private readonly volume: GainNode;
  private readonly channels = new Channels();
  private readonly engines: (WorkletSynthesizer | null)[] = [];
  private readonly waiting: ((engine: WorkletSynthesizer) => void)[][] = [];
  private readonly drums = new Set<number>();
  private programs: readonly number[] = [];
  private font: ArrayBuffer | null = null;
  private started: { audio: number; clock: number } | null = null;

  /** The worklet begins to load at once, the font when it is told. */
  constructor(font: Promise<Font>) {
    const { context } = this;
    this.hushing = context.createGain();
    this.volume = context.createGain();
    this.analyser = context.createAnalyser();
    this.volume.gain.value = LOUDNESS;
    this.hushing.connect(this.volume).connect(limiter(context)).connect(this.analyser).connect(context.destination);
    this.ready = this.load(font);
  }

  get now(): number {
    return this.context.currentTime;
  }

  get latency(): number {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }

  /** Whether the browser lets it sound. */
  get isRunning(): boolean {
    return this.context.state === 'running';
  }

  /** By how many seconds the audio clock is behind the wall clock since sound began: what a busy machine dropped. */
  get lag(): number {
    if (!this.started || !this.isRunning) return 0;
    return performance.now() / 1000 - this.started.clock - (this.context.currentTime - this.started.audio);
  }

  async resume(): Promise<void> {
    if (!this.isRunning) await this.context.resume();
    this.started ??= { audio: this.context.currentTime, clock: performance.now() / 1000 };
  }

  assign(slot: number, voice: Voice, at: number): void {
    const place = this.channels.of(slot, voice.isDrum);
    this.tell(place, (engine) => {
      const program = voice.isDrum ? 0 : (this.programs[voice.program] ?? voice.program);
      if (voice.isDrum && place.channel !== PERCUSSION && !this.drums.has(slot)) {
        this.drums.add(slot);
        engine.midiChannels[place.channel]?.setDrums(true);
      }
      engine.programChange(place.channel, program, { time: at });
    });
  }

  mix(slot: number, gain: number, pan: number): void {
    const place = this.channels.get(slot);
    if (!place) return;
    this.tell(place, (engine) => {
      const channel = engine.midiChannels[place.channel];
      channel?.setSystemParameter('gain', gain);
      channel?.setSystemParameter('pan', pan);
      channel?.setSystemParameter('isMuted', gain === 0);
    });
  }

  noteOn(slot: number, pitch: number, velocity: number, at: number): void {
    const place = this.channels.get(slot);
    if (place) this.engine(place)?.noteOn(place.channel, pitch, velocity, { time: at });
  }

  noteOff(slot: number, pitch: number, at: number): void {
    const place = this.channels.get(slot);
    if (place) this.engine(place)?.noteOff(place.channel, pitch, { time: at });
  }

  pedal(slot: number, isDown: boolean, at: number): void {
    const place = this.channels.get(slot);
    if (place) this.engine(place)?.controllerChange(place.channel, SUSTAIN, isDown ? 127 : 0, { time: at });
  }

  hush(until: number): void {
    const { gain } = this.hushing;
    const { currentTime: now } = this.context;
    gain.cancelScheduledValues(now);
    gain.setTargetAtTime(0, now, FADE / 4);
    gain.setTargetAtTime(1, Math.max(until, now + FADE), FADE / 4);
  }

  setGain(gain: number): void {
    this.volume.gain.setTargetAtTime(LOUDNESS * gain, this.context.currentTime, 0.02);
  }

  /** Lets go of the audio device. */
  async close(): Promise<void> {
    await this.context.close();
  }

  private async load(wanted: Promise<Font>): Promise<void> {
    const worklet = this.context.audioWorklet.addModule(processor);
    worklet.catch(() => undefined);
    const { soundfont, programs } = await wanted;
    this.programs = programs;
    const answer = await fetch(soundfont);
    if (!answer.ok) throw new Error(`the SoundFont is not there (status ${answer.status})`);
    this.font = await answer.arrayBuffer();
    await worklet;
    await this.add(0);
  }

  /** Makes one more synthesizer, ready to play. */
  private async add(number: number): Promise<void> {
    if (!this.font) return;
    const engine = new WorkletSynthesizer(this.context, { eventsEnabled: false });
    engine.connect(this.hushing);
    await engine.isReady;
    const damage = new Promise<never>((_, reject) => {
      engine.eventHandler.addEvent('soundBankError', 'load', (error) => reject(error));
    });
    await Promise.race([engine.soundBankManager.addSoundBank(this.font.slice(0), 'font'), damage]);
    this.engines[number] = engine;
    for (const deed of this.waiting[number] ?? []) deed(engine);
    this.waiting[number] = [];
  }

  private engine(place: Place): WorkletSynthesizer | null {
    return this.engines[place.synthesizer] ?? null;
  }

  /** Does something to the synthesizer of a channel, when it is there; makes it if it is not. */
  private tell(place: Place, deed: (engine: WorkletSynthesizer) => void): void {
    const engine = this.engine(place);
    if (engine) {
      deed(engine);
      return;
    }
    const queue = (this.waiting[place.synthesizer] ??= []);
    queue.push(deed);
    if (queue.length > 1 || place.synthesizer === 0) return;
    this.ready.then(() => this.add(place.synthesizer)).catch(() => undefined);
  }
}

/** Keeps the loudest moments from distortion, and leaves the rest as it is. */
function limiter(context: AudioContext): DynamicsCompressorNode {
  return new DynamicsCompressorNode(context, { threshold: -4, knee: 2, ratio: 20, attack: 0.002, release: 0.15 });
}
