/**
 * Which notes begin and end between two ticks, of a piece that may grow, be left at any place and be replaced at any
 * moment. Pure: it knows ticks, no clock.
 *
 * A key is released when its note ends and not before that is due, so a note that is struck again is never ended by the
 * one before it: the old one is released at the new onset.
 */

import { endOf } from '../music/notes';
import type { Note, Pedal, Piece } from '../music/piece';

/** Something that happens at a tick. */
export type Happening =
  | { kind: 'on'; tick: number; slot: number; pitch: number; velocity: number }
  | { kind: 'off'; tick: number; slot: number; pitch: number }
  | { kind: 'pedal'; tick: number; slot: number; isDown: boolean };

/** The notes of a piece in the order of their onsets, kept up as it grows. */
export class Timeline {
  readonly notes: Note[] = [];
  readonly pedals: Pedal[] = [];
  private source: Note[] = [];
  private nSeen = 0;
  private nPedalsSeen = 0;

  /** `slots`: the slot of each part. */
  constructor(
    readonly piece: Piece,
    readonly slots: readonly number[],
  ) {
    this.refresh();
  }

  /** Takes in what came since. */
  refresh(): void {
    const { notes, pedals } = this.piece;
    if (notes !== this.source) {
      // A piece that has become whole, or was told again, has its notes in another list, and in another order.
      this.source = notes;
      this.notes.length = 0;
      this.pedals.length = 0;
      this.nSeen = 0;
      this.nPedalsSeen = 0;
    }
    if (notes.length > this.nSeen) insert(this.notes, notes.slice(this.nSeen));
    if (pedals.length > this.nPedalsSeen) insert(this.pedals, pedals.slice(this.nPedalsSeen));
    this.nSeen = notes.length;
    this.nPedalsSeen = pedals.length;
  }

  slot(part: number): number {
    return this.slots[part] ?? 0;
  }

  /** Whether notes of a part may begin late: of drums that makes no sense. */
  isHeld(part: number): boolean {
    return !this.piece.head.parts[part]?.isDrum;
  }
}

/** Walks through a timeline. Between `release` and `jump` nothing sounds. */
export class Scheduler {
  /** What happens before this tick has been told. */
  cursor = 0;
  private sounding = new Map<number, { slot: number; note: Note; since: number }>();
  private pressed = new Map<number, { slot: number; pedal: Pedal }>();

  constructor(private timeline: Timeline) {}

  /** What happens from the cursor up to, and without, a tick; moves the cursor there. */
  due(to: number): Happening[] {
    this.timeline.refresh();
    const { notes, pedals } = this.timeline;
    const found: Happening[] = [];
    let note = firstFrom(notes, this.cursor);
    let pedal = firstFrom(pedals, this.cursor);
    for (;;) {
      const struck = notes[note]?.onset ?? Infinity;
      const pressed = pedals[pedal]?.onset ?? Infinity;
      const released = Math.max(this.nextEnd(), this.cursor);
      const tick = Math.min(struck, pressed, released);
      if (tick >= to) break;
      if (released === tick) this.releaseDue(tick, found);
      else if (pressed === tick) this.press(pedals[pedal++] as Pedal, tick, found);
      else this.strike(notes[note++] as Note, tick, found);
    }
    this.cursor = Math.max(this.cursor, to);
    return found;
  }

  /** Releases all that sounds, at the cursor. */
  release(): Happening[] {
    const tick = this.cursor;
    const found: Happening[] = [];
    for (const { slot, note } of this.sounding.values()) found.push({ kind: 'off', tick, slot, pitch: note.pitch });
    for (const { slot } of this.pressed.values()) found.push({ kind: 'pedal', tick, slot, isDown: false });
    this.sounding.clear();
    this.pressed.clear();
    return found;
  }

  /** Goes to a tick; what sounds across it begins there if `isHeld`, and pedals are as they would be. */
  jump(tick: number, isHeld = true): Happening[] {
    const found = this.release();
    this.cursor = tick;
    this.timeline.refresh();
    this.resume(tick, isHeld, found);
    return found;
  }

  /** Goes on in another timeline at a tick of it; what sounds in both sounds on. */
  replace(timeline: Timeline, tick: number): Happening[] {
    const before = [...this.sounding.values()];
    const at = this.cursor;
    this.timeline = timeline;
    this.cursor = tick;
    timeline.refresh();
    const found: Happening[] = [];
    const held = new Map<number, Note>();
    for (const note of timeline.notes) {
      if (note.onset >= tick) break;
      if (endOf(note) > tick) held.set(key(timeline.slot(note.part), note.pitch), note);
    }
    this.sounding.clear();
    for (const { slot, note, since } of before) {
      const same = held.get(key(slot, note.pitch));
      // Onsets are compared as distances from here: the two may count their ticks from different bars.
      if (same && tick - same.onset === at - note.onset) {
        this.sounding.set(key(slot, note.pitch), { slot, note: same, since: since + tick - at });
      } else found.push({ kind: 'off', tick, slot, pitch: note.pitch });
    }
    this.resume(tick, true, found);
    return found;
  }

  private resume(tick: number, isHeld: boolean, found: Happening[]): void {
    const { timeline } = this;
    const down = new Map<number, Pedal>();
    for (const pedal of timeline.pedals) {
      if (pedal.onset < tick && endOf(pedal) > tick) down.set(timeline.slot(pedal.part), pedal);
    }
    for (const { slot } of this.pressed.values()) {
      if (!down.has(slot)) found.push({ kind: 'pedal', tick, slot, isDown: false });
    }
    for (const [slot, pedal] of down) {
      if (!this.pressed.has(slot)) found.push({ kind: 'pedal', tick, slot, isDown: true });
      down.set(slot, pedal);
    }
    this.pressed = new Map([...down].map(([slot, pedal]) => [slot, { slot, pedal }]));
    if (!isHeld) return;
    for (const note of timeline.notes) {
      if (note.onset >= tick) break;
      const slot = timeline.slot(note.part);
      if (endOf(note) <= tick || !timeline.isHeld(note.part) || this.sounding.has(key(slot, note.pitch))) continue;
      this.sounding.set(key(slot, note.pitch), { slot, note, since: tick });
      found.push({ kind: 'on', tick, slot, pitch: note.pitch, velocity: note.velocity });
    }
  }

  private strike(note: Note, tick: number, found: Happening[]): void {
    const slot = this.timeline.slot(note.part);
    const before = this.sounding.get(key(slot, note.pitch));
    if (before && before.since === tick) {
      // The same key struck twice at once is one note, as long as the longer one.
      if (endOf(note) > endOf(before.note)) before.note = note;
      return;
    }
    if (before) found.push({ kind: 'off', tick, slot, pitch: note.pitch });
    this.sounding.set(key(slot, note.pitch), { slot, note, since: tick });
    found.push({ kind: 'on', tick, slot, pitch: note.pitch, velocity: note.velocity });
  }

  private press(pedal: Pedal, tick: number, found: Happening[]): void {
    const slot = this.timeline.slot(pedal.part);
    if (this.pressed.has(slot)) found.push({ kind: 'pedal', tick, slot, isDown: false });
    this.pressed.set(slot, { slot, pedal });
    found.push({ kind: 'pedal', tick, slot, isDown: true });
  }

  private releaseDue(tick: number, found: Happening[]): void {
    for (const [at, { slot, note }] of this.sounding) {
      if (endOf(note) > tick) continue;
      this.sounding.delete(at);
      found.push({ kind: 'off', tick, slot, pitch: note.pitch });
    }
    for (const [at, { slot, pedal }] of this.pressed) {
      if (endOf(pedal) > tick) continue;
      this.pressed.delete(at);
      found.push({ kind: 'pedal', tick, slot, isDown: false });
    }
  }

  private nextEnd(): number {
    let next = Infinity;
    for (const { note } of this.sounding.values()) next = Math.min(next, endOf(note));
    for (const { pedal } of this.pressed.values()) next = Math.min(next, endOf(pedal));
    return next;
  }
}

function key(slot: number, pitch: number): number {
  return slot * 128 + pitch;
}

/** Index of the first element whose onset is not before a tick. */
export function firstFrom(list: readonly { onset: number }[], tick: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as { onset: number }).onset < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert<T extends { onset: number }>(sorted: T[], news: readonly T[]): void {
  const last = sorted.at(-1)?.onset ?? -Infinity;
  let isInOrder = true;
  let before = last;
  for (const each of news) {
    isInOrder &&= each.onset >= before;
    before = each.onset;
    sorted.push(each);
  }
  if (!isInOrder) sorted.sort((a, b) => a.onset - b.onset);
}
