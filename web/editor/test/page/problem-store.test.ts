// Problems from elsewhere stand beside those of the document, through its changes, until they pass.
import { Catalogue, newFlow } from '@weir/flow-model'
import { expect, it } from 'vitest'
import { ProblemStore } from '../../src/session/problem-store.ts'

it('problems from elsewhere outlive a look at the document, and go when they pass', () => {
  const store = new ProblemStore(newFlow('orders'), new Catalogue([]), undefined)
  const own = store.store.getState().list.length
  const alert = { severity: 'warning' as const, code: 'alert', pointer: '', message: 'Alert: errors', node: 'paid' }
  store.showOthers([alert])
  store.useCheck(undefined)
  expect(store.store.getState().list).toHaveLength(own + 1)
  store.showOthers([alert])
  expect(store.store.getState().list).toHaveLength(own + 1)
  store.showOthers([])
  expect(store.store.getState().list).toHaveLength(own)
  store.dispose()
})
