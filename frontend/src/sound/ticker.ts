/** A timer that is not held back in hidden tabs. */

import type { Ticker } from './contract';

/** Milliseconds between two calls. */
const PERIOD = 25;

/** Runs in a worker of its own, made at the first start. */
export class WorkerTicker implements Ticker {
  private worker: Worker | null = null;
  private callback: () => void = () => undefined;

  start(callback: () => void): void {
    this.callback = callback;
    if (!this.worker) {
      this.worker = new Worker(new URL('./ticking.ts', import.meta.url), { type: 'module' });
      this.worker.onmessage = () => this.callback();
    }
    this.worker.postMessage(PERIOD);
  }

  stop(): void {
    this.callback = () => undefined;
    this.worker?.postMessage(0);
  }
}
