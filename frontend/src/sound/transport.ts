/**
 * Plays a piece that may still be growing: in order, from anywhere, in loops, faster or slower, in another version, and
 * then the next piece. It tells the synthesizer what is due within the next moment, at times of the audio clock.
 */

import { endOf, firstOnset, isBegun } from '../music/notes';
import { partKeys } from '../music/parts';
import type { Piece } from '../music/piece';
import { samePlace, Timing } from '../music/timing';
import type { Entry, Synthesizer, Ticker, TransportEvents } from './contract';
import { Glow } from './glow';
import { type Happening, Scheduler, Timeline } from './scheduling';
import { Slots } from './slots';

/** Seconds that are told ahead; what is told cannot be withdrawn. */
export const AHEAD = 0.19;
/** Seconds between asking for sound and sound: what is told for now would come too late. */
const MARGIN = 0.02;

/** From a time of the audio clock on, a piece plays from a tick on. */
interface Stretch {
  at: number;
  tick: number;
  speed: number;
  piece: Piece;
  timing: Timing;
}

interface Queued {
  piece: Piece;
  entry: Entry;
}

/** The transport. It begins without a piece. */
export class Transport {
  /** Whether it plays, or waits for notes in order to. */
  isPlaying = false;
  /** How often what was due came too late to be played in time; 0 on a machine that keeps up. */
  underruns = 0;
  private piece: Piece | null = null;
  private timing = new Timing({ ticksPerQuarter: 480, tempos: [], meters: [], end: 0 });
  private scheduler: Scheduler | null = null;
  /** The past that is still heard and the present; the last one is what is being told. */
  private stretches: Stretch[] = [];
  /** Time of the audio clock up to which all was told. */
  private until = 0;
  private isStalled = false;
  /** Whether it stands where the first note will be, and does not know where that is. */
  private isBeforeFirst = true;
  private resting = 0;
  private queued: Queued | null = null;
  private stretch: { start: number; end: number } | null = null;
  private pace = 1;
  private pending: { at: number; slot: number; pitch: number }[] = [];
  private heard: Piece | null = null;
  private readonly glow = new Glow();

  constructor(
    private readonly synthesizer: Synthesizer,
    private readonly ticker: Ticker,
    private readonly events: TransportEvents,
    readonly slots: Slots = new Slots(),
  ) {}

  /** Where it is, in ticks of the piece that was loaded, replaced or has entered last; ask each frame. */
  get position(): number {
    if (!this.isPlaying) return this.resting;
    const now = this.synthesizer.now - this.synthesizer.latency;
    const stretch = this.stretches.findLast((each) => each.at <= now) ?? this.stretches[0];
    if (!stretch) return this.resting;
    const next = this.stretches[this.stretches.indexOf(stretch) + 1];
    const seconds = stretch.timing.seconds(stretch.tick) + Math.max(0, now - stretch.at) * stretch.speed;
    let tick = stretch.timing.tick(seconds);
    if (!next && this.scheduler) tick = Math.min(tick, Math.max(this.scheduler.cursor, stretch.tick));
    return stretch.piece === this.heard ? tick : samePlace(tick, stretch.timing, this.timing);
  }

  /** The piece that is heard, or would be. */
  get current(): Piece | null {
    return this.heard;
  }

  /** The tick before which all was told; what is changed from there on is heard as it is then. */
  get told(): number {
    return this.isPlaying && this.scheduler ? Math.max(this.scheduler.cursor, this.position) : this.position;
  }

  /** How strongly a part sounds now, 0 to 1; ask each frame. */
  level(part: number): number {
    const key = partKeys(this.heard?.head.parts ?? [])[part];
    const slot = key === undefined ? null : this.slots.of(key);
    return slot === null ? 0 : this.glow.level(slot, this.synthesizer.now - this.synthesizer.latency);
  }

  /** How fast: 1 is the piece's own tempo. */
  get speed(): number {
    return this.pace;
  }

  set speed(speed: number) {
    this.pace = speed;
    if (this.isPlaying) this.begin(this.until, this.scheduler?.cursor ?? 0);
  }

  /** Puts a piece on, at its beginning; what played before stops. */
  load(piece: Piece): void {
    if (this.isPlaying) this.stop();
    this.put(piece, this.slots.assign(piece.head.parts, false));
    this.queued = null;
    this.stretch = null;
    this.heard = piece;
    this.toStart();
  }

  /** Starts at the position; at the very start, at the first onset. */
  async play(): Promise<void> {
    if (this.isPlaying || !this.piece) return;
    this.isPlaying = true;
    await this.synthesizer.resume();
    if (!this.isPlaying) return;
    if (this.resting >= this.endTick()) this.toStart();
    this.start(this.resting, this.synthesizer.now + MARGIN);
    this.ticker.start(() => this.pump());
  }

  /** Starts at a tick at a time of the audio clock, or as soon as it can after that. */
  startAt(tick: number, at: number): void {
    if (this.isPlaying) this.stop();
    if (!this.piece) return;
    this.isBeforeFirst = false;
    this.isPlaying = true;
    this.start(tick, Math.max(at, this.synthesizer.now + MARGIN));
    this.ticker.start(() => this.pump());
  }

  /** Stops where it is. */
  pause(): void {
    if (!this.isPlaying) return;
    const { position } = this;
    this.stop();
    this.resting = position;
  }

  /** Goes to a tick; notes that sound across it begin there. */
  seek(tick: number): void {
    const target = Math.max(0, Math.min(tick, this.endTick()));
    this.isBeforeFirst = target === 0;
    if (!this.isPlaying) {
      this.resting = target;
      return;
    }
    this.quiet();
    this.start(target, this.until + MARGIN);
  }

  /** Another version of the piece takes over at the same place; notes that both have sound on. */
  replace(piece: Piece): void {
    const { scheduler, timing: old } = this;
    const slots = this.slots.assign(piece.head.parts, true);
    if (!this.isPlaying || !scheduler) {
      const { resting } = this;
      this.put(piece, slots);
      this.heard = piece;
      this.resting = samePlace(resting, old, this.timing);
      return;
    }
    const tick = samePlace(scheduler.cursor, old, this.timingOf(piece));
    const timeline = this.prepare(piece, slots);
    this.scheduler = scheduler;
    const at = Math.max(this.until, this.synthesizer.now);
    this.send(scheduler.replace(timeline, tick), () => at);
    this.heard = piece;
    this.begin(this.until, tick);
    this.pump();
  }

  /** The next piece enters on the next bar line, or where this one ends; null takes it back. */
  enqueue(piece: Piece | null, entry: Entry = 'end'): void {
    this.queued = piece ? { piece, entry } : null;
    if (this.isPlaying) this.pump();
  }

  /** A stretch that is repeated, in ticks; null ends it. */
  loop(stretch: { start: number; end: number } | null): void {
    const end = Math.min(stretch?.end ?? 0, this.endTick());
    this.stretch = stretch && end > stretch.start ? { start: stretch.start, end } : null;
  }

  /** Tells the synthesizer what is due. Called by the ticker, and whenever something is changed. */
  pump(): void {
    if (!this.isPlaying || this.stretches.length === 0) return;
    const { now } = this.synthesizer;
    this.forget(now);
    for (let turn = 0; turn < 100 && this.isPlaying && this.until < now + AHEAD; turn++) {
      if (!this.step(now)) break;
    }
    this.announce(now);
    this.events.ticked();
  }

  /** Tells what is due up to the next place where something changes; returns whether to go on. */
  private step(now: number): boolean {
    const { piece, scheduler } = this;
    if (!piece || !scheduler) return false;
    if (this.isBeforeFirst && !this.findFirst(now)) return false;
    const limit = this.limit(scheduler.cursor);
    if (scheduler.cursor >= limit.tick) {
      if (limit.kind === 'unknown') return this.stall();
      if (limit.kind === 'end') return this.finish(now);
    }
    if (this.until < now) {
      if (!this.isStalled && limit.kind !== 'next') this.underruns++;
      this.begin(now + MARGIN, scheduler.cursor);
    }
    this.isStalled = false;
    const stretch = this.stretches.at(-1) as Stretch;
    const time = (tick: number) =>
      stretch.at + (stretch.timing.seconds(tick) - stretch.timing.seconds(stretch.tick)) / stretch.speed;
    const seconds = stretch.timing.seconds(stretch.tick) + (now + AHEAD - stretch.at) * stretch.speed;
    const to = Math.max(scheduler.cursor, Math.min(stretch.timing.tick(seconds), limit.tick));
    this.send(scheduler.due(to), time);
    this.until = Math.max(stretch.at, time(to));
    if (to < limit.tick) return false;
    if (limit.kind === 'unknown') return this.stall();
    if (limit.kind === 'loop') return this.jump((this.stretch as { start: number }).start);
    return limit.kind === 'next' ? this.enter() : this.finish(now);
  }

  /** The first tick from a tick on at which something else than the next tick follows. */
  private limit(tick: number): { tick: number; kind: 'loop' | 'next' | 'end' | 'unknown' } {
    const piece = this.piece as Piece;
    const end = this.endTick();
    let limit: ReturnType<Transport['limit']> = { tick: Math.max(end, tick), kind: 'end' };
    if (!piece.isWhole && piece.composedTo < end) limit = { tick: Math.max(piece.composedTo, tick), kind: 'unknown' };
    else if (this.queued) limit = { tick: limit.tick, kind: isBegun(this.queued.piece) ? 'next' : 'unknown' };
    if (this.stretch && tick <= this.stretch.end && this.stretch.end <= limit.tick) {
      limit = { tick: this.stretch.end, kind: 'loop' };
    }
    if (this.queued?.entry === 'next bar' && isBegun(this.queued.piece)) {
      const bar = this.timing.barAt(tick);
      const line = bar.start >= tick ? bar.start : bar.end;
      if (line <= limit.tick) limit = { tick: line, kind: 'next' };
    }
    return limit;
  }

  private stall(): boolean {
    this.isStalled = true;
    return false;
  }

  private jump(tick: number): boolean {
    const scheduler = this.scheduler as Scheduler;
    const at = this.until;
    this.send(scheduler.jump(tick), () => at);
    this.begin(at, tick);
    return true;
  }

  /** The piece that is enqueued takes over, at its first onset. */
  private enter(): boolean {
    const { piece } = this.queued as Queued;
    const at = this.until;
    this.send((this.scheduler as Scheduler).release(), () => at);
    this.queued = null;
    this.stretch = null;
    this.put(piece, this.slots.assign(piece.head.parts, false), at);
    this.begin(at, firstOnset(piece) ?? 0);
    (this.scheduler as Scheduler).cursor = firstOnset(piece) ?? 0;
    return true;
  }

  private finish(now: number): boolean {
    this.send(this.scheduler?.release() ?? [], () => Math.max(this.until, now));
    if (now - this.synthesizer.latency < this.until) return false;
    this.halt();
    this.resting = this.endTick();
    this.events.ended();
    return false;
  }

  /** Looks for the first onset, where the piece begins to be played. */
  private findFirst(now: number): boolean {
    const piece = this.piece as Piece;
    const first = firstOnset(piece);
    if (!piece.isWhole && (first === null || piece.composedTo <= first)) return this.stall();
    this.isBeforeFirst = false;
    this.isStalled = false;
    const scheduler = this.scheduler as Scheduler;
    scheduler.cursor = first ?? 0;
    this.begin(Math.max(this.until, now + MARGIN), scheduler.cursor);
    return true;
  }

  private start(tick: number, at: number): void {
    const scheduler = this.scheduler as Scheduler;
    this.isStalled = false;
    this.stretches = [];
    this.send(scheduler.jump(tick), () => at);
    this.begin(at, tick);
    this.pump();
  }

  /** From now on, ticks are told from here. */
  private begin(at: number, tick: number): void {
    const { piece, timing, pace: speed } = this;
    if (!piece) return;
    const last = this.stretches.at(-1);
    if (last && last.at >= at) this.stretches.pop();
    this.stretches.push({ at, tick, speed, piece, timing });
    this.until = at;
  }

  /** Ends all that sounds, and hushes what was told and has not begun. */
  private quiet(): void {
    const { now } = this.synthesizer;
    this.until = Math.max(this.until, now);
    this.synthesizer.hush(this.until);
    for (const each of this.scheduler?.release() ?? []) {
      if (each.kind === 'off') this.synthesizer.noteOff(each.slot, each.pitch, now);
      else if (each.kind === 'pedal') this.synthesizer.pedal(each.slot, false, this.until);
    }
    for (const { at, slot, pitch } of this.pending) {
      if (at > now) this.synthesizer.noteOff(slot, pitch, at);
    }
    this.pending = [];
    this.glow.clear(now);
  }

  private stop(): void {
    this.quiet();
    this.halt();
  }

  private halt(): void {
    this.isPlaying = false;
    this.stretches = [];
    this.ticker.stop();
  }

  private toStart(): void {
    this.resting = 0;
    this.isBeforeFirst = true;
    if (this.scheduler) this.scheduler.cursor = 0;
  }

  private put(piece: Piece, slots: number[], at = 0): void {
    this.scheduler = new Scheduler(this.prepare(piece, slots, at));
  }

  private prepare(piece: Piece, slots: number[], at = this.until): Timeline {
    this.piece = piece;
    this.timing = this.timingOf(piece);
    this.slots.tell(this.synthesizer, at);
    return new Timeline(piece, slots);
  }

  private timingOf(piece: Piece): Timing {
    return new Timing(piece.head);
  }

  private endTick(): number {
    if (!this.piece) return 0;
    const { head, notes, isWhole } = this.piece;
    if (head.end > 0 || !isWhole) return head.end;
    return notes.reduce((latest, note) => Math.max(latest, endOf(note)), 0);
  }

  private send(happenings: readonly Happening[], time: (tick: number) => number): void {
    for (const each of happenings) {
      const at = time(each.tick);
      if (each.kind === 'on') {
        this.synthesizer.noteOn(each.slot, each.pitch, each.velocity, at);
        this.pending.push({ at, slot: each.slot, pitch: each.pitch });
        this.glow.take(each.slot, each.pitch, each.velocity, at);
      } else if (each.kind === 'off') {
        this.synthesizer.noteOff(each.slot, each.pitch, at);
        this.glow.take(each.slot, each.pitch, 0, at);
      } else this.synthesizer.pedal(each.slot, each.isDown, at);
    }
  }

  /** Drops what is past. */
  private forget(now: number): void {
    this.pending = this.pending.filter((each) => each.at > now);
    const heard = now - this.synthesizer.latency;
    const present = this.stretches.findLastIndex((each) => each.at <= heard);
    if (present > 0) this.stretches.splice(0, present);
  }

  private announce(now: number): void {
    const heard = now - this.synthesizer.latency;
    const piece = this.stretches.findLast((each) => each.at <= heard)?.piece;
    if (!piece || piece === this.heard || piece !== this.piece) return;
    this.heard = piece;
    this.events.entered(piece);
  }
}
