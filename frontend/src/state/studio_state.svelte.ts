/** What the page knows: the fields of the studio, which views read. All are reactive, unless functions. */

import { problemOf } from '../api/json';
import type { Server } from '../api/server';
import type { Card, Model, Originality, Problem, Source, StudioInfo } from '../api/source';
import type { Head, Piece } from '../music/piece';
import { writeMidi } from '../music/midi';
import { MOST_CHARACTERS, pack } from '../music/packing';
import { RenderedPlayer } from '../sound/rendered';
import type { Timing } from '../music/timing';
import { addressOf, linkOf } from './address';
import { browserSurroundings } from './browser';
import { type Activity, Composing } from './composing.svelte';
import { Library } from './library.svelte';
import type { Mixer } from './mixer.svelte';
import type { Sound } from './player.svelte';
import { Recorder } from './recorder.svelte';
import type { Marks } from './requests';
import { type Leaving, Stage } from './stage.svelte';
import { Taking, titleOf } from './taking.svelte';
import type { Variation } from './variations.svelte';
import type { Versions } from './versions.svelte';
import { Wishes } from './wishes.svelte';

export type { Activity, Leaving, Marks, Variation };

/** Something that went wrong, in words for whoever listens. */
export interface Trouble {
  title: string;
  /** What to do about it. */
  detail: string;
  /** A way out, if there is one: what a button says, and does. */
  action: { label: string; run: () => void } | null;
}

/** What the page is made of, to be exchanged in tests. */
export interface Surroundings {
  /** Address of the page below which everything is, with a slash at its end. */
  root: string;
  /** The page's own address. */
  address: string;
  source: Source;
  /** The same source where it is a server that composes; null of a static site. */
  server: Server | null;
  /** What the browser plays with; null where it cannot. */
  sound(info: Promise<StudioInfo>): Promise<Sound | null>;
  /** Makes an address the page's own, without loading it. */
  showAddress(address: string): void;
}

/** The fields of the studio, and what its methods have in common. */
export class StudioState {
  readonly wishes = new Wishes();
  readonly recorder = new Recorder();
  readonly library = new Library();
  protected readonly stage: Stage;
  protected readonly composing: Composing;
  protected readonly taking: Taking;

  /** What the source offers; null until it has answered. */
  info = $state.raw<StudioInfo | null>(null);
  problem = $state.raw<Trouble | null>(null);
  /** A sentence to be told and forgotten, such as "Link copied"; '' is none. */
  notice = $state('');
  /** The stretch that is repeated, in bars. */
  loop = $state.raw<Marks | null>(null);
  /** Bars that the dice is kept to; null: all. */
  marks = $state.raw<Marks | null>(null);
  /** Why the browser cannot play itself and the server's audio is used instead, and what to do; '' where it can. */
  fallback = $state('');
  /** Id of the version that the shown one is compared with. */
  comparedId = $state<number | null>(null);
  originality = $state.raw<Originality | null>(null);
  cards = $state.raw<Readonly<Record<string, Card>>>({});

  constructor(protected readonly around: Surroundings = browserSurroundings()) {
    const events = {
      entered: () => this.composing.entered(),
      ended: () => this.composing.ended(),
      failed: (reason: unknown) => this.tell({ ...problemOf(reason), title: 'There is no sound' }),
    };
    this.stage = new Stage(events, (isVersion) => this.shown(isVersion));
    this.composing = new Composing(
      this.stage,
      this.wishes,
      () => around.source,
      (problem, again) => this.tell(problem, { label: 'Try again', run: again }),
    );
    this.taking = new Taking(around.root, this.stage.mixer);
  }

  /** What is shown and played; its notes grow in place, which `revision` tells. */
  get piece(): Piece | null {
    return this.stage.piece;
  }

  /** Grows with every change of the notes of the piece. */
  get revision(): number {
    return this.stage.revision;
  }

  /** Tick before which all notes of the piece are known. */
  get composedTo(): number {
    return this.stage.composedTo;
  }

  get head(): Head | null {
    return this.stage.piece?.head ?? null;
  }

  /** Seconds, bars and beats of the piece. */
  get timing(): Timing | null {
    return this.stage.timing;
  }

  get activity(): Activity | null {
    return this.composing.activity;
  }

  /** The notes that the last change took away. */
  get leaving(): Leaving | null {
    return this.stage.leaving;
  }

  /** The piece that is composed while this one plays; null while there is none. */
  get next(): Piece | null {
    return this.composing.upcoming.piece;
  }

  /** Whether worklet and SoundFont are loaded: a click then sounds at once. */
  get isReady(): boolean {
    return this.stage.player.isReady;
  }

  get isPlaying(): boolean {
    return this.stage.player.isPlaying;
  }

  get isEndless(): boolean {
    return this.composing.upcoming.isEndless;
  }

  /** The bar that sounds. */
  get bar(): number {
    return this.stage.player.bar;
  }

  /** How fast, 1 as the piece has it. */
  get speed(): number {
    return this.stage.player.speed;
  }

  /** By index of the part: whether the dice leaves it as it is. */
  get pins(): boolean[] {
    return this.stage.pins;
  }

  get mixer(): Mixer {
    return this.stage.mixer;
  }

  get versions(): Versions {
    return this.stage.versions;
  }

  /** The original and its variations; empty while there are none. */
  get variations(): readonly Variation[] {
    return this.composing.variations.all;
  }

  /** Ending of the file that is being made; null if none is. */
  get downloading(): string | null {
    return this.taking.ending;
  }

  /** The composer that is asked next; null where nothing composes. */
  get model(): Model | null {
    return this.wishes.model;
  }

  /** Whether anything can be composed here. */
  get composes(): boolean {
    return this.info?.composes ?? false;
  }

  get canUndo(): boolean {
    return this.versions.canUndo;
  }

  get canRedo(): boolean {
    return this.versions.canRedo;
  }

  /** Whether there is a piece before this one to go back to. */
  get canGoBack(): boolean {
    return this.stage.hasPast;
  }

  /** Where it plays, in ticks, a fraction included; ask each frame. Not reactive. */
  position(): number {
    return this.stage.player.position();
  }

  /** How often what was due came too late to be played in time; 0 on a machine that keeps up. Not reactive. */
  get underruns(): number {
    return this.stage.player.underruns;
  }

  /** How strongly a part sounds now, 0 to 1, for its glow; ask each frame. Not reactive. */
  glow(part: number): number {
    return this.stage.player.level(part);
  }

  /** Asks the source what it offers, and loads the sound. */
  protected async load(): Promise<void> {
    const info = this.around.source.studio();
    const loading = this.around.sound(info);
    loading.catch(() => undefined);
    this.info = this.wishes.info = await info;
    const sound = await loading;
    if (sound) {
      this.stage.player.use(sound);
      this.recorder.use(sound.synthesizer, sound.beats);
    } else if (this.around.server) {
      const { server } = this.around;
      this.stage.player.useRendered(
        new RenderedPlayer(async (piece, isEachPart) => {
          const [midi, title] = [writeMidi(piece), titleOf(piece)];
          return isEachPart
            ? server.stems('mp3', midi, title)
            : [await (await server.file('mp3', midi, title)).arrayBuffer()];
        }),
      );
      this.fallback =
        'The browser makes music by itself only over https or from localhost. The server renders it instead, which takes ' +
        'some seconds whenever notes change: open the studio as https:// or http://localhost.';
    } else this.fallback = 'This browser cannot play here: open the page over https.';
  }

  /** Tells what went wrong. */
  protected tell(problem: Problem, action: Trouble['action'] = null): void {
    this.problem = { title: problem.title, detail: problem.detail, action };
  }

  /** Does something; if it fails, that is told and undefined returned. */
  protected async attempt<T>(deed: () => Promise<T>): Promise<T | undefined> {
    try {
      return await deed();
    } catch (thrown) {
      this.tell(problemOf(thrown));
      return undefined;
    }
  }

  /** Asks the server something; a site without one says so. */
  protected async asking<T>(deed: (server: Server) => Promise<T>): Promise<T | undefined> {
    const { server } = this.around;
    if (server) return this.attempt(() => deed(server));
    const detail = 'These pieces were composed beforehand; "componium studio" starts one that composes.';
    this.tell({ status: 0, title: 'This site has no studio behind it', detail });
    return undefined;
  }

  /** Another piece, or a version of it, is shown. */
  protected shown(isVersion: boolean): void {
    this.originality = null;
    if (!isVersion) {
      this.loop = null;
      this.marks = null;
      this.comparedId = null;
    }
    const { root, server } = this.around;
    this.around.showAddress(addressOf(this.storedId(), root, server === null));
    if (this.piece && !this.piece.id) void this.carry(this.piece);
  }

  /** Puts a piece that no server has into the address itself, so that it can be loaded again. */
  private async carry(piece: Piece): Promise<void> {
    const link = linkOf(await pack(piece), this.around.root);
    if (piece === this.piece && link.length <= MOST_CHARACTERS) this.around.showAddress(link);
  }

  /** Id of the version that is shown, or of the next one above it that a server has. */
  private storedId(): string {
    let version = this.versions.current;
    while (version && !version.piece.id) version = this.versions.get(version.parent);
    return version?.piece.id ?? '';
  }
}
