// What is asked of everyone who draws flows in the bench.

export interface Contestant {
  /** Opens so many nodes; milliseconds from the call to the frame that shows them. */
  open(nodes: number): Promise<number>
  close(): void
  /** The canvas point at the upper left corner, and the zoom. */
  look(x: number, y: number, zoom: number): void
  /** Everything in view. */
  fit(): { x: number; y: number; zoom: number }
  /** Moves one node that is in view to where it is in this frame of a drag. */
  drag(frame: number): void
  endDrag(): void
  /** So many edges get other figures. */
  figures(edges: number, turn: number): void
}

export function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}

/** What a frame shows has been handed over once the next one begins. */
export async function shown(): Promise<void> {
  await nextFrame()
  await nextFrame()
}

/** @throws if the page has no place for it */
export function place(): HTMLElement {
  const found = document.getElementById('root')
  if (found === null) throw new Error('the page has no place for a canvas')
  return found
}
