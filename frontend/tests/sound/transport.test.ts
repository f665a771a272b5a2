import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Piece } from '../../src/music/piece';
import { HAND_SLOT } from '../../src/sound/slots';
import { AHEAD } from '../../src/sound/transport';
import { Band, type Told } from '../helpers/band';
import { BASS, DRUMS, head, note, piece, PIANO, someNotes } from '../helpers/pieces';

// At 120 and 12 ticks a quarter, a quarter lasts 0.5 s and a bar 2 s.
const QUARTER = 12;
const BAR = 48;

let band: Band;
beforeEach(() => {
  band = new Band();
});

/** A melody in quarters that begins at a tick; its pitches tell the quarter. */
function melody(first = 0, count = 16 - first / QUARTER): Piece {
  return piece(Array.from({ length: count }, (_, index) => note(0, first + index * QUARTER, QUARTER, 60 + index)));
}

/** What is left down in the end: keys whose last message by time is a note-on. */
function stuck(told: readonly Told[]): string[] {
  const down = new Map<string, boolean>();
  const inTime = told.map((each, index) => ({ each, index }));
  inTime.sort((a, b) => a.each.at - b.each.at || a.index - b.index);
  for (const { each } of inTime) {
    if (each.kind === 'on') down.set(`${each.slot}/${each.pitch}`, true);
    if (each.kind === 'off') down.set(`${each.slot}/${each.pitch}`, false);
  }
  return [...down].filter(([, isDown]) => isDown).map(([key]) => key);
}

describe('Transport', () => {
  it('starts at the first onset, at once, and ends after the last bar', async () => {
    const of = melody(3 * QUARTER);
    band.transport.load(of);
    await band.transport.play();
    const start = band.synthesizer.told[0]?.at ?? 0;
    expect(start - 100).toBeLessThan(0.05);
    await band.wait(1);
    expect(band.transport.position).toBeCloseTo(3 * QUARTER + (band.synthesizer.now - start) * 24, 6);
    await band.wait(7);
    expect(band.onsets(start)).toEqual(of.notes.map((each, index) => [index * 0.5, each.pitch]));
    expect(band.nEnded).toBe(1);
    expect(band.transport.isPlaying).toBe(false);
    expect(stuck(band.synthesizer.told)).toEqual([]);
  });

  it('tells nothing too late, and nothing further ahead than it may', async () => {
    band.transport.load(melody());
    await band.transport.play();
    await band.wait(9);
    for (const each of band.synthesizer.told) {
      expect(each.at).toBeGreaterThanOrEqual(each.now);
      expect(each.at).toBeLessThanOrEqual(each.now + Math.min(AHEAD, 0.2) + 1e-9);
    }
    expect(band.transport.underruns).toBe(0);
  });

  it('waits for notes of a piece that is still composed, and goes on from there', async () => {
    const whole = melody();
    const growing: Piece = { ...piece([]), composedTo: 0, isWhole: false };
    band.transport.load(growing);
    await band.transport.play();
    await band.wait(1);
    expect(band.synthesizer.told).toEqual([]);
    growing.notes.push(...whole.notes.slice(0, 3));
    growing.composedTo = 30;
    await band.wait(4);
    expect(band.transport.position).toBe(30);
    growing.notes.push(...whole.notes.slice(3));
    growing.composedTo = 192;
    growing.isWhole = true;
    const now = band.synthesizer.now;
    await band.wait(8);
    const onsets = band.onsets(now);
    expect(onsets.map(([, pitch]) => pitch)).toEqual(whole.notes.map((each) => each.pitch));
    expect(onsets[3]?.[0]).toBeCloseTo(0.25 + 0.025 + 0.02, 1);
    expect(band.transport.underruns).toBe(0);
  });

  it('pauses where it is heard and goes on there, with what sounds across', async () => {
    band.transport.load(piece([note(0, 0, 192, 50), note(2, 0, 192, 40), note(0, 96, 12, 70)]));
    await band.transport.play();
    await band.wait(1);
    band.transport.pause();
    const { position } = band.transport;
    expect(position).toBeGreaterThan(20);
    expect(position).toBeLessThan(24);
    expect(stuck(band.synthesizer.told)).toEqual([]);
    const told = band.synthesizer.told.length;
    await band.wait(5);
    expect(band.synthesizer.told.length).toBe(told);
    await band.transport.play();
    expect(band.synthesizer.told.slice(told).map((each) => [each.kind, each.pitch])).toEqual([['on', 50]]);
    await band.wait(0.5);
    expect(band.transport.position).toBeCloseTo(position + (0.5 - 0.02) * 24, 6);
  });

  it('loops', async () => {
    band.transport.load(melody());
    band.transport.loop({ start: BAR, end: BAR + 2 * QUARTER });
    band.transport.seek(BAR);
    await band.transport.play();
    const start = band.synthesizer.told[0]?.at ?? 0;
    await band.wait(3);
    expect(band.onsets(start).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5].map((i) => [i * 0.5, 64 + (i % 2)]));
    expect(band.transport.position).toBeGreaterThanOrEqual(BAR);
    expect(band.transport.position).toBeLessThan(BAR + 2 * QUARTER);
    band.transport.loop(null);
    await band.wait(2);
    expect(band.transport.position).toBeGreaterThan(BAR + 2 * QUARTER);
  });

  it('plays at another speed from now on, without a hole', async () => {
    band.transport.load(melody());
    await band.transport.play();
    const start = band.synthesizer.told[0]?.at ?? 0;
    await band.wait(1);
    const { position } = band.transport;
    band.transport.speed = 2;
    expect(band.transport.position).toBeCloseTo(position, 6);
    await band.wait(4);
    const onsets = band.onsets(start).map(([at]) => at);
    expect(onsets.length).toBeGreaterThan(13);
    expect((onsets[10] as number) - (onsets[9] as number)).toBeCloseTo(0.25, 3);
    for (let index = 1; index < onsets.length; index++) {
      expect((onsets[index] as number) - (onsets[index - 1] as number)).toBeLessThanOrEqual(0.5 + 1e-3);
    }
  });

  it('switches to another version in place: what was heard stays, and what both have sounds on', async () => {
    const old = piece([note(0, 0, 192, 40), note(1, 0, 192, 41), ...melody().notes]);
    band.transport.load(old);
    await band.transport.play();
    await band.wait(2.01);
    const { position } = band.transport;
    const told = band.synthesizer.told.length;
    // The other version lacks the bass; its second part is new.
    const parts = [PIANO, { name: 'flute', program: 73, isDrum: false }];
    const notes = [
      note(0, 0, 192, 40),
      ...melody().notes.map((each) => ({ ...each, part: 1, pitch: each.pitch + 20 })),
    ];
    band.transport.replace(piece(notes, { parts }));
    expect(band.transport.position).toBeCloseTo(position, 6);
    await band.wait(6.1);
    const after = band.synthesizer.told.slice(told);
    expect(after.filter((each) => each.pitch === 40).map((each) => each.kind)).toEqual(['off']);
    expect(after.filter((each) => each.pitch === 41).map((each) => [each.kind, each.slot])).toEqual([['off', 1]]);
    expect(after.filter((each) => each.kind === 'on' && each.pitch < 80)).toEqual([]);
    expect(stuck(band.synthesizer.told)).toEqual([]);
    expect(band.synthesizer.voices.get(0)?.program).toBe(0);
  });

  it('lets the next piece enter on the next bar line, at its first onset', async () => {
    band.transport.load(melody());
    await band.transport.play();
    const start = band.synthesizer.told[0]?.at ?? 0;
    await band.wait(2.6);
    const next = piece([note(0, 24, 12, 100), note(0, 36, 12, 101)]);
    band.transport.enqueue(next, 'next bar');
    expect(band.entries).toEqual([]);
    await band.wait(2);
    const late = band.onsets(start).filter(([at]) => at >= 3.5);
    expect(late).toEqual([
      [3.5, 67],
      [4, 100],
      [4.5, 101],
    ]);
    expect(band.entries).toEqual([next]);
  });

  it('goes over to the next piece at the end without a gap, and waits for it where it is late', async () => {
    band.transport.load(melody());
    await band.transport.play();
    const start = band.synthesizer.told[0]?.at ?? 0;
    const next: Piece = { ...piece([]), isWhole: false, composedTo: 0 };
    band.transport.enqueue(next, 'end');
    await band.wait(7.9);
    next.notes.push(note(0, 12, 12, 99));
    next.composedTo = 192;
    await band.wait(1);
    expect(band.onsets(start).at(-1)).toEqual([8, 99]);
    expect(band.nEnded).toBe(0);
    const late: Piece = { ...piece([]), isWhole: false, composedTo: 0 };
    next.isWhole = true;
    band.transport.enqueue(late, 'end');
    await band.wait(10);
    expect(band.transport.isPlaying).toBe(true);
    late.notes.push(note(0, 12, 12, 98));
    late.composedTo = 192;
    const now = band.synthesizer.now;
    await band.wait(0.5);
    expect(band.onsets(now).at(-1)?.[0]).toBeLessThan(0.1);
    expect(band.transport.underruns).toBe(0);
  });

  it('counts what came too late, and moves the rest rather than playing it at once', async () => {
    band.transport.load(melody());
    await band.transport.play();
    await band.wait(1);
    band.synthesizer.now += 1.3;
    await band.wait(0.025);
    expect(band.transport.underruns).toBe(1);
    for (const each of band.synthesizer.told) expect(each.at).toBeGreaterThanOrEqual(each.now);
  });

  it('leaves nothing sounding and loses no note to come, whatever is done with it', async () => {
    const deed = fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), by: fc.double({ min: 0.01, max: 1.5, noNaN: true }) }),
      fc.record({ kind: fc.constant('seek' as const), to: fc.integer({ min: 0, max: 180 }) }),
      fc.record({ kind: fc.constant('pause' as const) }),
      fc.record({ kind: fc.constant('play' as const) }),
      fc.record({ kind: fc.constant('replace' as const), notes: someNotes }),
      fc.record({ kind: fc.constant('next' as const), notes: someNotes }),
      fc.record({ kind: fc.constant('speed' as const), speed: fc.constantFrom(0.5, 1, 1.7) }),
      fc.record({ kind: fc.constant('loop' as const), start: fc.integer({ min: 0, max: 180 }) }),
      fc.record({ kind: fc.constant('unloop' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(someNotes, fc.array(deed, { maxLength: 15 }), async (notes, deeds) => {
        const here = new Band();
        const { transport } = here;
        transport.load(piece(notes));
        await transport.play();
        for (const each of deeds) {
          if (each.kind === 'wait') await here.wait(each.by);
          else if (each.kind === 'seek') transport.seek(each.to);
          else if (each.kind === 'pause') transport.pause();
          else if (each.kind === 'play') await transport.play();
          else if (each.kind === 'replace') transport.replace(piece(each.notes));
          else if (each.kind === 'next') transport.enqueue(piece(each.notes), 'next bar');
          else if (each.kind === 'speed') transport.speed = each.speed;
          else if (each.kind === 'loop') transport.loop({ start: each.start, end: each.start + 24 });
          else transport.loop(null);
        }
        transport.loop(null);
        transport.enqueue(null);
        transport.seek(100);
        transport.pause();
        expect(stuck(here.synthesizer.told)).toEqual([]);
        // From here, all that begins later is heard, once.
        const last = piece([note(0, 110, 5, 10), note(1, 110, 5, 11), note(2, 150, 5, 12)]);
        transport.replace(last);
        transport.speed = 1;
        const told = here.synthesizer.told.length;
        await transport.play();
        await here.wait(6);
        const ons = here.synthesizer.told.slice(told).filter((own) => own.kind === 'on');
        expect(ons.map((own) => own.pitch)).toEqual([10, 11, 12]);
        expect(transport.underruns).toBe(0);
        expect(here.synthesizer.told.every((own) => own.at >= own.now)).toBe(true);
        expect(stuck(here.synthesizer.told)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Slots', () => {
  it('gives drums and pitched parts slots apart, and keeps those of shared parts', () => {
    band.transport.load(piece([]));
    expect(band.synthesizer.voices.get(0)).toEqual({ isDrum: false, program: 0 });
    expect(band.synthesizer.voices.get(1000)).toEqual({ isDrum: true, program: 0 });
    const parts = [DRUMS, BASS];
    expect(band.transport.slots.assign(parts, true)).toEqual([1000, 1]);
    expect(band.transport.slots.assign([BASS, DRUMS], false)).toEqual([0, 1000]);
    const many = Array.from({ length: 40 }, (): (typeof parts)[0] => PIANO);
    expect(Math.max(...band.transport.slots.assign(many, false))).toBeLessThan(HAND_SLOT);
  });

  it('mutes by volume, lets solo parts alone sound, and forgets both with the next piece', () => {
    const { transport, synthesizer } = band;
    transport.load(piece([]));
    const strip = { isMuted: false, isSolo: false, volume: 0.5, pan: 0, program: 0 };
    const parts = head().parts;
    transport.slots.mix(synthesizer, parts, [strip, { ...strip, isSolo: true }, { ...strip, isMuted: true }]);
    expect([0, 1, 1000].map((slot) => synthesizer.gains.get(slot))).toEqual([0, 0.5, 0]);
    transport.load(piece([]));
    expect([0, 1, 1000].map((slot) => synthesizer.gains.get(slot))).toEqual([1, 1, 1]);
  });
});
