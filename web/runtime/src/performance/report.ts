// The report of performance tests, as Markdown.
import type { PerformanceResult } from './tests.ts'

const COLUMNS = ['test', 'passed', 'messages/s', 'asked', 'sent', 'received', 'dropped', 'p50 ms', 'p95 ms', 'p99 ms']

export function reportOf(results: readonly PerformanceResult[]): string {
  if (results.length === 0) return '# Performance\n\nNo test has run.\n'
  const passed = results.filter((one) => one.passed).length
  const problems = results.flatMap((one) => one.problems.map((problem) => `- ${nameOf(one)}: ${problem}`))
  return [
    '# Performance',
    '',
    `${passed} of ${results.length} tests passed. Latency is from when a message was due to its arrival.`,
    '',
    line(COLUMNS),
    line(COLUMNS.map(() => '---')),
    ...results.map((one) => line(cellsOf(one))),
    ...(problems.length > 0 ? ['', ...problems] : []),
    ''
  ].join('\n')
}

function cellsOf(one: PerformanceResult): string[] {
  return [
    nameOf(one),
    one.passed ? 'yes' : 'no',
    one.throughput.toFixed(0),
    String(one.test.messageRate),
    String(one.sent),
    String(one.received),
    String(one.dropped),
    one.latency.p50.toFixed(1),
    one.latency.p95.toFixed(1),
    one.latency.p99.toFixed(1)
  ]
}

/** On one line and in one cell. */
function nameOf(one: PerformanceResult): string {
  return one.test.name.replaceAll(/\s+/g, ' ').replaceAll('|', '/')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
