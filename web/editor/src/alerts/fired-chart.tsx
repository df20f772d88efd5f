// A figure over time with the bound and the times at which an alert would have been raised; what it says stands below in words.
import { duration } from '@weir/ui/figures/figures.ts'
import type { Unit } from './measures.ts'
import { valueText } from './measures.ts'
import type { Fired, Rule, Series } from './would-fire.ts'

const kWidth = 640
const kHeight = 96
const kTop = 6
const kListed = 3

/** *raised twice*: how often, in words. */
export function firedWords(fired: readonly Fired[], spanMs: number, of: string): string {
  const span = duration(spanMs)
  if (fired.length === 0) return `It would not have been raised in ${span} of ${of}.`
  const often = fired.length === 1 ? 'once' : fired.length === 2 ? 'twice' : `${String(fired.length)} times`
  const times = fired.slice(0, kListed).map(({ from }) => duration(from))
  const more = fired.length > kListed ? ' …' : ''
  const last = fired.at(-1)?.to === undefined ? ', and still be' : ''
  return `It would have been raised ${often} in ${span} of ${of}${last}: after ${times.join(', ')}${more}.`
}

interface Props {
  series: Series
  rule: Rule
  fired: readonly Fired[]
  unit: Unit
  /** The run, as the top bar names it. */
  of: string
}

export function FiredChart({ series, rule, fired, unit, of }: Props) {
  const { times, values } = series
  const end = times.at(-1) ?? 1
  const known = values.filter((value) => value !== undefined)
  const bounds = [rule.over, rule.under].filter((bound) => bound !== undefined)
  const most = Math.max(...known, ...bounds.filter((bound) => bound <= 4 * Math.max(...known)), 0) * 1.12 || 1
  const x = (ms: number): number => (ms / end) * kWidth
  const y = (value: number): number => kTop + (1 - Math.min(1, Math.max(0, value) / most)) * (kHeight - kTop - 2)
  const path = linePath(times, values, x, y)
  return (
    <figure className="grid gap-1">
      <svg
        viewBox={`0 0 ${String(kWidth)} ${String(kHeight)}`}
        preserveAspectRatio="none"
        className="h-24 w-full rounded-base border border-line bg-bg"
        aria-hidden="true"
        data-fired={fired.length}
      >
        {fired.map(({ from, to }) => (
          <g key={from}>
            <rect
              x={x(from)}
              y={0}
              width={Math.max(3, x(to ?? end) - x(from))}
              height={kHeight}
              className="fill-warn opacity-20"
            />
            <line
              x1={x(from)}
              x2={x(from)}
              y1={0}
              y2={kHeight}
              className="stroke-warn"
              vectorEffect="non-scaling-stroke"
              strokeWidth={2}
            />
          </g>
        ))}
        <path d={path} fill="none" className="stroke-water" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
        {bounds.map((bound, at) => (
          <line
            key={at}
            x1={0}
            x2={kWidth}
            y1={y(bound)}
            y2={y(bound)}
            className="stroke-text"
            strokeDasharray="5 4"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <div className="flex justify-between font-mono text-small text-mute" aria-hidden="true">
        <span>0 s</span>
        <span>
          {series.approximate ? '≈ ' : ''}
          {valueText(unit, Math.min(...known))} to {valueText(unit, Math.max(...known))}
        </span>
        <span>{duration(end)}</span>
      </div>
      <figcaption role="status" className="text-data">
        {fired.length > 0 && (
          <span aria-hidden="true" className="text-warn">
            ▲{' '}
          </span>
        )}
        {firedWords(fired, end, of)}
      </figcaption>
    </figure>
  )
}

/** Breaks where nothing is known. */
function linePath(
  times: readonly number[],
  values: readonly (number | undefined)[],
  x: (ms: number) => number,
  y: (value: number) => number
): string {
  let path = ''
  let pen = 'M'
  times.forEach((at, index) => {
    const value = values[index]
    if (value === undefined) {
      pen = 'M'
      return
    }
    path += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
    pen = 'L'
  })
  return path
}
