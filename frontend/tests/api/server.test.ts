import { describe, expect, it, vi } from 'vitest';
import { Server } from '../../src/api/server';
import type { Listener } from '../../src/api/source';
import { FakeEvents, headJson, json, settle, web } from '../helpers/web';

function listener() {
  return { head: vi.fn(), notes: vi.fn(), end: vi.fn(), failed: vi.fn() } satisfies Listener;
}

const begun = () => json({ id: 'abc', url: 'p/abc', head: headJson() }, 201);

describe('Server', () => {
  it('composes: asks, follows the events, tells them in the page’s own words', async () => {
    const here = web({ 'POST api/pieces': begun });
    const told = listener();
    new Server('http://here/base/', here).compose({ task: 'compose' }, 'a b', 5, told);
    await settle();
    expect(here.asked).toEqual(['POST api/pieces?within=5&model=a+b']);
    const [events] = FakeEvents.all;
    expect(events?.address).toBe('http://here/base/api/pieces/abc/events?from=0');
    events?.tell('head', { id: 'abc', head: headJson({ ticks_per_quarter: 480 }) });
    events?.tell('notes', { notes: [[1, 0, 12, 60, 90, 1]], pedals: [[0, 3, 4]], composed_to: 7 });
    events?.tell('end', { n_notes: 1, cuts: [[0, 6]], flaws: [], is_stopped: false });
    expect(told.head.mock.lastCall?.[0]).toBe('abc');
    expect((told.head.mock.lastCall?.[1] as { ticksPerQuarter: number }).ticksPerQuarter).toBe(480);
    expect(told.notes.mock.lastCall).toEqual([
      [{ part: 1, onset: 0, duration: 12, pitch: 60, velocity: 90, given: true }],
      [{ part: 0, onset: 3, duration: 4 }],
      7,
    ]);
    expect(told.end.mock.lastCall).toEqual([[{ index: 0, duration: 6 }]]);
    expect(events?.readyState).toBe(2);
    expect(told.failed).not.toHaveBeenCalled();
  });

  it('stops what it began, also where the answer comes after that', async () => {
    let answer: (response: Response) => void = () => undefined;
    const here = web({
      'POST api/pieces': () => new Promise((done) => (answer = done)),
      'DELETE api/pieces/abc': () => json({}),
    });
    const told = listener();
    const server = new Server('http://here/base/', here);
    server.compose({ task: 'compose' }, null, 1, told)();
    await settle();
    answer(begun());
    await settle();
    expect(here.asked).toContain('DELETE api/pieces/abc');
    expect(FakeEvents.all).toEqual([]);
    const stop = server.compose({ task: 'compose' }, null, 1, told);
    await settle();
    answer(begun());
    await settle();
    stop();
    expect(FakeEvents.all[0]?.readyState).toBe(2);
    expect(here.asked.filter((each) => each.startsWith('DELETE')).length).toBe(2);
    expect(told.failed).not.toHaveBeenCalled();
  });

  it('asks a busy server again when it says, and tells it in the end', async () => {
    let left = 2;
    const busy = () => json({ title: 'Service Unavailable', detail: 'full', status: 503 }, 503, { 'Retry-After': '3' });
    const here = web({ 'POST api/pieces': () => (left-- > 0 ? busy() : begun()) });
    const told = listener();
    new Server('http://here/base/', here).compose({ task: 'compose' }, null, 1, told);
    await settle();
    expect(here.waited).toEqual([3000, 3000]);
    expect(FakeEvents.all.length).toBe(1);
    left = 99;
    new Server('http://here/base/', here).compose({ task: 'compose' }, null, 1, told);
    await settle();
    expect(told.failed.mock.lastCall).toEqual([expect.objectContaining({ status: 503, detail: 'full' })]);
  });

  it('tells a refusal in the server’s words, and a server that is gone in its own', async () => {
    const refusal = { type: 'about:blank', title: 'Unprocessable Entity', status: 422, detail: 'no style "polka"' };
    const told = listener();
    new Server('http://here/base/', web({ 'POST api/pieces': () => json(refusal, 422) })).compose({}, null, 1, told);
    await settle();
    expect(told.failed.mock.lastCall?.[0]).toMatchObject({ status: 422, detail: 'no style "polka"' });
    const gone = web({ 'GET api/studio': () => Promise.reject(new TypeError('fetch failed')) });
    await expect(new Server('http://here/base/', gone).studio()).rejects.toMatchObject({ status: 0 });
    const page = web({ 'GET api/studio': () => new Response('<html>', { status: 502 }) });
    await expect(new Server('http://here/base/', page).studio()).rejects.toMatchObject({ status: 502 });
  });

  it('goes on after a lost connection, and gives up after several, with the reason', async () => {
    const here = web({ 'GET api/pieces/abc': () => json({ title: 'Not Found', status: 404, detail: 'gone' }, 404) });
    const told = listener();
    new Server('http://here/base/', here).open('abc', told);
    const events = FakeEvents.all[0] as FakeEvents;
    for (let turn = 0; turn < 4; turn++) events.fail(0);
    events.tell('head', { id: 'abc', head: headJson() });
    for (let turn = 0; turn < 4; turn++) events.fail(0);
    await settle();
    expect(told.failed).not.toHaveBeenCalled();
    events.fail(0);
    await settle();
    expect(told.failed.mock.lastCall?.[0]).toMatchObject({ status: 404, detail: 'gone' });
  });

  it('has files titled as the piece is', async () => {
    const asked: string[] = [];
    const here = web({
      'POST api/files/pdf?title=A%20%26%20B': (_init, address) => {
        asked.push(address);
        return new Response('%PDF');
      },
    });
    const file = await new Server('http://here/base/', here).file('pdf', new Uint8Array(), 'A & B');
    expect(await file.text()).toBe('%PDF');
    expect(asked.length).toBe(1);
  });

  it('fails on events that make no sense, rather than showing them', async () => {
    const bad = [{ pitch: 128 }, { onset: -1 }, { onset: 1.5 }, { part: 2 }, { velocity: 0 }, { duration: null }];
    for (const change of bad) {
      const told = listener();
      new Server('http://here/base/', web({})).open('abc', told);
      const events = FakeEvents.all.at(-1) as FakeEvents;
      events.tell('head', { id: 'abc', head: headJson() });
      const { part, onset, duration, pitch, velocity } = {
        part: 0,
        onset: 0,
        duration: 1,
        pitch: 1,
        velocity: 1,
        ...change,
      };
      events.tell('notes', { notes: [[part, onset, duration, pitch, velocity, 0]], composed_to: 1 });
      expect(told.notes).not.toHaveBeenCalled();
      expect(told.failed).toHaveBeenCalledTimes(1);
      expect(events.readyState).toBe(2);
    }
  });

  it('reads what the studio offers and what a library has', async () => {
    const studio = {
      version: '1',
      composes: true,
      models: [
        {
          name: 'band',
          title: 'Band',
          tasks: ['compose'],
          controls: ['time_signature'],
          styles: [{ name: 'folk', bars: 32, tempo_bpm: 110, parts: ['flute'] }],
          parts: [{ name: 'flute', program: 73, is_drum: false }],
          chooses_parts: true,
        },
      ],
      soundfont: 'sound/x.sf3',
      programs: [0, 0],
      endings: { mid: '', pdf: 'pip install' },
      most_bytes: 5,
    };
    const entry = { id: 'a', title: 'T', notes: '', is_favorite: true, created_at: '2026' };
    const here = web({ 'GET api/studio': () => json(studio), 'GET api/library': () => json({ pieces: [entry] }) });
    const server = new Server('http://here/base/', here);
    const info = await server.studio();
    expect(info.models[0]).toMatchObject({ choosesParts: true, controls: ['time_signature'] });
    expect(info.models[0]?.styles[0]?.tempoBpm).toBe(110);
    expect(info.endings.pdf).toBe('pip install');
    expect((await server.library('a&b', true))[0]).toMatchObject({ isFavorite: true, createdAt: '2026' });
    expect(here.asked.at(-1)).toBe('GET api/library?search=a%26b&favorites=true');
  });
});
