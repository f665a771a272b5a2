/** Keys that work everywhere but in fields of text. */

import type { Studio } from '../state/studio.svelte';

/** What keys are typed into, as a selector. */
export const FIELDS = 'input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]';

/** What keys do to the page itself: Escape closes, ? shows all keys. */
export interface PageKeys {
  escape: () => void;
  help: () => void;
}

/** Does what a key asks for. */
export function shortcut(event: KeyboardEvent, studio: Studio, page: PageKeys): void {
  if (event.defaultPrevented) return;
  if (event.key === 'Escape') return page.escape();
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(FIELDS)) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z' && event.shiftKey) studio.redo();
    else if (key === 'z') undo(studio);
    else if (key === 'y') studio.redo();
    else return;
    event.preventDefault();
    return;
  }
  if (event.altKey || event.repeat) return;
  const isButton = target?.closest('button, a') != null;
  if (key === ' ' && !isButton) studio.toggle();
  else if (key === '?') page.help();
  else if (key === 'n') studio.another();
  else if (key === 'd' && studio.wishes.can('infill')) studio.dice();
  else if (key === 'v' && studio.composes) studio.vary(3);
  else if (key === 'e') studio.setEndless(!studio.isEndless);
  else if (/^[1-4]$/.test(key) && studio.variations.length) studio.switchTo(Number(key) - 1);
  else if (key === 'x' && studio.comparedId !== null) studio.swap();
  else return;
  event.preventDefault();
}

/** Takes the last change back; where there is none, goes back to the piece before. */
export function undo(studio: Studio): void {
  if (studio.canUndo) studio.undo();
  else if (studio.canGoBack) studio.previous();
}
