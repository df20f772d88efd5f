// A chart of lines over time, drawn by uPlot in the colours of the theme.
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { usePreferences } from '@weir/ui/preferences.ts'

interface ChartProps {
  title: string
  seconds: readonly number[]
  values: readonly number[]
  /** A colour token, such as --water. */
  colour: string
  text: (value: number) => string
}

const HEIGHT = 130

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function optionsOf(
  { title, colour, text }: Pick<ChartProps, 'title' | 'colour' | 'text'>,
  width: number
): uPlot.Options {
  const axis = {
    stroke: token('--mute'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1 },
    font: `11px ${token('--font-data')}`
  }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
      { ...axis, size: 72, values: (_, ticks) => ticks.map(text) }
    ],
    series: [{}, { label: title, stroke: token(colour), width: 1.5, points: { show: false } }]
  }
}

/** The line; what it says is in a sentence too, for those who do not see it. */
export function Chart({ title, seconds, values, colour, text }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const theme = usePreferences((preferences) => preferences.theme)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const made = new uPlot(optionsOf({ title, colour, text }, element.clientWidth), [[], []], element)
    chart.current = made
    const observer = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: HEIGHT })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [title, colour, text, theme])
  useEffect(() => {
    chart.current?.setData([[...seconds], [...values]])
  }, [seconds, values, theme])
  const last = values.at(-1)
  return (
    <figure className="min-w-0 rounded-panel border border-line bg-panel p-2">
      <figcaption className="flex px-1 text-data">
        <span className="font-semibold">{title}</span>
        <span className="ml-auto font-mono text-mute">{last === undefined ? '' : text(last)}</span>
      </figcaption>
      <div ref={place} aria-hidden="true" className="h-[130px]" />
    </figure>
  )
}
