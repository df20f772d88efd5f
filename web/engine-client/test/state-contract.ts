// R18: what every store of state keeps to in JavaScript, as hosts/native/state/state-stores.test.h asks of native ones.
import type { StateChange, StateHost } from '../src/index.ts'

/** Asks one store; gives what it does wrong. It stands alone, so that a test can run it in a page. */
export async function brokenPromises(store: StateHost & { list: StateHost['list'] }, flow: string): Promise<string[]> {
  const broken: string[] = []
  const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  const text = (found: Uint8Array | undefined): string => (found ? String.fromCharCode(...found) : '(none)')
  const change = (key: string, value: string | null, expiresAtMicros = 0): StateChange => ({
    key: bytes(key),
    value: value === null ? null : bytes(value),
    expiresAtMicros
  })
  const check = (what: string, seen: unknown, wanted: unknown): void => {
    if (seen !== wanted) broken.push(`${what}: ${String(seen)} instead of ${String(wanted)}`)
  }
  const get = async (key: string): Promise<string> => text(await store.get(flow, bytes(key)))
  const listed = async (prefix: string, after = '', most = 100): Promise<string> => {
    const found = await store.list(flow, bytes(prefix), bytes(after), most)
    return found.map(([key, value]) => `${text(key)}=${text(value)};`).join('')
  }

  check('what is not there', await get('a'), '(none)')
  await store.commit(flow, 1, [change('a', '1'), change('b', '\0\xff'), change('c', '')])
  check('a value', await get('a'), '1')
  check('bytes', await get('b'), '\0\xff')
  check('an empty value', await get('c'), '')
  await store.commit(flow, 1, [change('a', '2'), change('b', null), change('never there', null)])
  check('a new value', await get('a'), '2')
  check('a removed value', await get('b'), '(none)')
  await store.commit(flow, 1, [change('a', '3'), change('a', null), change('a', '4')])
  check('the last of several changes', await get('a'), '4')
  await store.commit(flow, 1, [change('a', null), change('c', null)])

  await store.commit(flow, 1, [
    ...['b/2', 'b/10', 'a', 'c', 'b/\xff', 'b'].map((key) => change(key, key)),
    change('\xff\xff', 'last')
  ])
  check('all in byte order', await listed('b'), 'b=b;b/10=b/10;b/2=b/2;b/\xff=b/\xff;')
  check('a prefix', await listed('b/'), 'b/10=b/10;b/2=b/2;b/\xff=b/\xff;')
  check('what comes after', await listed('b/', 'b/10'), 'b/2=b/2;b/\xff=b/\xff;')
  check('so many', await listed('b/', 'b/10', 1), 'b/2=b/2;')
  check('the end', await listed('', 'b/\xff'), 'c=c;\xff\xff=last;')
  check('the greatest keys', await listed('\xff'), '\xff\xff=last;')
  check('nothing', await listed('x'), '')

  await store.commit(
    flow,
    1,
    Array.from({ length: 2500 }, (_, i) => change(`m/${10_000 + i}`, String(i)))
  )
  let count = 0
  for (let after = bytes(''); ;) {
    const page = await store.list(flow, bytes('m/'), after, 1000)
    const last = page.at(-1)
    if (!last) break
    count += page.length
    after = new Uint8Array(last[0])
  }
  check('pages', count, 2500)

  const now = Date.now() * 1000
  await store.commit(flow, 1, [change('soon', 'x', now - 1), change('later', 'y', now + 3_600_000_000)])
  check('what has ended', await get('soon'), '(none)')
  check('what has not', await get('later'), 'y')
  check('what has ended is not listed', await listed('soon'), '')
  await store.commit(flow, 1, [change('soon', 'back', 0)])
  check('what came back', await get('soon'), 'back')

  await store.commit(flow, 5, [change('owner', 'new')])
  const refused = await store.commit(flow, 4, [change('owner', 'old')]).catch((reason: unknown) => reason)
  check('an older owner', (refused as { code?: string } | undefined)?.code, 'state.fenced')
  check('what an older owner wrote', await get('owner'), 'new')
  await store.commit(flow, 5, [change('owner', 'same')])
  check('the owner', await get('owner'), 'same')
  check('another flow', text(await store.get(`${flow}-other`, bytes('owner'))), '(none)')
  return broken
}
