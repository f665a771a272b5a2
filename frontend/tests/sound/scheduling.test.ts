import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../src/music/notes';
import type { Note, Piece } from '../../src/music/piece';
import { type Happening, Scheduler, Timeline } from '../../src/sound/scheduling';
import { note, piece, someNotes, somePedals } from '../helpers/pieces';

const SLOTS = [0, 1, 2];

function timeline(of: Piece): Timeline {
  return new Timeline(of, SLOTS);
}

/** Follows what is told; fails where a key is struck that is down, or released that is not. */
class Keys {
  readonly down = new Set<string>();
  readonly pressed = new Set<number>();
  tick = -Infinity;

  take(happenings: readonly Happening[]): void {
    for (const each of happenings) {
      if (each.kind === 'pedal') {
        expect(this.pressed.has(each.slot)).toBe(!each.isDown);
        if (each.isDown) this.pressed.add(each.slot);
        else this.pressed.delete(each.slot);
        continue;
      }
      const key = `${each.slot}/${each.pitch}`;
      expect(this.down.has(key)).toBe(each.kind === 'off');
      if (each.kind === 'on') this.down.add(key);
      else this.down.delete(key);
    }
  }
}

/** What should sound: of notes struck at once the longest, ended where the key is struck again. */
function expected(notes: readonly Note[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const each of notes) {
    const key = `${each.part}/${each.pitch}/${each.onset}`;
    ends.set(key, Math.max(ends.get(key) ?? 0, endOf(each)));
  }
  for (const each of notes) {
    for (const other of notes) {
      if (other.part !== each.part || other.pitch !== each.pitch || other.onset <= each.onset) continue;
      const key = `${each.part}/${each.pitch}/${each.onset}`;
      ends.set(key, Math.min(ends.get(key) as number, other.onset));
    }
  }
  return ends;
}

/** Onset and end of each note that was told. */
function told(happenings: readonly Happening[]): Map<string, number> {
  const ends = new Map<string, number>();
  const open = new Map<string, string>();
  for (const each of happenings) {
    if (each.kind === 'pedal') continue;
    const key = `${each.slot}/${each.pitch}`;
    if (each.kind === 'on') open.set(key, `${key}/${each.tick}`);
    else ends.set(open.get(key) as string, each.tick);
  }
  return ends;
}

const steps = fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { maxLength: 30 });

describe('Scheduler', () => {
  it('tells every note once, and its end, however the time is cut', () => {
    fc.assert(
      fc.property(someNotes, steps, (notes, widths) => {
        const scheduler = new Scheduler(timeline(piece(notes)));
        const all: Happening[] = [];
        for (const width of widths) all.push(...scheduler.due(scheduler.cursor + width));
        all.push(...scheduler.due(1000));
        expect(told(all)).toEqual(expected(notes));
        const ticks = all.map((each) => each.tick);
        expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
      }),
    );
  });

  it('tells every note of a piece that grows while it plays', () => {
    fc.assert(
      fc.property(someNotes, steps, (notes, widths) => {
        const growing = piece([]);
        const scheduler = new Scheduler(timeline(growing));
        const all: Happening[] = [];
        const rest = [...notes].sort((a, b) => a.onset - b.onset);
        for (const width of widths) {
          const to = scheduler.cursor + width;
          // All that is due is there, and one more.
          while (rest[0] && rest[0].onset < to) growing.notes.push(rest.shift() as Note);
          if (rest[0]) growing.notes.push(rest.shift() as Note);
          all.push(...scheduler.due(to));
        }
        growing.notes.push(...rest);
        all.push(...scheduler.due(1000));
        expect(told(all)).toEqual(expected(notes));
      }),
    );
  });

  it('leaves no key down and releases none that is up, through jumps and other versions', () => {
    const deed = fc.oneof(
      fc.record({ kind: fc.constant('due' as const), by: fc.double({ min: 0, max: 40, noNaN: true }) }),
      fc.record({ kind: fc.constant('jump' as const), to: fc.integer({ min: 0, max: 190 }), isHeld: fc.boolean() }),
      fc.record({ kind: fc.constant('replace' as const), notes: someNotes, pedals: somePedals }),
    );
    fc.assert(
      fc.property(someNotes, somePedals, fc.array(deed, { maxLength: 20 }), (notes, pedals, deeds) => {
        const scheduler = new Scheduler(timeline(piece(notes, {}, pedals)));
        const keys = new Keys();
        for (const each of deeds) {
          if (each.kind === 'due') keys.take(scheduler.due(scheduler.cursor + each.by));
          else if (each.kind === 'jump') keys.take(scheduler.jump(each.to, each.isHeld));
          else keys.take(scheduler.replace(timeline(piece(each.notes, {}, each.pedals)), scheduler.cursor));
        }
        keys.take(scheduler.release());
        expect(keys.down.size + keys.pressed.size).toBe(0);
      }),
    );
  });

  it('tells after a jump what would sound there, notes of drums excepted', () => {
    fc.assert(
      fc.property(someNotes, fc.integer({ min: 0, max: 190 }), (notes, tick) => {
        const held = notes.filter((each) => each.onset < tick && endOf(each) > tick && each.part !== 2);
        const found = new Scheduler(timeline(piece(notes))).jump(tick);
        const keys = new Set(held.map((each) => `${each.part}/${each.pitch}`));
        expect(new Set(found.map((each) => each.kind === 'on' && `${each.slot}/${each.pitch}`))).toEqual(keys);
      }),
    );
  });

  it('ends a key that is struck again at the new onset, and the new note at its own end', () => {
    const scheduler = new Scheduler(timeline(piece([note(0, 0, 40), note(0, 24, 24)])));
    expect(scheduler.due(100).map((each) => [each.kind, each.tick])).toEqual([
      ['on', 0],
      ['off', 24],
      ['on', 24],
      ['off', 48],
    ]);
  });

  it('lets a note sound on that the other version has as well, to the end that it has there', () => {
    const scheduler = new Scheduler(timeline(piece([note(0, 0, 48), note(0, 0, 48, 64)])));
    scheduler.due(12);
    const other = timeline(piece([note(0, 0, 24), note(0, 6, 24, 67)]));
    expect(scheduler.replace(other, 12)).toEqual([
      { kind: 'off', tick: 12, slot: 0, pitch: 64 },
      { kind: 'on', tick: 12, slot: 0, pitch: 67, velocity: 80 },
    ]);
    expect(scheduler.due(100).map((each) => [each.kind, each.tick])).toEqual([
      ['off', 24],
      ['off', 30],
    ]);
  });

  it('strikes a key again where the other version struck it at another time', () => {
    const scheduler = new Scheduler(timeline(piece([note(0, 0, 48)])));
    scheduler.due(12);
    const found = scheduler.replace(timeline(piece([note(0, 6, 48)])), 12);
    expect(found.map((each) => each.kind)).toEqual(['off', 'on']);
  });

  it('keeps the pedal as it would be', () => {
    const scheduler = new Scheduler(timeline(piece([], {}, [{ part: 0, onset: 10, duration: 20 }])));
    expect(scheduler.jump(15)).toEqual([{ kind: 'pedal', tick: 15, slot: 0, isDown: true }]);
    expect(scheduler.due(50)).toEqual([{ kind: 'pedal', tick: 30, slot: 0, isDown: false }]);
  });

  it('ends a sounding note earlier when its duration turns out shorter', () => {
    const long = note(0, 0, 96);
    const scheduler = new Scheduler(timeline(piece([long])));
    scheduler.due(24);
    long.duration = 12;
    expect(scheduler.due(48)).toEqual([{ kind: 'off', tick: 24, slot: 0, pitch: 60 }]);
  });
});
