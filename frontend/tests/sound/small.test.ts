import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { barsOf, pieceOf } from '../../src/music/recorded';
import { Channels } from '../../src/sound/channels';
import { Glow } from '../../src/sound/glow';
import { Metronome } from '../../src/sound/metronome';
import { take } from '../../src/sound/midi_input';
import { FakeSynthesizer } from '../helpers/band';
import { PIANO } from '../helpers/pieces';

describe('Channels', () => {
  it('gives each slot a channel of its own, percussion to drums alone, sixteen a synthesizer', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(200), fc.boolean()), { selector: ([slot]) => slot }), (slots) => {
        const channels = new Channels();
        const seen = new Set<string>();
        for (const [slot, isDrum] of slots) {
          const place = channels.of(slot, isDrum);
          expect(channels.of(slot, isDrum)).toEqual(place);
          expect(place.channel).toBeLessThan(16);
          if (!isDrum) expect(place.channel).not.toBe(9);
          seen.add(`${place.synthesizer}/${place.channel}`);
        }
        expect(seen.size).toBe(slots.length);
        const nPitched = slots.filter(([, isDrum]) => !isDrum).length;
        if (nPitched === slots.length && nPitched > 0) {
          const last = Math.max(...slots.map(([slot]) => channels.get(slot)?.synthesizer ?? 0));
          expect(last).toBe(Math.ceil(nPitched / 15) - 1);
        }
      }),
    );
    expect(new Channels().of(1000, true)).toEqual({ synthesizer: 0, channel: 9 });
  });
});

describe('Glow', () => {
  it('lights up when a key is struck, not before, keeps while it is held, and goes out after', () => {
    const glow = new Glow();
    glow.take(3, 60, 127, 10);
    glow.take(3, 60, 0, 12);
    expect(glow.level(3, 9.9)).toBe(0);
    expect(glow.level(3, 10)).toBeCloseTo(1, 6);
    const held = glow.level(3, 11.9);
    expect(held).toBeGreaterThan(0.35);
    expect(glow.level(3, 12.2)).toBeLessThan(held);
    expect(glow.level(3, 14)).toBeLessThan(0.01);
    expect(glow.level(4, 14)).toBe(0);
  });

  it('is as strong as the key was struck', () => {
    const glow = new Glow();
    glow.take(0, 60, 127, 0);
    glow.take(1, 60, 30, 0);
    expect(glow.level(0, 0)).toBeGreaterThan(glow.level(1, 0) * 3);
  });
});

describe('take', () => {
  it('reads keys and pedal of any channel, and nothing else', () => {
    const hands = { down: vi.fn(), up: vi.fn(), pedal: vi.fn(), inputs: vi.fn() };
    const send = (...bytes: number[]) => take({ data: Uint8Array.from(bytes), timeStamp: 5 }, hands);
    send(0x93, 60, 70);
    send(0x90, 61, 0);
    send(0x8f, 62, 64);
    send(0xb0, 64, 127);
    send(0xb0, 64, 63);
    send(0xb0, 1, 127);
    send(0xf8);
    take({ data: null, timeStamp: 0 }, hands);
    expect(hands.down.mock.calls).toEqual([[60, 70, 5]]);
    expect(hands.up.mock.calls).toEqual([
      [61, 5],
      [62, 5],
    ]);
    expect(hands.pedal.mock.calls).toEqual([[true], [false]]);
  });
});

describe('Metronome', () => {
  it('counts a bar in, then beats on, the first of each bar higher; silent where it is not wanted', () => {
    for (const isAudible of [true, false]) {
      const synthesizer = new FakeSynthesizer();
      let tick: () => void = () => undefined;
      const beats: number[] = [];
      const metronome = new Metronome(
        synthesizer,
        { start: (callback) => (tick = callback), stop: () => (tick = () => undefined) },
        (beat) => beats.push(beat),
      );
      metronome.isAudible = isAudible;
      metronome.run(120, 4);
      for (let turn = 0; turn < 200; turn++) {
        synthesizer.now += 0.025;
        tick();
      }
      const clicks = synthesizer.told.filter((each) => each.kind === 'on');
      expect(clicks.length).toBe(isAudible ? 11 : 4);
      clicks.forEach((each, index) => expect(each.at).toBeCloseTo(metronome.start + (index - 4) * 0.5, 6));
      expect(clicks.map((each) => each.pitch === 76).slice(0, 5)).toEqual([
        true,
        false,
        false,
        false,
        ...(isAudible ? [true] : []),
      ]);
      expect(beats).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4, 5]);
    }
  });
});

describe('pieceOf', () => {
  it('holds every note that was played, within whole bars', () => {
    const played = fc.array(
      fc.record({
        onset: fc.double({ min: -0.1, max: 20, noNaN: true }),
        duration: fc.double({ min: 0, max: 10, noNaN: true }),
        pitch: fc.nat(127),
        velocity: fc.integer({ min: 1, max: 127 }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(played, fc.integer({ min: 40, max: 240 }), (notes, bpm) => {
        const piece = pieceOf(notes, bpm, PIANO);
        expect(piece.notes.length).toBe(notes.length);
        expect(piece.head.end).toBe(piece.head.bars * 4 * 480);
        expect(piece.head.bars).toBe(barsOf(notes, bpm));
        for (const each of piece.notes) {
          expect(each.onset).toBeGreaterThanOrEqual(0);
          expect(each.duration).toBeGreaterThanOrEqual(1);
          expect(each.onset + each.duration).toBeLessThanOrEqual(piece.head.end);
        }
        const last = Math.max(...notes.map((each) => each.onset));
        // The last bar begins before the last onset, or a moment after it.
        expect((piece.head.bars - 1) * 4 * (60 / bpm)).toBeLessThanOrEqual(Math.max(0, last) + 0.03 * 4 * (60 / bpm));
      }),
    );
  });
});
