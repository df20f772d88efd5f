// Figures that follow a run without React: a line each, written at most four times a second.
import { useEffect, useRef } from 'react'
import { FigureAlert } from '../../alerts/alert-button.tsx'
import type { AlertWish } from '../../alerts/alert-draft.ts'
import { useSession } from '../../session/use-session.ts'
import type { FigureStore } from '../../run/figure-store.ts'

export interface FigureLine {
  words: string
  /** Reads the figure; an empty text hides the line. */
  read: (figures: FigureStore) => string
  tone?: 'warn'
  /** What an alert about it watches. */
  alert?: AlertWish | undefined
}

const kEveryMs = 250

/** Calls `draw` now and after changes, no more often than four times a second. Gives what ends that. */
export function followFigures(figures: FigureStore, draw: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = figures.subscribe(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      draw()
    }, kEveryMs)
  })
  draw()
  return () => {
    clearTimeout(timer)
    stop()
  }
}

/** Nothing while no figure has a value. @param lines The same number of them each time, in the same order. */
export function LiveFigures(props: { title: string; figures: FigureStore; lines: readonly FigureLine[] }) {
  const { title, figures, lines } = props
  const session = useSession()
  const list = useRef<HTMLDListElement>(null)
  const latest = useRef(lines)
  latest.current = lines
  useEffect(
    () =>
      followFigures(figures, () => {
        const cells = list.current?.querySelectorAll('dd') ?? []
        latest.current.forEach((line, at) => {
          const cell = cells[at]
          if (cell === undefined) return
          const text = line.read(figures)
          if (cell.textContent !== text) cell.textContent = text
          if (cell.parentElement !== null) cell.parentElement.hidden = text === ''
        })
        const part = list.current?.parentElement
        if (part != null) part.hidden = [...cells].every((cell) => cell.textContent === '')
      }),
    [figures, lines]
  )
  return (
    <section className="grid gap-2 [&[hidden]]:hidden" hidden>
      <h3 className="text-small tracking-wide text-mute uppercase">{title}</h3>
      <dl ref={list} className="grid gap-1 text-data">
        {lines.map(({ words, tone, alert }) => (
          <div key={words} className="grid grid-cols-[1fr_auto] gap-2 [&[hidden]]:hidden" hidden>
            <dt className="text-mute">
              {words}
              {alert !== undefined && <FigureAlert session={session} wish={alert} words={words} />}
            </dt>
            <dd className={tone === 'warn' ? 'text-warn' : ''} />
          </div>
        ))}
      </dl>
    </section>
  )
}
