// Which test of a draft this browser started last on a server, of each flow, and what it runs: the server keeps runs, not what drafts were.

export interface StartedTest {
  /** Its id. */
  run: string
  /** The document that it runs. */
  text: string
}

const kKey = 'weir.editor.tests'
/** Flows that are remembered, and characters of one. */
const kMost = 8
const kLongest = 256 * 1024

function known(): Record<string, StartedTest> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(kKey) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, StartedTest>) : {}
  } catch {
    return {}
  }
}

/** Of this browser; undefined if there is none, or what is kept cannot be read. */
export function testOf(flow: string): StartedTest | undefined {
  const found: unknown = known()[flow]
  if (typeof found !== 'object' || found === null) return undefined
  const { run, text } = found as Partial<StartedTest>
  return typeof run === 'string' && typeof text === 'string' ? { run, text } : undefined
}

/** In the place of the one before. Very large documents are not kept: their tests are not shown again. */
export function rememberTest(flow: string, test: StartedTest): void {
  if (test.text.length > kLongest) return
  const others = Object.entries(known()).filter(([name]) => name !== flow)
  try {
    localStorage.setItem(kKey, JSON.stringify(Object.fromEntries([...others.slice(1 - kMost), [flow, test]])))
  } catch {
    // Nothing may be kept here: after a reload the test is not shown again.
  }
}
