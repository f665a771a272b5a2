/** Several ways on: versions of a piece side by side, switched between at the same bar and about as loud. */

import type { Problem, Request, Source } from '../api/source';
import { energy } from '../music/editing';
import type { Piece } from '../music/piece';
import { Timing } from '../music/timing';
import { Growing } from './growing';
import { UNHURRIED } from './requests';
import type { Version, Versions } from './versions.svelte';

/** One of several ways on. */
export interface Variation {
  /** Id of the version. */
  id: number;
  piece: Piece;
  /** Its name: Original, or Variation and a number; or the title of the composer, when composers are compared. */
  label: string;
  /** Whether it can be switched to: the original, and those that are whole. */
  isWhole: boolean;
}

/** What is to be composed. */
export interface Wanted {
  label: string;
  request: Request;
  model: string | null;
}

/** The original and its variations; none until `compose`. */
export class Variations {
  all = $state.raw<readonly Variation[]>([]);
  private runs: Growing[] = [];

  constructor(
    private readonly versions: Versions,
    private readonly events: {
      grew(piece: Piece): void;
      /** All are whole, or failed. */
      finished(): void;
      failed(problem: Problem): void;
    },
  ) {}

  /** Composes variations of a version; they become versions made of it. */
  compose(source: Source, original: Version, wanted: readonly Wanted[]): void {
    this.clear();
    this.all = [{ id: original.id, piece: original.piece, label: 'Original', isWhole: true }];
    this.runs = wanted.map(({ label, request, model }, place) => {
      return new Growing((listener) => source.compose(request, model, UNHURRIED, listener), {
        begun: (piece) => {
          const { id } = this.versions.add(piece, label, original.id);
          const order = [original.id, ...this.runs.map((run) => this.idOf(run.piece))];
          order[place + 1] = id;
          const all = [...this.all, { id, piece, label, isWhole: false }];
          this.all = all.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
        },
        grew: (piece) => this.events.grew(piece),
        whole: (piece) => {
          this.all = this.all.map((own) => (own.piece === piece ? { ...own, isWhole: true } : own));
          this.finish();
        },
        failed: (problem) => {
          this.finish();
          this.events.failed(problem);
        },
      });
    });
  }

  /** Ends what is under way, and forgets them; they stay versions. */
  clear(): void {
    for (const run of this.runs) run.stop();
    this.runs = [];
    this.all = [];
  }

  /** The factor that makes a version about as loud as the original; 1 of one that is no variation. */
  gain(version: Version): number {
    const [original, own] = [this.all[0], this.all.find((each) => each.id === version.id)];
    return original && own ? gainOf(original.piece, own.piece) : 1;
  }

  private idOf(piece: Piece | null): number {
    return this.all.find((own) => own.piece === piece)?.id ?? -1;
  }

  private finish(): void {
    if (this.runs.every((run) => run.isOver)) this.events.finished();
  }
}

/** The factor on the amplitude that gives a piece the energy a second of another one. */
export function gainOf(reference: Piece, piece: Piece): number {
  const loudness = (own: Piece) => energy(own, new Timing(own.head).seconds(own.head.end));
  const [wanted, is] = [loudness(reference), loudness(piece)];
  return wanted > 0 && is > 0 ? Math.min(1.6, Math.max(0.4, Math.sqrt(wanted / is))) : 1;
}
