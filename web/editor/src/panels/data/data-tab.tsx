// The Data tab: rows of the edge that is tapped, or of the port that is chosen, within a condition.
import { Button } from '@weir/ui/button.tsx'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { rewriteHabits } from '../../formula/habits.ts'
import { useSession, useView } from '../../session/use-session.ts'
import { CellView } from './cell-view.tsx'
import { ChoiceBar } from './choice-bar.tsx'
import { copyText } from './cell-format.ts'
import { tabbedOf } from './copy-table.ts'
import { DataTable } from './data-table.tsx'
import { FailedValues } from './failed-values.tsx'
import type { Behind } from './offers.ts'
import type { EdgeRowsState } from './edge-rows.ts'
import { sorted } from './grid-state.ts'
import type { GridChoice, Sorting } from './grid-state.ts'
import type { RowTable } from './row-table.ts'
import { exactLine, headLine } from './head-line.ts'
import { leaveBehind } from './row-actions.ts'
import { RowMenu, rowItems } from './row-menu.tsx'
import type { AllRows } from './over-all.ts'
import { OverAllLine } from './over-all-line.tsx'
import { useEdgeRows } from './use-edge-rows.ts'
import { useOverAll } from './use-over-all.ts'
import { useRowsSource } from './use-rows-source.ts'
import { toClipboard } from '@weir/ui/copy-text.ts'

/** Rows that are kept of a tap. */
const kKeptRows = 2000

export function DataTab() {
  const session = useSession()
  const source = useRowsSource(session)
  const [where, setWhere] = useState('')
  const key = source === undefined ? '' : `${source.node}\n${source.port}`
  const behind = useView((state) => state.behind)
  // A condition is of one port; rows behind a total come with theirs.
  const of = behind !== undefined && behind.edge === source?.edge ? `${key}\n${behind.where}` : key
  const [known, setKnown] = useState('')
  if (known !== of) {
    setKnown(of)
    setWhere(of === key ? '' : (behind?.where ?? ''))
  }
  useEffect(() => {
    if (behind !== undefined && source?.edge !== behind.edge) leaveBehind(session)
  }, [session, behind, source?.edge])
  const wanted =
    source === undefined
      ? undefined
      : { node: source.node, port: source.port, edge: source.edge, where, most: kKeptRows, everyMs: 250 }
  const rows = useEdgeRows(session, wanted)
  const [still, setStill] = useState<EdgeRowsState | undefined>(undefined)
  const shown = still ?? rows
  useEffect(() => {
    setStill(undefined)
  }, [key, where])
  if (source === undefined) return <Nothing>Choose a node or an edge on the canvas: its rows are shown here.</Nothing>
  return (
    <Rows
      key={key}
      label={source.title}
      behind={source.edge ?? { node: source.node, port: source.port }}
      state={shown}
      all={{ node: source.node, port: source.port, where }}
    >
      <div className="flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-4 py-1 text-data">
        <span className="max-w-[40ch] truncate font-semibold">{source.title}</span>
        {behind !== undefined && behind.edge === source.edge && where === behind.where && (
          <span className="flex items-center gap-1 rounded-full border border-water px-2 text-water">
            made of: {behind.words}
            <button
              type="button"
              className="hover:text-text"
              aria-label="Leave the rows behind the total"
              onClick={() => {
                leaveBehind(session)
              }}
            >
              ✕
            </button>
          </span>
        )}
        <Where value={where} set={setWhere} columns={rows.table.columns.map((column) => column.name)} />
        {shown.problem !== '' && (
          <span className="max-w-[60ch] truncate text-error" role="status" title={shown.problem}>
            ✕ {shown.problem}
          </span>
        )}
        <span className="ml-auto rounded-full border border-line px-2 text-mute" title={exactLine(shown, where)}>
          {headLine(shown, where)}
        </span>
        {rows.source === 'tap' && (
          <Button
            look="quiet"
            aria-pressed={still !== undefined}
            onClick={() => {
              setStill(still === undefined ? rows : undefined)
            }}
          >
            {still === undefined ? 'Hold still' : 'Follow'}
          </Button>
        )}
      </div>
      <FailedValues session={session} node={source.node} />
    </Rows>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="grid h-full place-items-center p-6 text-center text-mute">{children}</p>
}

/** A condition; it counts when it is entered or left. */
function Where({ value, set, columns }: { value: string; set: (value: string) => void; columns: readonly string[] }) {
  const [draft, setDraft] = useState(value)
  const [seen, setSeen] = useState(value)
  if (seen !== value) {
    setSeen(value)
    setDraft(value)
  }
  const enter = (): void => {
    if (draft.trim() === value) return
    const { text } = rewriteHabits(draft.trim(), columns)
    setDraft(text)
    set(text)
  }
  return (
    <span className="flex items-center gap-1">
      <label className="flex items-center gap-1.5">
        <span className="text-mute">where</span>
        <input
          className="field w-64 font-mono text-data"
          value={draft}
          placeholder="row.net > 500.0"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setDraft(event.target.value)
          }}
          onBlur={enter}
          onKeyDown={(event) => {
            if (event.key === 'Enter') enter()
          }}
        />
      </label>
      {value !== '' && (
        <Button
          look="quiet"
          aria-label="Without the condition"
          onClick={() => {
            set('')
          }}
        >
          ✕
        </Button>
      )}
    </span>
  )
}

interface RowsProps {
  label: string
  /** Where the nodes go that a cell or a column offers; undefined: nothing is offered. */
  behind: Behind | undefined
  state: EdgeRowsState
  /** Where all of the rows are, of which these are shown. */
  all?: AllRows
  /** Above the rows. */
  children: ReactNode
}

/** A table with its bar and its views: here, and for results. */
export function Rows({ label, behind, state, all, children }: RowsProps) {
  const session = useSession()
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const [choice, setChoice] = useState<GridChoice | undefined>(undefined)
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined)
  const [viewed, setViewed] = useState(false)
  const [menu, setMenu] = useState<{ x: number; y: number }>()
  const over = useOverAll(session, all)
  const shown = useSorted(state.table, sorting)
  const table = over.state?.table ?? shown
  const alive =
    choice !== undefined &&
    choice.column < table.columns.length &&
    (choice.kind !== 'cell' || choice.row < table.length)
  const copy = (): void => {
    if (choice?.kind === 'cell')
      void copied(table, choice).then((words) => {
        session.tell(words)
      })
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      {children}
      <OverAllLine hand={over} />
      {table.length === 0 ? (
        <div className="min-h-0 flex-1">
          <Nothing>{state.why}</Nothing>
        </div>
      ) : (
        <div className="flex min-h-0 flex-1">
          <div className="min-w-0 flex-1">
            <DataTable
              label={`Rows of ${label}`}
              table={table}
              zone={zone}
              choice={choice}
              choose={setChoice}
              sorting={over.state?.table === undefined || over.asked?.kind !== 'sort' ? sorting : over.asked}
              copy={copy}
              menu={setMenu}
            />
          </div>
          {menu !== undefined && behind !== undefined && choice?.kind === 'cell' && (
            <RowMenu
              screen={menu}
              items={rowItems(session, behind, table, choice.row, zone)}
              close={() => {
                setMenu(undefined)
              }}
            />
          )}
          {viewed && alive && (
            <CellView
              table={table}
              choice={choice}
              close={() => {
                setViewed(false)
              }}
            />
          )}
        </div>
      )}
      {alive && (
        <ChoiceBar
          session={session}
          behind={behind}
          table={table}
          zone={zone}
          choice={choice}
          sorting={sorting}
          sort={(next) => {
            over.leave()
            setSorting(next)
          }}
          over={all === undefined ? undefined : over}
          copy={copy}
          view={() => {
            setViewed(true)
          }}
        />
      )}
    </div>
  )
}

function useSorted(table: RowTable, sorting: Sorting | undefined): RowTable {
  const known = useRef<{ table: RowTable; sorting: Sorting | undefined; made: RowTable }>(undefined)
  if (known.current?.table !== table || known.current.sorting !== sorting)
    known.current = { table, sorting, made: sorted(table, sorting) }
  return known.current.made
}

/** What was copied, in words. Times are copied in UTC. */
async function copied(table: RowTable, choice: Extract<GridChoice, { kind: 'cell' }>): Promise<string> {
  const [from, to] = [Math.min(choice.row, choice.anchor), Math.max(choice.row, choice.anchor)]
  const column = table.columns[choice.column]
  const one = from === to && column !== undefined
  const text = one ? copyText(table.value(choice.row, column.name), column) : tabbedOf(table, from, to + 1)
  try {
    await toClipboard(text)
    return one ? 'Copied the cell.' : `Copied ${(to - from + 1).toLocaleString('en')} of the shown rows, times in UTC.`
  } catch {
    return 'The browser did not let it be copied.'
  }
}
