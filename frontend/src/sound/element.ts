/** Plays stored pieces as the server's audio, in an audio element: where the browser gives the page no AudioWorklet. */

import type { Piece } from '../music/piece';
import { samePlace, Timing } from '../music/timing';

/** Positions are ticks, as of a transport. */
export class ElementPlayer {
  ended: () => void = () => undefined;
  ticked: () => void = () => undefined;
  private readonly audio = new Audio();
  private timing: Timing | null = null;
  private wantedTick: number | null = null;

  /** `address`: of the audio of a stored piece. */
  constructor(private readonly address: (id: string) => string) {
    this.audio.preload = 'none';
    this.audio.addEventListener('ended', () => this.ended());
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
    const wasPlaying = !this.audio.paused;
    this.timing = new Timing(piece.head);
    this.wantedTick = isSamePlace && before ? samePlace(position, before, this.timing) : 0;
    this.audio.src = piece.id ? this.address(piece.id) : '';
    if (wasPlaying && piece.id) void this.audio.play();
  }

  async play(): Promise<void> {
    await this.audio.play();
  }

  pause(): void {
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
