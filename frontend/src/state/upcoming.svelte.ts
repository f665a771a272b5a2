/** The next piece: composed while this one plays, and ready to enter. */

import type { Problem, Request, Source } from '../api/source';
import type { Piece } from '../music/piece';
import { Growing } from './growing';
import type { Player } from './player.svelte';
import { UNHURRIED } from './requests';

/** What is told of the next piece. */
export interface UpcomingEvents {
  grew(piece: Piece): void;
  whole(piece: Piece): void;
  failed(problem: Problem): void;
}

/** The next piece, if there is one. */
export class Upcoming {
  piece = $state.raw<Piece | null>(null);
  isEndless = $state(false);
  private run: Growing | null = null;
  /** Whether it was asked for, and enters on the next bar line. */
  private isAwaited = false;

  constructor(
    private readonly player: Player,
    private readonly events: UpcomingEvents,
  ) {}

  /** Composes it, unless that is done or under way. */
  prepare(source: Source, request: () => Request, model: string | null): void {
    if (this.run) return;
    this.run = new Growing((listener) => source.compose(request(), model, UNHURRIED, listener), {
      begun: (piece) => {
        this.piece = piece;
        this.enqueue();
      },
      grew: this.events.grew.bind(this.events),
      whole: this.events.whole.bind(this.events),
      failed: (problem) => {
        const wasAwaited = this.isAwaited;
        this.clear();
        if (wasAwaited || this.isEndless) this.events.failed(problem);
      },
    });
  }

  /** Has it enter on the next bar line, once it is there. */
  await(): void {
    this.isAwaited = true;
    this.enqueue();
  }

  setEndless(isEndless: boolean): void {
    this.isEndless = isEndless;
    this.enqueue();
  }

  /** Hands over the piece and what follows it; there is no next piece then. */
  take(): { piece: Piece; run: Growing } | null {
    const { piece, run } = this;
    this.run = null;
    this.clear();
    return piece && run ? { piece, run } : null;
  }

  /** Forgets it, as wishes have changed; one that was asked for stays. */
  drop(): void {
    if (!this.isAwaited) this.clear();
  }

  /** Forgets it. */
  clear(): void {
    this.run?.stop();
    this.run = null;
    this.piece = null;
    this.isAwaited = false;
    this.enqueue();
  }

  private enqueue(): void {
    const isWanted = this.isAwaited || this.isEndless;
    this.player.enqueue(isWanted ? this.piece : null, this.isAwaited ? 'next bar' : 'end');
  }
}
