// Breadcrumbs: the flows and boxes that what is shown is in; each leads up to itself.
import { Fragment } from 'react'
import { canvasOf } from '../canvas/canvas-of.ts'
import { useRevision, useSession, useView } from '../session/use-session.ts'
import { boxName, goUp } from './inside.ts'
import { ownNodesOf } from './own-nodes.ts'

interface Crumb {
  key: string
  words: string
  /** Undefined: it is what is shown. */
  go: (() => void) | undefined
}

/** Nothing at the top of a flow that was not opened from another. */
export function Breadcrumbs() {
  const session = useSession()
  const inside = useView((state) => state.inside)
  useRevision()
  const own = ownNodesOf(session)
  const above = own?.above ?? []
  if (above.length + inside.length === 0) return null
  const crumbs: Crumb[] = above.map((flow) => ({
    key: `flow/${flow}`,
    words: flow,
    go: () => {
      own?.up(flow)
    }
  }))
  const steps = (count: number) => () => {
    goUp(session, count)
  }
  crumbs.push({
    key: 'here',
    words: session.document.id,
    go: inside.length === 0 ? undefined : steps(inside.length)
  })
  inside.forEach((box, at) => {
    const left = inside.length - at - 1
    crumbs.push({ key: box, words: boxName(session, box), go: left === 0 ? undefined : steps(left) })
  })
  return (
    <nav
      aria-label="Where you are"
      data-canvas-own
      className="flex min-w-0 items-center gap-1.5 rounded-base border border-line bg-panel px-3 py-1 text-data"
    >
      {crumbs.map(({ key, words, go }, at) => (
        <Fragment key={key}>
          {at > 0 && (
            <span aria-hidden="true" className="text-faint">
              ›
            </span>
          )}
          {go === undefined ? (
            <span aria-current="page" className="max-w-[24ch] truncate font-semibold">
              {words}
            </span>
          ) : (
            <button
              type="button"
              className="max-w-[24ch] truncate rounded-base text-mute hover:text-text"
              onClick={() => {
                go()
                // The crumb may be gone: the keys go on with the canvas.
                canvasOf(session)?.root.focus({ preventScroll: true })
              }}
            >
              {words}
            </button>
          )}
        </Fragment>
      ))}
      <kbd aria-hidden="true" className="ml-1 text-small text-faint">
        Esc
      </kbd>
    </nav>
  )
}
