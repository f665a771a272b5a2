import { describe, expect, it } from 'vitest';
import { Versions } from '../../src/state/versions.svelte';
import { piece } from '../helpers/pieces';

describe('Versions', () => {
  it('undo goes to the parent, redo to the child that was shown last, on every level', () => {
    const versions = new Versions();
    const root = versions.plant(piece([]), 'Composed');
    const a = versions.add(piece([]), 'a');
    versions.show(a.id);
    const b = versions.add(piece([]), 'b', root.id);
    versions.show(b.id);
    const c = versions.add(piece([]), 'c');
    versions.show(c.id);
    expect(versions.current?.parent).toBe(b.id);
    versions.show(root.id);
    expect(versions.canUndo).toBe(false);
    expect(versions.redoId()).toBe(b.id);
    versions.show(b.id);
    expect(versions.redoId()).toBe(c.id);
    versions.show(a.id);
    versions.show(root.id);
    expect(versions.redoId()).toBe(a.id);
    expect(versions.children(root.id).map((version) => version.label)).toEqual(['a', 'b']);
  });

  it('redo goes to the latest child where none was shown yet', () => {
    const versions = new Versions();
    versions.plant(piece([]), 'Composed');
    expect(versions.canRedo).toBe(false);
    versions.add(piece([]), 'a');
    const b = versions.add(piece([]), 'b');
    expect(versions.redoId()).toBe(b.id);
  });

  it('forgets all with a new piece', () => {
    const versions = new Versions();
    const root = versions.plant(piece([]), 'Composed');
    versions.show(versions.add(piece([]), 'a').id);
    const next = versions.plant(piece([]), 'Composed');
    expect(versions.all).toEqual([next]);
    expect(next.id).not.toBe(root.id);
    expect(versions.canUndo || versions.canRedo).toBe(false);
    expect(versions.show(root.id)).toBe(null);
    expect(versions.current).toBe(next);
  });
});
