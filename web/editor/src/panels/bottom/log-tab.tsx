// The Log tab: lines of the run that is shown, the newest first; those in sight are elements.
import { useVirtualizer } from '@tanstack/react-virtual'
import { Choice } from '@weir/ui/choice.tsx'
import { count, time } from '@weir/ui/figures/figures.ts'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { useMemo, useRef, useState } from 'react'
import type { LogLine, ShownRun } from '../../run/shown-run.ts'
import { usePart } from '../../session/use-session.ts'

const kLevels: readonly LogLine['level'][] = ['debug', 'info', 'warning', 'error']
const kLooks: Readonly<Record<LogLine['level'], readonly [string, string]>> = {
  debug: ['·', 'text-faint'],
  info: ['·', 'text-mute'],
  warning: ['▲', 'text-warn'],
  error: ['✕', 'text-error']
}
const kLineHeight = 22

export interface LogFilter {
  level: LogLine['level']
  /** Empty: of every node. */
  node: string
  text: string
}

/** Lines of at least a level, of a node, that have a text in them. */
export function filteredLines(lines: readonly LogLine[], { level, node, text }: LogFilter): readonly LogLine[] {
  const least = kLevels.indexOf(level)
  const wanted = text.toLowerCase()
  if (least === 0 && node === '' && wanted === '') return lines
  return lines.filter(
    (line) =>
      kLevels.indexOf(line.level) >= least &&
      (node === '' || line.node === node) &&
      (wanted === '' || line.message.toLowerCase().includes(wanted))
  )
}

export function LogTab({ run }: { run: ShownRun }) {
  const { lines, dropped } = usePart(run.log, (log) => log)
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const [filter, setFilter] = useState<LogFilter>({ level: 'info', node: '', text: '' })
  const shown = useMemo(() => filteredLines(lines, filter), [lines, filter])
  const nodes = useMemo(
    () => [...new Set(lines.map((line) => line.node))].filter((node) => node !== '').sort(),
    [lines]
  )
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kLineHeight,
    overscan: 10,
    initialRect: { width: 800, height: 240 }
  })
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-4 py-1 text-data">
        <Choice
          bare
          label="Level"
          value={filter.level}
          options={kLevels.map((level) => [level, level === 'debug' ? 'all levels' : `${level} and above`])}
          choose={(level) => {
            setFilter({ ...filter, level: kLevels.find((each) => each === level) ?? 'info' })
          }}
        />
        <Choice
          bare
          label="Node"
          value={filter.node}
          options={[['', 'every node'], ...nodes.map((node) => [node, node] as const)]}
          choose={(node) => {
            setFilter({ ...filter, node })
          }}
        />
        <input
          type="search"
          className="field w-56"
          aria-label="Text in the line"
          placeholder="Text in the line"
          value={filter.text}
          onChange={(event) => {
            setFilter({ ...filter, text: event.target.value })
          }}
        />
        <span className="ml-auto text-mute">
          {count(shown.length)} of {count(lines.length)} lines in {zone}
          {dropped > 0 && `, ${count(dropped)} older ones are gone`}
        </span>
      </div>
      {shown.length === 0 ? (
        <p className="grid flex-1 place-items-center text-mute">
          {lines.length === 0 ? 'The run has said nothing yet.' : 'No line fits the filter.'}
        </p>
      ) : (
        <div
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label="Log"
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto font-mono text-data"
        >
          <div className="relative" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const line = shown[item.index]
              return line === undefined ? null : <Line key={item.index} line={line} zone={zone} top={item.start} />
            })}
          </div>
        </div>
      )}
    </div>
  )
}

function Line({ line, zone, top }: { line: LogLine; zone: string; top: number }) {
  const [shape, colour] = kLooks[line.level]
  return (
    <div
      className="absolute inset-x-0 flex gap-3 px-4 leading-[22px] whitespace-nowrap hover:bg-raised"
      style={{ top, height: kLineHeight }}
    >
      <span className="text-faint">{time(line.at, zone)}</span>
      <span className={`w-3 text-center ${colour}`} role="img" aria-label={line.level}>
        {shape}
      </span>
      <span className="w-32 shrink-0 truncate text-mute">{line.node}</span>
      <span className={`truncate ${line.level === 'error' ? 'text-error' : ''}`} title={line.message}>
        {line.message}
      </span>
    </div>
  )
}
