/** A studio with a fake source and a fake sound: runs are told by hand, and so is time. */

import { vi } from 'vitest';
import type { Server } from '../../src/api/server';
import type { Listener, Problem, Request, StudioInfo } from '../../src/api/source';
import type { Head, Note, Piece } from '../../src/music/piece';
import { Studio } from '../../src/state/studio.svelte';
import { FakeSynthesizer } from './band';
import { BASS, head, PIANO, piece } from './pieces';

export const ROOT = 'http://here/base/';

export const INFO: StudioInfo = {
  version: '1',
  composes: true,
  notice: '',
  models: [
    {
      name: 'band',
      title: 'Band',
      tasks: ['compose', 'continue', 'accompany', 'infill'],
      controls: ['style', 'key', 'chords', 'density', 'complexity', 'temperature', 'top_p', 'time_signature', 'parts'],
      styles: [{ name: 'folk', bars: 8, tempoBpm: 120, parts: ['piano'] }],
      parts: [PIANO, BASS],
      choosesParts: true,
    },
    {
      name: 'piano',
      title: 'Piano',
      tasks: ['compose', 'continue'],
      controls: ['key', 'temperature', 'top_p'],
      styles: [],
      parts: [PIANO],
      choosesParts: false,
    },
  ],
  soundfont: 'sound/x.sf3',
  programs: Array.from({ length: 128 }, (_, program) => program),
  endings: { mid: '' },
  mostBytes: 1000,
};

/** One run of the fake source. */
export interface Run {
  request: Request;
  model: string | null;
  listener: Listener;
  isStopped: boolean;
}

/** The studio and what is around it. */
export class Rig {
  readonly runs: Run[] = [];
  readonly addresses: string[] = [];
  readonly opened: string[] = [];
  readonly synthesizer = new FakeSynthesizer();
  readonly studio: Studio;
  readonly server = { keep: vi.fn(), keepNew: vi.fn(async () => 'kept') };
  private tick: (() => void) | null = null;
  private beat: (() => void) | null = null;

  constructor(address = ROOT) {
    const source = {
      studio: async () => INFO,
      compose: (request: Request, model: string | null, _within: number, listener: Listener) =>
        this.begin(request, model, listener),
      open: (id: string, listener: Listener) => {
        this.opened.push(id);
        return this.begin({}, null, listener);
      },
      recordings: async () => [],
      recording: async () => piece([]),
      card: async () => ({}),
      read: async () => piece([{ ...NOTE, onset: 0 }], { title: 'file', request: null }),
    };
    this.studio = new Studio({
      root: ROOT,
      address,
      source,
      server: this.server as unknown as Server,
      sound: async () => ({
        synthesizer: this.synthesizer,
        ticker: { start: (callback) => (this.tick = callback), stop: () => (this.tick = null) },
        beats: { start: (callback) => (this.beat = callback), stop: () => (this.beat = null) },
        ready: Promise.resolve(),
      }),
      showAddress: (shown) => this.addresses.push(shown),
    });
  }

  /** The last run. */
  get run(): Run {
    return this.runs.at(-1) as Run;
  }

  /** Whether the metronome runs. */
  get beats(): boolean {
    return this.beat !== null;
  }

  /** Lets seconds pass on all clocks. */
  async wait(seconds: number): Promise<void> {
    for (let left = seconds; left > 1e-9; left -= 0.025) {
      this.synthesizer.now += Math.min(0.025, left);
      await vi.advanceTimersByTimeAsync(Math.min(25, left * 1000));
      this.tick?.();
      this.beat?.();
    }
  }

  /** Tells a run its head and notes, and that it is whole. */
  whole(run: Run, id: string, notes: Note[], change: Partial<Head> = {}): void {
    run.listener.head(id, songHead(run.request, change));
    run.listener.notes(notes, [], 0);
    run.listener.end([]);
  }

  /** A studio that shows a whole piece of eight bars, a quarter note on each beat. */
  static async playing(isPlaying = true): Promise<Rig> {
    const rig = new Rig();
    await rig.studio.start();
    rig.whole(rig.run, 'one', song());
    if (isPlaying) {
      rig.studio.play();
      await rig.wait(0.05);
    }
    return rig;
  }

  private begin(request: Request, model: string | null, listener: Listener): () => void {
    const run = { request, model, listener, isStopped: false };
    this.runs.push(run);
    return () => {
      run.isStopped = true;
    };
  }
}

const NOTE: Note = { part: 0, onset: 0, duration: 12, pitch: 60, velocity: 80, given: false };

/** Eight bars of quarters, of piano and bass; pitches begin at the given one. */
export function song(pitch = 60, from = 0): Note[] {
  return Array.from({ length: 32 }, (_, quarter) => quarter * 12)
    .filter((onset) => onset >= from)
    .flatMap((onset) => [
      { ...NOTE, onset, pitch: pitch + ((onset / 12) % 8) },
      { ...NOTE, part: 1, onset, pitch: pitch - 24 },
    ]);
}

/** The head of such a song. */
export function songHead(request: Request = { task: 'compose' }, change: Partial<Head> = {}): Head {
  return head({ bars: 8, end: 384, parts: [PIANO, BASS], request, ...change });
}

export function problem(status = 422): Problem {
  return { status, title: 'No', detail: 'because' };
}

/** Notes as rows that can be compared. */
export function rows(of: Piece | null, to = Infinity): string[] {
  const own = (of?.notes ?? []).filter((each) => each.onset < to);
  return own.map((each) => `${each.onset}/${each.part}/${each.pitch}/${each.duration}/${each.velocity}`).sort();
}
