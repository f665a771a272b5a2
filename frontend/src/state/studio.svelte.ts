/**
 * What the page knows and does. Views read its fields, which are reactive unless a function, and call its methods; no
 * method rejects: what goes wrong is told in `problem`. Ticks are those of the piece that is shown; bars count from 1.
 */

import { DamageError } from '../music/bytes';
import { writeMidi } from '../music/midi';
import { unpack } from '../music/packing';
import { pieceOf } from '../music/recorded';
import { named } from './address';
import type { Marks } from './requests';
import { StudioState } from './studio_state.svelte';
import { titleOf } from './taking.svelte';
import type { WishFields } from './wishes.svelte';

export type { Activity, Leaving, Marks, Surroundings, Trouble, Variation } from './studio_state.svelte';

/** Bars that the composer answers to what was played by hand. */
const ANSWER_BARS = 8;

/** The page's state, and all that can be done with it. */
export class Studio extends StudioState {
  /** Asks the source what it offers, loads the sound, and shows the piece of the page's address, or a new one. */
  async start(address = this.around.address): Promise<void> {
    await Promise.all([this.attempt(() => this.load()), this.open(address)]);
  }

  /** Opens what an address names: a new piece, `p/ID` a stored one, `#m=...` a link that carries the music. */
  async open(address: string): Promise<void> {
    const found = named(address, this.around.root);
    if (found.kind === 'piece') this.composing.open(found.id);
    else if (found.kind === 'new') this.composing.begin();
    else await this.openLink(found.packed);
  }

  /** The next piece: on the next bar line if this one plays, else at once. */
  another(): void {
    this.composing.another();
  }

  /** The piece before this one, as it was left. */
  previous(): void {
    this.composing.back();
  }

  play(): void {
    void this.attempt(() => this.stage.player.play());
    this.composing.prepare();
  }

  pause(): void {
    this.stage.player.pause();
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** Goes to a tick. */
  seek(tick: number): void {
    this.stage.player.seek(tick);
  }

  /** Goes to a bar, at its first tick. */
  seekBar(number: number): void {
    if (this.timing) this.seek(this.timing.bar(number).start);
  }

  /** Repeats bars; null ends it. */
  setLoop(stretch: Marks | null): void {
    this.loop = stretch;
    const { timing } = this;
    const ticks = stretch && timing && { start: timing.bar(stretch.first).start, end: timing.bar(stretch.last).end };
    this.stage.player.loop(ticks);
  }

  setSpeed(speed: number): void {
    this.stage.player.setSpeed(speed);
  }

  setEndless(isEndless: boolean): void {
    this.composing.setEndless(isEndless);
  }

  /** Whether the dice leaves a part as it is. */
  togglePin(part: number): void {
    this.stage.pins[part] = !this.stage.pins[part];
  }

  /** Keeps the dice to bars; null: to all. */
  mark(marks: Marks | null): void {
    this.marks = marks;
  }

  /** Composes anew what is neither pinned nor outside of the marked bars. */
  dice(): void {
    if (this.pins.length > 0 && this.pins.every(Boolean)) {
      this.notice = 'Every part is pinned: let one go, and the dice changes that.';
    } else this.composing.dice(this.marks);
  }

  /** Composes bars of all parts that are not pinned anew, under the wishes. */
  rewrite(marks: Marks): void {
    this.composing.dice(marks, 'rewrite');
  }

  /**
   * Changes wishes, and composes the piece anew under them from the bar after the next one on if it plays, else from
   * the bar where it stands. What the rest of a piece cannot follow (a length, a meter, a seed) waits for the next one.
   */
  steer(change: Partial<WishFields>): void {
    this.composing.steer(change);
  }

  /** Chooses the composer of what comes next. */
  choose(model: string): void {
    this.wishes.modelName = model;
    this.composing.upcoming.drop();
    this.composing.prepare();
  }

  /** Composes 2 to 4 variations of the piece; they appear in `variations` as they become whole. */
  vary(count: number): void {
    this.composing.vary(count);
  }

  /** Gives the request of the piece to other composers as well; the pieces appear in `variations`. */
  compareModels(models: readonly string[]): void {
    this.composing.compareModels(models);
  }

  /** Switches to a variation, by its place in `variations`, at the same bar. */
  switchTo(index: number): void {
    const variation = this.variations[index];
    if (variation?.isWhole) this.show(variation.id);
  }

  /** Shows and plays a version, at the same place. */
  show(id: number): void {
    const version = this.versions.get(id);
    if (version) this.composing.show(version);
  }

  undo(): void {
    const version = this.versions.get(this.versions.current?.parent ?? null);
    if (version) this.show(version.id);
  }

  redo(): void {
    const id = this.versions.redoId();
    if (id !== null) this.show(id);
  }

  /** Compares the shown version with another one; null ends it. */
  compare(id: number | null): void {
    this.comparedId = id;
  }

  /** While two versions are compared, plays the other one of them. */
  swap(): void {
    const other = this.comparedId;
    if (other === null) return;
    this.comparedId = this.versions.currentId;
    this.show(other);
  }

  /** Composes so many bars more after the end. */
  continueFor(bars: number): void {
    this.composing.continueFor(bars);
  }

  /** Composes parts for a melody, which stays as it is; by index of the part, null: the highest. */
  accompany(part: number | null): void {
    this.composing.accompany(part);
  }

  /** Counts in and records what is played by hand; again: ends it, and the composer goes on at the next bar line. */
  record(): void {
    if (this.recorder.isRecording) this.answer();
    else {
      this.pause();
      void this.attempt(() => this.recorder.start());
    }
  }

  /** A key goes down under the hand; velocity 1 to 127. It sounds, and is recorded while recording. */
  keyDown(pitch: number, velocity = 90): void {
    this.recorder.down(pitch, velocity);
  }

  keyUp(pitch: number): void {
    this.recorder.up(pitch);
  }

  /** Listens to MIDI instruments; the browser asks for leave. */
  async connectMidi(): Promise<void> {
    const title = 'MIDI keyboards cannot be heard';
    const detail = 'The browser did not allow it: allow MIDI in the settings of this page, then try again.';
    await this.recorder.connect().catch(() => this.tell({ status: 0, title, detail }));
  }

  /** Opens a MIDI or MusicXML file. */
  async readFile(file: File): Promise<void> {
    await this.attempt(async () => {
      if (file.size === 0) {
        const detail = 'There is nothing in it: save it again where it comes from, or open another file.';
        this.tell({ status: 422, title: `${file.name} is empty`, detail });
        return;
      }
      const most = this.info?.mostBytes ?? 0;
      if (most > 0 && file.size > most) {
        const detail = `It has ${megabytes(file.size)}; ${megabytes(most)} is the most that is read.`;
        this.tell({ status: 413, title: `${file.name} is too large`, detail });
        return;
      }
      this.composing.put(await this.around.source.read(file, file.name), 'Opened');
    });
  }

  /** Keeps the piece in the library; changes title and notes of one that is kept. */
  async keep(title?: string, notes?: string): Promise<void> {
    await this.asking(async (server) => {
      const piece = await this.whole();
      if (!piece) return;
      if (!piece.id) piece.id = await server.keepNew(writeMidi(piece), title ?? titleOf(piece));
      const change = { ...(title === undefined ? {} : { title }), ...(notes === undefined ? {} : { notes }) };
      await server.keep(piece.id, change);
      if (title !== undefined) {
        // Another head: who shows its title sees that it is not the same.
        piece.head = { ...piece.head, title };
        this.titles++;
      }
      this.shown(true);
      this.notice = 'Kept in the library';
      await this.library.load(server);
    });
  }

  /** Lists what is kept, under the library's search. */
  async loadLibrary(): Promise<void> {
    await this.asking((server) => this.library.load(server));
  }

  /** Lists the human music. */
  async loadRecordings(): Promise<void> {
    await this.attempt(() => this.library.loadRecordings(this.around.source));
  }

  /** Opens human music by its name. */
  async openRecording(name: string): Promise<void> {
    await this.attempt(async () => this.composing.put(await this.around.source.recording(name), 'Opened'));
  }

  /** Makes a kept piece a favorite, or not. */
  async setFavorite(id: string, isFavorite: boolean): Promise<void> {
    await this.asking((server) => this.library.setFavorite(server, id, isFavorite));
  }

  /** Takes a piece out of the library. */
  async remove(id: string): Promise<void> {
    await this.asking((server) => this.library.remove(server, id));
  }

  /** Saves the piece as a file, the mixer included: mid, musicxml, wav, mp3, ogg, flac, pdf, svg, png, stems.zip. */
  async download(ending: string): Promise<void> {
    const { info } = this;
    if (info) await this.attempt(() => this.taking.save(this.whole(), ending, this.around.server, info));
  }

  /** Makes a link that carries the music itself, copies it if the browser lets it, and returns it. */
  async link(): Promise<string> {
    const piece = await this.whole();
    if (!piece) return '';
    const link = await this.taking.link(piece, this.around.server === null);
    try {
      await navigator.clipboard.writeText(link);
      this.notice = 'Link copied';
    } catch {
      // Without https it is only shown, to be copied by hand; otherwise the press was too long ago.
      if ('clipboard' in navigator) this.notice = 'The link is ready: press “Copy a link” again';
    }
    return link;
  }

  /** The engraved score of the piece: SVG text; '' if there is none, and `problem` says why. */
  async score(): Promise<string> {
    const { piece } = this;
    return piece ? ((await this.asking((server) => this.taking.score(piece, server))) ?? '') : '';
  }

  /** Asks how original the piece is; fills `originality`. */
  async loadOriginality(): Promise<void> {
    await this.asking(async (server) => {
      const { piece } = this;
      const model = piece?.head.model || this.model?.name;
      if (!piece || !model) return;
      const found = await server.originality(writeMidi(piece), model);
      if (piece === this.piece) this.originality = found;
    });
  }

  /** Asks for the card of a composer; fills `cards`. */
  async loadCard(model: string): Promise<void> {
    if (this.cards[model]) return;
    await this.attempt(async () => {
      const card = await this.around.source.card(model);
      this.cards = { ...this.cards, [model]: card };
    });
  }

  /** Forgets the problem that is told. */
  dismiss(): void {
    this.problem = null;
  }

  private async openLink(packed: string): Promise<void> {
    try {
      const piece = await unpack(packed);
      this.wishes.adopt(piece.head.request);
      this.composing.put(piece, 'Opened');
    } catch (thrown) {
      if (!(thrown instanceof DamageError)) throw thrown;
      const detail = `It was cut or changed on its way: ${thrown.message}. Ask for it again; here is a new piece meanwhile.`;
      this.tell({ status: 0, title: 'This link is damaged', detail });
      this.composing.begin();
    }
  }

  /** Ends recording, and has the composer go on. */
  private answer(): void {
    const { recorder } = this;
    const played = recorder.finish();
    if (!played) return;
    const program = recorder.program;
    const name = this.partName(program);
    const phrase = pieceOf(played.notes, recorder.bpm, { name, program, isDrum: false });
    this.composing.put(phrase, 'Played');
    if (!this.wishes.can('continue')) {
      recorder.endBeats();
      return;
    }
    this.composing.continueFor(ANSWER_BARS, () => {
      recorder.endBeats();
      const { timing } = this;
      if (timing) this.stage.player.startAt(timing.bar(phrase.head.bars + 1).start, played.nextLine().at);
    });
  }

  private partName(program: number): string {
    return this.model?.parts.find((part) => !part.isDrum && part.program === program)?.name ?? 'piano';
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
