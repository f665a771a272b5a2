/** What is shown and heard: a piece, its versions, its parts' strips and pins. Every change of the piece goes by here. */

import { missing } from '../music/editing';
import { samePart } from '../music/parts';
import type { Note, Piece } from '../music/piece';
import { Timing } from '../music/timing';
import { Mixer } from './mixer.svelte';
import { Player, type PlayerEvents } from './player.svelte';
import { type Tree, type Version, Versions } from './versions.svelte';

/** Notes that a new version takes away, for the roll to let go of. */
export interface Leaving {
  notes: readonly Note[];
  /** `performance.now()` at which they began to leave. */
  since: number;
}

/** A piece that was shown before this one, as it was left. */
interface Past {
  piece: Piece;
  tree: Tree;
}

/** So many pieces can be gone back to. */
const MOST_PAST = 20;

/** The stage. */
export class Stage {
  readonly versions = new Versions();
  readonly mixer = new Mixer();
  readonly player: Player;
  piece = $state.raw<Piece | null>(null);
  /** Grows with every change of the notes of the piece. */
  revision = $state(0);
  composedTo = $state(0);
  leaving = $state.raw<Leaving | null>(null);
  pins = $state<boolean[]>([]);
  /** Whether there is a piece to go back to. */
  hasPast = $state(false);
  timing = $derived(this.piece ? new Timing(this.piece.head) : null);
  private past: Past[] = [];

  /** `changed`: called when another piece is shown, or another version of it. */
  constructor(
    events: PlayerEvents,
    private readonly changed: (isVersion: boolean) => void,
  ) {
    this.player = new Player(this.mixer, events);
    this.mixer.changed = () => this.player.mix();
  }

  /** Shows a piece of its own, from its beginning; whether it plays stays. One that `hasEntered` plays already. */
  put(piece: Piece, label: string, hasEntered = false): void {
    const wasPlaying = this.player.isPlaying;
    this.remember();
    this.versions.plant(piece, label);
    this.mixer.setUp(piece.head.parts, false);
    this.pins = piece.head.parts.map(() => false);
    this.leaving = null;
    if (hasEntered) this.player.adopt(piece);
    else this.player.load(piece);
    this.take(piece, false);
    if (wasPlaying && !hasEntered) void this.player.play();
  }

  /** Shows a version of the piece, at the same place. */
  show(version: Version): void {
    const old = this.piece;
    if (!old || version.piece === old) return;
    this.versions.show(version.id);
    const { piece } = version;
    const from = samePart(piece.head.parts, old.head.parts);
    this.pins = from.map((part) => this.pins[part] ?? false);
    this.mixer.setUp(piece.head.parts, true);
    if (piece.isWhole) this.leave(missing(old, piece, samePart(old.head.parts, piece.head.parts)));
    this.player.replace(piece);
    this.take(piece, true);
  }

  /** Lets notes of the piece that was shown leave. */
  leave(notes: readonly Note[]): void {
    this.leaving = notes.length > 0 ? { notes, since: performance.now() } : null;
  }

  /** Notes have come to a piece; tells of it if it is the one that is shown. */
  grew(piece: Piece): void {
    if (piece !== this.piece) return;
    this.composedTo = piece.composedTo;
    this.revision++;
  }

  /** Goes back to the piece before; whether there was one. */
  back(): boolean {
    const past = this.past.pop();
    if (!past) return false;
    this.piece = null;
    this.put(past.piece, '');
    this.versions.restore(past.tree);
    this.hasPast = this.past.length > 0;
    return true;
  }

  private remember(): void {
    if (!this.piece?.isWhole) return;
    this.past = [...this.past, { piece: this.piece, tree: this.versions.tree() }].slice(-MOST_PAST);
    this.hasPast = true;
  }

  private take(piece: Piece, isVersion: boolean): void {
    this.piece = piece;
    this.composedTo = piece.composedTo;
    this.revision++;
    this.changed(isVersion);
  }
}
