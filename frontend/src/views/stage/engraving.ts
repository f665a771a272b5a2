/** Prepares the SVG of a score for the page. It comes from the server, but may be of anyone's file: nothing in it runs. */

const KEPT = new Set([
  'svg',
  'g',
  'path',
  'use',
  'defs',
  'ellipse',
  'polygon',
  'polyline',
  'rect',
  'text',
  'tspan',
  'desc',
]);
const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Reads SVG, and leaves out everything that is not drawing; null if it is none. */
export function parseScore(text: string): SVGSVGElement | null {
  // Styles go before it is read: the page's policy is asked already then.
  const plain = text.replace(/<style[\s\S]*?<\/style>/g, '').replace(/\sstyle=("[^"]*"|'[^']*')/g, '');
  const root = new DOMParser().parseFromString(plain, 'image/svg+xml').documentElement;
  if (!(root instanceof SVGSVGElement)) return null;
  for (const element of root.querySelectorAll('*')) {
    if (!KEPT.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      const isLink = name === 'href' || name === 'xlink:href';
      // Ink is the page's: black would not be seen by night.
      if (name.startsWith('on') || name === 'style' || name === 'color' || (isLink && !value.startsWith('#')))
        element.removeAttribute(name);
    }
  }
  const [width, height] = ['width', 'height'].map((name) => Number.parseFloat(root.getAttribute(name) ?? ''));
  if (!root.hasAttribute('viewBox') && width && height) root.setAttribute('viewBox', `0 0 ${width} ${height}`);
  root.setAttribute('role', 'img');
  root.setAttribute('aria-label', 'Engraved score');
  return root;
}

/** The bars of a score in the page, in their order, each with a backdrop that can be lit. */
export function measuresOf(score: SVGSVGElement): SVGGElement[] {
  const measures = [...score.querySelectorAll<SVGGElement>('g.measure')];
  for (const measure of measures) {
    // Lines of the staves say how large the bar is; slurs and words may reach far beyond it.
    const lines = [...measure.querySelectorAll<SVGPathElement>(':scope > g.staff > path')].map((line) =>
      line.getBBox(),
    );
    if (!lines.length) continue;
    const [left, top] = [Math.min(...lines.map(({ x }) => x)), Math.min(...lines.map(({ y }) => y))];
    const right = Math.max(...lines.map(({ x, width }) => x + width));
    const bottom = Math.max(...lines.map(({ y, height }) => y + height));
    const backdrop = document.createElementNS(NAMESPACE, 'rect');
    backdrop.setAttribute('class', 'backdrop');
    const box = { x: left, y: top - 360, width: right - left, height: bottom - top + 720, rx: 120 };
    for (const [name, value] of Object.entries(box)) backdrop.setAttribute(name, String(value));
    measure.prepend(backdrop);
  }
  return measures;
}

/** Gives the notes of each staff the color of its part; a part with two staves has one name, between them. */
export function colorStaves(score: SVGSVGElement, colors: readonly string[]): void {
  const first = score.querySelector('g.measure');
  const system = first?.closest('g.system') ?? score;
  const names = [...system.querySelectorAll<SVGGElement>('g.label')].map(middleOf);
  const staves = [...(first?.querySelectorAll<SVGGElement>(':scope > g.staff') ?? [])].map(middleOf);
  const parts = staves.map((staff, index) => (names.length ? nearest(names, staff) : index));
  for (const measure of score.querySelectorAll('g.measure')) {
    [...measure.querySelectorAll<SVGGElement>(':scope > g.staff')].forEach((staff, index) => {
      const color = colors[parts[index] ?? index];
      for (const layer of staff.querySelectorAll<SVGGElement>(':scope > g.layer')) if (color) layer.style.color = color;
    });
  }
}

function middleOf(element: SVGGraphicsElement): number {
  const lines = [...element.querySelectorAll<SVGPathElement>(':scope > path')].map((line) => line.getBBox());
  if (!lines.length) {
    const { y, height } = element.getBBox();
    return y + height / 2;
  }
  return (Math.min(...lines.map(({ y }) => y)) + Math.max(...lines.map(({ y }) => y))) / 2;
}

function nearest(places: readonly number[], to: number): number {
  let best = 0;
  for (const [index, place] of places.entries()) {
    if (Math.abs(place - to) < Math.abs((places[best] as number) - to)) best = index;
  }
  return best;
}
