/** A timer that is not held back in hidden tabs. */

import type { Ticker } from './contract';

/** Milliseconds between two calls. */
const PERIOD = 25;

/** Runs in a worker of its own, made at once: at the first start it is there. */
export class WorkerTicker implements Ticker {
  private readonly worker = new Worker(new URL('./ticking.ts', import.meta.url), { type: 'module' });
  private callback: () => void = () => undefined;

  constructor() {
    this.worker.onmessage = () => this.callback();
  }

  start(callback: () => void): void {
    this.callback = callback;
    this.worker.postMessage(PERIOD);
  }

  stop(): void {
    this.callback = () => undefined;
    this.worker.postMessage(0);
  }
}
