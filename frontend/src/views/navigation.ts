/** The panels that slide over the stage, and when each is of use. */

import type { Studio } from '../state/studio.svelte';
import type { IconName } from './controls/icons';

export type ViewName = 'roll' | 'falling' | 'score';
export type PanelName = 'steer' | 'mixer' | 'library' | 'take' | 'more';

export interface Door {
  name: PanelName;
  label: string;
  icon: IconName;
  isOffered(studio: Studio): boolean;
}

export const PANELS: readonly Door[] = [
  { name: 'steer', label: 'Steer', icon: 'steer', isOffered: (studio) => studio.composes },
  { name: 'mixer', label: 'Mixer', icon: 'mixer', isOffered: () => true },
  {
    name: 'library',
    label: 'Library',
    icon: 'library',
    isOffered: (studio) => studio.composes || studio.library.recordings.length > 0,
  },
  { name: 'take', label: 'Take away', icon: 'take', isOffered: () => true },
  { name: 'more', label: 'More', icon: 'more', isOffered: () => true },
];
