// States and problems of the nodes of the outline, as the canvas has them: told by shape and by words.
import { keysOf } from '@weir/flow-model'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { canvasOf } from '../../canvas/index.ts'
import type { Mark } from '../../canvas/index.ts'
import type { RunFacts } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'

export const kMarkShapes: Readonly<Record<Mark, string>> = {
  none: '',
  running: '▶',
  done: '✓',
  warning: '▲',
  error: '✕',
  held: '‖'
}
export const kMarkClasses: Readonly<Record<Mark, string>> = {
  none: '',
  running: 'text-ok',
  done: 'text-ok',
  warning: 'text-warn',
  error: 'text-error',
  held: 'text-rest'
}

export interface RowState {
  mark: Mark
  /** `failed, 2 problems`; empty if there is nothing to say. */
  words: string
}

const kNone = createStore<RunFacts | undefined>(() => undefined)

/** How many problems each element of the document has, by `nodes/id`. */
function problemCounts(session: EditorSession): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { pointer } of session.problems.store.getState().list) {
    const [kind = '', index] = keysOf(pointer) ?? []
    if (kind !== 'nodes' && kind !== 'edges') continue
    const id = session.document.tables[kind].list()[Number(index)]?.id
    if (id !== undefined) counts.set(`${kind}/${id}`, (counts.get(`${kind}/${id}`) ?? 0) + 1)
  }
  return counts
}

/** Asked for by the key of a row. Drawn again when a state may be another: never for a figure alone. */
export function useRowStates(session: EditorSession): (kind: string, id: string) => RowState {
  const problems = usePart(session.problems.store, (state) => state.list)
  const shown = usePart(session.run, (state) => state.shown)
  const turn = useStore(shown?.facts ?? kNone, (facts) =>
    facts === undefined
      ? ''
      : `${facts.status} ${facts.heldUpBy ?? ''} ${facts.held.length} ${facts.failures.map(({ node }) => node).join()}`
  )
  return useMemo(() => {
    const counts = problemCounts(session)
    return (kind, id) => {
      const state = kind === 'nodes' ? canvasOf(session)?.live.state(id) : undefined
      const mark = state?.mark ?? 'none'
      const count = counts.get(`${kind}/${id}`) ?? 0
      const told = count === 0 ? '' : count === 1 ? '1 problem' : `${count} problems`
      return {
        mark: mark === 'none' && count > 0 ? 'warning' : mark,
        // A count says what is wrong better than the mark does.
        words: [told !== '' && mark === 'error' ? '' : (state?.words ?? ''), told]
          .filter((word) => word !== '')
          .join(', ')
      }
    }
  }, [session, problems, shown, turn])
}
