// Opens the flow of the page and closes it again; what is opened anew waits until the one before has been closed.
import { Catalogue } from '@weir/flow-model'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { NodeType } from '@weir/engine-client'
import { enterOwnNodes } from '../../boxes/own-nodes.ts'
import { takeCarried } from '../../run/carried-runs.ts'
import type { RunPlace } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { DraftShelf } from '../drafts/draft-shelf.ts'
import type { HoldFlow, TabHold } from '../drafts/tab-hold.ts'
import type { FlowHome } from '../home/flow-home.ts'
import type { EditorParts, PageActions } from '../parts.ts'
import { rememberLayout } from '../shell/layout.ts'
import { errorOf } from '../versions/use-work.ts'
import { draftKey, openForPage } from './open-flow.ts'
import type { OpenedFlow } from './open-flow.ts'

export interface OpeningOptions {
  flow: string
  home: FlowHome
  shelf: DraftShelf
  hold: HoldFlow
  parts: EditorParts
  author: string
  /** The node types of the home, beside those of the places. */
  nodes: (() => Promise<readonly NodeType[]>) | undefined
  /** Shows another flow in the place of this one. */
  open: (flow: string) => void
}

export type Opening = { state: 'opening' } | { state: 'failed'; error: Error } | { state: 'there'; opened: OpenedFlow }

let turn: Promise<unknown> = Promise.resolve()

/** Resolves when what was open before is closed, and its draft kept. */
export function closedBefore(): Promise<unknown> {
  return turn
}

/** All types that can be had; one that cannot be had now is no reason not to open the flow. */
export async function catalogueOf(nodes: OpeningOptions['nodes'], places: readonly RunPlace[]): Promise<Catalogue> {
  const asked = [...(nodes === undefined ? [] : [nodes()]), ...places.map((place) => place.nodes())]
  const known = new Map<string, NodeType>()
  for (const answer of await Promise.allSettled(asked)) {
    if (answer.status === 'rejected') continue
    for (const type of answer.value) {
      const key = `${type.id} ${type.version}`
      if (!known.has(key)) known.set(key, type)
    }
  }
  return Catalogue.of([...known.values()])
}

async function openAll(options: OpeningOptions & { held?: TabHold }, again: () => void): Promise<OpenedFlow> {
  const { parts, home, nodes } = options
  const places = (await parts.places?.()) ?? []
  const opened = await openForPage({ ...options, catalogue: await catalogueOf(nodes, places), again })
  if (opened.state !== 'open') return opened
  const { session, kept, keeper } = opened
  const own = enterOwnNodes(session, {
    home,
    folder: () => kept?.folder ?? keeper?.state.getState().folder ?? '',
    open: options.open
  })
  await own.learnUsed()
  for (const one of places) one.readFlow = (flow) => own.read(flow)
  const place = places.find((one) => one.id === home.kind) ?? places[0]
  session.run.setState({ places, place, shown: takeCarried(draftKey(home, options.flow)) })
  session.problems.useCheck(place?.check)
  session.onClose(rememberLayout(session))
  void showGoing(session, place?.id === home.kind ? place : undefined)
  if (places.some((one) => one.id === 'browser')) {
    const { AutoSample } = await import('../../run/auto-sample.ts')
    new AutoSample(session)
  }
  return opened
}

/** Shows again what goes on of the flow where it is kept, unless something else is shown by then. */
async function showGoing(session: EditorSession, place: RunPlace | undefined): Promise<void> {
  const { run, document } = session
  const page = { isClosed: false }
  session.onClose(() => {
    page.isClosed = true
  })
  // Who may not see runs, or cannot reach them now, has none shown.
  const found = await place?.going?.(document.id).catch(() => undefined)
  if (found === undefined) return
  const { shown } = run.getState()
  if (page.isClosed || (shown !== undefined && shown.kind !== 'sample')) {
    found.dispose()
    return
  }
  run.setState({ shown: found })
  shown?.dispose()
}

/** Opens the flow anew; `hold`: this tab has just taken it over, and keeps it. */
export type Again = (hold?: TabHold) => void

/** The flow of the page, and what opens it anew. */
export function useOpening(options: OpeningOptions): [Opening, Again] {
  const [opening, setOpening] = useState<Opening>({ state: 'opening' })
  const [count, setCount] = useState(0)
  const taken = useRef<TabHold | undefined>(undefined)
  const show = useRef(options.open)
  show.current = options.open
  const again = useCallback((hold?: TabHold) => {
    taken.current = hold
    setCount((now) => now + 1)
  }, [])
  const { flow, home, shelf, hold, parts, author, nodes } = options
  useEffect(() => {
    let here = true
    const held = taken.current
    taken.current = undefined
    const more = held === undefined ? {} : { held }
    const open = (other: string): void => {
      show.current(other)
    }
    const opened = turn.then(() =>
      here ? openAll({ flow, home, shelf, hold, parts, author, nodes, open, ...more }, again) : undefined
    )
    opened.then(
      (found) => {
        if (here && found !== undefined) setOpening({ state: 'there', opened: found })
      },
      (error: unknown) => {
        if (here) setOpening({ state: 'failed', error: errorOf(error) })
      }
    )
    turn = opened.catch(() => undefined)
    return () => {
      here = false
      const keepHold = taken.current !== undefined
      turn = opened.then((found) => found?.close(keepHold)).catch(() => undefined)
      setOpening({ state: 'opening' })
    }
  }, [flow, home, shelf, hold, parts, author, nodes, count, again])
  return [opening, again]
}

/** Begins the parts that work on the session. */
export function useBegin(
  opened: Extract<OpenedFlow, { state: 'open' }>,
  begin: EditorParts['begin'],
  actions: PageActions
): void {
  const { session } = opened
  useEffect(() => begin?.(session, actions), [session, begin, actions])
}
