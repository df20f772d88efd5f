// What was asked for on the command line.

export interface Order {
  quick: boolean
  runs: number
  /** Only this section; empty: all. */
  only: string
  json: string
}

const USAGE = 'run.mjs [--quick] [--only five-stages|widgets|latency|start|csv|canvas|studio] [--runs 5] [--json FILE]'

/** Throws with how it is called. */
export function readOrder(words: readonly string[], json: string): Order {
  const order: Order = { quick: false, runs: 0, only: '', json }
  for (let i = 0; i < words.length; i++) {
    const next = (): string => {
      const value = words[++i]
      if (value === undefined) throw new Error(USAGE)
      return value
    }
    if (words[i] === '--quick') order.quick = true
    else if (words[i] === '--only') order.only = next()
    else if (words[i] === '--runs') order.runs = Number(next())
    else if (words[i] === '--json') order.json = next()
    else throw new Error(USAGE)
  }
  if (order.runs === 0) order.runs = order.quick ? 1 : 5
  if (!Number.isInteger(order.runs) || order.runs < 1) throw new Error(USAGE)
  return order
}
