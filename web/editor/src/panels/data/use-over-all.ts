// A sum or an order over all rows, for a table: at most one at a time, ended when the table goes or shows others.
import { useEffect, useRef, useState } from 'react'
import { createStore } from 'zustand/vanilla'
import { useStore } from 'zustand'
import type { EditorSession } from '../../session/editor-session.ts'
import { whyNoRun } from '../run/run-to.ts'
import { OverAll } from './over-all.ts'
import type { AllAsked, AllRows, AllState } from './over-all.ts'

export interface OverAllHand {
  /** What is asked, and what is known of it; undefined: nothing is. */
  asked: AllAsked | undefined
  state: AllState | undefined
  ask: (asked: AllAsked) => void
  stop: () => void
  /** The shown rows again. */
  leave: () => void
}

const kNone = createStore<AllState | undefined>(() => undefined)

export function useOverAll(session: EditorSession, all: AllRows | undefined): OverAllHand {
  const [over, setOver] = useState<OverAll>()
  const last = useRef(over)
  last.current = over
  const state = useStore(over?.state ?? kNone)
  const key = JSON.stringify(all)
  useEffect(
    () => () => {
      last.current?.dispose()
      setOver(undefined)
    },
    [key]
  )
  return {
    asked: over?.asked,
    state,
    ask: (asked) => {
      const { place } = session.run.getState()
      const why = whyNoRun(session)
      if (all === undefined || place === undefined || why !== '') {
        session.tell(why === '' ? 'There are no more rows than these.' : why, 'warning')
        return
      }
      over?.dispose()
      setOver(new OverAll(place, session.document.text(), all, asked))
    },
    stop: () => over?.stop(),
    leave: () => {
      over?.dispose()
      setOver(undefined)
    }
  }
}
