/** What composers are asked for, and what is done with what they give. */

import type { Listener, Problem, Request, Source } from '../api/source';
import { type Head, type Note, ownTitle, type Piece } from '../music/piece';
import { withTempo } from '../music/editing';
import { Timing } from '../music/timing';
import { type Following, Growing } from './growing';
import * as requests from './requests';
import type { Marks } from './requests';
import type { Stage } from './stage.svelte';
import { Upcoming } from './upcoming.svelte';
import { Variations } from './variations.svelte';
import type { Version } from './versions.svelte';
import { labelOf, type WishFields, type WishName, type Wishes } from './wishes.svelte';

/** What is being composed now. */
export type Activity = 'piece' | 'dice' | 'steer' | 'variations' | 'continue' | 'accompany' | 'rewrite';

/** A version to be made of the piece that is shown. */
interface Revision {
  activity: Activity;
  label: string;
  request: Request;
  /** Bars that are composed anew; null where the piece as a whole changes. */
  marks: Marks | null;
  /** Whether a note of the old version gives way. */
  leaves: (note: Note) => boolean;
  /** What to do instead where the first of these bars has been heard meanwhile. */
  tooLate?: () => void;
  /** Called when it is shown, which then waits until notes from the first bar on are known. */
  shown?: () => void;
  /** The head whose tempos and chords stay around the bars; of the old version if omitted. */
  around?: Head;
}

/** Milliseconds in which changes of wishes count as one. */
const PAUSE = 250;
/** Quarters that are to be known beyond the place from which a version is heard. */
const QUARTERS_AHEAD = 4;
/** Steering changes the bars from so many after the one that plays on. */
const BARS_AHEAD = 2;
/** What the rest of a piece cannot follow: it waits for the next piece. */
const FOR_NEXT: readonly WishName[] = ['bars', 'seconds', 'timeSignature', 'seed'];

/** The work. */
export class Composing {
  activity = $state.raw<Activity | null>(null);
  readonly upcoming: Upcoming;
  readonly variations: Variations;
  private run: Growing | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changes: Partial<WishFields> = {};
  /** What is done as soon as the piece is whole. */
  private waiting: (() => void) | null = null;

  /** `failed`: what went wrong, and what tries it again. */
  constructor(
    private readonly stage: Stage,
    private readonly wishes: Wishes,
    private readonly source: () => Source | null,
    private readonly failed: (problem: Problem, again: () => void) => void,
  ) {
    this.upcoming = new Upcoming(stage.player, {
      grew: (piece) => stage.grew(piece),
      whole: (piece) => piece === stage.piece && this.rest(),
      failed: (problem) => failed(problem, () => this.another()),
    });
    this.variations = new Variations(stage.versions, {
      grew: (piece) => stage.grew(piece),
      finished: () => this.activity === 'variations' && this.rest(),
      failed: (problem) => failed(problem, () => undefined),
    });
  }

  /** Composes a new piece and shows it as soon as its head is there. */
  begin(request: Request = requests.newPiece(this.wishes), model = this.wishes.modelName): void {
    this.follow('piece', this.composing(request, model, requests.SOON), () => this.begin(request, model), {
      begun: (piece) => this.put(piece, 'Composed', true),
    });
  }

  /** Opens a stored piece and follows it if it is still being composed; if it is not there, a new one is composed. */
  open(id: string): void {
    this.follow(
      'piece',
      (source, listener) => source.open(id, listener),
      () => this.begin(),
      {
        begun: (piece) => {
          this.wishes.adopt(piece.head.request);
          this.put(piece, 'Opened', true);
        },
        failed: (problem) => {
          this.failed(problem, () => this.open(id));
          if (!this.stage.piece) this.begin();
        },
      },
    );
  }

  /** Shows a piece that is there; `isFollowed`: and that is being composed. */
  put(piece: Piece, label: string, isFollowed = false): void {
    if (!isFollowed) this.stop();
    this.upcoming.drop();
    this.clearVariations();
    this.stage.put(piece, label);
  }

  /** The next piece: on the next bar line if this one plays, else at once. */
  another(): void {
    if (this.stage.player.isPlaying && this.stage.player.canEnqueue) {
      this.prepare(true);
      this.upcoming.await();
    } else this.goOnOrBegin();
  }

  /** The end was heard, and nothing was there to follow. */
  ended(): void {
    if (!this.upcoming.isEndless) return;
    this.goOnOrBegin();
    void this.stage.player.play();
  }

  /** The piece that was enqueued has begun to be heard. */
  entered(): void {
    const next = this.upcoming.take();
    if (next) this.goOn(next, true);
  }

  setEndless(isEndless: boolean): void {
    if (isEndless) this.prepare();
    this.upcoming.setEndless(isEndless);
  }

  /** Has the next piece composed, if this one plays and is whole; `isAwaited`: as soon as possible. */
  prepare(isAwaited = false): void {
    const source = this.source();
    if (!source || !this.stage.player.isPlaying || !(isAwaited || this.stage.piece?.isWhole)) return;
    this.upcoming.prepare(source, () => requests.newPiece(this.wishes), this.wishes.modelName);
  }

  /** Composes anew what is neither pinned nor outside of the marks. */
  dice(marks: Marks | null, activity: Activity = 'dice'): void {
    this.whenWhole((piece) => {
      const free = this.freeParts(piece);
      const bars = marks ?? requests.allBars(piece);
      const isWhole = marks === null && free === null && piece.head.request?.task === 'compose';
      this.revise({
        activity,
        label: marks ? `Bars ${marks.first} to ${marks.last}` : 'Dice',
        request: isWhole ? requests.variationOf(piece, this.wishes) : requests.infill(piece, bars, free, this.wishes),
        marks: isWhole ? null : bars,
        leaves: requests.within(piece, bars, free),
      });
    });
  }

  /** Changes wishes, and the rest of the piece under them; several changes in a moment are one. */
  steer(change: Partial<WishFields>): void {
    const taken = this.wishes.set(change);
    this.upcoming.drop();
    this.steerSoon(taken);
  }

  /** Composes so many variations. */
  vary(count: number): void {
    this.whenWhole((piece) => {
      const model = piece.head.model || this.wishes.modelName;
      const labels = Array.from({ length: count }, (_, index) => `Variation ${index + 1}`);
      this.composeVariations(
        labels.map((label) => ({ label, model, request: requests.variationOf(piece, this.wishes) })),
      );
    });
  }

  /** Gives the request of the piece to other composers. */
  compareModels(names: readonly string[]): void {
    this.whenWhole((piece) => {
      const models = (this.wishes.info?.models ?? []).filter((model) => names.includes(model.name));
      const request = requests.variationOf(piece, this.wishes, requests.seedOf(piece));
      this.composeVariations(
        models.map((model) => {
          return { label: model.title, model: model.name, request: requests.declaredBy(model, request) };
        }),
      );
    });
  }

  /** Composes so many bars more; `shown`: called when they can be heard. */
  continueFor(bars: number, shown?: () => void): void {
    this.whenWhole((piece) => {
      this.revise({
        activity: 'continue',
        label: `${bars} bars more`,
        request: requests.continuation(piece, bars, this.wishes),
        marks: { first: piece.head.bars + 1, last: piece.head.bars + bars },
        leaves: () => false,
        ...(shown ? { shown } : {}),
      });
    });
  }

  /** Composes parts for a melody; null: the highest part. */
  accompany(part: number | null): void {
    this.whenWhole((piece) => {
      this.revise({
        activity: 'accompany',
        label: 'Accompanied',
        request: requests.accompaniment(piece, part, this.wishes),
        marks: null,
        leaves: (note) => part !== null && note.part !== part,
      });
    });
  }

  /** Shows and plays a version, at the same place; a variation about as loud as the original. */
  show(version: Version): void {
    this.stage.show(version);
    this.stage.player.setGain(this.variations.gain(version));
  }

  /** Goes back to the piece before, with its versions. */
  back(): void {
    this.stop();
    this.clearVariations();
    this.stage.back();
  }

  /** Ends what is under way; what was composed stays. */
  stop(): void {
    clearTimeout(this.timer);
    this.waiting = null;
    this.run?.stop();
    this.run = null;
    this.activity = null;
  }

  private composeVariations(wanted: Parameters<Variations['compose']>[2]): void {
    const source = this.source();
    const original = this.stage.versions.current;
    if (!source || !original) return;
    this.activity = 'variations';
    this.variations.compose(source, original, wanted);
  }

  private clearVariations(): void {
    this.variations.clear();
    this.stage.player.setGain(1);
  }

  private goOnOrBegin(): void {
    const next = this.upcoming.take();
    if (next) this.goOn(next, false);
    else this.begin();
  }

  private goOn({ piece, run }: { piece: Piece; run: Growing }, hasEntered: boolean): void {
    this.stop();
    this.run = run;
    this.clearVariations();
    this.activity = piece.isWhole ? null : 'piece';
    this.stage.put(piece, 'Composed', hasEntered);
    this.prepare();
  }

  /** Nothing is under way any more: the next piece can be thought of. */
  private rest(): void {
    this.activity = null;
    const { waiting } = this;
    this.waiting = null;
    if (waiting) waiting();
    else this.prepare();
  }

  /** Does something to a piece as soon as it is whole: a prompt is, and a composer is soon done. */
  private whenWhole(deed: (piece: Piece) => void): void {
    const { piece } = this.stage;
    if (!piece) return;
    if (piece.isWhole || this.activity === null) deed(piece);
    else this.waiting = () => this.whenWhole(deed);
  }

  /** Indices of the parts that are not pinned; null: none is. */
  private freeParts(piece: Piece): number[] | null {
    const { pins } = this.stage;
    if (!pins.includes(true)) return null;
    return piece.head.parts.map((_, part) => part).filter((part) => !pins[part]);
  }

  private steerSoon(change: Partial<WishFields>): void {
    this.changes = { ...this.changes, ...change };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { changes } = this;
      this.changes = {};
      this.steerNow(changes);
    }, PAUSE);
  }

  /** `lead`: so many bars after the one that plays are composed anew; one that came too late gets more room. */
  private steerNow(changes: Partial<WishFields>, lead = BARS_AHEAD): void {
    const { piece, player, timing } = this.stage;
    if (!piece || !timing || !this.source()) return;
    const names = (Object.keys(changes) as WishName[]).filter((name) => this.wishes.offers(name));
    const isAtStart = !player.isPlaying && player.position() <= (piece.notes[0]?.onset ?? 0);
    if (isAtStart && piece.head.request?.task === 'compose') {
      this.begin({ ...requests.newPiece(this.wishes), seed: this.wishes.seed ?? requests.seedOf(piece) });
      return;
    }
    const first = player.isPlaying ? timing.barAt(player.told()).number + lead : timing.barAt(player.position()).number;
    if (first > piece.head.bars || names.every((name) => FOR_NEXT.includes(name))) return this.prepare();
    if (!piece.isWhole && this.activity !== null) {
      // A prompt is a whole piece; the composer is far ahead of the listener and soon done.
      this.steerSoon({ ...changes, ...this.changes });
      return;
    }
    const { tempoBpm } = changes;
    const based = tempoBpm == null ? piece : withTempo(piece, timing.bar(first).start, tempoBpm);
    if (this.wishes.can('infill') && names.some((name) => name !== 'tempoBpm' && !FOR_NEXT.includes(name))) {
      const marks = { first, last: piece.head.bars };
      const free = this.freeParts(piece);
      this.revise({
        activity: 'steer',
        label: labelOf(names),
        request: requests.infill(based, marks, free, this.wishes),
        marks,
        leaves: requests.within(piece, marks, free),
        tooLate: () => this.steerNow(changes, 2 * lead),
        around: based.head,
      });
      return;
    }
    if (based !== piece) this.stage.show(this.stage.versions.add(based, labelOf(names)));
    this.prepare();
  }

  /** Asks for a version and shows it when enough of it is known to be heard from here on. */
  private revise(revision: Revision): void {
    const { stage } = this;
    const { piece: old } = stage;
    const parent = stage.versions.currentId;
    if (!old) return;
    const { marks, leaves, label } = revision;
    const around = revision.around ?? old.head;
    const start = marks && marks.first <= old.head.bars ? new Timing(old.head).bar(marks.first).start : 0;
    let isShown = false;
    const look = (piece: Piece) => {
      if (isShown) return stage.grew(piece);
      const { isPlaying } = stage.player;
      const told = stage.player.told();
      const from = Math.max(start, isPlaying ? told : 0);
      if (isPlaying || revision.shown ? !isKnown(piece, from) : piece.notes.length === 0) return;
      if (isPlaying && revision.tooLate && told > start) {
        this.stop();
        return revision.tooLate();
      }
      isShown = true;
      this.show(stage.versions.add(piece, label, parent));
      stage.leave(old.notes.filter(leaves));
      revision.shown?.();
    };
    const settle = marks
      ? requests.headAround(around, marks)
      : (head: Head) => ({ ...head, title: ownTitle(old.head) || head.title });
    const asking = this.composing(revision.request, old.head.model || this.wishes.modelName, requests.AT_ONCE);
    this.follow(revision.activity, asking, () => this.revise(revision), { grew: look }, settle);
  }

  private composing(request: Request, model: string | null, within: number) {
    return (source: Source, listener: Listener) => source.compose(request, model, within, listener);
  }

  private follow(
    activity: Activity,
    start: (source: Source, listener: Listener) => () => void,
    again: () => void,
    own: Following,
    settle?: (head: Head) => Head,
  ): void {
    const source = this.source();
    if (!source) return;
    this.stop();
    this.activity = activity;
    const following = {
      grew: (piece: Piece) => this.stage.grew(piece),
      whole: () => this.rest(),
      failed: (problem: Problem) => {
        this.activity = null;
        this.failed(problem, again);
      },
      ...own,
    };
    this.run = new Growing((listener) => start(source, listener), following, settle);
  }
}

/** Whether so much of a piece is known that it can be heard from a tick on. */
function isKnown(piece: Piece, tick: number): boolean {
  return piece.isWhole || piece.composedTo >= tick + QUARTERS_AHEAD * piece.head.ticksPerQuarter;
}
