/** Keyboards that are plugged in, by Web MIDI. */

/** What a keyboard does; `at` is a time of `performance.now()`. */
export interface Hands {
  down(pitch: number, velocity: number, at: number): void;
  up(pitch: number, at: number): void;
  pedal(isDown: boolean): void;
  /** Which inputs there are now, by name. */
  inputs(names: string[]): void;
}

const SUSTAIN = 64;

/** Listens to all inputs, those that are plugged in later as well; rejects where the browser or the user refuses. */
export async function listen(hands: Hands): Promise<void> {
  const access = await navigator.requestMIDIAccess();
  const attend = () => {
    const inputs = [...access.inputs.values()].filter((input) => input.state === 'connected');
    for (const input of inputs) input.onmidimessage = (event) => take(event, hands);
    hands.inputs(inputs.map((input) => input.name ?? 'MIDI'));
  };
  access.onstatechange = attend;
  attend();
}

/** Takes a message of a keyboard. */
export function take(event: { data: Uint8Array | null; timeStamp: number }, hands: Hands): void {
  const [status = 0, first = 0, second = 0] = event.data ?? [];
  const kind = status & 0xf0;
  if (kind === 0x90 && second > 0) hands.down(first, second, event.timeStamp);
  else if (kind === 0x80 || kind === 0x90) hands.up(first, event.timeStamp);
  else if (kind === 0xb0 && first === SUSTAIN) hands.pedal(second >= 64);
}
