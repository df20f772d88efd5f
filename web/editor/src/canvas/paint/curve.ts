// The curve of an edge as numbers: points on it, and the part of it at its end.

/** x and y of the four points of a cubic. */
export type Cubic = [number, number, number, number, number, number, number, number]

/** As flow-model's curveOf: leaving to the right, coming from the left. */
export function cubicOf(fromX: number, fromY: number, toX: number, toY: number): Cubic {
  const reach = Math.max(40, Math.min(160, Math.abs(toX - fromX) / 2))
  return [fromX, fromY, fromX + reach, fromY, toX - reach, toY, toX, toY]
}

export function pointAt(c: Cubic, t: number): [number, number] {
  const s = 1 - t
  const [p, q, r, u] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
  return [p * c[0] + q * c[2] + r * c[4] + u * c[6], p * c[1] + q * c[3] + r * c[5] + u * c[7]]
}

const kPieces = 16

export function lengthOf(c: Cubic): number {
  let length = 0
  let [x, y] = [c[0], c[1]]
  for (let i = 1; i <= kPieces; ++i) {
    const [nx, ny] = pointAt(c, i / kPieces)
    length += Math.hypot(nx - x, ny - y)
    x = nx
    y = ny
  }
  return length
}

/** Where the last so many units of the curve begin, as its parameter. */
export function startOfLast(c: Cubic, last: number): number {
  let left = last
  let [x, y] = [c[6], c[7]]
  for (let i = kPieces - 1; i >= 0; --i) {
    const [nx, ny] = pointAt(c, i / kPieces)
    const piece = Math.hypot(nx - x, ny - y)
    if (piece >= left) return (i + 1 - left / Math.max(piece, 1e-9)) / kPieces
    left -= piece
    x = nx
    y = ny
  }
  return 0
}

/** The part of the curve from `t` to its end, by de Casteljau. */
export function tailOf(c: Cubic, t: number): Cubic {
  const lead = (a: number, b: number): number => a + (b - a) * t
  const part = (at: 0 | 1): [number, number, number, number] => {
    const [p0, p1, p2, p3] = [c[at], c[(at + 2) as 2 | 3], c[(at + 4) as 4 | 5], c[(at + 6) as 6 | 7]]
    const [a, b, d] = [lead(p0, p1), lead(p1, p2), lead(p2, p3)]
    const [e, f] = [lead(a, b), lead(b, d)]
    return [lead(e, f), f, d, p3]
  }
  const [x, y] = [part(0), part(1)]
  return [x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3]]
}

/** How far a point is from the curve, by 16 pieces of it. */
export function distanceTo(c: Cubic, { x, y }: { x: number; y: number }): number {
  let least = Infinity
  let [fromX, fromY] = [c[0], c[1]]
  for (let i = 1; i <= kPieces; ++i) {
    const [toX, toY] = pointAt(c, i / kPieces)
    const [dx, dy] = [toX - fromX, toY - fromY]
    const along = ((x - fromX) * dx + (y - fromY) * dy) / Math.max(dx * dx + dy * dy, 1e-9)
    const t = Math.min(1, Math.max(0, along))
    least = Math.min(least, Math.hypot(x - fromX - t * dx, y - fromY - t * dy))
    fromX = toX
    fromY = toY
  }
  return least
}
