// Trace: where is my row? A row is looked for by a value, and its way through the flow is told and lit on the canvas.
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import { createStore } from 'zustand/vanilla'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { canvasOf } from '../../canvas/canvas-of.ts'
import { nameOf } from '../../canvas/actions.ts'
import { FollowRow } from '../../run/follow-row.ts'
import type { FollowState, RowStep, WayEnd } from '../../run/follow-row.ts'
import type { RowOrigin } from '../../run/row-origin.ts'
import { readSearch } from '../../run/row-search.ts'
import type { RowSearch } from '../../run/row-search.ts'
import type { StopReason } from '../../run/row-stop.ts'
import { outerNode } from '../../run/run-figures.ts'
import { usePart, useRevision, useSession } from '../../session/use-session.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { WantedRow } from '../../session/view-state.ts'
import { leaveBehind } from '../data/row-actions.ts'
import { plainText } from '../data/cell-format.ts'
import { whyNoRun } from '../run/run-to.ts'

const kNone = createStore<FollowState | undefined>(() => undefined)
/** Rows that are told of those that fit. */
const kMostRows = 20
/** In the choice of edges: wherever the flow reads something. */
const kInputs = ''

interface Asked {
  row: FollowRow
  search: RowSearch
  text: string
  edge: string
}

export function TraceTab() {
  const session = useSession()
  useRevision()
  const edges = session.document.edges()
  const [edge, setEdge] = useState(kInputs)
  const [text, setText] = useState('')
  const [asked, setAsked] = useState<Asked>()
  const state = useStore(asked?.row.state ?? kNone)
  const field = useRef<HTMLInputElement>(null)
  useLit(session, asked?.row)
  const known = edges.some(({ id }) => id === edge) ? edge : kInputs
  const busy = state?.phase === 'looking' || state?.phase === 'following'
  const find = (typed: string, at: string, inPart = false): void => {
    const { place } = session.run.getState()
    const why = whyNoRun(session)
    if (place === undefined || why !== '') {
      session.tell(why, 'warning')
      return
    }
    if (typed.trim() === '') {
      session.tell('Type a value of the row first, such as its number.')
      field.current?.focus()
      return
    }
    asked?.row.dispose()
    leaveBehind(session)
    const search = readSearch(typed, inPart)
    const question = { edge: at === kInputs ? undefined : at, where: search.where, most: kMostRows }
    setAsked({ row: new FollowRow(place, session.document.text(), question), search, text: typed, edge: at })
  }
  useWanted(session, (wanted) => {
    setEdge(wanted.edge ?? kInputs)
    setText(wanted.text)
    if (wanted.text === '') field.current?.focus()
    else find(wanted.text, wanted.edge ?? kInputs)
  })
  if (edges.length === 0)
    return (
      <p className="grid h-full place-items-center text-mute">There are no edges yet that a row could come along.</p>
    )
  return (
    <div className="flex h-full flex-col">
      <form
        className="flex flex-wrap items-end gap-2 border-b border-line px-4 py-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) find(text, known)
        }}
      >
        <label className="grid min-w-[240px] flex-1 gap-1 text-data text-mute">
          Where is the row with
          <input
            ref={field}
            className="field font-mono text-data text-text"
            value={text}
            placeholder="4711, or a formula such as row.id == 4711"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setText(event.target.value)
            }}
          />
        </label>
        <Choice
          label="among the rows"
          value={known}
          options={[
            [kInputs, 'that the flow reads'] as const,
            ...edges.map(
              ({ id, source, target }) =>
                [id, `${nameOf(session, source.node)} → ${nameOf(session, target.node)}`] as const
            )
          ]}
          choose={setEdge}
        />
        {busy ? (
          <Button
            onClick={() => {
              asked?.row.stop()
            }}
          >
            Stop
          </Button>
        ) : (
          <Button type="submit" look="main">
            Find the row
          </Button>
        )}
        {asked !== undefined && !busy && (
          <Button
            look="quiet"
            onClick={() => {
              asked.row.dispose()
              setAsked(undefined)
            }}
          >
            Clear
          </Button>
        )}
      </form>
      <div className="min-h-0 flex-1 overflow-auto px-4 py-2">
        {state === undefined || asked === undefined ? (
          <p className="text-mute">
            Type a value of the row, or ask for one by a click with the other button on its cell in the Data tab. It is
            followed by a run of its own, in which nothing is written, and its way is lit on the canvas.
          </p>
        ) : (
          <>
            <Found
              state={state}
              asked={asked}
              inPart={() => {
                find(asked.text, asked.edge, true)
              }}
            />
            <Way session={session} state={state} />
          </>
        )}
      </div>
    </div>
  )
}

/** Somebody asks for a row: now, or before the tab was opened. */
function useWanted(session: EditorSession, take: (wanted: WantedRow) => void): void {
  const latest = useRef(take)
  latest.current = take
  const wanted = usePart(session.view, (state) => state.wantedRow)
  useEffect(() => {
    if (wanted === undefined) return
    session.view.setState({ wantedRow: undefined })
    latest.current(wanted)
  }, [session, wanted])
}

/** What was found: which of how many is followed, and what else can be asked. */
function Found({ state, asked, inPart }: { state: FollowState; asked: Asked; inPart: () => void }) {
  const { phase, matches, hasMore, trace } = state
  const { row, search, text } = asked
  if (phase === 'none' && search.meant === 'value')
    return (
      <p className="flex flex-wrap items-center gap-2 pb-1 text-mute">
        <span>
          No cell is exactly <code>{text.trim()}</code>.
        </span>
        <Button onClick={inPart}>Look for cells that have it in them</Button>
      </p>
    )
  if (matches.length < 2) return null
  return (
    <div role="group" aria-label="Rows that fit" className="flex flex-wrap items-center gap-1 pb-1 text-data">
      <span className="text-mute">
        {hasMore
          ? `The first ${count(matches.length)} rows that fit, there may be more:`
          : `${count(matches.length)} rows fit:`}
      </span>
      {matches.map((match) => (
        <button
          key={match.trace}
          type="button"
          aria-pressed={match.trace === trace}
          disabled={phase === 'looking' || phase === 'following'}
          title={rowWords(match.row, 8)}
          className={`max-w-[22ch] truncate rounded-full border px-2 font-mono text-small ${match.trace === trace ? 'border-water text-water' : 'border-line text-mute hover:border-edge hover:text-text'}`}
          onClick={() => {
            row.follow(match)
          }}
        >
          {rowWords(match.row, 2)}
        </button>
      ))}
    </div>
  )
}

function rowWords(row: Readonly<Record<string, unknown>>, most: number): string {
  return Object.values(row)
    .slice(0, most)
    .map((value) => plainText(value) || '∅')
    .join(' · ')
}

/** The way is lit as long as it is shown; the run is freed with it. */
function useLit(session: EditorSession, row: FollowRow | undefined): void {
  const last = useRef(row)
  last.current = row
  useEffect(() => {
    if (row === undefined) return undefined
    const light = ({ steps, ends }: FollowState): void => {
      const nodes = new Set(steps.flatMap(({ source, target }) => [outerNode(source), outerNode(target)]))
      for (const { node } of ends) nodes.add(outerNode(node))
      // What is behind the filter that stopped it was not reached.
      for (const { node, edge } of ends)
        if (edge !== undefined && !steps.some((step) => step.edge !== edge && step.target === node)) nodes.delete(node)
      const stops = new Set(ends.filter(({ isLast }) => !isLast).map(({ node, edge }) => edge ?? outerNode(node)))
      const lit = { nodes, edges: new Set(steps.map(({ edge }) => edge)), stops }
      session.view.setState({ lit: steps.length === 0 ? undefined : lit })
    }
    light(row.state.getState())
    const stop = row.state.subscribe(light)
    return () => {
      stop()
      session.view.setState({ lit: undefined })
    }
  }, [session, row])
  useEffect(
    () => () => {
      last.current?.dispose()
    },
    []
  )
}

const kPhases: Record<FollowState['phase'], string> = {
  looking: 'Looking for the row…',
  following: 'Following the row…',
  found: '',
  none: 'No row fits. All rows there were asked.',
  failed: 'It could not be followed',
  stopped: 'Stopped.'
}

function Way({ session, state }: { session: EditorSession; state: FollowState }) {
  const { phase, steps, ends, problem, origin } = state
  const words = kPhases[phase]
  const lost = phase === 'found' && steps.length === 0
  return (
    <div className="grid gap-2">
      {words !== '' && (
        <p role="status" className={phase === 'failed' ? 'text-error' : 'text-mute'}>
          {phase === 'failed' && <span aria-hidden="true">✕ </span>}
          {words}
          {problem === '' ? '' : `: ${problem}`}
        </p>
      )}
      {lost && (
        <p className="text-warn">
          <span aria-hidden="true">▲</span> The row was there, and did not come again: what this flow reads is another
          each time.
        </p>
      )}
      {origin !== undefined && <Origin origin={origin} />}
      {steps.length > 0 && (
        <ol aria-label="The way of the row" className="grid gap-1">
          {steps.map((step, at) => (
            <Step
              key={`${at} ${step.edge}`}
              session={session}
              step={step}
              before={steps.slice(0, at).findLast((one) => one.target === step.source)}
            />
          ))}
          {ends.map((end) => (
            <End key={end.node} session={session} end={end} />
          ))}
        </ol>
      )}
      {steps.length === 0 && ends.length > 0 && (
        <ol aria-label="The way of the row" className="grid gap-1">
          {ends.map((end) => (
            <End key={end.node} session={session} end={end} />
          ))}
        </ol>
      )}
    </div>
  )
}

/** One edge that it came along, with its fields as they were there; what the node before changed stands out. */
function Step({ session, step, before }: { session: EditorSession; step: RowStep; before: RowStep | undefined }) {
  const { edge, source, target, row } = step
  const isKnown = session.document.tables.edges.has(edge)
  return (
    <li className="grid gap-0.5 border-b border-line py-1">
      <button
        type="button"
        className="justify-self-start text-left font-semibold hover:text-water disabled:font-normal disabled:text-mute"
        disabled={!isKnown}
        onClick={() => {
          session.selection.set([{ kind: 'edges', id: edge }])
          canvasOf(session)?.reveal({ kind: 'edges', id: edge })
        }}
      >
        {nameAt(session, source)} <span aria-hidden="true">→</span> {nameAt(session, target)}
      </button>
      <p className="flex flex-wrap gap-x-4 font-mono text-data">
        {Object.entries(row).map(([name, value]) => {
          const text = plainText(value)
          const changed = before !== undefined && plainText(before.row[name]) !== text
          return (
            <span key={name} className={changed ? 'text-water' : ''}>
              <span className="text-mute">{name}</span> {text === '' ? '∅' : text}
              {changed && <span className="sr-only"> (changed)</span>}
            </span>
          )
        })}
      </p>
    </li>
  )
}

/** *orders/2026-03.csv, line 14*, or that several lines say the same. */
function Origin({ origin: { lines, hasMore } }: { origin: RowOrigin }) {
  const [first] = lines
  if (first === undefined)
    return <p className="text-mute">Its line in the file was not found: the text there is written otherwise.</p>
  const places = lines.map(({ file, line }) => `${file}, line ${count(line)}`)
  return (
    <p>
      <span className="text-mute">read from </span>
      <span className="font-mono text-data">{places[0]}</span>
      {lines.length > 1 && (
        <span className="text-mute" title={places.join('\n')}>
          {' '}
          or another of {hasMore ? `more than ${count(lines.length)}` : count(lines.length)} lines with the same values
        </span>
      )}
    </p>
  )
}

/** In a person's words, what became of it, its shape and its colour. */
function endWords(session: EditorSession, end: WayEnd): readonly [words: string, shape: string, colour: string] {
  const { node, failed, isLast, edge, reasons = [], port } = end
  const name = nameAt(session, node)
  if (failed !== undefined) return [`it failed in ${name}: ${failed.message}`, '✕', 'text-error']
  if (edge !== undefined) return [`the filter of the edge to ${name} stopped it`, '■', 'text-warn']
  if (isLast) return [`it arrived at ${name}`, '✓', 'text-ok']
  const value = session.document.node(outerNode(node))
  const type = value === undefined ? undefined : session.catalogue.typeOf(value)
  if (type?.cardinality === 'fold') return [`it went into ${name}, whose rows are made of many`, '∑', 'text-mute']
  if (reasons.length > 0) return [`${name} stopped it`, '■', 'text-warn']
  if (port !== undefined) return [`it left ${name} by ${port}, which leads nowhere`, '■', 'text-warn']
  if (type?.cardinality === 'expand' || type?.cardinality === 'one')
    return [`the node ${name} keeps no lineage: its rows are not this one`, '■', 'text-warn']
  return [`it went into ${name} and came out by no edge`, '■', 'text-warn']
}

function End({ session, end }: { session: EditorSession; end: WayEnd }) {
  const [words, shape, colour] = endWords(session, end)
  const { node, edge, reasons = [] } = end
  const open = (path: string): void => {
    const thing =
      edge === undefined ? { kind: 'nodes' as const, id: outerNode(node) } : { kind: 'edges' as const, id: edge }
    session.selection.set([thing])
    canvasOf(session)?.reveal(thing)
    session.view.setState(({ side }) => ({
      side: { ...side, open: true },
      wantedField: path === '' ? undefined : path
    }))
  }
  return (
    <li className="grid gap-0.5 py-1">
      <span className={colour}>
        <span aria-hidden="true">{shape}</span>{' '}
        <button
          type="button"
          className="text-left hover:underline"
          onClick={() => {
            open('')
          }}
        >
          {words}
        </button>
      </span>
      {reasons.map((reason) => (
        <Reason
          key={`${reason.path} ${reason.condition}`}
          reason={reason}
          open={() => {
            open(reason.path)
          }}
        />
      ))}
    </li>
  )
}

/** The condition that was not met, and the cells that decided it. */
function Reason({ reason: { condition, words, cells }, open }: { reason: StopReason; open: () => void }) {
  return (
    <p className="flex flex-wrap items-baseline gap-x-3 pl-5 text-data">
      <button type="button" className="text-left hover:text-water" onClick={open}>
        {condition !== '' && <code className="text-text">{condition}</code>} {words}
      </button>
      {cells.map(({ column, value }) => (
        <span key={column} className="font-mono">
          <span className="text-mute">{column}</span> <span className="text-warn">{plainText(value) || 'empty'}</span>
        </span>
      ))}
    </p>
  )
}

function nameAt(session: EditorSession, node: string): string {
  const outer = outerNode(node)
  return outer === node ? nameOf(session, node) : `${nameOf(session, outer)} · ${node.slice(outer.length + 1)}`
}
