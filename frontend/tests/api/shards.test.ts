import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { Shards } from '../../src/api/shards';
import type { Note } from '../../src/music/piece';
import { headJson, json } from '../helpers/web';

/** A site of so many pieces, three a shard; the title of each is its number. */
function site(count: number, change: Record<string, () => Response> = {}) {
  const asked: string[] = [];
  const load = (async (address: string) => {
    const path = address.replace('http://here/sub/', '');
    asked.push(path);
    if (change[path]) return change[path]();
    if (path === 'pieces/index.json') return json({ count, shard_size: 3 });
    if (path === 'studio.json')
      return json({ version: '1', soundfont: 'sound/x.sf3', programs: [], endings: {}, notice: 'beforehand' });
    const number = Number(/pieces\/(\d{3})\.json\.gz/.exec(path)?.[1]);
    const pieces = [0, 1, 2].map((at) => {
      const columns = [
        [0, [0, 12, 0], [1, 6, 6], [60, 2, 3], [90, 80, 70]],
        [1, [6], [3], [36], [100]],
      ];
      return { id: '', head: headJson({ title: String(number * 3 + at) }), columns, pedals: [] };
    });
    return new Response(gzipSync(JSON.stringify(pieces)));
  }) as unknown as typeof fetch;
  return { asked, load };
}

async function piece(shards: Shards, open?: string) {
  const told = { head: vi.fn(), notes: vi.fn(), end: vi.fn(), failed: vi.fn() };
  if (open === undefined) shards.compose({}, null, 1, told);
  else shards.open(open, told);
  await vi.waitFor(() => expect(told.end.mock.calls.length + told.failed.mock.calls.length).toBe(1), {
    timeout: 5000,
    interval: 1,
  });
  return told;
}

describe('Shards', () => {
  it('composes nothing, and says so', async () => {
    const info = await new Shards('http://here/sub/', site(5).load).studio();
    expect(info.composes).toBe(false);
    expect(info.notice).toBe('beforehand');
    expect(info.endings).toEqual({ mid: '', wav: '' });
  });

  it('finds a piece by its number, in its shard, loading each shard once', async () => {
    const { asked, load } = site(8);
    const shards = new Shards('http://here/sub/', load);
    for (const number of ['7', '6', '0']) {
      const told = await piece(shards, number);
      expect(told.head.mock.lastCall?.[0]).toBe(number);
      expect(told.head.mock.lastCall?.[1]).toMatchObject({ title: number });
      expect(told.notes.mock.lastCall?.[2]).toBe(384);
      const notes = told.notes.mock.lastCall?.[0] as Note[];
      expect(
        notes.map(({ part, onset, duration, pitch, velocity }) => [part, onset, duration, pitch, velocity]),
      ).toEqual([
        [0, 0, 1, 60, 90],
        [1, 6, 3, 36, 100],
        [0, 12, 6, 62, 80],
        [0, 12, 6, 65, 70],
      ]);
    }
    expect(asked.filter((each) => each.endsWith('gz')).sort()).toEqual(['pieces/000.json.gz', 'pieces/002.json.gz']);
  });

  it('draws pieces that there are, and not one of the last ones again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 1, maxLength: 8 }),
        async (count, draws) => {
          let at = 0;
          const shards = new Shards('http://here/sub/', site(count).load, () => draws[at++] ?? 0);
          const drawn: number[] = [];
          while (at < draws.length) drawn.push(Number((await piece(shards)).head.mock.lastCall?.[0]));
          for (const [index, number] of drawn.entries()) {
            expect(number).toBeGreaterThanOrEqual(0);
            expect(number).toBeLessThan(count);
            if (count > 1 && index > 0) expect(number).not.toBe(drawn[index - 1]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('tells of a number that there is not, of a file that is missing, of a bomb', async () => {
    expect((await piece(new Shards('http://here/sub/', site(5).load), '5')).failed).toHaveBeenCalled();
    expect((await piece(new Shards('http://here/sub/', site(5).load), 'x')).failed).toHaveBeenCalled();
    const none = site(5, { 'pieces/000.json.gz': () => new Response('', { status: 404 }) });
    const told = await piece(new Shards('http://here/sub/', none.load), '1');
    expect(told.failed.mock.lastCall?.[0]).toMatchObject({ status: 404 });
    const bomb = site(5, { 'pieces/000.json.gz': () => new Response(gzipSync(Buffer.alloc(80 * 2 ** 20))) });
    const burst = await piece(new Shards('http://here/sub/', bomb.load), '1');
    expect(burst.failed.mock.lastCall?.[0].detail).toMatch(/unpacks to more/);
  });

  it('has recorded music and cards as files', async () => {
    const listed = {
      name: 'a b',
      title: 'T',
      composer: 'C',
      set: 'S',
      licence: 'L',
      credit: '',
      parts: [],
      bars: 1,
      seconds: 2,
    };
    const { load, asked } = site(3, {
      'recordings/index.json': () => json({ recordings: [listed] }),
      'recordings/a%20b.json.gz': () =>
        new Response(gzipSync(JSON.stringify({ head: headJson(), notes: [], pedals: [] }))),
      'models/band.json': () => json({ name: 'band', begun_from: 'x', figures: { bits_per_note: 4 } }),
    });
    const shards = new Shards('http://here/sub/', load);
    expect((await shards.recordings())[0]?.title).toBe('T');
    expect((await shards.recording('a b')).head.title).toBe('Folk');
    expect(await shards.card('band')).toEqual({ name: 'band', begunFrom: 'x', figures: { bits_per_note: 4 } });
    expect(asked.length).toBe(3);
  });

  it('reads shards that the host has inflated already', async () => {
    const plain = [0, 1, 2].map(() => ({ head: headJson(), columns: [], pedals: [] }));
    const { load } = site(3, { 'pieces/000.json.gz': () => json(plain) });
    expect((await piece(new Shards('http://here/sub/', load), '1')).end).toHaveBeenCalled();
  });
});
