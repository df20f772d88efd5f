// What nodes are coloured by while a run is shown.
import { usePart, useSession, useView } from '../../session/use-session.ts'
import type { ViewState } from '../../session/view-state.ts'

const kHeats: readonly (readonly [ViewState['heat'], string])[] = [
  ['none', 'No heat map'],
  ['time', 'Heat: time'],
  ['rows', 'Heat: rows'],
  ['errors', 'Heat: errors']
]

/** Absent without a run: there is nothing to colour by. */
export function HeatSwitch() {
  const session = useSession()
  const heat = useView((state) => state.heat)
  const shown = usePart(session.run, (state) => state.shown !== undefined)
  if (!shown) return null
  return (
    <select
      aria-label="Heat map"
      data-canvas-own
      className="ml-auto shrink-0 rounded-base border border-edge bg-panel px-2 py-1 text-data hover:border-water"
      value={heat}
      onChange={(event) => {
        const next = kHeats.find(([value]) => value === event.target.value)?.[0] ?? 'none'
        session.view.setState({ heat: next })
      }}
    >
      {kHeats.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  )
}
