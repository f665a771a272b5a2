import { describe, expect, it, vi } from 'vitest';
import type { Studio } from '../../src/state/studio.svelte';
import { shortcut } from '../../src/views/shortcuts';

vi.stubGlobal('Element', class {});

describe('the key ?', () => {
  it('shows all keys, also where it needs Shift', () => {
    const [escape, help, preventDefault] = [vi.fn(), vi.fn(), vi.fn()];
    const event = { key: '?', shiftKey: true, target: null, preventDefault } as unknown as KeyboardEvent;
    shortcut(event, {} as Studio, { escape, help });
    expect(help).toHaveBeenCalledOnce();
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(escape).not.toHaveBeenCalled();
  });
});
