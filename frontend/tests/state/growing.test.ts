import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Listener } from '../../src/api/source';
import { Growing } from '../../src/state/growing';
import { head, note, someNotes } from '../helpers/pieces';

describe('Growing', () => {
  it('puts a piece together, in order when it is whole, with its cuts', () => {
    fc.assert(
      fc.property(someNotes, fc.nat(), fc.nat(70), (notes, which, duration) => {
        const growing = new Growing(() => () => undefined, {});
        growing.head('id', head());
        const half = Math.floor(notes.length / 2);
        const copies = notes.map((each) => ({ ...each }));
        growing.notes(copies.slice(0, half), [], 10);
        growing.notes(copies.slice(half), [], 5);
        expect(growing.piece?.composedTo).toBe(10);
        const index = notes.length > 0 ? which % notes.length : 0;
        growing.end([{ index, duration }]);
        const expected = notes.map((each, at) => (at === index ? { ...each, duration } : each));
        const kept = expected.filter((_, at) => at !== index || duration > 0);
        expect(growing.piece?.notes.length).toBe(kept.length);
        expect(new Set(growing.piece?.notes.map((each) => JSON.stringify(each)))).toEqual(
          new Set(kept.map((each) => JSON.stringify(each))),
        );
        const onsets = growing.piece?.notes.map((each) => each.onset) ?? [];
        expect(onsets).toEqual([...onsets].sort((a, b) => a - b));
        expect(growing.piece).toMatchObject({ isWhole: true, composedTo: 192 });
      }),
    );
  });

  it('has no note twice where a server tells all of it again after a lost connection', () => {
    const growing = new Growing(() => () => undefined, {});
    const [first, second] = [note(0, 0, 1), note(0, 1, 1)];
    growing.head('id', head());
    growing.notes([first], [{ part: 0, onset: 0, duration: 9 }], 1);
    growing.head('id', head());
    expect(growing.piece?.notes).toEqual([first]);
    growing.notes([first, second], [{ part: 0, onset: 0, duration: 9 }], 192);
    growing.end([{ index: 1, duration: 5 }]);
    expect(growing.piece?.notes).toEqual([first, { ...second, duration: 5 }]);
    expect(growing.piece?.pedals.length).toBe(1);
  });

  it('tells nothing after it was stopped, and stops the source once', () => {
    const stop = vi.fn();
    const following = { begun: vi.fn(), grew: vi.fn(), whole: vi.fn(), failed: vi.fn() };
    let listener: Listener | undefined;
    const growing = new Growing((own) => {
      listener = own;
      return stop;
    }, following);
    listener?.head('id', head());
    growing.stop();
    growing.stop();
    listener?.notes([note(0, 0, 1)], [], 1);
    listener?.end([]);
    listener?.failed({ status: 0, title: '', detail: '' });
    expect(stop).toHaveBeenCalledTimes(1);
    expect([following.grew, following.whole, following.failed].map((each) => each.mock.calls.length)).toEqual([
      0, 0, 0,
    ]);
    expect(growing.piece?.notes).toEqual([]);
  });

  it('takes a million notes at once', () => {
    const growing = new Growing(() => () => undefined, {});
    growing.head('id', head());
    growing.notes(
      Array.from({ length: 1_000_000 }, (_, at) => note(0, at, 1)),
      [],
      1,
    );
    expect(growing.piece?.notes.length).toBe(1_000_000);
  });
});
