// The one button of the page: Run, Stop, Resume, as the run stands; and the switch of where it runs.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { Button } from '@weir/ui/button.tsx'
import type { RunFacts, RunPlace } from '../../run/shown-run.ts'
import { useKeyHint } from '../../session/key-hints.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { wishOf } from '../run-actions.ts'
import type { RunWish } from '../run-actions.ts'

const kWords: Record<RunWish, string> = { run: 'Run', stop: 'Stop', 'stop-now': 'Stop now', resume: 'Resume' }
const kShapes: Record<RunWish, string> = { run: '▶', stop: '■', 'stop-now': '■', resume: '▶' }
const kCommands: Record<RunWish, string> = {
  run: 'run.run',
  stop: 'run.stop',
  'stop-now': 'run.stop',
  resume: 'run.run'
}

const kNoFacts = createStore<RunFacts | undefined>(() => undefined)
const kNoAway = createStore<{ reason: string }>(() => ({ reason: '' }))

/** Absent where nothing can run. */
export function RunButton({ act }: { act: (wish: RunWish) => void }) {
  const { run } = useSession()
  const { shown, place } = usePart(run, (state) => state)
  const wish = wishOf(
    useStore(shown?.facts ?? kNoFacts, (facts) => facts?.status),
    shown?.kind
  )
  const away = useStore(place?.away ?? kNoAway, ({ reason }) => reason)
  const key = useKeyHint(kCommands[wish])
  if (place === undefined) return null
  const idle = wish === 'run' && away !== ''
  return (
    <Button
      className="border-water"
      disabled={idle}
      aria-keyshortcuts={key?.aria}
      title={idle ? away : undefined}
      onClick={() => {
        act(wish)
      }}
    >
      <span aria-hidden="true" className="text-small text-water">
        {kShapes[wish]}
      </span>
      {kWords[wish]}
      {key !== undefined && (
        <kbd aria-hidden="true" className="text-small text-mute max-lg:hidden">
          {key.words.replace('Enter', '⏎')}
        </kbd>
      )}
    </Button>
  )
}

/** Where the next run is; with one place there is nothing to switch. */
export function PlaceSwitch() {
  const { run, problems } = useSession()
  const { places, place } = usePart(run, (state) => state)
  if (places.length < 2) return null
  const choose = (next: RunPlace) => () => {
    run.setState({ place: next })
    problems.useCheck(next.check)
  }
  return (
    <div className="flex items-center gap-3 max-md:hidden">
      <span aria-hidden="true" className="h-6 border-l border-line" />
      <div role="group" aria-label="Where it runs" className="flex rounded-base border border-edge">
        {places.map((one) => (
          <button
            key={one.id}
            type="button"
            aria-pressed={one.id === place?.id}
            className="min-h-[28px] whitespace-nowrap px-3 first:rounded-l-base last:rounded-r-base text-mute hover:text-text aria-pressed:bg-water-dim aria-pressed:font-semibold aria-pressed:text-water"
            onClick={choose(one)}
          >
            {one.id === 'browser' ? 'This browser' : 'Server'}
          </button>
        ))}
      </div>
    </div>
  )
}
