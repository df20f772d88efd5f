// RaisedAlerts: which alerts of its document a run has raised, by its events.
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { RaisedAlert } from './shown-run.ts'

const kSeverities: readonly RaisedAlert['severity'][] = ['info', 'warning', 'error', 'critical']
/** Keys of one alert are many; more than these nobody reads one by one. */
const kMostRaised = 500

export class RaisedAlerts {
  readonly store: StoreApi<{ raised: readonly RaisedAlert[] }> = createStore<{ raised: readonly RaisedAlert[] }>(
    () => ({ raised: [] })
  )

  /** An event of a run; of other kinds than alerts nothing comes. */
  hear(kind: string, event: Omit<RaisedAlert, 'severity'> & { severity: string }): void {
    const { raised } = this.store.getState()
    const same = ({ name, key }: RaisedAlert): boolean => name === event.name && key === event.key
    if (kind === 'alert.raised') {
      const severity = kSeverities.find((one) => one === event.severity) ?? 'warning'
      const others = raised.filter((each) => !same(each))
      this.store.setState({ raised: [...others, { ...event, severity }].slice(-kMostRaised) })
    } else if (kind === 'alert.cleared' && raised.some(same)) {
      this.store.setState({ raised: raised.filter((each) => !same(each)) })
    }
  }
}
