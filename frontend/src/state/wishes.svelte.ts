/** What is wished of the next piece, or of the rest of this one: the fields of a request. */

import type { Model, Request, StudioInfo } from '../api/source';

/** Wishes; null, or no parts, leaves it to the composer. */
export interface WishFields {
  style: string | null;
  /** Names of instruments; ['all'] or ['random:3'] stand alone. */
  parts: string[];
  key: string | null;
  /** Chords of each bar, such as 'C | Am F | G7 | C'. */
  chords: string | null;
  tempoBpm: number | null;
  /** A length in bars takes back one in seconds, and the other way round. */
  bars: number | null;
  seconds: number | null;
  /** Such as 3/4. */
  timeSignature: string | null;
  /** 0 to 1, within what is usual for the style; so is complexity. */
  density: number | null;
  complexity: number | null;
  /** 0 to 5; 1 is as learned. */
  temperature: number | null;
  topP: number | null;
  /** null: another one for every piece. */
  seed: number | null;
}

/** The name of a wish. */
export type WishName = keyof WishFields;

/** Everything left to the composer. */
export const NONE: Readonly<WishFields> = {
  style: null,
  parts: [],
  key: null,
  chords: null,
  tempoBpm: null,
  bars: null,
  seconds: null,
  timeSignature: null,
  density: null,
  complexity: null,
  temperature: null,
  topP: null,
  seed: null,
};

/** Names of wishes in requests. */
const NAMES: Readonly<Record<WishName, string>> = {
  style: 'style',
  parts: 'parts',
  key: 'key',
  chords: 'chords',
  tempoBpm: 'tempo_bpm',
  bars: 'bars',
  seconds: 'seconds',
  timeSignature: 'time_signature',
  density: 'density',
  complexity: 'complexity',
  temperature: 'temperature',
  topP: 'top_p',
  seed: 'seed',
};
/** Least and most of the wishes that are numbers, as composers take them; and the two that are whole. */
export const LIMITS = {
  tempoBpm: [10, 400],
  bars: [1, 2000],
  seconds: [1, 14_400],
  density: [0, 1],
  complexity: [0, 1],
  temperature: [0, 5],
  topP: [0.01, 1],
  seed: [0, Number.MAX_SAFE_INTEGER],
} as const;
const WHOLE: ReadonlySet<string> = new Set(['bars', 'seed']);

const ALL = Object.keys(NAMES) as WishName[];
const TEXTS: ReadonlySet<WishName> = new Set(['style', 'key', 'chords', 'timeSignature']);

/** Fields of requests that a composer may lack, and then declares no control for; the others all know. */
export const CONTROLS: ReadonlySet<string> = new Set([
  'style',
  'key',
  'chords',
  'time_signature',
  'density',
  'complexity',
  'temperature',
  'top_p',
]);

/** The wishes, and what of them the chosen composer knows. */
export class Wishes implements WishFields {
  style = $state<string | null>(null);
  parts = $state.raw<string[]>([]);
  key = $state<string | null>(null);
  chords = $state<string | null>(null);
  tempoBpm = $state<number | null>(null);
  bars = $state<number | null>(null);
  seconds = $state<number | null>(null);
  timeSignature = $state<string | null>(null);
  density = $state<number | null>(null);
  complexity = $state<number | null>(null);
  temperature = $state<number | null>(null);
  topP = $state<number | null>(null);
  seed = $state<number | null>(null);
  /** Name of the chosen composer; null is the server's first. */
  modelName = $state<string | null>(null);
  /** What the source offers; set by the studio. */
  info = $state.raw<StudioInfo | null>(null);

  /** The composer that is asked next; null where nothing composes. */
  get model(): Model | null {
    const models = this.info?.models ?? [];
    return models.find((model) => model.name === this.modelName) ?? models[0] ?? null;
  }

  /** Whether the chosen composer knows a wish; a page shows no others. */
  offers(name: WishName): boolean {
    const model = this.model;
    if (!model) return false;
    if (name === 'parts') return model.choosesParts || model.controls.includes('parts');
    return !CONTROLS.has(NAMES[name]) || model.controls.includes(NAMES[name]);
  }

  /** Whether the chosen composer fulfils a task: compose, continue, accompany, infill. */
  can(task: string): boolean {
    return this.model?.tasks.includes(task) ?? false;
  }

  /** Sets wishes, numbers within their limits; returns what was set. Of the two lengths the one that is set stays. */
  set(change: Partial<WishFields>): Partial<WishFields> {
    const taken = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, limited(name, value)]));
    Object.assign(this, taken);
    if (change.bars != null) this.seconds = null;
    else if (change.seconds != null) this.bars = null;
    return taken;
  }

  /** Leaves everything to the composer again; which composer stays. */
  clear(): void {
    this.set({ ...NONE });
  }

  /** All wishes, as plain data. */
  fields(): WishFields {
    return Object.fromEntries(ALL.map((name) => [name, this[name]])) as unknown as WishFields;
  }

  /** The fields of a request: what is wished and known, without the task and without what is left open. */
  request(without: readonly WishName[] = []): Request {
    const request: Request = {};
    for (const name of ALL) {
      const value = this[name];
      const isOpen = value === null || (Array.isArray(value) && value.length === 0);
      if (!isOpen && !without.includes(name) && this.offers(name)) request[NAMES[name]] = value;
    }
    return request;
  }

  /** Takes over what a request asked for, so that the page shows it; of a link or an opened piece. */
  adopt(request: Request | null): void {
    if (request?.task !== 'compose') return;
    const change: Record<string, unknown> = { ...NONE };
    for (const name of ALL) {
      const value = request[NAMES[name]];
      if (isWish(name, value)) change[name] = value;
    }
    this.set({ ...(change as unknown as WishFields), seed: null });
  }
}

/** A wish within its limits; no number at all is none. */
function limited<T>(name: string, value: T): T | number | null {
  if (typeof value !== 'number') return value;
  if (Number.isNaN(value)) return null;
  const [least, most] = LIMITS[name as keyof typeof LIMITS];
  return Math.min(most, Math.max(least, WHOLE.has(name) ? Math.round(value) : value));
}

/** Whether a value is of the kind of a wish: links are written by anybody. */
function isWish(name: WishName, value: unknown): boolean {
  if (name === 'parts') return Array.isArray(value) && value.every((part) => typeof part === 'string');
  return typeof value === (TEXTS.has(name) ? 'string' : 'number');
}

/** Wishes in a few words. */
export function labelOf(names: readonly WishName[]): string {
  return [...new Set(names.map((name) => WORDS[name]))].join(', ');
}

const WORDS: Readonly<Record<WishName, string>> = {
  style: 'Style',
  parts: 'Instruments',
  key: 'Key',
  chords: 'Chords',
  tempoBpm: 'Tempo',
  bars: 'Length',
  seconds: 'Length',
  timeSignature: 'Meter',
  density: 'Density',
  complexity: 'Complexity',
  temperature: 'Temperature',
  topP: 'Top-p',
  seed: 'Seed',
};
