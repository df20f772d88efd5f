// Lists that come in pages, read to their end.

/** The largest page that the lists give. */
const MOST = 500
/** Where reading ends at the latest, so that a server that never comes to an end holds nobody up. */
const MOST_PAGES = 200

function joined(before: object, page: object): object {
  const all: Record<string, unknown> = { ...page }
  for (const [name, value] of Object.entries(before)) {
    const more = all[name]
    if (Array.isArray(value) && Array.isArray(more)) all[name] = [...(value as unknown[]), ...(more as unknown[])]
  }
  return all
}

/** All pages of a list as one answer: the lists in them one behind the other. `ask` gets what a page is asked with. */
export async function wholeList<T extends object>(
  ask: (query: Record<string, unknown>) => Promise<T>,
  query: object = {}
): Promise<T> {
  let asked: Record<string, unknown> = { limit: MOST, ...query }
  let whole: object = {}
  for (let pages = 0; pages < MOST_PAGES; ++pages) {
    const page = await ask(asked)
    whole = joined(whole, page)
    const next: unknown = 'next' in page ? page.next : undefined
    if (typeof next !== 'string' || next === '') break
    asked = { ...asked, cursor: next }
  }
  return whole as T
}
