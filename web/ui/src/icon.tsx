// The icons, drawn on a grid of 18 by 16 with one line.

const PATHS = {
  flows: 'M2 3.5h14v9H2zM2 6.5h14',
  draw: 'M1 5.5h5v5H1zM12 1h5v5h-5zM12 10h5v5h-5zM6 8h3M9 8V3.5h3M9 8v4.5h3',
  runs: 'M9 1.8a6.2 6.2 0 1 1 0 12.4 6.2 6.2 0 0 1 0-12.4zM9 4.5V8l2.5 2',
  schedules: 'M2 3h14v11H2zM2 6.5h14M6 1v3M12 1v3M5.5 10h2M10.5 10h2',
  alerts: 'M9 1.5c3 0 4 2 4 5 0 3 2 4.500 2 4.500H3s2-1.500 2-4.500c0-3 1-5 4-5zM7.500 14h3',
  dashboards: 'M2 2.500h6v6H2zM10 2.500h6v3.500h-6zM10 8h6v5.500h-6zM2 10.500h6v3H2z',
  nodes: 'M2 2h6v5H2zM10 9h6v5h-6zM8 4.500h5V9',
  guide:
    'M9 4C7 2.500 4.500 2.200 2 2.500v10.500c2.500-.300 5 0 7 1.500 2-1.500 4.500-1.800 7-1.500V2.500c-2.500-.300-5 0-7 1.500zM9 4v10.500',
  administration:
    'M9 1.500l6 2.200V8c0 3.500-2.500 5.500-6 6.500C5.500 13.500 3 11.500 3 8V3.700zM6.500 7.800L8.300 9.600 11.600 6',
  settings: 'M2 4h6M12 4h4M2 12h3M9 12h7M10 2v4M7 10v4',
  outline: 'M2 3.500h6M5 8h9M5 12.500h9M2 3.500v9h1M2 8h1',
  search: 'M8 2.500a4.800 4.800 0 1 1 0 9.600 4.800 4.800 0 0 1 0-9.600zM11.500 10.700l4 4',
  more: 'M4 8h.01M9 8h.01M14 8h.01',
  close: 'M4.500 3.500l9 9M13.500 3.500l-9 9',
  folder: 'M2 3.500h5l1.500 2H16v8H2z',
  person: 'M9 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM3.500 14.500c.500-3 2.500-4.500 5.500-4.500s5 1.500 5.500 4.500'
} as const

export type IconName = keyof typeof PATHS

/** An icon in the colour of the text; its meaning is told by the words beside it. */
export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      width="18"
      height="16"
      viewBox="0 0 18 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.4 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
