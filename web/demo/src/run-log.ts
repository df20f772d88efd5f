// RunLog: the events of a run and what its nodes log, as lines; written to the widget ten times a second at most.
import { batchOf, LogView, type FrameClock } from '@weir/widgets/core'

const WRITE_MS = 100
/** More lines at once are not read by anybody; the rest is counted. */
const MOST_HELD = 5000

export class RunLog {
  readonly view: LogView
  /** Lines that warn or worse. */
  warnings = 0
  private times: bigint[] = []
  private levels: string[] = []
  private texts: string[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    clock: FrameClock,
    private readonly onWarning: () => void
  ) {
    this.view = new LogView({ title: 'Log', clock, time: 'time', level: 'level', message: 'message' })
  }

  add(level: string, about: string, message: string, atMicros = Date.now() * 1000): void {
    if (level === 'warning' || level === 'error' || level === 'critical') {
      this.warnings += 1
      this.onWarning()
    }
    if (this.texts.length >= MOST_HELD) {
      this.view.shed(1)
      return
    }
    this.times.push(BigInt(Math.round(atMicros)))
    this.levels.push(level)
    this.texts.push(about === '' ? message : `${about}: ${message}`)
    this.timer ??= setTimeout(() => {
      this.write()
    }, WRITE_MS)
  }

  /** An event of the live protocol. */
  addEvent(data: unknown): void {
    if (typeof data !== 'object' || data === null) return
    const { severity, subject, message, atMicros } = data as Record<string, unknown>
    if (typeof severity !== 'string' || typeof message !== 'string') return
    const about = typeof subject === 'string' && !message.includes(subject) ? subject : ''
    this.add(severity, about, message, typeof atMicros === 'number' ? atMicros : undefined)
  }

  /** Writes what waits: the run has ended. */
  end(): void {
    this.write()
    this.view.end()
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.view.dispose()
  }

  private write(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.texts.length === 0) return
    const { times, levels, texts } = this
    this.view.take(batchOf({ time: times, level: levels, message: texts }, { time: 'timestamp' }))
    this.times = []
    this.levels = []
    this.texts = []
  }
}
