/** The versions of a piece: a tree, in which undo goes to the parent and redo to the child that was shown last. */

import type { Piece } from '../music/piece';

/** A version of a piece, whole or still being composed. */
export interface Version {
  readonly id: number;
  /** Id of the version that it was made of; null of the first. */
  readonly parent: number | null;
  readonly piece: Piece;
  /** What made it, in a few words: Composed, Dice, More notes, Continued, ... */
  readonly label: string;
}

/** A tree as it was left. */
export interface Tree {
  readonly all: readonly Version[];
  readonly currentId: number;
  readonly lastChild: ReadonlyMap<number, number>;
}

/** The tree. Reading it is reactive. */
export class Versions {
  /** All versions, parents before children. */
  all = $state.raw<readonly Version[]>([]);
  currentId = $state(-1);
  private nextId = 0;
  /** Of each version the child that was shown last: where redo goes. */
  private lastChild = new Map<number, number>();

  /** The version that is shown; null before the first piece. */
  get current(): Version | null {
    return this.get(this.currentId);
  }

  get canUndo(): boolean {
    return this.current !== null && this.current.parent !== null;
  }

  get canRedo(): boolean {
    return this.redoId() !== null;
  }

  /** The version of an id, if there is one. */
  get(id: number | null): Version | null {
    return this.all.find((version) => version.id === id) ?? null;
  }

  /** Versions made of this one. */
  children(id: number): Version[] {
    return this.all.filter((version) => version.parent === id);
  }

  /** Begins a new tree with a piece. */
  plant(piece: Piece, label: string): Version {
    this.all = [];
    this.lastChild = new Map();
    const version = this.add(piece, label, null);
    this.show(version.id);
    return version;
  }

  /** The tree as it is, for `restore` to put back. */
  tree(): Tree {
    return { all: this.all, currentId: this.currentId, lastChild: this.lastChild };
  }

  /** Puts back a tree that was left. */
  restore(tree: Tree): void {
    this.all = tree.all;
    this.currentId = tree.currentId;
    this.lastChild = new Map(tree.lastChild);
  }

  /** Adds a version made of another one, without showing it. */
  add(piece: Piece, label: string, parent: number | null = this.currentId): Version {
    const version: Version = { id: this.nextId++, parent: this.get(parent)?.id ?? null, piece, label };
    this.all = [...this.all, version];
    return version;
  }

  /** Makes a version the current one; null where there is none of that id. */
  show(id: number): Version | null {
    const version = this.get(id);
    if (!version) return null;
    this.currentId = id;
    for (let each: Version | null = version; each && each.parent !== null; each = this.get(each.parent)) {
      this.lastChild.set(each.parent, each.id);
    }
    return version;
  }

  /** Takes out a version that nothing was made of, such as one that failed; shows its parent if it was shown. */
  remove(id: number): void {
    const version = this.get(id);
    if (!version || version.parent === null || this.children(id).length > 0) return;
    if (this.currentId === id) this.currentId = version.parent;
    this.all = this.all.filter((each) => each.id !== id);
    for (const [parent, child] of this.lastChild) if (child === id) this.lastChild.delete(parent);
  }

  /** Where redo goes: the child that was shown last. */
  redoId(): number | null {
    const shown = this.get(this.lastChild.get(this.currentId) ?? null);
    return (shown ?? this.children(this.currentId).at(-1))?.id ?? null;
  }
}
