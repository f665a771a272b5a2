/** What all views have at hand: the studio, the colors of its parts, and what is known of the device. */

import { createContext } from 'svelte';
import type { Studio } from '../state/studio.svelte';
import type { Colors } from './colors.svelte';
import type { Device } from './device.svelte';
import type { Frames } from './frames';

export interface Shared {
  studio: Studio;
  colors: Colors;
  device: Device;
  frames: Frames;
}

const [get, set] = createContext<Shared>();

/** Gives views below what they share. */
export const share = set;

/** What views share. */
export const shared = get;
