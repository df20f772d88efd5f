// The name that was probably meant: optimal string alignment (restricted Damerau-Levenshtein distance), with a bound.

const kLongestName = 64

/** The distance of two names, letters of ASCII in any case; `most` + 1 if it is more than `most`. */
export function editDistance(left: string, right: string, most: number): number {
  const longer = Math.max(left.length, right.length)
  if (longer > kLongestName || Math.abs(left.length - right.length) > most) return most + 1
  const a = left.toLowerCase()
  const b = right.toLowerCase()
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; ++i) {
    const now = [i]
    for (let j = 1; j <= b.length; ++j) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      now.push(cost)
    }
    beforeLast = last
    last = now
  }
  return Math.min(last[b.length] ?? 0, most + 1)
}

/** The nearest of the names, or an empty text if none is near. */
export function nearestName(wanted: string, names: Iterable<string>): string {
  if (wanted === '') return ''
  let most = Math.min(Math.max(Math.floor(wanted.length / 3), 1), 3)
  let found = ''
  for (const name of names) {
    const distance = editDistance(wanted, name, most)
    // A name that shares nothing (one letter for another) is no suggestion.
    if (distance > most || distance >= Math.max(wanted.length, name.length)) continue
    found = name
    most = distance - 1
    if (most < 0) break
  }
  return found
}

/** "Did you mean 'x'?", or an empty text. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const nearest = nearestName(wanted, names)
  return nearest === '' ? '' : `Did you mean '${nearest}'?`
}
