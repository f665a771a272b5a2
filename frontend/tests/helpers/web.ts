/** A browser's fetch and EventSource for tests. */

import type { Web } from '../../src/api/server';

/** Answers of a fake server, by method and address. */
export type Answer = (init: RequestInit, address: string) => Response | Promise<Response>;

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

/** An EventSource that is told by hand. */
export class FakeEvents extends EventTarget {
  static all: FakeEvents[] = [];
  readyState = 1;

  constructor(readonly address: string) {
    super();
    FakeEvents.all.push(this);
  }

  close(): void {
    this.readyState = 2;
  }

  tell(kind: string, data: unknown): void {
    if (this.readyState !== 2) this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

/** The web with these answers; `asked` are the requests that came, `waited` the milliseconds that were waited. */
export function web(answers: Record<string, Answer>): Web & { asked: string[]; waited: number[] } {
  const asked: string[] = [];
  const waited: number[] = [];
  FakeEvents.all = [];
  return {
    asked,
    waited,
    fetch: async (address, init = {}) => {
      if (init.signal?.aborted) throw new DOMException('aborted', 'AbortError');
      const key = `${init.method ?? 'GET'} ${String(address).replace('http://here/base/', '')}`;
      asked.push(key);
      const answer = Object.entries(answers).find(([each]) => key.startsWith(each))?.[1];
      return answer ? await answer(init, key) : json({ title: 'Not Found', detail: 'no', status: 404 }, 404);
    },
    EventSource: FakeEvents as unknown as Web['EventSource'],
    wait: async (milliseconds) => {
      waited.push(milliseconds);
    },
  };
}

/** Lets everything that waits for promises go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
  await new Promise((done) => setTimeout(done, 0));
}

/** A head as the server writes it. */
export function headJson(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    title: 'Folk',
    model: 'band',
    style: 'folk',
    ticks_per_quarter: 12,
    tempos: [[0, 120]],
    meters: [[0, 4, 4]],
    key: { name: 'C major', tonic: 0, scale: [0, 2, 4, 5, 7, 9, 11] },
    chords: [[0, 'C']],
    bars: 8,
    end: 384,
    has_grid: true,
    parts: [
      { name: 'piano', program: 0, is_drum: false },
      { name: 'electric bass', program: 33, is_drum: false },
    ],
    request: { task: 'compose', seed: 3 },
    ...change,
  };
}
