/** Plays pieces as the server renders them, each part by itself: where the browser gives the page no AudioWorklet. */

import { endOf } from '../music/notes';
import { partsWithNotes } from '../music/midi';
import type { Piece } from '../music/piece';
import { samePlace, Timing } from '../music/timing';
import type { Strip } from './contract';

/** Renders a piece that is whole: a file for each part that has notes, or one of all of them. */
export type Render = (piece: Piece, isEachPart: boolean) => Promise<ArrayBuffer[]>;

/** Seconds of sound, of all parts together, that are held at once; a piece of more is one sound, without a mixer. */
export const MOST_SECONDS = 1800;

const TICK = 50;

/** The sound of a part, and what it passes on its way out. */
interface Channel {
  /** Index of the part; null: of all parts. */
  part: number | null;
  buffer: AudioBuffer;
  gain: GainNode;
  pan: StereoPannerNode;
}

/** Positions are ticks, as of a transport. */
export class RenderedPlayer {
  ended: () => void = () => undefined;
  ticked: () => void = () => undefined;
  failed: (reason: unknown) => void = () => undefined;
  private readonly context = new AudioContext();
  private piece: Piece | null = null;
  private timing: Timing | null = null;
  private strips: readonly Strip[] = [];
  private speed = 1;
  private wantsToPlay = false;
  private resting = 0;
  /** What `channels` are the sound of. */
  private rendered = '';
  private channels: Channel[] = [];
  private sources: AudioBufferSourceNode[] = [];
  /** Time of the context at which the piece began, or would have. */
  private begun = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private number = 0;

  constructor(private readonly render: Render) {}

  get position(): number {
    if (!this.sources.length || !this.timing) return this.resting;
    return this.timing.tick((this.context.currentTime - this.begun) * this.speed);
  }

  /** Puts a piece on, at its beginning or at the place of the one before; it plays if that did. */
  load(piece: Piece, isSamePlace: boolean): void {
    const timing = new Timing(piece.head);
    const tick = isSamePlace && this.timing ? samePlace(this.position, this.timing, timing) : 0;
    this.silence();
    this.number++;
    [this.piece, this.timing, this.resting, this.rendered] = [piece, timing, tick, ''];
    if (this.wantsToPlay) void this.play().catch(this.failed);
  }

  /** Plays, once the server has rendered what is on. */
  async play(): Promise<void> {
    this.wantsToPlay = true;
    await this.context.resume();
    const { piece } = this;
    if (!piece) return;
    while (!piece.isWhole && this.piece === piece && this.wantsToPlay) await pause();
    const key = this.key();
    if (this.rendered !== key) {
      const channels = await this.channelsOf(piece);
      if (this.key() !== key) return;
      if (this.rendered !== key) this.use(channels, key);
    }
    if (this.wantsToPlay && !this.sources.length) this.start();
  }

  pause(): void {
    this.wantsToPlay = false;
    this.silence();
  }

  seek(tick: number): void {
    this.silence();
    this.resting = tick;
    if (this.wantsToPlay && this.rendered === this.key()) this.start();
  }

  /** Another tempo is rendered anew: a recording that is played faster is higher as well. */
  setSpeed(speed: number): void {
    this.silence();
    this.speed = speed;
    if (this.wantsToPlay) void this.play().catch(this.failed);
  }

  /** Sets the sound as the mixer's strips say; another instrument is rendered anew. */
  mix(strips: readonly Strip[]): void {
    this.strips = strips.map((strip) => ({ ...strip }));
    const isAnySolo = strips.some((strip) => strip.isSolo);
    for (const { part, gain, pan } of this.channels) {
      const strip = part === null ? undefined : strips[part];
      if (!strip) continue;
      gain.gain.value = !strip.isMuted && (strip.isSolo || !isAnySolo) ? strip.volume : 0;
      pan.pan.value = strip.pan;
    }
    if (this.sources.length && this.rendered !== this.key()) {
      this.silence();
      void this.play().catch(this.failed);
    }
  }

  private use(channels: Channel[], key: string): void {
    for (const { pan } of this.channels) pan.disconnect();
    [this.channels, this.rendered] = [channels, key];
    for (const { pan } of channels) pan.connect(this.context.destination);
    this.mix(this.strips);
  }

  private key(): string {
    return JSON.stringify([this.number, this.speed, this.strips.map(({ program }) => program)]);
  }

  private async channelsOf(piece: Piece): Promise<Channel[]> {
    const { head } = piece;
    const parts = head.parts.map((part, index) => ({ ...part, program: this.strips[index]?.program ?? part.program }));
    const tempos = head.tempos.map(({ onset, bpm }) => ({ onset, bpm: bpm * this.speed }));
    const playing = partsWithNotes(piece);
    const seconds = (this.timing?.seconds(head.end) ?? 0) / this.speed;
    if (seconds > MOST_SECONDS) throw new Error('The piece is too long to be rendered; open the studio over https.');
    const isEachPart = seconds * playing.length <= MOST_SECONDS;
    const files = await this.render({ ...piece, head: { ...head, parts, tempos } }, isEachPart);
    return Promise.all(
      files.map(async (file, place) => {
        const gain = new GainNode(this.context);
        const pan = new StereoPannerNode(this.context);
        gain.connect(pan);
        const part = isEachPart ? (playing[place] ?? null) : null;
        return { part, buffer: await this.context.decodeAudioData(file), gain, pan };
      }),
    );
  }

  private start(): void {
    const { timing, piece } = this;
    if (!timing || !piece) return;
    const longest = Math.max(0, ...this.channels.map(({ buffer }) => buffer.duration));
    if (this.resting >= lastTick(piece)) this.resting = 0;
    const seconds = timing.seconds(this.resting) / this.speed;
    this.begun = this.context.currentTime - seconds;
    this.sources = this.channels.map(({ buffer, gain }) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(gain);
      source.start(0, seconds);
      return source;
    });
    this.timer = setInterval(() => {
      this.ticked();
      if (this.context.currentTime - this.begun >= longest) this.finish();
    }, TICK);
  }

  private finish(): void {
    this.silence();
    this.wantsToPlay = false;
    this.ended();
  }

  /** Stops what sounds, where it is. */
  private silence(): void {
    this.resting = this.position;
    clearInterval(this.timer);
    for (const source of this.sources) source.stop();
    this.sources = [];
  }
}

function lastTick({ head, notes }: Piece): number {
  return head.end || notes.reduce((latest, note) => Math.max(latest, endOf(note)), 0);
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, 100));
}
