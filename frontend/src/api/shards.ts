/**
 * Pieces that were composed beforehand, as a static site has them: `studio.json`, `pieces/index.json` of {count,
 * shard_size}, and `pieces/NNN.json.gz`, each a list of so many pieces, with notes in columns. A piece's id is its
 * number. Recorded music and cards of composers are files as well.
 */

import { inflate } from '../music/bytes';
import type { Piece } from '../music/piece';
import { fields, list, ProblemError, problemOf, readCard, readPiece, readRecordings, readStudio } from './json';
import type { Card, Listener, Recording, Request, Source, StudioInfo } from './source';

/** What a shard may hold when inflated; a hundred pieces take some two megabytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** Pieces below an address that ends in a slash. */
export class Shards implements Source {
  private index: Promise<{ count: number; shardSize: number }> | null = null;
  private readonly shards = new Map<number, Promise<unknown[]>>();
  private recent: number[] = [];

  constructor(
    private readonly root: string,
    private readonly load: typeof fetch = (...own) => fetch(...own),
    private readonly random: () => number = Math.random,
  ) {}

  async studio(): Promise<StudioInfo> {
    // These files are made in the browser, whatever the site says.
    return { ...readStudio(await this.json('studio.json')), composes: false, endings: { mid: '', wav: '' } };
  }

  /** A piece at random, whatever is asked for; none of the last ones. */
  compose(_request: Request, _model: string | null, _within: number, listener: Listener): () => void {
    return this.tell(this.draw(), listener);
  }

  open(id: string, listener: Listener): () => void {
    return this.tell(Promise.resolve(Number(id)), listener);
  }

  read(): Promise<Piece> {
    const detail = 'A static site reads no files: start a studio of your own with "componium studio".';
    return Promise.reject(new ProblemError(0, 'Files cannot be read here', detail));
  }

  async recordings(): Promise<Recording[]> {
    return readRecordings(await this.json('recordings/index.json'));
  }

  async recording(name: string): Promise<Piece> {
    return { ...readPiece(await this.inflated(`recordings/${encodeURIComponent(name)}.json.gz`)), id: '' };
  }

  async card(model: string): Promise<Card> {
    return readCard(await this.json(`models/${encodeURIComponent(model)}.json`));
  }

  private tell(number: Promise<number>, listener: Listener): () => void {
    let isStopped = false;
    number
      .then((drawn) => this.piece(drawn))
      .then((piece) => {
        if (isStopped) return;
        listener.head(piece.id, piece.head);
        listener.notes(piece.notes, piece.pedals, piece.head.end);
        listener.end([]);
      })
      .catch((thrown: unknown) => {
        if (!isStopped) listener.failed(problemOf(thrown));
      });
    return () => {
      isStopped = true;
    };
  }

  private async draw(): Promise<number> {
    const { count } = await this.counts();
    const others = Math.max(1, count - this.recent.length);
    let number = Math.min(others - 1, Math.floor(this.random() * others));
    for (const each of [...this.recent].sort((a, b) => a - b))
      if (count > this.recent.length && each <= number) number++;
    this.recent = [...this.recent, number].slice(-Math.floor(count / 2) || 1).slice(-50);
    return number;
  }

  private async piece(number: number): Promise<Piece> {
    const { count, shardSize } = await this.counts();
    if (!Number.isInteger(number) || number < 0 || number >= count) {
      throw new ProblemError(404, 'There is no such piece', `This site has pieces 0 to ${count - 1}.`);
    }
    const shard = await this.shard(Math.floor(number / shardSize));
    const found = fields(shard[number % shardSize], 'a piece');
    return { ...readPiece({ ...found, notes: rowsOf(found.columns) }), id: String(number) };
  }

  private counts(): Promise<{ count: number; shardSize: number }> {
    this.index ??= this.json('pieces/index.json').then((json) => {
      const { count, shard_size: shardSize } = json as { count: number; shard_size: number };
      if (!(count > 0) || !(shardSize > 0))
        throw new ProblemError(0, 'There is no piece here', 'Export the site again.');
      return { count, shardSize };
    });
    return this.index;
  }

  private shard(number: number): Promise<unknown[]> {
    let found = this.shards.get(number);
    if (!found) {
      found = this.inflated(`pieces/${String(number).padStart(3, '0')}.json.gz`) as Promise<unknown[]>;
      this.shards.set(number, found);
      found.catch(() => this.shards.delete(number));
    }
    return found;
  }

  private async json(address: string): Promise<unknown> {
    return (await this.get(address)).json() as Promise<unknown>;
  }

  private async inflated(address: string): Promise<unknown> {
    const answer = await this.get(address);
    const bytes = await answer.arrayBuffer();
    const head = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
    // Some file hosts say Content-Encoding: gzip, and the browser has inflated it already.
    if (head[0] !== 0x1f || head[1] !== 0x8b) return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    const plain = await inflate(new Uint8Array(bytes), 'gzip', MOST_BYTES);
    return JSON.parse(new TextDecoder().decode(plain)) as unknown;
  }

  private async get(address: string): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.load(this.root + address);
    } catch {
      throw new ProblemError(0, 'The site does not answer', 'Try again when the network is back.');
    }
    if (!answer.ok) throw new ProblemError(answer.status, 'A file of this site is missing', `${address} is not there.`);
    return answer;
  }
}

/**
 * Rows of notes, by onset, of columns part by part: [part, onsets, durations, pitches, velocities], in which onsets and
 * pitches are differences from the note before.
 */
function rowsOf(columns: unknown): unknown[] {
  const rows: [unknown, number, unknown, number, unknown, number][] = [];
  for (const column of list(columns)) {
    const [part, onsets, durations, pitches, velocities] = list(column);
    let [onset, pitch] = [0, 0];
    list(onsets).forEach((step, index) => {
      onset += Number(step);
      pitch += Number(list(pitches)[index]);
      rows.push([part, onset, list(durations)[index], pitch, list(velocities)[index], 0]);
    });
  }
  return rows.sort((a, b) => a[1] - b[1]);
}
