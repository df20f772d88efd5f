// Notices of the session: seen for a while, and read out to who listens.
import { useEffect } from 'react'
import { Icon } from '@weir/ui/icon.tsx'
import { usePart, useSession } from '../../session/use-session.ts'

const kShownMs = 5000
const kShapes = { info: '✓', warning: '▲', error: '✕' } as const
const kColours = { info: 'text-ok', warning: 'text-warn', error: 'text-error' } as const

/** The newest notice; an error stays until it is put away. */
export function Notices() {
  const { notice } = useSession()
  const shown = usePart(notice, (state) => state.notice)
  const lasts = shown?.tone === 'error'
  useEffect(() => {
    if (shown === undefined || lasts) return
    const timer = setTimeout(() => {
      if (notice.getState().notice === shown) notice.setState({ notice: undefined })
    }, kShownMs)
    return () => {
      clearTimeout(timer)
    }
  }, [shown, lasts, notice])
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {shown !== undefined && !lasts ? shown.text : ''}
      </div>
      <div role="alert" className="sr-only">
        {shown !== undefined && lasts ? shown.text : ''}
      </div>
      {shown !== undefined && (
        <div className="absolute bottom-4 left-1/2 z-30 flex max-w-[min(60ch,90%)] -translate-x-1/2 items-start gap-2 rounded-panel border border-edge bg-panel px-3 py-2 shadow-base">
          <span aria-hidden="true" className={kColours[shown.tone]}>
            {kShapes[shown.tone]}
          </span>
          <p aria-hidden="true">{shown.text}</p>
          <button
            type="button"
            className="p-0.5 text-mute hover:text-text"
            aria-label="Put the notice away"
            onClick={() => {
              notice.setState({ notice: undefined })
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </>
  )
}
