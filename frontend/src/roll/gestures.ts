/** What pointers and the wheel do on the stage: pan, pinch, seek, and mark bars on the ruler. */

import { isIn, type Layout } from './geometry';

/** What gestures ask for. Points are in CSS pixels of the canvas. */
export interface Wishes {
  layout(): Layout;
  pan(pixels: number): void;
  zoom(factor: number, pixel: number): void;
  /** A click on the ruler. */
  seek(x: number, y: number): void;
  /** A drag along the ruler, while it goes on. */
  mark(from: { x: number; y: number }, to: { x: number; y: number }): void;
  /** A click on the notes. */
  tap(x: number, y: number): void;
  hover(x: number, y: number): void;
}

interface Pointer {
  x: number;
  y: number;
  startX: number;
  startY: number;
  onRuler: boolean;
  hasMoved: boolean;
}

/** A movement of fewer pixels is a click. */
const CLICK = 5;

/** Listens on an element; returns a function that stops. */
export function listen(element: HTMLElement, wishes: Wishes): () => void {
  const pointers = new Map<number, Pointer>();
  const isRoll = () => wishes.layout().direction === 'roll';
  const place = (event: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const along = ({ x, y }: { x: number; y: number }) => (isRoll() ? x : y);

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const at = place(event);
    const onRuler = isIn(wishes.layout().ruler, at.x, at.y);
    pointers.set(event.pointerId, { ...at, startX: at.x, startY: at.y, onRuler, hasMoved: false });
    element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return wishes.hover(at.x, at.y);
    const before = { x: pointer.x, y: pointer.y };
    if (Math.hypot(at.x - pointer.startX, at.y - pointer.startY) >= CLICK) pointer.hasMoved = true;
    const other = [...pointers.values()].find((each) => each !== pointer);
    pointer.x = at.x;
    pointer.y = at.y;
    if (other) {
      other.hasMoved = true;
      const [wide, narrow] = [along(at) - along(other), along(before) - along(other)].map(Math.abs) as [number, number];
      if (narrow > 8 && wide > 8) wishes.zoom(wide / narrow, (along(at) + along(other)) / 2);
    } else if (pointer.hasMoved && pointer.onRuler) {
      wishes.mark({ x: pointer.startX, y: pointer.startY }, at);
    } else if (pointer.hasMoved) {
      wishes.pan(isRoll() ? before.x - at.x : at.y - before.y);
    }
  };
  const up = (event: PointerEvent) => {
    const pointer = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (!pointer || pointer.hasMoved || event.type === 'pointercancel') return;
    if (pointer.onRuler) wishes.seek(pointer.x, pointer.y);
    else wishes.tap(pointer.x, pointer.y);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
    if (event.ctrlKey || event.metaKey) {
      wishes.zoom(Math.exp(-event.deltaY * unit * 0.006), along(place(event)));
    } else {
      const delta = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      wishes.pan((isRoll() ? delta : -delta) * unit);
    }
  };

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('wheel', wheel);
  };
}
