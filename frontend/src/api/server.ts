/** A server that composes: the studio's HTTP API. */

import { storedFiles } from '../music/bytes';
import type { Piece } from '../music/piece';
import {
  inCamelCase,
  ProblemError,
  problemOf,
  readCard,
  readCuts,
  readHead,
  readNotes,
  readPedals,
  readPiece,
  readRecordings,
  readStudio,
} from './json';
import type { Card, Entry, Listener, Originality, Problem, Recording, Request, Source, StudioInfo } from './source';

/** How often a busy server is asked again before it is told. */
const MOST_TRIES = 5;
/** How often in a row the connection may fail before it is told; the browser waits some seconds between. */
const MOST_FAILURES = 5;

/** The parts of the browser that are used, to be exchanged in tests. */
export interface Web {
  fetch: typeof fetch;
  EventSource: new (address: string) => EventSource;
  wait: (milliseconds: number) => Promise<void>;
}

/** The API below an address that ends in a slash. Methods reject with a `ProblemError`. */
export class Server implements Source {
  constructor(
    private readonly root: string,
    private readonly web: Web = browser(),
  ) {}

  async studio(): Promise<StudioInfo> {
    return readStudio(await this.json('api/studio'));
  }

  compose(request: Request, model: string | null, within: number, listener: Listener): () => void {
    const stopping = new AbortController();
    let id = '';
    let stopFollowing: (() => void) | null = null;
    const begin = async () => {
      const body = JSON.stringify(request);
      const query = new URLSearchParams({ within: String(within), ...(model ? { model } : {}) });
      const begun = (await this.json(`api/pieces?${query}`, { method: 'POST', body, signal: stopping.signal })) as {
        id: unknown;
      };
      id = String(begun.id);
      if (stopping.signal.aborted) return this.stop(id);
      stopFollowing = this.open(id, listener);
    };
    begin().catch((thrown: unknown) => {
      if (!stopping.signal.aborted) listener.failed(problemOf(thrown));
    });
    return () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      stopFollowing?.();
      if (id) this.stop(id);
    };
  }

  /** Ends composing of a piece; what was composed by then is the piece. */
  stop(id: string): void {
    this.web.fetch(`${this.root}api/pieces/${id}`, { method: 'DELETE', keepalive: true }).catch(() => undefined);
  }

  open(id: string, listener: Listener): () => void {
    const events = new this.web.EventSource(`${this.root}api/pieces/${encodeURIComponent(id)}/events?from=0`);
    let nParts = 0;
    let nFailures = 0;
    const hear = (kind: string, take: (data: Record<string, unknown>) => void) => {
      events.addEventListener(kind, (event) => {
        nFailures = 0;
        try {
          take(JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>);
        } catch (thrown) {
          events.close();
          listener.failed(problemOf(thrown));
        }
      });
    };
    hear('head', (data) => {
      const head = readHead(data.head);
      nParts = head.parts.length;
      listener.head(String(data.id), head);
    });
    hear('notes', (data) => {
      const notes = readNotes(data.notes ?? [], nParts);
      listener.notes(notes, readPedals(data.pedals, nParts), Number(data.composed_to));
    });
    hear('end', (data) => {
      events.close();
      listener.end(readCuts(data.cuts));
    });
    hear('failed', (data) => {
      events.close();
      listener.failed(readProblem(data, 500));
    });
    events.addEventListener('error', () => {
      if (events.readyState !== 2 && ++nFailures < MOST_FAILURES) return;
      events.close();
      this.reason(id).then(listener.failed.bind(listener), () => undefined);
    });
    return () => events.close();
  }

  async read(file: Blob, name: string): Promise<Piece> {
    return readPiece(await this.json(`api/scores?name=${encodeURIComponent(name)}`, { method: 'POST', body: file }));
  }

  /** A file made of MIDI: its ending, and the title that it has inside. */
  async file(ending: string, midi: BlobPart, title: string): Promise<Blob> {
    const [base = '', inner] = ending === 'stems.zip' ? ['stems.zip', 'wav'] : [ending];
    return (await this.rendered(base, midi, title, inner)).blob();
  }

  /** A file of the sound of each part that has notes; together they are the sound of all. */
  async stems(ending: string, midi: BlobPart, title: string): Promise<ArrayBuffer[]> {
    const packed = await (await this.rendered('stems.zip', midi, title, ending)).arrayBuffer();
    return storedFiles(new Uint8Array(packed));
  }

  private rendered(base: string, midi: BlobPart, title: string, inner?: string): Promise<Response> {
    const query = `title=${encodeURIComponent(title.slice(0, 200))}${inner ? `&ending=${inner}` : ''}`;
    return this.ask(`api/files/${base}?${query}`, { method: 'POST', body: new Blob([midi]) });
  }

  async originality(midi: BlobPart, model: string): Promise<Originality> {
    const address = `api/originality?model=${encodeURIComponent(model)}`;
    return inCamelCase(await this.json(address, { method: 'POST', body: new Blob([midi]) })) as Originality;
  }

  async card(model: string): Promise<Card> {
    return readCard(await this.json(`api/models/${encodeURIComponent(model)}`));
  }

  async library(search: string, onlyFavorites: boolean): Promise<Entry[]> {
    const query = new URLSearchParams();
    if (search) query.set('search', search);
    if (onlyFavorites) query.set('favorites', 'true');
    const { pieces } = inCamelCase(await this.json(`api/library?${query.toString()}`)) as { pieces: Entry[] };
    return pieces;
  }

  /** Keeps a piece that the server has, or changes what is written of one that is kept. */
  async keep(id: string, change: { title?: string; notes?: string; isFavorite?: boolean }): Promise<void> {
    const { title, notes, isFavorite } = change;
    const body = JSON.stringify({ title, notes, is_favorite: isFavorite });
    await this.ask(`api/library/${encodeURIComponent(id)}`, { method: 'PUT', body });
  }

  /** Keeps music that the server does not have; returns its id. */
  async keepNew(midi: BlobPart, title: string): Promise<string> {
    const address = `api/library?title=${encodeURIComponent(title)}`;
    const kept = (await this.json(address, { method: 'POST', body: new Blob([midi]) })) as { id: string };
    return kept.id;
  }

  async forget(id: string): Promise<void> {
    await this.ask(`api/library/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  async recordings(): Promise<Recording[]> {
    return readRecordings(await this.json('api/recordings'));
  }

  async recording(name: string): Promise<Piece> {
    return readPiece(await this.json(`api/recordings/${encodeURIComponent(name)}`));
  }

  private async json(address: string, init: RequestInit = {}): Promise<unknown> {
    const answer = await this.ask(address, init);
    try {
      return (await answer.json()) as unknown;
    } catch {
      throw new ProblemError(answer.status, 'The server cannot be understood', 'Load the page again.');
    }
  }

  /** Asks; a server that is busy is asked again when it says. */
  private async ask(address: string, init: RequestInit = {}): Promise<Response> {
    const headers = typeof init.body === 'string' ? { 'Content-Type': 'application/json' } : {};
    for (let tries = 1; ; tries++) {
      let answer: Response;
      try {
        answer = await this.web.fetch(this.root + address, { ...init, headers });
      } catch (thrown) {
        if (init.signal?.aborted) throw thrown;
        throw new ProblemError(0, 'The studio does not answer', 'See whether "componium studio" still runs.');
      }
      if (answer.ok) return answer;
      const seconds = Number(answer.headers.get('Retry-After'));
      if (answer.status !== 503 || !(seconds > 0) || tries >= MOST_TRIES || init.signal?.aborted) {
        throw await problemFrom(answer);
      }
      await this.web.wait(Math.min(seconds, 20) * 1000);
    }
  }

  /** Why the events of a piece cannot be had. */
  private async reason(id: string): Promise<Problem> {
    try {
      await this.json(`api/pieces/${encodeURIComponent(id)}`);
    } catch (thrown) {
      return problemOf(thrown);
    }
    return { status: 0, title: 'The connection was lost', detail: 'Load the page again; the piece is on the server.' };
  }
}

async function problemFrom(answer: Response): Promise<ProblemError> {
  let json: unknown = null;
  try {
    json = (await answer.json()) as unknown;
  } catch {
    // A proxy answered with a page of its own.
  }
  const { status, title, detail } = readProblem(json, answer.status);
  return new ProblemError(status, title, detail);
}

function readProblem(json: unknown, status: number): Problem {
  const own = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  return {
    status: typeof own.status === 'number' ? own.status : status,
    title: typeof own.title === 'string' ? own.title : 'The server could not do this',
    detail: typeof own.detail === 'string' ? own.detail : `It answered with status ${status}.`,
  };
}

function browser(): Web {
  return {
    fetch: (...own) => fetch(...own),
    EventSource: globalThis.EventSource,
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  };
}
