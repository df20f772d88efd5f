// Examples that run without a file: each opens as a flow of the person's own.
import type { Example } from '@weir/editor'
import alarms from '../../../../examples/alarms-first/alarms-first.flow.json?raw'
import sensor from '../../../../examples/looking-inside/sensor.flow.json?raw'
import sine from '../../../../examples/sine/sine.flow.json?raw'

export const EXAMPLES: readonly Example[] = [
  { id: 'sine', title: 'Sine wave', about: 'A generated stream, filtered and scaled.', text: sine },
  {
    id: 'sensor',
    title: 'High readings',
    about: 'Readings of a sensor; those above 0.5 go into a file.',
    text: sensor
  },
  {
    id: 'alarms-first',
    title: 'Alarms first',
    about: 'Two kinds of rows, of which one overtakes the other.',
    text: alarms
  }
]
