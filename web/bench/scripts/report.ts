// What was measured, as lines for people and as data.

export interface Line {
  label: string
  /** Its unit is that of the section. */
  value: number
  /** How many times better ours is, if this is a peer. */
  ratio?: number
  note?: string
}

/** What the issue asks for, and whether this run has it. */
export interface Goal {
  goal: string
  value: number
  wanted: number
  better: 'more' | 'less'
}

export interface Section {
  name: string
  title: string
  unit: string
  lines: Line[]
  goals: Goal[]
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export function isMet(goal: Goal): boolean {
  return goal.better === 'more' ? goal.value >= goal.wanted : goal.value <= goal.wanted
}

const digits = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value >= 1000 ? 0 : value >= 10 ? 1 : 3 })

export function print(section: Section): void {
  console.log(`\n== ${section.name}: ${section.title}`)
  for (const { label, value, ratio, note } of section.lines) {
    const told = `${digits(value)} ${section.unit}`
    const against = ratio === undefined ? '' : `  ours/this ${digits(ratio)}`
    console.log(`   ${label.padEnd(44)} ${told.padStart(16)}${against}${note === undefined ? '' : `  ${note}`}`)
  }
  for (const goal of section.goals) {
    const sign = goal.better === 'more' ? 'at least' : 'at most'
    console.log(
      `   goal: ${goal.goal}: ${digits(goal.value)}, ${sign} ${digits(goal.wanted)}: ${isMet(goal) ? 'met' : 'NOT met'}`
    )
  }
}
