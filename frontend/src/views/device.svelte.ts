/** What the device and its user prefer. */

import { MediaQuery } from 'svelte/reactivity';
import type { Scheme } from '../roll/palette';

/** Reactive answers to media queries. */
export class Device {
  private readonly dark = new MediaQuery('prefers-color-scheme: dark', false);
  private readonly reduced = new MediaQuery('prefers-reduced-motion: reduce', false);
  private readonly small = new MediaQuery('max-width: 760px', false);
  private readonly coarse = new MediaQuery('pointer: coarse', false);

  get scheme(): Scheme {
    return this.dark.current ? 'dark' : 'light';
  }

  /** Whether motion is to be avoided. */
  get isCalm(): boolean {
    return this.reduced.current;
  }

  /** Whether the window is as narrow as a phone. */
  get isNarrow(): boolean {
    return this.small.current;
  }

  /** Whether it is touched by fingers. */
  get isTouched(): boolean {
    return this.coarse.current;
  }
}
