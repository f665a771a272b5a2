/** A worker that says every so often that time has passed: timers of hidden pages are held back, those of workers not. */

const here = self as unknown as DedicatedWorkerGlobalScope;
let timer: ReturnType<typeof setInterval> | undefined;

/** A number is the milliseconds between two messages; 0 stops. */
here.onmessage = (event: MessageEvent<number>) => {
  clearInterval(timer);
  if (event.data > 0) timer = setInterval(() => here.postMessage(null), event.data);
};
