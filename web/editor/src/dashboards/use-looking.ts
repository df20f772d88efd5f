// Opens the flow of a dashboard to be looked at, and keeps up with what is changed elsewhere.
import { useEffect, useState } from 'react'
import type { NodeType } from '@weir/engine-client'
import { draftKey } from '../page/open/open-flow.ts'
import { catalogueOf, closedBefore } from '../page/open/use-opening.ts'
import type { EditorParts } from '../page/parts.ts'
import { errorOf } from '../page/versions/use-work.ts'
import { takeCarried } from '../run/carried-runs.ts'
import { openToLook } from './looking.ts'
import type { LookOptions, Looking } from './looking.ts'

export type LookState = { state: 'opening' } | { state: 'failed'; error: Error } | { state: 'there'; looking: Looking }

export interface UseLooking extends Omit<LookOptions, 'catalogue' | 'now'> {
  parts: EditorParts
  nodes: (() => Promise<readonly NodeType[]>) | undefined
}

/** How often what others have changed is looked for while the page is seen. */
const kLookMs = 10_000

async function open(options: UseLooking): Promise<Looking> {
  const { parts, home, flow, nodes } = options
  // The draft of the canvas that was just left is to be read, not what was there before.
  await closedBefore()
  const places = (await parts.places?.()) ?? []
  const looking = await openToLook({ ...options, catalogue: await catalogueOf(nodes, places) })
  if (looking.state === 'broken') return looking
  const { session } = looking
  const place = places.find((one) => one.id === home.kind) ?? places[0]
  session.run.setState({ places, place, shown: takeCarried(draftKey(home, flow)) })
  if (place?.id === 'browser') {
    const { AutoSample } = await import('../run/auto-sample.ts')
    new AutoSample(session)
  }
  return looking
}

/** Its parts are the same objects at each drawing. `again` tries anew what failed. */
export function useLooking(options: UseLooking): [LookState, () => void] {
  const [state, setState] = useState<LookState>({ state: 'opening' })
  const [count, setCount] = useState(0)
  const { flow, home, shelf, parts, author, nodes } = options
  useEffect(() => {
    let here = true
    const opened = open({ flow, home, shelf, parts, author, nodes })
    opened.then(
      (looking) => {
        if (here) setState({ state: 'there', looking })
      },
      (error: unknown) => {
        if (here) setState({ state: 'failed', error: errorOf(error) })
      }
    )
    const timer = setInterval(() => {
      if (document.visibilityState === 'hidden') return
      void opened.then((looking) => (looking.state === 'open' ? looking.again() : undefined)).catch(() => undefined)
    }, kLookMs)
    return () => {
      here = false
      clearInterval(timer)
      opened.then(
        (looking) => {
          looking.close()
        },
        () => undefined
      )
      setState({ state: 'opening' })
    }
  }, [flow, home, shelf, parts, author, nodes, count])
  return [
    state,
    () => {
      setCount((now) => now + 1)
    }
  ]
}
