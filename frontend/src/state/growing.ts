/** A piece that is being composed: what comes of it, put together. */

import type { Cut, Listener, Problem } from '../api/source';
import { byOnset } from '../music/notes';
import type { Head, Note, Pedal, Piece } from '../music/piece';

/** What is told of a growing piece. Nothing is told after it was stopped. */
export interface Following {
  /** The head is known, and with it the piece; its notes follow. */
  begun?: (piece: Piece) => void;
  /** Notes have come, or the piece has become whole. */
  grew?: (piece: Piece) => void;
  whole?: (piece: Piece) => void;
  failed?: (problem: Problem) => void;
}

/** Follows one run of a source. */
export class Growing implements Listener {
  piece: Piece | null = null;
  /** Whether nothing more comes: it is whole, failed or was stopped. */
  isOver = false;
  private halt: (() => void) | null = null;
  /** Whether a head has come again: what follows is all of the piece, and takes the place of what came before. */
  private isToldAgain = false;

  /**
   * `start` begins the run with this as its listener and returns what stops it; `settle` changes the head before
   * anything is told of it.
   */
  constructor(
    start: (listener: Listener) => () => void,
    private readonly following: Following,
    private readonly settle: (head: Head) => Head = (head) => head,
  ) {
    const halt = start(this);
    if (this.isOver) return;
    this.halt = halt;
  }

  head(id: string, head: Head): void {
    if (this.isOver) return;
    if (this.piece) {
      // After a lost connection, of a piece that has left the server's memory since.
      this.isToldAgain = true;
      return;
    }
    this.piece = { id, head: this.settle(head), notes: [], pedals: [], composedTo: 0, isWhole: false };
    this.following.begun?.(this.piece);
  }

  notes(notes: Note[], pedals: Pedal[], composedTo: number): void {
    if (this.isOver || !this.piece) return;
    if (this.isToldAgain) {
      this.isToldAgain = false;
      this.piece.notes = [];
      this.piece.pedals = [];
    }
    // One by one: a call with a million arguments overflows the stack.
    for (const note of notes) this.piece.notes.push(note);
    for (const pedal of pedals) this.piece.pedals.push(pedal);
    this.piece.composedTo = Math.max(this.piece.composedTo, composedTo);
    this.following.grew?.(this.piece);
  }

  end(cuts: Cut[]): void {
    if (this.isOver || !this.piece) return;
    const { piece } = this;
    this.isOver = true;
    for (const { index, duration } of cuts) {
      const note = piece.notes[index];
      if (note) note.duration = duration;
    }
    const gone = new Set(cuts.filter((cut) => cut.duration === 0).map((cut) => piece.notes[cut.index]));
    piece.notes = piece.notes.filter((note) => !gone.has(note)).sort(byOnset);
    piece.composedTo = piece.head.end;
    piece.isWhole = true;
    this.following.grew?.(piece);
    this.following.whole?.(piece);
  }

  failed(problem: Problem): void {
    if (this.isOver) return;
    this.isOver = true;
    this.following.failed?.(problem);
  }

  /** Wants no more of it; the server stops composing. */
  stop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.halt?.();
  }
}
