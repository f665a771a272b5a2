/**
 * What the page knows and does. Views read its fields, which are reactive unless a function, and call its methods; no
 * method rejects: what goes wrong is told in `problem`. Ticks are those of the piece that is shown; bars count from 1.
 */

import type { Card, Model, Originality, StudioInfo } from '../api/source';
import type { Head, Note, Piece } from '../music/piece';
import { Timing } from '../music/timing';
import { Library } from './library.svelte';
import { Mixer } from './mixer.svelte';
import { Recorder } from './recorder.svelte';
import { Versions } from './versions.svelte';
import { Wishes, type WishFields } from './wishes.svelte';

/** Something that went wrong, in words for whoever listens. */
export interface Trouble {
  title: string;
  /** What to do about it. */
  detail: string;
  /** A way out, if there is one: what a button says, and does. */
  action: { label: string; run: () => void } | null;
}

/** What is being composed now. */
export type Activity = 'piece' | 'dice' | 'steer' | 'variations' | 'continue' | 'accompany' | 'rewrite';

/** Notes that a new version takes away, for the roll to let go of. */
export interface Leaving {
  notes: readonly Note[];
  /** `performance.now()` at which they began to leave. */
  since: number;
}

/** One of several ways on. */
export interface Variation {
  /** Id of the version. */
  id: number;
  piece: Piece;
  /** Its name: Original, or Variation and a number; or the title of the composer, when composers are compared. */
  label: string;
  /** Whether it can be switched to: the original, and those that are whole. */
  isWhole: boolean;
}

/** A stretch of bars, the last one included. */
export interface Marks {
  first: number;
  last: number;
}

/** The page's state. */
export class Studio {
  readonly wishes = new Wishes();
  readonly versions = new Versions();
  readonly mixer = new Mixer();
  readonly recorder = new Recorder();
  readonly library = new Library();

  /** What the source offers; null until it has answered. */
  info = $state.raw<StudioInfo | null>(null);
  problem = $state.raw<Trouble | null>(null);
  /** A sentence to be told and forgotten, such as "Link copied"; '' is none. */
  notice = $state('');

  /** What is shown and played; its notes grow in place, which `revision` tells. */
  piece = $state.raw<Piece | null>(null);
  /** Grows with every change of the notes of the piece. */
  revision = $state(0);
  /** Tick before which all notes of the piece are known. */
  composedTo = $state(0);
  activity = $state.raw<Activity | null>(null);
  leaving = $state.raw<Leaving | null>(null);
  /** The piece that is composed while this one plays; null while there is none. */
  next = $state.raw<Piece | null>(null);

  /** Whether worklet and SoundFont are loaded: a click then sounds at once. */
  isReady = $state(false);
  isPlaying = $state(false);
  isEndless = $state(false);
  /** The bar that sounds. */
  bar = $state(1);
  /** The stretch that is repeated, in bars. */
  loop = $state.raw<Marks | null>(null);
  /** How fast, 1 as the piece has it. */
  speed = $state(1);
  /** Why the browser cannot play itself and the server's audio is used instead, and what to do; '' where it can. */
  fallback = $state('');

  /** By index of the part: whether the dice leaves it as it is. */
  pins = $state<boolean[]>([]);
  /** Bars that the dice is kept to; null: all. */
  marks = $state.raw<Marks | null>(null);

  /** The original and its variations; empty while there are none. */
  variations = $state.raw<readonly Variation[]>([]);
  /** Id of the version that the shown one is compared with. */
  comparedId = $state<number | null>(null);

  /** Ending of the file that is being made; null if none is. */
  downloading = $state<string | null>(null);
  originality = $state.raw<Originality | null>(null);
  cards = $state.raw<Readonly<Record<string, Card>>>({});

  private readonly timing$ = $derived(this.piece ? new Timing(this.piece.head) : null);

  /** The composer that is asked next; null where nothing composes. */
  get model(): Model | null {
    return this.wishes.model;
  }

  /** Whether anything can be composed here. */
  get composes(): boolean {
    return this.info?.composes ?? false;
  }

  get head(): Head | null {
    return this.piece?.head ?? null;
  }

  /** Seconds, bars and beats of the piece. */
  get timing(): Timing | null {
    return this.timing$;
  }

  get canUndo(): boolean {
    return this.versions.canUndo;
  }

  get canRedo(): boolean {
    return this.versions.canRedo;
  }

  /** Where it plays, in ticks, a fraction included; ask each frame. Not reactive. */
  position(): number {
    return 0;
  }

  /** How strongly a part sounds now, 0 to 1, for its glow; ask each frame. Not reactive. */
  glow(part: number): number {
    void part;
    return 0;
  }

  /** Asks the source what it offers, loads the sound, and shows the piece of the address or a new one. */
  async start(): Promise<void> {
    await Promise.resolve();
  }

  /** Opens what an address names: '' a new piece, 'p/ID' a stored one, '#...' a link that carries the music. */
  async open(address: string): Promise<void> {
    void address;
    await Promise.resolve();
  }

  /** The next piece: on the next bar line if this one plays, else at once. */
  another(): void {
    this.todo();
  }

  /** The piece before this one, as it was left. */
  previous(): void {
    this.todo();
  }

  play(): void {
    this.isPlaying = true;
  }

  pause(): void {
    this.isPlaying = false;
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** Goes to a tick. */
  seek(tick: number): void {
    void tick;
  }

  /** Goes to a bar, at its first tick. */
  seekBar(number: number): void {
    if (this.timing) this.seek(this.timing.bar(number).start);
  }

  /** Repeats bars; null ends it. */
  setLoop(stretch: Marks | null): void {
    this.loop = stretch;
  }

  setSpeed(speed: number): void {
    this.speed = speed;
  }

  setEndless(isEndless: boolean): void {
    this.isEndless = isEndless;
  }

  /** Whether the dice leaves a part as it is. */
  togglePin(part: number): void {
    this.pins[part] = !this.pins[part];
  }

  /** Keeps the dice to bars; null: to all. */
  mark(marks: Marks | null): void {
    this.marks = marks;
  }

  /** Composes anew what is neither pinned nor outside of the marked bars. */
  dice(): void {
    this.todo();
  }

  /**
   * Changes wishes, and composes the piece anew under them from the bar after the next one on if it plays, else from
   * the bar where it stands. What the rest of a piece cannot follow (a length, a meter, a seed) waits for the next one.
   */
  steer(change: Partial<WishFields>): void {
    this.wishes.set(change);
  }

  /** Chooses the composer of what comes next. */
  choose(model: string): void {
    this.wishes.modelName = model;
  }

  /** Composes 2 to 4 variations of the piece; they appear in `variations` as they become whole. */
  vary(count: number): void {
    void count;
    this.todo();
  }

  /** Gives the request of the piece to other composers as well; the pieces appear in `variations`. */
  compareModels(models: readonly string[]): void {
    void models;
    this.todo();
  }

  /** Switches to a variation, by its place in `variations`, at the same bar. */
  switchTo(index: number): void {
    const variation = this.variations[index];
    if (variation?.isWhole) this.show(variation.id);
  }

  /** Shows and plays a version, at the same place. */
  show(id: number): void {
    const version = this.versions.show(id);
    if (version) this.piece = version.piece;
  }

  undo(): void {
    const version = this.versions.undo();
    if (version) this.show(version.id);
  }

  redo(): void {
    const version = this.versions.redo();
    if (version) this.show(version.id);
  }

  /** Compares the shown version with another one; null ends it. */
  compare(id: number | null): void {
    this.comparedId = id;
  }

  /** While two versions are compared, plays the other one of them. */
  swap(): void {
    const other = this.comparedId;
    const current = this.versions.currentId;
    if (other === null) return;
    this.show(other);
    this.comparedId = current;
  }

  /** Composes so many bars more after the end. */
  continueFor(bars: number): void {
    void bars;
    this.todo();
  }

  /** Composes parts for a melody, which stays as it is; by index of the part, null: the highest. */
  accompany(part: number | null): void {
    void part;
    this.todo();
  }

  /** Composes bars of all parts that are not pinned anew, under the wishes. */
  rewrite(marks: Marks): void {
    void marks;
    this.todo();
  }

  /** Counts in and records what is played by hand; again: ends it, and the composer goes on at the next bar line. */
  record(): void {
    this.todo();
  }

  /** A key goes down under the hand; velocity 1 to 127. It sounds, and is recorded while recording. */
  keyDown(pitch: number, velocity = 90): void {
    void [pitch, velocity];
  }

  keyUp(pitch: number): void {
    void pitch;
  }

  /** Listens to MIDI instruments; the browser asks for leave. */
  async connectMidi(): Promise<void> {
    await Promise.resolve();
  }

  /** Opens a MIDI or MusicXML file. */
  async readFile(file: File): Promise<void> {
    void file;
    await Promise.resolve();
  }

  /** Keeps the piece in the library; changes title and notes of one that is kept. */
  async keep(title?: string, notes?: string): Promise<void> {
    void [title, notes];
    await Promise.resolve();
  }

  /** Lists what is kept, under the library's search. */
  async loadLibrary(): Promise<void> {
    await Promise.resolve();
  }

  /** Lists the human music. */
  async loadRecordings(): Promise<void> {
    await Promise.resolve();
  }

  /** Opens human music by its name. */
  async openRecording(name: string): Promise<void> {
    void name;
    await Promise.resolve();
  }

  /** Makes a kept piece a favorite, or not. */
  async setFavorite(id: string, isFavorite: boolean): Promise<void> {
    void [id, isFavorite];
    await Promise.resolve();
  }

  /** Takes a piece out of the library. */
  async remove(id: string): Promise<void> {
    void id;
    await Promise.resolve();
  }

  /** Saves the piece as a file, the mixer included: mid, musicxml, wav, mp3, ogg, flac, pdf, svg, png, stems.zip. */
  async download(ending: string): Promise<void> {
    void ending;
    await Promise.resolve();
  }

  /** Makes a link that carries the music itself, copies it if the browser lets it, and returns it. */
  async link(): Promise<string> {
    return Promise.resolve('');
  }

  /** The engraved score of the piece: SVG text; '' if there is none, and `problem` says why. */
  async score(): Promise<string> {
    return Promise.resolve('');
  }

  /** Asks how original the piece is; fills `originality`. */
  async loadOriginality(): Promise<void> {
    await Promise.resolve();
  }

  /** Asks for the card of a composer; fills `cards`. */
  async loadCard(model: string): Promise<void> {
    void model;
    await Promise.resolve();
  }

  /** Forgets the problem that is told. */
  dismiss(): void {
    this.problem = null;
  }

  private todo(): void {
    this.notice = 'Not built yet';
  }
}
