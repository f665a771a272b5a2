/** What is heard: the sound of the browser, and where it is. */

import type { StudioInfo } from '../api/source';
import type { Piece } from '../music/piece';
import { Timing } from '../music/timing';
import type { Entry, Synthesizer, Ticker } from '../sound/contract';
import type { RenderedPlayer } from '../sound/rendered';
import { Transport } from '../sound/transport';
import type { Mixer } from './mixer.svelte';

/** What a browser plays with. */
export interface Sound {
  synthesizer: Synthesizer;
  ticker: Ticker;
  /** For the metronome. */
  beats: Ticker;
  /** Fulfilled when it can sound. */
  ready: Promise<void>;
}

/** What the player tells the studio. */
export interface PlayerEvents {
  /** A piece that was enqueued has begun to be heard. */
  entered(piece: Piece): void;
  /** The end of the piece was heard and nothing followed. */
  ended(): void;
  failed(reason: unknown): void;
}

/** Milliseconds after which a clock that has not moved is taken for one that never will. */
const CLOCK_STARTS_WITHIN = 4000;

/** The player. Before `use` it keeps what is put on, and is silent. */
export class Player {
  isReady = $state(false);
  isPlaying = $state(false);
  /** The bar that sounds, from 1. */
  bar = $state(1);
  speed = $state(1);
  /** Everything that sounds goes through it; null before `use`. */
  transport: Transport | null = null;
  private sound: Sound | null = null;
  private rendered: RenderedPlayer | null = null;
  private piece: Piece | null = null;
  private timing: Timing | null = null;
  private wantsToPlay = false;
  private silentPosition = 0;

  constructor(
    private readonly mixer: Mixer,
    private readonly events: PlayerEvents,
  ) {}

  /** Plays with this sound from now on. */
  use(sound: Sound): void {
    this.sound = sound;
    this.transport = new Transport(sound.synthesizer, sound.ticker, {
      entered: (piece) => this.events.entered(piece),
      ended: () => {
        this.isPlaying = false;
        this.events.ended();
      },
      ticked: () => this.tick(),
    });
    if (this.piece) this.transport.load(this.piece);
    this.transport.seek(this.silentPosition);
    this.mix();
    sound.ready.then(
      () => {
        this.isReady = true;
        if (this.wantsToPlay) void this.play();
      },
      (reason: unknown) => this.events.failed(reason),
    );
  }

  /** Plays what the server renders from now on. */
  useRendered(rendered: RenderedPlayer): void {
    this.rendered = rendered;
    rendered.ticked = () => this.tick();
    rendered.failed = (reason) => this.events.failed(reason);
    rendered.ended = () => {
      this.isPlaying = false;
      this.events.ended();
    };
    if (this.piece) rendered.load(this.piece, false);
    this.mix();
    this.isReady = true;
  }

  /** Whether a piece can enter by itself while another one plays. */
  get canEnqueue(): boolean {
    return this.transport !== null && this.isReady;
  }

  /** Ticks; a function of the audio clock. */
  position(): number {
    return this.transport?.position ?? this.rendered?.position ?? this.silentPosition;
  }

  /** The tick from which on changes are heard. */
  told(): number {
    return this.transport?.told ?? this.position();
  }

  /** How often what was due came too late to be played in time; 0 on a machine that keeps up. */
  get underruns(): number {
    return this.transport?.underruns ?? 0;
  }

  level(part: number): number {
    return this.mixer.isHeard(part) ? (this.transport?.level(part) ?? 0) : 0;
  }

  /** Puts a piece on, at its beginning, without playing it. */
  load(piece: Piece): void {
    this.adopt(piece);
    this.transport?.load(piece);
    this.rendered?.pause();
    this.rendered?.load(piece, false);
    this.isPlaying = false;
    this.silentPosition = 0;
    this.bar = 1;
    this.mix();
  }

  /** Another version of the piece, at the same place. */
  replace(piece: Piece): void {
    this.adopt(piece);
    this.transport?.replace(piece);
    this.rendered?.load(piece, true);
    this.mix();
    this.tick();
  }

  /** A piece that has entered by itself. */
  adopt(piece: Piece): void {
    this.piece = piece;
    this.timing = new Timing(piece.head);
  }

  enqueue(piece: Piece | null, entry: Entry): void {
    this.transport?.enqueue(piece, entry);
  }

  async play(): Promise<void> {
    this.wantsToPlay = true;
    this.isPlaying = true;
    // The click is what lets the browser sound: it must be told at once, whether the font is there or not.
    if (this.rendered) return this.rendered.play();
    const resumed = this.sound?.synthesizer.resume();
    if (!this.transport || !this.isReady) return;
    this.watchClock();
    await resumed;
    if (this.wantsToPlay) await this.transport.play();
  }

  /** Stops, and says why, where the audio clock stands still: without a sound device some browsers never start it. */
  private watchClock(): void {
    const { sound } = this;
    const before = sound?.synthesizer.now;
    setTimeout(() => {
      if (!this.wantsToPlay || sound?.synthesizer.now !== before) return;
      this.pause();
      this.events.failed(
        new Error('The browser has no sound device. Connect one, or open the studio in another browser.'),
      );
    }, CLOCK_STARTS_WITHIN);
  }

  /** Plays from a tick at a time of the audio clock. */
  startAt(tick: number, at: number): void {
    if (!this.transport || !this.isReady) return;
    this.wantsToPlay = true;
    this.isPlaying = true;
    this.transport.startAt(tick, at);
  }

  pause(): void {
    this.wantsToPlay = false;
    this.isPlaying = false;
    this.transport?.pause();
    this.rendered?.pause();
  }

  seek(tick: number): void {
    this.silentPosition = Math.max(0, tick);
    this.transport?.seek(tick);
    this.rendered?.seek(tick);
    this.tick();
  }

  loop(stretch: { start: number; end: number } | null): void {
    this.transport?.loop(stretch);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.transport) this.transport.speed = speed;
    this.rendered?.setSpeed(speed);
  }

  setGain(gain: number): void {
    this.sound?.synthesizer.setGain(gain);
  }

  /** Sets the sound as the mixer's strips say. */
  mix(): void {
    this.rendered?.mix(this.mixer.strips);
    if (!this.sound || !this.transport || !this.piece) return;
    this.transport.slots.mix(this.sound.synthesizer, this.piece.head.parts, this.mixer.strips);
  }

  /** Tells the bar. */
  private tick(): void {
    const number = this.timing?.barAt(this.position()).number ?? 1;
    const last = Math.max(1, this.piece?.head.bars ?? 1);
    if (Math.min(number, last) !== this.bar) this.bar = Math.min(number, last);
  }
}

/** The sound of a studio's SoundFont, loading; null where the browser has no AudioWorklet for this page. */
export async function browserSound(info: Promise<StudioInfo>, root: string): Promise<Sound | null> {
  const [{ FontSynthesizer, hasWorklet }, { WorkerTicker }] = await Promise.all([
    import('../sound/synthesizer'),
    import('../sound/ticker'),
  ]);
  if (!hasWorklet()) return null;
  const font = info.then(({ soundfont, programs }) => ({ soundfont: root + soundfont, programs }));
  const synthesizer = new FontSynthesizer(font);
  return { synthesizer, ticker: new WorkerTicker(), beats: new WorkerTicker(), ready: synthesizer.ready };
}
