// The log of a run: the newest lines, found by words, level and node.
import { useGet } from '../../api/use-get.ts'
import type { Run } from '../../api/routes.ts'
import { count } from '@weir/ui/figures/figures.ts'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { goesOn } from '../runs/run-state.tsx'
import { lineOf, type LogLine } from './use-run-live.ts'

const SHOWN = 500
const LEVELS = ['debug', 'info', 'warning', 'error']
const COLOURS: Record<string, string> = { error: 'text-error', warning: 'text-warn', debug: 'text-faint' }

/** Lines that have the words, are of the node and at least of the level. */
export function linesLike(lines: readonly LogLine[], words: string, level: string, node: string): LogLine[] {
  const wanted = words.toLowerCase()
  const least = LEVELS.indexOf(level)
  return lines.filter(
    (line) =>
      (wanted === '' || line.message.toLowerCase().includes(wanted)) &&
      (node === '' || line.node === node) &&
      (least <= 0 || LEVELS.indexOf(line.level) >= least)
  )
}

/** The tab: the live lines while the run goes on, those that were kept afterwards. */
export function LogTab({ run, lines }: { run: Run; lines: readonly LogLine[] }) {
  const on = goesOn(run)
  const kept = useGet('/api/v1/runs/{run}/logs', { path: { run: run.id } }, { enabled: !on || lines.length === 0 })
  if (on && lines.length > 0) return <Lines lines={lines} />
  return (
    <Shown of={kept} what="the log">
      {(answer) => <Lines lines={answer.logs.map(lineOf)} />}
    </Shown>
  )
}

function Lines({ lines }: { lines: readonly LogLine[] }) {
  const filters = useFilters()
  const nodes = [...new Set(lines.map((line) => line.node))].filter((node) => node !== '').sort()
  const found = linesLike(lines, filters.get('words'), filters.get('level'), filters.get('node'))
  const set = (name: string) => (value: string) => {
    filters.set({ [name]: value })
  }
  if (lines.length === 0) return <Empty title="Nothing was logged">Nodes such as debug/log write lines here.</Empty>
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <FilterText label="Words in the log" value={filters.get('words')} set={set('words')} />
        <Choice
          bare
          label="Level"
          value={filters.get('level')}
          options={[['', 'All levels'], ...LEVELS.slice(1).map((level) => [level, `${level} and worse`] as const)]}
          choose={set('level')}
        />
        <Choice
          bare
          label="Node"
          value={filters.get('node')}
          options={[['', 'All nodes'], ...nodes.map((node) => [node, node] as const)]}
          choose={set('node')}
        />
        <span className="text-mute">
          showing {count(Math.min(found.length, SHOWN))} of {count(found.length)} lines
        </span>
      </div>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">
              <ZoneHead>Time</ZoneHead>
            </th>
            <th scope="col">Level</th>
            <th scope="col">Node</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {found
            .slice(-SHOWN)
            .reverse()
            .map((line, index) => (
              <tr key={`${line.at}-${found.length - index}`}>
                <td className="w-0 whitespace-nowrap">
                  <TimeText ms={line.at} />
                </td>
                <td className={`w-0 ${COLOURS[line.level] ?? 'text-mute'}`}>{line.level}</td>
                <td className="w-0 text-mute">{line.node}</td>
                <td className="break-all">{line.message}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  )
}
