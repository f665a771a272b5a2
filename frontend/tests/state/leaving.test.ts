import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpack } from '../../src/music/packing';
import { Rig, ROOT, song, songHead } from '../helpers/studio';

const BAR = 48;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what leaves the page', () => {
  it('is the whole piece, also where it was asked for while that was still composed', async () => {
    const rig = new Rig();
    await rig.studio.start();
    rig.run.listener.head('one', songHead());
    rig.run.listener.notes(song().slice(0, 4), [], BAR);
    const [link, kept] = [rig.studio.link(), rig.studio.keep('Rain')];
    await rig.wait(1);
    expect(rig.server.keep).not.toHaveBeenCalled();
    expect(rig.studio.notice).not.toBe('');
    rig.run.listener.notes(song().slice(4), [], 8 * BAR);
    rig.run.listener.end([]);
    await rig.wait(1);
    await kept;
    expect(rig.server.keep).toHaveBeenCalledOnce();
    vi.useRealTimers();
    const packed = (await link).slice(`${ROOT}#m=`.length);
    expect((await unpack(packed)).notes).toHaveLength(song().length);
  });
});

describe('the piece before', () => {
  it('comes back with all its versions, and without the variations of the one after it', async () => {
    const rig = await Rig.playing(false);
    const { studio } = rig;
    studio.dice();
    await rig.wait(0.5);
    rig.whole(rig.run, 'two', song(64));
    expect(studio.versions.all).toHaveLength(2);
    studio.another();
    rig.whole(rig.run, 'three', song(50));
    studio.vary(2);
    rig.whole(rig.runs.at(-2) ?? rig.run, 'four', song(52));
    expect(studio.variations.length).toBeGreaterThan(1);
    studio.previous();
    expect(studio.variations).toEqual([]);
    expect(studio.piece?.id).toBe('two');
    expect(studio.versions.all.map(({ piece }) => piece.id)).toEqual(['one', 'two']);
    studio.undo();
    expect(studio.piece?.id).toBe('one');
    expect(studio.canRedo).toBe(true);
  });
});

describe('wishes', () => {
  it('are kept within what composers take, whether typed or from a link', async () => {
    const rig = await Rig.playing();
    const { studio } = rig;
    for (const [typed, taken] of [
      [99999, 400],
      [-5, 10],
      [90, 90],
    ] as const) {
      studio.steer({ tempoBpm: typed });
      await rig.wait(0.5);
      expect(studio.wishes.tempoBpm).toBe(taken);
      expect(studio.head?.tempos.at(-1)?.bpm).toBe(taken);
    }
    studio.wishes.adopt({ task: 'compose', bars: 1e9, temperature: -3, top_p: Infinity, density: NaN });
    const { bars, temperature, topP, density } = studio.wishes.fields();
    expect([bars, temperature, topP, density]).toEqual([2000, 0, 1, null]);
    studio.wishes.set({ bars: 7.6, seed: -3 });
    expect([studio.wishes.bars, studio.wishes.seed]).toEqual([8, 0]);
  });
});

describe('a link that is damaged', () => {
  it('says what may have happened to it, and what to do', async () => {
    const { studio } = new Rig(`${ROOT}#m=AAAA`);
    await studio.start();
    expect(studio.problem?.detail).toMatch(/^It was cut or changed on its way: it .*\. Ask for it again/);
  });
});

describe('files', () => {
  it('that are empty are told of by their name', async () => {
    const rig = await Rig.playing(false);
    await rig.studio.readFile(new File([], 'song.mid'));
    expect(rig.studio.problem?.title).toBe('song.mid is empty');
  });
});
