// Rows that are held at breakpoints: each with its fields to be edited, and go on, step or drop.
import type { HeldRow } from '@weir/engine-client'
import { Button } from '@weir/ui/button.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import { useEffect, useRef, useState } from 'react'
import { kTypeColours } from '../../formula/formula-result.tsx'
import { nameOf } from '../../canvas/actions.ts'
import { outerNode } from '../../run/run-figures.ts'
import type { ShownRun } from '../../run/shown-run.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { plainText } from '../data/cell-format.ts'
import { readHeld } from './read-held.ts'

export function HeldRows({ run }: { run: ShownRun }) {
  const held = usePart(run.facts, (facts) => facts.held)
  const [at, setAt] = useState(0)
  const row = held[Math.min(at, held.length - 1)]
  const place = useRef<HTMLElement>(null)
  const any = row !== undefined
  // A row that stops is in sight, wherever the panel was scrolled to.
  useEffect(() => {
    if (any) place.current?.scrollIntoView({ block: 'nearest' })
  }, [any])
  if (row === undefined) return null
  return (
    <section ref={place} aria-label="Held row" className="grid gap-2 border-b border-warn p-4">
      <div className="flex items-center gap-2">
        <h2 className="text-head font-semibold text-warn">
          <span aria-hidden="true">‖</span> Row held
        </h2>
        {held.length > 1 && (
          <span className="ml-auto flex items-center gap-2 text-data text-mute">
            {Math.min(at, held.length - 1) + 1} of {held.length}
            <Button
              look="quiet"
              onClick={() => {
                setAt((at + 1) % held.length)
              }}
            >
              Next
            </Button>
          </span>
        )}
      </div>
      <Held key={row.held} run={run} row={row} />
    </section>
  )
}

function Held({ run, row }: { run: ShownRun; row: HeldRow }) {
  const session = useSession()
  const [edits, setEdits] = useState<ReadonlyMap<string, string>>(new Map())
  const [busy, setBusy] = useState(false)
  const read = readHeld(row, edits)
  const act = (what: Promise<void>): void => {
    setBusy(true)
    what
      .catch((reason: unknown) => {
        session.tell(reason instanceof Error ? reason.message : 'The row stays held.', 'error')
      })
      .finally(() => {
        setBusy(false)
      })
  }
  return (
    <>
      <p className="text-data text-mute">
        {nameOf(session, outerNode(row.source))} → {nameOf(session, outerNode(row.target))} · {count(row.rowsBehind)}{' '}
        behind it
      </p>
      <div className="grid gap-1">
        {Object.entries(row.row).map(([name, value]) => (
          <label key={name} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] items-center gap-2 text-data">
            <span className="truncate">
              {name}{' '}
              <span className={`text-small ${kTypeColours[row.types[name] ?? ''] ?? 'text-any'}`}>
                {row.types[name] ?? ''}
              </span>
            </span>
            <input
              className="field font-mono text-data"
              value={edits.get(name) ?? plainText(value)}
              placeholder="empty"
              aria-invalid={read.wrong.has(name) || undefined}
              spellCheck={false}
              onChange={(event) => {
                setEdits(new Map(edits).set(name, event.target.value))
              }}
            />
            {read.wrong.has(name) && <span className="col-span-2 text-small text-error">✕ {read.wrong.get(name)}</span>}
          </label>
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          look="main"
          disabled={busy || read.wrong.size > 0}
          onClick={() => {
            act(read.changed ? run.goOn(row.held, read.row) : run.goOn(row.held))
          }}
        >
          {read.changed ? 'Go on with the changes' : 'Go on'}
        </Button>
        <Button
          disabled={busy || read.changed}
          title={read.changed ? 'Go on with the changes first' : 'Held again at the next node'}
          onClick={() => {
            act(run.stepRow(row.held))
          }}
        >
          Step <kbd className="text-small text-faint">F10</kbd>
        </Button>
        <Button
          look="danger"
          disabled={busy}
          onClick={() => {
            act(run.dropRow(row.held))
          }}
        >
          Drop
        </Button>
      </div>
    </>
  )
}
