/** Plays pieces as the server's audio, in an audio element: where the browser gives the page no AudioWorklet. */

import type { Piece } from '../music/piece';
import { samePlace, Timing } from '../music/timing';

/** Where the audio of pieces is. */
export interface Recordings {
  /** Address of the audio of a stored piece. */
  address(id: string): string;
  /** The audio of a piece that the server does not have. */
  make(piece: Piece): Promise<Blob>;
}

/** Positions are ticks, as of a transport. */
export class ElementPlayer {
  ended: () => void = () => undefined;
  ticked: () => void = () => undefined;
  private readonly audio = new Audio();
  private piece: Piece | null = null;
  private timing: Timing | null = null;
  private wantedTick: number | null = null;
  private wantsToPlay = false;
  private made = '';

  constructor(private readonly recordings: Recordings) {
    this.audio.preload = 'none';
    this.audio.addEventListener('ended', () => {
      this.wantsToPlay = false;
      this.ended();
    });
    this.audio.addEventListener('timeupdate', () => this.ticked());
    this.audio.addEventListener('loadedmetadata', () => this.apply());
  }

  get position(): number {
    if (this.wantedTick !== null) return this.wantedTick;
    return this.timing?.tick(this.audio.currentTime) ?? 0;
  }

  /** Puts a piece on, at its beginning or at the place of the one before; it plays if that did. */
  load(piece: Piece, isSamePlace: boolean): void {
    const { timing: before, position } = this;
    this.piece = piece;
    this.timing = new Timing(piece.head);
    this.wantedTick = isSamePlace && before ? samePlace(position, before, this.timing) : 0;
    this.audio.pause();
    URL.revokeObjectURL(this.made);
    this.made = '';
    if (piece.id) this.audio.src = this.recordings.address(piece.id);
    else this.audio.removeAttribute('src');
    if (this.wantsToPlay) void this.play().catch(() => undefined);
  }

  /** Plays; what the server does not have is sent there first, to become audio. */
  async play(): Promise<void> {
    this.wantsToPlay = true;
    const { piece } = this;
    if (piece && !piece.id && !this.made) {
      const sound = await this.recordings.make(piece);
      if (this.piece !== piece) return;
      this.audio.src = this.made = URL.createObjectURL(sound);
    }
    if (!this.wantsToPlay) return;
    try {
      await this.audio.play();
    } catch (thrown) {
      // Who pauses or puts on another piece before it is there interrupts it.
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) throw thrown;
    }
  }

  pause(): void {
    this.wantsToPlay = false;
    this.audio.pause();
  }

  seek(tick: number): void {
    this.wantedTick = tick;
    this.apply();
  }

  setSpeed(speed: number): void {
    this.audio.playbackRate = speed;
  }

  private apply(): void {
    if (this.wantedTick === null || !this.timing || this.audio.readyState === 0) return;
    this.audio.currentTime = this.timing.seconds(this.wantedTick);
    this.wantedTick = null;
  }
}
