import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pack, unpack } from '../../src/music/packing';
import { piece } from '../helpers/pieces';
import { problem, Rig, ROOT, rows, song, songHead } from '../helpers/studio';

const BAR = 48;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('opening', () => {
  it('composes a new piece with a fresh seed, and gives the page its address', async () => {
    const seeds = new Set<unknown>();
    for (let turn = 0; turn < 3; turn++) {
      const rig = new Rig();
      await rig.studio.start();
      expect(rig.run.request.task).toBe('compose');
      seeds.add(rig.run.request.seed);
      rig.run.listener.head('abc', songHead());
      expect(rig.addresses.at(-1)).toBe(`${ROOT}p/abc`);
      expect(rig.studio.activity).toBe('piece');
      const { revision } = rig.studio;
      rig.run.listener.notes(song().slice(0, 4), [], 20);
      expect(rig.studio.revision).toBeGreaterThan(revision);
      expect(rig.studio.composedTo).toBe(20);
      rig.run.listener.end([{ index: 0, duration: 5 }]);
      expect(rig.studio.piece?.isWhole).toBe(true);
      expect(rig.studio.piece?.notes.some((each) => each.duration === 5)).toBe(true);
      expect(rig.studio.activity).toBe(null);
    }
    expect(seeds.size).toBe(3);
    for (const seed of seeds)
      expect(Number.isInteger(seed) && (seed as number) >= 0 && (seed as number) <= 1e9).toBe(true);
  });

  it('opens a stored piece; where it is not there, says so and composes a new one', async () => {
    const rig = new Rig(`${ROOT}p/old`);
    await rig.studio.start();
    expect(rig.opened).toEqual(['old']);
    rig.run.listener.failed(problem(404));
    expect(rig.studio.problem?.detail).toBe('because');
    expect(rig.run.request.task).toBe('compose');
  });

  it('takes over no wishes of other kinds than there are: anybody can write a link', async () => {
    const request = { task: 'compose', parts: 'all', density: '1', style: 3, key: {}, temperature: 0.8, chords: 'C' };
    const link = `${ROOT}#m=${await pack(piece(song(), { bars: 8, end: 384, request }))}`;
    vi.useRealTimers();
    const { studio } = new Rig(link);
    await studio.start();
    const { parts, density, style, key, temperature, chords } = studio.wishes.fields();
    expect([parts, density, style, key]).toEqual([[], null, null, null]);
    expect([temperature, chords]).toEqual([0.8, 'C']);
  });

  it('opens a link that carries the music, and keeps it in the address', async () => {
    const link = `${ROOT}#m=${await pack(piece(song(), { bars: 8, end: 384, request: { task: 'compose', density: 0.5 } }))}`;
    vi.useRealTimers();
    const rig = new Rig(link);
    await rig.studio.start();
    expect(rows(rig.studio.piece)).toEqual(rows(piece(song())));
    await vi.waitFor(() => expect(rig.addresses.at(-1)).toBe(link));
    expect(rig.studio.wishes.density).toBe(0.5);
    expect(rig.runs).toEqual([]);
    const damaged = new Rig(`${ROOT}#m=AAAA`);
    await damaged.studio.start();
    expect(damaged.studio.problem?.title).toMatch(/damaged/);
    expect(damaged.runs.length).toBe(1);
  });

  it('tells a refusal, with a way to try again', async () => {
    const rig = new Rig();
    await rig.studio.start();
    rig.run.listener.failed(problem(503));
    expect(rig.studio.problem?.title).toBe('No');
    rig.studio.problem?.action?.run();
    expect(rig.runs.length).toBe(2);
  });
});

describe('a browser without a sound device', () => {
  it('is told of, since its clock stands still', async () => {
    const rig = await Rig.playing(false);
    rig.studio.play();
    await vi.advanceTimersByTimeAsync(5000);
    expect(rig.studio.isPlaying).toBe(false);
    expect(rig.studio.problem?.detail).toMatch(/no sound device/);
  });
});

describe('another', () => {
  it('is composed while this one plays, and enters on the next bar line', async () => {
    const rig = await Rig.playing();
    expect(rig.runs.length).toBe(2);
    rig.whole(rig.run, 'two', song(80));
    expect(rig.studio.next?.id).toBe('two');
    await rig.wait(1);
    rig.studio.another();
    expect(rig.studio.piece?.id).toBe('one');
    await rig.wait(1.5);
    expect(rig.studio.piece?.id).toBe('two');
    expect(rig.studio.isPlaying).toBe(true);
    expect(rig.addresses.at(-1)).toBe(`${ROOT}p/two`);
    const ons = rig.synthesizer.told.filter((each) => each.kind === 'on' && each.slot === 0);
    expect(ons.map((each) => each.pitch).slice(0, 6)).toEqual([60, 61, 62, 63, 80, 81]);
    expect((ons[4]?.at ?? 0) - (ons[3]?.at ?? 0)).toBeCloseTo(0.5, 6);
    // And the one after it is on its way.
    expect(rig.runs.length).toBe(3);
    rig.studio.previous();
    expect(rig.studio.piece?.id).toBe('one');
  });

  it('enters when it is there, where it was asked for before', async () => {
    const rig = await Rig.playing();
    rig.studio.another();
    rig.studio.choose('band');
    await rig.wait(5);
    expect(rig.studio.piece?.id).toBe('one');
    rig.whole(rig.run, 'two', song(80));
    await rig.wait(2.1);
    expect(rig.studio.piece?.id).toBe('two');
  });

  it('comes at once where nothing plays, and stays silent', async () => {
    const rig = await Rig.playing(false);
    rig.studio.another();
    rig.whole(rig.run, 'two', song());
    expect(rig.studio.piece?.id).toBe('two');
    expect(rig.studio.isPlaying).toBe(false);
  });

  it('follows without a gap where it is endless', async () => {
    const rig = await Rig.playing();
    rig.studio.setEndless(true);
    rig.whole(rig.run, 'two', song(80));
    await rig.wait(16.5);
    expect(rig.studio.piece?.id).toBe('two');
    const ons = rig.synthesizer.told.filter((each) => each.kind === 'on' && each.slot === 0);
    for (let index = 1; index < ons.length; index++) {
      expect((ons[index]?.at ?? 0) - (ons[index - 1]?.at ?? 0)).toBeCloseTo(0.5, 6);
    }
    expect(ons.length).toBeGreaterThan(32);
  });

  it('is asked for while this one is still composed, and comes when both are there', async () => {
    const rig = new Rig();
    await rig.studio.start();
    rig.run.listener.head('one', songHead());
    rig.run.listener.notes(song(), [], 200);
    rig.studio.play();
    await rig.wait(0.5);
    rig.studio.another();
    expect(rig.runs.length).toBe(2);
    rig.whole(rig.run, 'two', song(80));
    await rig.wait(2);
    expect(rig.studio.piece?.id).toBe('two');
    expect(rig.runs[0]?.isStopped).toBe(true);
  });

  it('goes on after the end where it is endless and the next piece had failed', async () => {
    const rig = await Rig.playing();
    rig.studio.setEndless(true);
    rig.run.listener.failed(problem());
    const { length } = rig.runs;
    await rig.wait(17);
    expect(rig.runs.length).toBe(length + 1);
    rig.whole(rig.run, 'three', song(80));
    await rig.wait(0.2);
    expect(rig.studio.piece?.id).toBe('three');
    expect(rig.studio.isPlaying).toBe(true);
  });

  it('stops at the end where it is not', async () => {
    const rig = await Rig.playing();
    rig.whole(rig.run, 'two', song(80));
    await rig.wait(17);
    expect(rig.studio.piece?.id).toBe('one');
    expect(rig.studio.isPlaying).toBe(false);
  });
});

describe('steering while it plays', () => {
  it('composes the bars from the next but one on, keeps what is heard, lets the old notes leave', async () => {
    const rig = await Rig.playing();
    await rig.wait(2.5);
    expect(rig.studio.bar).toBe(2);
    const before = rig.studio.piece;
    rig.studio.steer({ density: 0.9 });
    await rig.wait(0.3);
    const { request, model } = rig.run;
    expect(request).toMatchObject({ task: 'infill', first_bar: 4, last_bar: 8, density: 0.9, style: 'folk' });
    expect(model).toBe('band');
    expect(request).not.toHaveProperty('tracks');
    const kept = song().filter((each) => each.onset < 3 * BAR);
    rig.run.listener.head('three', songHead(request));
    rig.run.listener.notes(
      kept.map((each) => ({ ...each, given: true })),
      [],
      0,
    );
    expect(rig.studio.piece).toBe(before);
    rig.run.listener.notes(song(70, 3 * BAR), [], 6 * BAR);
    expect(rig.studio.piece?.id).toBe('three');
    expect(rows(rig.studio.piece, 3 * BAR)).toEqual(rows(before, 3 * BAR));
    expect(rig.studio.leaving?.notes.length).toBe(song().filter((each) => each.onset >= 3 * BAR).length);
    rig.run.listener.end([]);
    await rig.wait(4.4);
    const ons = rig.synthesizer.told.filter((each) => each.kind === 'on' && each.slot === 0).map((each) => each.pitch);
    expect(ons.slice(0, 14)).toEqual([60, 61, 62, 63, 64, 65, 66, 67, 60, 61, 62, 63, 74, 75]);
    expect(rig.studio.versions.current?.label).toBe('Density');
    rig.studio.undo();
    expect(rows(rig.studio.piece)).toEqual(rows(before));
    rig.studio.redo();
    expect(rig.studio.piece?.id).toBe('three');
  });

  it('takes quick moves as one, and stops the older request', async () => {
    const rig = await Rig.playing();
    const { length } = rig.runs;
    rig.studio.steer({ density: 0.1 });
    rig.studio.steer({ density: 0.2 });
    await rig.wait(0.2);
    rig.studio.steer({ complexity: 0.3 });
    await rig.wait(0.2);
    expect(rig.runs.slice(length).filter((run) => run.request.task === 'infill')).toEqual([]);
    await rig.wait(0.1);
    const first = rig.runs.slice(length).find((run) => run.request.task === 'infill');
    expect(first?.request).toMatchObject({ density: 0.2, complexity: 0.3 });
    rig.studio.steer({ density: 0.4 });
    await rig.wait(0.3);
    expect(first?.isStopped).toBe(true);
    expect(rig.runs.filter((run) => run.request.task === 'infill' && !run.isStopped).length).toBe(1);
  });

  it('asks again with more room where the answer comes too late', async () => {
    const rig = await Rig.playing();
    rig.studio.steer({ density: 0.9 });
    await rig.wait(0.3);
    const late = rig.runs.find((run) => run.request.task === 'infill');
    expect(late?.request.first_bar).toBe(3);
    await rig.wait(5);
    if (late) rig.whole(late, 'late', song(70));
    const again = rig.runs.filter((run) => run.request.task === 'infill').at(-1);
    expect(rig.studio.piece?.id).toBe('one');
    expect(again?.request.first_bar).toBe(7);
  });

  it('leaves pinned parts alone', async () => {
    const rig = await Rig.playing();
    rig.studio.togglePin(0);
    rig.studio.steer({ density: 0.9 });
    await rig.wait(0.3);
    expect(rig.runs.find((run) => run.request.task === 'infill')?.request.tracks).toEqual([2]);
  });

  it('changes the tempo from the next but one bar on, without a composer', async () => {
    const rig = await Rig.playing();
    rig.studio.steer({ tempoBpm: 60 });
    await rig.wait(0.3);
    expect(rig.runs.every((run) => run.request.task !== 'infill')).toBe(true);
    // Only the page has this version: the address carries it.
    expect(rig.studio.piece?.id).toBe('');
    vi.useRealTimers();
    await vi.waitFor(() => expect(rig.addresses.at(-1)).toMatch(/#m=/));
    const loaded = await unpack(rig.addresses.at(-1)?.split('#m=')[1] ?? '');
    expect(loaded.head.tempos).toEqual(rig.studio.head?.tempos);
    expect(rows(loaded)).toEqual(rows(rig.studio.piece));
    expect(rig.studio.head?.tempos).toEqual([
      { onset: 0, bpm: 120 },
      { onset: 2 * BAR, bpm: 60 },
    ]);
  });

  it('keeps lengths and meters for the next piece', async () => {
    const rig = await Rig.playing();
    rig.studio.steer({ bars: 16, timeSignature: '3/4' });
    await rig.wait(0.3);
    expect(rig.run.request).toMatchObject({ task: 'compose', bars: 16, time_signature: '3/4' });
    expect(rig.studio.piece?.id).toBe('one');
  });

  it('composes the whole piece anew, with its seed, where nothing was heard yet', async () => {
    const rig = await Rig.playing(false);
    const { seed } = rig.run.request;
    rig.studio.steer({ density: 0.9 });
    await rig.wait(0.3);
    expect(rig.run.request).toMatchObject({ task: 'compose', density: 0.9, seed });
  });
});

describe('pins, marks and the dice', () => {
  it('composes anew what is not pinned, in the marked bars', async () => {
    const rig = await Rig.playing(false);
    rig.studio.togglePin(1);
    rig.studio.mark({ first: 3, last: 4 });
    rig.studio.dice();
    expect(rig.run.request).toMatchObject({ task: 'infill', first_bar: 3, last_bar: 4, tracks: [1] });
    expect(typeof rig.run.request.prompt).toBe('string');
    rig.whole(rig.run, 'two', song(70));
    expect(rig.studio.piece?.id).toBe('two');
    expect(rig.studio.pins).toEqual([false, true]);
    expect(rig.studio.leaving?.notes.length).toBe(8);
  });

  it('waits until the piece is whole, which a prompt must be', async () => {
    const rig = new Rig();
    await rig.studio.start();
    rig.run.listener.head('one', songHead());
    rig.run.listener.notes(song().slice(0, 6), [], 960);
    rig.studio.mark({ first: 3, last: 4 });
    rig.studio.dice();
    expect(rig.runs.length).toBe(1);
    expect(rig.run.isStopped).toBe(false);
    rig.run.listener.notes(song().slice(6), [], 3840);
    rig.run.listener.end([]);
    expect(rig.run.request).toMatchObject({ task: 'infill', first_bar: 3, last_bar: 4 });
    rig.whole(rig.run, 'two', song(70));
    expect(rig.studio.piece?.id).toBe('two');
  });

  it('composes all of it anew where nothing is pinned, and nothing where all is', async () => {
    const rig = await Rig.playing(false);
    rig.studio.dice();
    const parts = ['piano', 'electric bass'];
    expect(rig.run.request).toMatchObject({ task: 'compose', style: 'folk', bars: 8, tempo_bpm: 120, parts });
    rig.whole(rig.run, 'two', song(70));
    rig.studio.togglePin(0);
    rig.studio.togglePin(1);
    const { length } = rig.runs;
    rig.studio.dice();
    expect(rig.runs.length).toBe(length);
    expect(rig.studio.notice).not.toBe('');
  });
});

describe('variations', () => {
  it('appear as they become whole, are switched to in place, about as loud, and stay versions', async () => {
    const rig = await Rig.playing();
    await rig.wait(3);
    const { length } = rig.runs;
    rig.studio.vary(2);
    const [first, second] = rig.runs.slice(length);
    expect(first?.request.seed).not.toBe(second?.request.seed);
    if (!first || !second) throw new Error('no runs');
    rig.whole(
      second,
      'v2',
      song(80).map((each) => ({ ...each, velocity: 40 })),
    );
    first.listener.head('v1', songHead());
    expect(rig.studio.variations.map((each) => [each.label, each.isWhole])).toEqual([
      ['Original', true],
      ['Variation 1', false],
      ['Variation 2', true],
    ]);
    rig.studio.switchTo(1);
    expect(rig.studio.piece?.id).toBe('one');
    const place = rig.studio.position();
    rig.studio.switchTo(2);
    expect(rig.studio.piece?.id).toBe('v2');
    expect(rig.studio.position()).toBeCloseTo(place, 6);
    expect(rig.synthesizer.gain).toBeCloseTo(1.6, 6);
    first.listener.notes(song(90), [], 0);
    first.listener.end([]);
    expect(rig.studio.activity).toBe(null);
    rig.studio.switchTo(0);
    expect(rig.studio.piece?.id).toBe('one');
    expect(rig.synthesizer.gain).toBe(1);
    expect(rig.studio.versions.all.length).toBe(3);
  });

  it('of other composers leave out what these do not know', async () => {
    const rig = await Rig.playing(false);
    rig.studio.steer({ density: 0.9, key: 'C minor', parts: ['piano'] });
    await rig.wait(0.3);
    rig.whole(rig.run, 'two', song());
    rig.studio.compareModels(['piano']);
    expect(rig.run.model).toBe('piano');
    expect(rig.run.request.key).toBe('C minor');
    expect(rig.run.request).not.toHaveProperty('density');
    expect(rig.run.request).not.toHaveProperty('style');
    expect(rig.run.request).not.toHaveProperty('parts');
  });
});

describe('versions', () => {
  it('are compared by swapping', async () => {
    const rig = await Rig.playing(false);
    rig.studio.mark({ first: 1, last: 2 });
    rig.studio.dice();
    rig.whole(rig.run, 'two', song(70));
    const [first, second] = rig.studio.versions.all;
    rig.studio.compare(first?.id ?? -1);
    rig.studio.swap();
    expect(rig.studio.piece?.id).toBe('one');
    expect(rig.studio.comparedId).toBe(second?.id);
    rig.studio.swap();
    expect(rig.studio.piece?.id).toBe('two');
  });

  it('remember the mixer of parts that they share, and the way back', async () => {
    const rig = await Rig.playing(false);
    rig.studio.mixer.set(1, { volume: 0.3 });
    rig.studio.togglePin(1);
    rig.studio.continueFor(4);
    expect(rig.run.request).toMatchObject({ task: 'continue', bars: 4 });
    const parts = [songHead().parts[1], { name: 'flute', program: 73, isDrum: false }].flatMap((own) => own ?? []);
    rig.whole(
      rig.run,
      'longer',
      song().map((each) => ({ ...each, part: each.part ? 0 : 1 })),
      { parts, bars: 12, end: 576 },
    );
    expect(rig.studio.mixer.strips.map((strip) => strip.volume)).toEqual([0.3, 1]);
    expect(rig.studio.pins).toEqual([true, false]);
    expect(rig.studio.canUndo).toBe(true);
    rig.studio.undo();
    expect(rig.studio.mixer.strips.map((strip) => strip.volume)).toEqual([1, 0.3]);
  });
});

describe('playing by hand', () => {
  it('is recorded after a count-in, and answered on a bar line', async () => {
    const rig = new Rig();
    await rig.studio.start();
    rig.whole(rig.run, 'one', song());
    rig.studio.recorder.bpm = 120;
    rig.studio.record();
    await rig.wait(0.2);
    expect(rig.studio.recorder.countIn).toBe(4);
    await rig.wait(2);
    expect(rig.studio.recorder.countIn).toBe(0);
    for (const pitch of [60, 62, 64]) {
      rig.studio.keyDown(pitch, 70);
      await rig.wait(0.4);
      rig.studio.keyUp(pitch);
      await rig.wait(0.1);
    }
    expect(rig.studio.recorder.notes.length).toBe(3);
    rig.studio.record();
    const phrase = rig.studio.piece;
    expect(phrase?.notes.map((each) => each.pitch)).toEqual([60, 62, 64]);
    const beats = rig.synthesizer.told.filter((each) => each.kind === 'on' && each.slot === 1900);
    const line = (beats[0]?.at ?? 0) + 2;
    const struck = rig.synthesizer.told.filter((each) => each.kind === 'on' && each.slot === 900);
    expect(phrase?.notes.map((each) => each.onset)).toEqual(
      struck.map((each) => expect.closeTo((each.now - line) * 960, 3)),
    );
    expect(rig.run.request).toMatchObject({ task: 'continue', bars: 8 });
    expect(rig.beats).toBe(true);
    const own = phrase?.notes ?? [];
    const answer = own.map((each) => ({ ...each, onset: each.onset + 1920, pitch: 90 }));
    const { ticksPerQuarter, meters, tempos, parts } = phrase?.head ?? songHead();
    rig.whole(rig.run, 'answer', [...own, ...answer], {
      ticksPerQuarter,
      meters,
      tempos,
      parts,
      bars: 9,
      end: 9 * 1920,
    });
    await rig.wait(1.5);
    const first = rig.synthesizer.told.find((each) => each.kind === 'on' && each.pitch === 90);
    const bars = ((first?.at ?? 0) - line - (own[0]?.onset ?? 0) / 960) / 2;
    expect(bars).toBeCloseTo(Math.round(bars), 6);
    expect(rig.beats).toBe(false);
    expect(rig.studio.isPlaying).toBe(true);
  });
});
