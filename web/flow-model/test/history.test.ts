// Whatever was done can be undone, to the letter; the log survives a reload; several people come to one document.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FlowDocument } from '../src/document/flow-document.ts'
import { openFlow } from '../src/document/open.ts'
import { gestureFromText, gestureToText } from '../src/history/gesture.ts'
import type { Gesture } from '../src/history/gesture.ts'
import { History } from '../src/history/history.ts'
import { MemoryOperationStore } from '../src/history/operation-store.ts'
import { moveBy, removeNodes, setValue } from '../src/operations/edits.ts'
import { operationsTo } from '../src/operations/between.ts'
import { operationsFromText, operationsToText } from '../src/operations/serialise.ts'
import { canonicalFlow } from '../src/document/canonical.ts'
import { compareText } from '../src/json/text.ts'
import { equalJson, isList, textMember } from '../src/json/value.ts'
import type { Json, JsonObject } from '../src/json/value.ts'
import { anyFlow, orders } from './documents.ts'
import { anyEdit } from './edit-commands.ts'
import type { Edit } from './edit-commands.ts'

const anyDocument = fc.oneof(fc.constant(orders().root), anyFlow())

function make(root: JsonObject, author = 'anna', shared = false): History {
  return new History(new FlowDocument(root), { author, now: () => 1000, shared, mostGestures: 10_000 })
}

function work(history: History, edits: readonly Edit[]): void {
  for (const edit of edits) history.apply(edit(history.document), { label: 'edit' })
}

describe('undo', () => {
  test('of any edits gives the document as it was, and redo as it became', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyEdit, { maxLength: 25 }), (root, edits) => {
        const history = make(root)
        const before = history.document.text()
        work(history, edits)
        const after = history.document.text()
        while (history.undo() !== undefined);
        expect(history.document.text()).toBe(before)
        while (history.redo() !== undefined);
        expect(history.document.text()).toBe(after)
        while (history.undo() !== undefined);
        expect(history.document.text()).toBe(before)
      }),
      { numRuns: 250 }
    )
  })

  test('each step by itself, in any mixture with redo, walks the same texts', () => {
    fc.assert(
      fc.property(
        anyDocument,
        fc.array(anyEdit, { minLength: 3, maxLength: 12 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        (root, edits, steps) => {
          const history = make(root)
          const texts = [history.document.text()]
          for (const edit of edits) {
            const { gesture } = history.apply(edit(history.document), { label: 'edit' })
            if (gesture !== undefined) texts.push(history.document.text())
          }
          let at = texts.length - 1
          for (const back of steps) {
            const moved = back ? history.undo() : history.redo()
            if (moved !== undefined) at += back ? -1 : 1
            expect(history.document.text()).toBe(texts[at])
          }
        }
      ),
      { numRuns: 200 }
    )
  })

  test('survives a reload, from a draft in the middle of the log', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDocument,
        fc.array(anyEdit, { maxLength: 12 }),
        fc.nat({ max: 12 }),
        async (root, edits, cut) => {
          const store = new MemoryOperationStore()
          const options = { author: 'anna', now: () => 5, store }
          const history = new History(new FlowDocument(root), options)
          const before = history.document.text()
          work(history, edits.slice(0, cut))
          const draft = { text: history.document.text(), sequence: history.sequence }
          work(history, edits.slice(cut))
          history.undo()
          await history.flush()
          const opened = openFlow(draft.text)
          if (opened.state !== 'open') return
          const again = await History.restore(opened.document, draft.sequence, options)
          expect(again.document.text()).toBe(history.document.text())
          expect([again.undoLabel, again.redoLabel]).toEqual([history.undoLabel, history.redoLabel])
          while (again.undo() !== undefined);
          expect(again.document.text()).toBe(before)
        }
      ),
      { numRuns: 100 }
    )
  })
})

describe('one gesture', () => {
  test('is a drag of sixty frames, and is taken back at once', () => {
    const history = make(orders().root)
    const before = history.document.text()
    const ids = ['read', 'paid']
    for (let frame = 1; frame <= 60; ++frame)
      history.apply([moveBy(history.document, 'nodes', ids, { x: 2, y: 1 })], {
        label: 'Move 2 nodes',
        coalesce: 'drag',
        windowMs: Infinity
      })
    expect(history.undoLabel).toBe('Move 2 nodes')
    expect(history.document.places.nodes.get('paid', 'x')).toBe(380)
    const gesture = history.undo()?.gesture
    expect(gesture?.operations).toHaveLength(1)
    expect(history.document.text()).toBe(before)
  })

  test('is a word typed within a second, and what comes later is another', () => {
    let now = 0
    const history = new History(new FlowDocument(orders().root), { author: 'anna', now: () => now })
    const type = (text: string): void => {
      history.apply([setValue('nodes', 'paid', '/settings/condition', text)], {
        label: 'Change condition',
        coalesce: 'paid/condition'
      })
    }
    type('r')
    now = 900
    type('row')
    now = 5000
    type('row.paid')
    history.undo()
    expect(history.document.node('paid')?.settings.get('condition')).toBe('row')
    history.undo()
    expect(history.document.node('paid')?.settings.get('condition')).toBe("row.status == 'paid'")
  })

  test('tells listeners what changed, and no more', () => {
    const history = make(orders().root)
    const seen: string[] = []
    history.document.subscribe(({ kinds, flow }) => {
      const nodes = kinds.nodes
      seen.push(
        `+${[...nodes.added].join()} -${[...nodes.removed].join()} ~${[...nodes.changed].join()} >${[...nodes.moved].join()} e-${[...kinds.edges.removed].join()} ${[...flow].join()}`
      )
    })
    let calls = 0
    const stop = history.document.watch('nodes', 'sum', () => ++calls)
    const sum = history.document.node('sum')
    history.apply([setValue('nodes', 'paid', '/name', 'Paid')], { label: 'Name' })
    history.apply([moveBy(history.document, 'nodes', ['sum'], { x: 1, y: 1 })], { label: 'Move' })
    expect(history.document.node('sum')).toBe(sum)
    history.apply(removeNodes(history.document, ['paid']), { label: 'Remove' })
    expect(seen).toEqual(['+ - ~paid > e- ', '+ - ~ >sum e- ', '+ -paid ~ > e-e1,e2 '])
    expect(calls).toBe(1)
    stop()
  })
})

describe('the log', () => {
  test('is bounded', () => {
    const history = new History(new FlowDocument(orders().root), { author: 'anna', now: () => 0, mostGestures: 10 })
    for (let i = 0; i < 50; ++i) history.apply([setValue('nodes', 'paid', '/name', `n${i}`)], { label: 'Name' })
    expect(history.forgettable).toBe(40)
    let steps = 0
    while (history.undo() !== undefined) ++steps
    expect(steps).toBe(10)
  })

  test('is text and comes back from it', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyEdit, { maxLength: 8 }), (root, edits) => {
        const history = make(root, 'anna', true)
        work(history, edits)
        for (const gesture of history.outgoing()) {
          const text = gestureToText(gesture)
          const back = gestureFromText(text)
          expect(back === undefined ? '' : gestureToText(back)).toBe(text)
          expect(operationsToText(operationsFromText(operationsToText(gesture.operations)) ?? [])).toBe(
            operationsToText(gesture.operations)
          )
        }
      })
    )
    for (const text of ['', '{}', '[1]', '{"id":"a:1"}']) expect(gestureFromText(text)).toBeUndefined()
    expect(operationsFromText('[{"op":"add","kind":"nodes"}]')).toBeUndefined()
    expect(operationsFromText('[{"op":"place","kind":"edges","ids":["a"],"x":[1]}]')).toBeUndefined()
  })

  test('that cannot be written is written with the next try', async () => {
    const store = new MemoryOperationStore()
    let broken = true
    const shaky = {
      append: (gestures: Parameters<typeof store.append>[0]) =>
        broken ? Promise.reject(new Error('full')) : store.append(gestures),
      readSince: (sequence: number) => store.readSince(sequence),
      trim: (sequence: number) => store.trim(sequence)
    }
    const history = new History(new FlowDocument(orders().root), { author: 'anna', now: () => 0, store: shaky })
    history.apply([setValue('nodes', 'paid', '/name', 'a')], { label: 'Name' })
    await expect(history.flush()).rejects.toThrow('full')
    history.apply([setValue('nodes', 'paid', '/name', 'b')], { label: 'Name' })
    broken = false
    await history.flush()
    expect((await store.readSince(0)).map((gesture) => gesture.sequence)).toEqual([1, 2])
    expect(history.unsaved).toBe(0)
    await store.trim(1)
    expect(await store.readSince(0)).toHaveLength(1)
  })

  test('of a document that may only be read holds nothing', () => {
    const history = new History(new FlowDocument(orders().root), {
      author: 'anna',
      now: () => 0,
      readOnly: 'It is of a newer format.'
    })
    const done = history.apply([setValue('nodes', 'paid', '/name', 'a')], { label: 'Name' })
    expect(done.gesture).toBeUndefined()
    expect(done.refusals[0]?.message).toBe('It is of a newer format.')
    expect(history.document.node('paid')?.name).toBe('')
  })
})

describe('two people', () => {
  /** Brings everything to everyone by way of one log, in the order in which `turns` lets them send. */
  function exchange(people: readonly History[], log: Gesture[], seen: number[], who: number): void {
    const person = people[who]
    if (person === undefined) return
    for (const gesture of [...person.outgoing()]) {
      const text = gestureToText({ ...gesture, sequence: log.length + 1 })
      const sent = gestureFromText(text)
      if (sent !== undefined) log.push(sent)
    }
    person.receive(log.slice(seen[who]))
    seen[who] = log.length
  }

  test('come to one document, whatever each does', () => {
    const turn = fc.record({
      who: fc.nat({ max: 1 }),
      edits: fc.array(anyEdit, { maxLength: 3 }),
      sends: fc.boolean(),
      undoes: fc.boolean()
    })
    fc.assert(
      fc.property(anyDocument, fc.array(turn, { maxLength: 12 }), (root, turns) => {
        const people = [make(root, 'anna', true), make(root, 'ben', true)]
        const log: Gesture[] = []
        const seen = [0, 0]
        for (const { who, edits, sends, undoes } of turns) {
          const person = people[who]
          if (person === undefined) continue
          work(person, edits)
          if (undoes) person.undo()
          if (sends) exchange(people, log, seen, who)
        }
        for (const who of [0, 1, 0, 1]) exchange(people, log, seen, who)
        expect(people[0]?.document.text()).toBe(people[1]?.document.text())
      }),
      { numRuns: 200 }
    )
  })

  test('what one removed and the other changed is told, and nothing breaks', () => {
    const people = [make(orders().root, 'anna', true), make(orders().root, 'ben', true)]
    const [anna, ben] = people
    if (anna === undefined || ben === undefined) return
    anna.apply(removeNodes(anna.document, ['paid']), { label: 'Remove' })
    ben.apply([setValue('nodes', 'paid', '/name', 'Paid')], { label: 'Name' })
    const refusals = ben.receive([...anna.outgoing()])
    expect(refusals.map(({ reason, message }) => [reason, message])).toEqual([
      ['gone', "the node 'paid' is not there any more"]
    ])
  })

  test('undo leaves alone what the other has changed since', () => {
    const anna = make(orders().root, 'anna', true)
    const ben = make(orders().root, 'ben', true)
    const log: Gesture[] = []
    const seen = [0, 0]
    anna.apply([setValue('nodes', 'paid', '/name', 'A')], { label: 'Name' })
    exchange([anna, ben], log, seen, 0)
    exchange([anna, ben], log, seen, 1)
    ben.apply([setValue('nodes', 'paid', '/name', 'B'), moveBy(ben.document, 'nodes', ['sum'], { x: 9, y: 9 })], {
      label: 'Name'
    })
    exchange([anna, ben], log, seen, 1)
    exchange([anna, ben], log, seen, 0)
    expect(anna.document.node('paid')?.name).toBe('B')
    expect(anna.undo()?.refusals[0]?.reason).toBe('changed')
    expect(anna.document.node('paid')?.name).toBe('B')
  })
})

/** Lists in the order of ids, empty ones left out: their order says nothing. */
function sorted(root: JsonObject): JsonObject {
  const list = (value: Json): Json =>
    isList(value) ? [...value].sort((a, b) => compareText(textMember(a, 'id'), textMember(b, 'id'))) : value
  const members = [...canonicalFlow(root)].filter(([, value]) => !(isList(value) && value.length === 0))
  return new Map(members.map(([key, value]) => [key, key === 'parameters' ? value : list(value)]))
}

describe('a version from elsewhere', () => {
  test('comes in as operations, and goes out by undo', () => {
    fc.assert(
      fc.property(anyFlow(), anyFlow(), (mine, theirs) => {
        const history = make(mine)
        const before = history.document.text()
        history.apply(operationsTo(history.document, theirs), { label: 'Take over' })
        expect(equalJson(sorted(history.document.toJson()), sorted(new FlowDocument(theirs).toJson()))).toBe(true)
        history.undo()
        expect(history.document.text()).toBe(before)
      })
    )
  })
})
