// The icons that schemas of nodes name, as lines on a grid of 16 by 16.

const kDot = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
const kDatabase = 'M3 4c0-2 10-2 10 0s-10 2-10 0v8c0 2 10 2 10 0V4'
const kSheet = 'M4 1.5h5.5L12.5 4.5v10H4zM9 1.5v3.5h3.5'
const kFolder = 'M1.5 13V3.5h4l1.5 2h7.5V13z'
const kStack = 'M2.5 12.5L8 15l5.5-2.5M2.5 9.5L8 12l5.5-2.5'

const kPaths: Readonly<Record<string, string>> = {
  'access-point': `${kDot(8, 8, 1.2)}M4.8 11.2a4.5 4.5 0 0 1 0-6.4M11.2 4.8a4.5 4.5 0 0 1 0 6.4M2.5 13.5a8 8 0 0 1 0-11M13.5 2.5a8 8 0 0 1 0 11`,
  'arrow-down-narrow-wide': 'M4 2v11M1.5 10.5L4 13l2.5-2.5M8.5 3h2M8.5 7h4M8.5 11h6',
  bell: 'M8 1.5c3 0 4 2 4 5 0 3 2 4.5 2 4.5H2s2-1.5 2-4.5c0-3 1-5 4-5zM6.5 13.5h3',
  box: 'M8 1.5l6 3v7l-6 3-6-3v-7zM2 4.5l6 3 6-3M8 7.5v7',
  braces: 'M6 2c-3 0-1 6-4 6 3 0 1 6 4 6M10 2c3 0 1 6 4 6-3 0-1 6-4 6',
  broadcast: `${kDot(8, 10, 1.2)}M5 13a4.3 4.3 0 1 1 6 0M2.8 15a7.3 7.3 0 1 1 10.4 0`,
  'calendar-clock': `M1.5 3h11v4M1.5 3v10.5H6M1.5 6h11M4.5 1.5v3M9.5 1.5v3${kDot(11, 11.5, 3.5)}M11 9.5v2l1.5 1`,
  'chevrons-up': 'M3.5 8L8 3.5 12.5 8M3.5 13L8 8.5 12.5 13',
  columns: 'M2 2.5h12v11H2zM8 2.5v11',
  combine: 'M2 2h5v5H2zM9 9h5v5H9zM9 4h3.5v3M4 9v3.5h3',
  'copy-minus': 'M5.5 5.5h9v9h-9zM3 10.5H1.5v-9h9V3M8 10h4',
  'copy-x': 'M5.5 5.5h9v9h-9zM3 10.5H1.5v-9h9V3M8.5 8.5l3 3M11.5 8.5l-3 3',
  'corner-up-left': 'M6.5 3L2.5 7l4 4M2.5 7h7c3 0 4 2 4 6',
  'database-export': `${kDatabase}M8 9.5h6.5M12.5 7.5l2 2-2 2`,
  'database-import': `${kDatabase}M14.5 9.5H8M10 7.5l-2 2 2 2`,
  'database-search': `${kDatabase}${kDot(9, 9, 2.2)}M10.7 10.7L13 13`,
  eye: `M1.5 8c3-6 10-6 13 0-3 6-10 6-13 0z${kDot(8, 8, 2)}`,
  'file-box': `${kSheet}M6 8h4.5v4H6z`,
  'file-text': `${kSheet}M6 8h4.5M6 11h4.5`,
  filter: 'M1.5 2.5h13L9.5 8.5v5l-3-1.5V8.5z',
  'folder-search': `${kFolder}${kDot(7.5, 9, 2)}M9 10.5l2 1.5`,
  gauge: 'M2 12.5a6.5 6.5 0 1 1 12 0zM8 10l3-4',
  'git-branch': `${kDot(4, 3.5, 1.7)}${kDot(4, 12.5, 1.7)}${kDot(12, 5, 1.7)}M4 5.2v5.6M12 6.7c0 3-8 1.5-8 4`,
  'git-compare': `${kDot(3.5, 12, 1.8)}${kDot(12.5, 4, 1.8)}M3.5 10.2V6c0-2 1-2.5 4.5-2.5M12.5 5.8V10c0 2-1 2.5-4.5 2.5`,
  'git-merge': `${kDot(4, 3.5, 1.7)}${kDot(4, 12.5, 1.7)}${kDot(12, 10, 1.7)}M4 5.2v5.6M4 5.2c0 3 2.5 4.8 6.3 4.8`,
  globe: `${kDot(8, 8, 6.3)}M1.7 8h12.6M8 1.7c-4 4-4 8.6 0 12.6 4-4 4-8.6 0-12.6`,
  hourglass: 'M3.5 1.5h9M3.5 14.5h9M4.5 1.5c0 5 7 8 7 13M11.5 1.5c0 5-7 8-7 13',
  mail: 'M1.5 3h13v10h-13zM1.5 4l6.5 5 6.5-5',
  'panel-top': 'M2 2.5h12v11H2zM2 6h12',
  pencil: 'M2 14l.8-3.5L11 2.3l2.7 2.7-8.2 8.2zM9.5 3.8l2.7 2.7',
  plug: 'M5 1.5v4M11 1.5v4M3 5.5h10v3c0 5-10 5-10 0zM8 12.5v2.5',
  radio: `${kDot(8, 8, 1.5)}M5 11a4.3 4.3 0 0 1 0-6M11 5a4.3 4.3 0 0 1 0 6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10`,
  'refresh-cw': 'M13.5 2v4h-4M2.5 14v-4h4M13 6a5.5 5.5 0 0 0-10-1M3 10a5.5 5.5 0 0 0 10 1',
  regex: `${kDot(4, 12, 1.2)}M10.5 2v7M7.5 3.8l6 3.4M13.5 3.8l-6 3.4`,
  scissors: `${kDot(4, 4, 2)}${kDot(4, 12, 2)}M5.7 5.2L14 12M5.7 10.8L14 4`,
  search: `${kDot(7, 7, 4.5)}M10.3 10.3l4 4`,
  'shield-check': 'M8 1.5l5.5 2V8c0 3.5-2.5 5.5-5.5 6.5C5 13.5 2.5 11.5 2.5 8V3.5zM5.5 8L7.3 9.8 10.5 6.3',
  sigma: 'M12.5 4V2h-9l5 6-5 6h9v-2',
  split: 'M1.5 8H6c3 0 2-4.5 5-4.5h3M6 8c3 0 2 4.5 5 4.5h3M12 1.5l2 2-2 2M12 10.5l2 2-2 2',
  'stack-pop': `${kStack}M8 9V1.5M5.5 4L8 1.5 10.5 4`,
  'stack-push': `${kStack}M8 1.5V9M5.5 6.5L8 9l2.5-2.5`,
  table: 'M2 2.5h12v11H2zM2 6h12M2 9.8h12M6.5 6v7.5',
  'table-export': 'M9 13.5H2v-11h12v6M2 6h12M6.5 6v7.5M10 12h5M13 10l2 2-2 2',
  terminal: 'M3 3.5l4 4.5-4 4.5M8.5 12.5H14',
  'timer-reset': 'M3 4.5a6 6 0 1 1-1 3.5M2.5 1.5v3.5H6M8 5v3.5l2 1.5',
  waveform: 'M1.5 8h2l1.5-5 3 10 3-8 1.5 3h2',
  webhook: `${kDot(8, 4, 2)}${kDot(4, 12, 2)}${kDot(12, 12, 2)}M7 5.8L5 10.2M9 5.8l2 4.4M6 12h4`,
  unknown:
    'M2.5 2.5h2M7 2.5h2M11.5 2.5h2v2M13.5 7v2M13.5 11.5v2h-2M9 13.5H7M4.5 13.5h-2v-2M2.5 9V7M2.5 4.5v0M6.5 6.5c0-2 3-2 3 0 0 1.3-1.5 1.3-1.5 2.5M8 11v.3'
}

/** The path of an icon in 16 by 16, a box where nobody knows the name. To be stroked, in SVG or on a canvas. */
export function iconPath(name: string): string {
  return (Object.hasOwn(kPaths, name) ? kPaths[name] : kPaths.box) ?? ''
}

const kMade = new Map<string, Path2D>()

/** The same for a canvas; made once for each name. */
export function iconShape(name: string): Path2D {
  const known = kMade.get(name)
  if (known !== undefined) return known
  const made = new Path2D(iconPath(name))
  kMade.set(name, made)
  return made
}

/** The names that have an icon of their own. */
export function iconNames(): string[] {
  return Object.keys(kPaths)
}
