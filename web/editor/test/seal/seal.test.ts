// The seal of a run: the same digests as the program has, what is refused, and where two runs differ.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Catalogue, meaningOf, parseJson } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import { describe, expect, it } from 'vitest'
import { kRoot, weir } from '../../../flow-model/test/weir.ts'
import type { RunPlace, ShownRun } from '../../src/run/shown-run.ts'
import { differencesFrom } from '../../src/seal/check-seal.ts'
import { kEngine, makeSeal, meaningDigest, sealedName } from '../../src/seal/make-seal.ts'
import { cellWords, firstDifference, RowCount } from '../../src/seal/row-difference.ts'
import { digestOf, parseSeal, SealError, sealText } from '../../src/seal/seal.ts'
import type { Seal, SealedFile } from '../../src/seal/seal.ts'
import { Sha256, sha256Of, sha256OfFile } from '../../src/seal/sha256.ts'

const kFlow = JSON.stringify({
  id: 'orders',
  version: '1.0.0',
  parameters: [{ name: 'least', type: 'integer', label: 'At least', default: 2 }],
  nodes: [
    { id: 'read', typeId: 'files/csv-read', version: '1.0.0', name: 'Orders', settings: { path: 'in.csv' } },
    { id: 'keep', typeId: 'logic/filter', version: '1.0.0', settings: { condition: 'row.id >= params.least' } },
    { id: 'out', typeId: 'files/csv-write', version: '1.0.0', settings: { path: 'out.csv' } }
  ],
  edges: [
    { id: 'e1', source: { node: 'read', port: 'rows' }, target: { node: 'keep', port: 'rows' } },
    { id: 'e2', source: { node: 'keep', port: 'match' }, target: { node: 'out', port: 'rows' } }
  ]
})
const kIn = 'id,price\n1,2.5\n2,9.5\n3,7\n'
const kOut = 'id,price\n2,9.5\n3,7\n'

function schemaAt(path: string): unknown {
  return JSON.parse(readFileSync(join(kRoot, `nodes/${path}/schema.json`), 'utf8'))
}

function withoutText(file: SealedFile): SealedFile {
  const made = { ...file }
  delete made.text
  return made
}

const kTypes = Catalogue.of(['read', 'write'].map((way) => schemaAt(`files/csv-${way}`)))

interface World {
  run: ShownRun
  place: RunPlace
  fileOf: (name: string) => Promise<File | undefined>
}

/** A run that has ended, over files in memory; `facts` says what of it is otherwise. */
function world(contents: Record<string, string>, facts: object = {}, flow = kFlow): World {
  const stored = new Map(
    Object.entries(contents).map(([name, text]) => [name, new File([text], name, { lastModified: 1000 })])
  )
  const fileOf = (name: string): Promise<File | undefined> => Promise.resolve(stored.get(name))
  const state = {
    status: 'done',
    documentText: flow,
    result: { outcome: 'done', deadLetters: 0, errorsByCode: {} },
    ...facts
  }
  const read = { path: 'project:in.csv', bytes: (contents['in.csv'] ?? '').length, modifiedMicros: 1_000_000 }
  const run = {
    facts: createStore(() => state),
    heldBack: () => Promise.resolve([]),
    filesUsed: () => ({ read: [read], written: ['project:out.csv'] })
  } as unknown as ShownRun
  const place = {
    fileOf: (_flow: string, name: string) => fileOf(name),
    whyNotSame: () => Promise.resolve([])
  } as unknown as RunPlace
  return { run, place, fileOf }
}

function sealed(contents: Record<string, string>): Promise<Seal> {
  const { run, place } = world(contents)
  return makeSeal(run, place, kTypes)
}

describe('SHA-256', () => {
  it('is that of the platform, for every length around a block and in pieces', async () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 256)
      const expected = createHash('sha256').update(bytes).digest('hex')
      expect(new Sha256().add(bytes).finish(), String(length)).toBe(expected)
      const middle = Math.floor(length / 3)
      expect(new Sha256().add(bytes.subarray(0, middle)).add(bytes.subarray(middle)).finish()).toBe(expected)
    }
    const large = 'é\n'.repeat(3_000_000)
    expect(await sha256OfFile(new Blob([large]))).toBe(createHash('sha256').update(large).digest('hex'))
  })
})

describe('the meaning of a flow', () => {
  it('has no names, places and notes, and settings are part of it', () => {
    const dressed = parseJson(
      JSON.stringify({
        id: 'g',
        version: '1.0.0',
        metadata: { description: 'x' },
        nodes: [
          { id: 'b', typeId: 't/u', version: '1.0.0', note: 'n', settings: { path: 'a.csv' } },
          {
            id: 'a',
            typeId: 't/v',
            version: '1.0.0',
            name: 'First',
            position: { x: 1, y: 2 },
            settings: {},
            'x-own': 1
          }
        ],
        edges: [],
        notes: [{ id: 'n', text: 'hello' }]
      })
    )
    expect(dressed.ok && meaningOf(dressed.value)).toBe(
      '{"nodes":[{"id":"a","typeId":"t/v","version":"1.0.0","settings":{}},' +
        '{"id":"b","typeId":"t/u","version":"1.0.0","settings":{"path":"a.csv"}}]}'
    )
  })
})

describe('a seal', () => {
  it('says what was read and written, and reads as it was written', async () => {
    const seal = await sealed({ 'in.csv': kIn, 'out.csv': kOut })
    expect(seal.inputs).toEqual([{ name: 'in.csv', bytes: kIn.length, sha256: sha256Of(kIn) }])
    expect(seal.outputs).toMatchObject([
      { name: 'out.csv', rows: 2, csv: { delimiter: ',', header: true }, text: kOut }
    ])
    expect(seal.parameters).toEqual({ least: 2 })
    expect(parseSeal(sealText(seal))).toEqual(seal)
    expect(digestOf({ ...seal, engine: '9.9.9', outputs: seal.outputs.map(withoutText) })).toBe(digestOf(seal))
    expect(readFileSync(join(kRoot, 'engine/node/version.h'), 'utf8')).toContain(`"${kEngine}"`)
  })

  it.skipIf(weir === undefined || !spawnSync(weir, ['seal', '--help']).stdout.toString().includes('check'))(
    'of the program is the same one',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'seal-'))
      try {
        writeFileSync(join(folder, 'orders.flow.json'), kFlow)
        writeFileSync(join(folder, 'in.csv'), kIn)
        const run = spawnSync(weir ?? '', ['run', '-q', 'orders.flow.json', '--seal', 'a.json'], { cwd: folder })
        expect(run.status, run.stderr.toString()).toBe(0)
        const text = readFileSync(join(folder, 'a.json'), 'utf8')
        const own = await sealed({ 'in.csv': kIn, 'out.csv': readFileSync(join(folder, 'out.csv'), 'utf8') })
        expect(parseSeal(text)).toEqual(own)
        expect(meaningDigest(kFlow)).toBe(own.flow.meaning)
        // And the program takes what a page saved.
        writeFileSync(join(folder, 'b.json'), sealText(own))
        const check = spawnSync(weir ?? '', ['seal', 'check', 'b.json'], { cwd: folder })
        expect(check.stdout.toString()).toContain('identical, byte for byte')
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
  )

  it('that is none, or does not fit itself, is refused', async () => {
    const text = sealText(await sealed({ 'in.csv': kIn, 'out.csv': kOut }))
    const refused = (changed: string): string => {
      try {
        parseSeal(changed)
        return ''
      } catch (reason) {
        return reason instanceof SealError ? reason.message : 'another error'
      }
    }
    expect(refused(text)).toBe('')
    for (const none of ['', 'no JSON', '[]', 'null', '{}', '{"weirSeal":1}', '{"weirSeal":0}', '{"weirSeal":"1"}'])
      expect(refused(none), none).toMatch(/This is no seal/)
    expect(refused(text.replace('"weirSeal": 1', '"weirSeal": 2'))).toMatch(/newer Weir/)
    expect(refused(text.replace('"least": 2', '"least": 3'))).toMatch(/changed after it was made/)
    expect(refused(text.replace('2,9.5', '2,9.6'))).toMatch(/the text of out.csv/)
    expect(refused(text.replace('"rows": 2', '"rows": -2'))).toMatch(/at least 0/)
    expect(refused(text.replace(/"sha256": "..../, '"sha256": "'))).toMatch(/64 hexadecimal digits/)
  })

  it('is not made of what cannot be the same twice', async () => {
    const contents = { 'in.csv': kIn, 'out.csv': kOut }
    const why = async (one: World, types = kTypes): Promise<string> =>
      makeSeal(one.run, one.place, types).then(
        () => '',
        (reason: unknown) => (reason as Error).message
      )
    expect(await why(world(contents, { status: 'failed' }))).toMatch(/did not end/)
    expect(await why(world({ 'in.csv': kIn }))).toMatch(/has written no files/)
    expect(await why(world({ 'out.csv': kOut }))).toMatch(/in.csv, which it has read, cannot be read/)
    const changed = world(contents)
    Object.assign(changed.run, {
      filesUsed: () => ({
        read: [{ path: 'project:in.csv', bytes: 1, modifiedMicros: 0 }],
        written: ['project:out.csv']
      })
    })
    expect(await why(changed)).toMatch(/in.csv was changed/)
    const both = world(contents)
    Object.assign(both.run, {
      filesUsed: () => ({
        read: [{ path: 'project:out.csv', bytes: 1, modifiedMicros: 0 }],
        written: ['project:out.csv']
      })
    })
    expect(await why(both)).toMatch(/read, and then written/)
    const live = schemaAt('http/webhook') as { id: string }
    const flow = kFlow.replace('files/csv-read', live.id)
    expect(await why(world(contents, {}, flow), Catalogue.of([live] as never))).toMatch(/the source Orders is live/)
    const held = world(contents)
    Object.assign(held.run, { heldBack: () => Promise.resolve([{ node: 'out', what: '', rows: [] }]) })
    expect(await why(held)).toMatch(/held back what out writes/)
  })
})

describe('a check against a seal', () => {
  it('finds the same, or the first cell', async () => {
    const before = await sealed({ 'in.csv': kIn, 'out.csv': kOut })
    const check = async (contents: Record<string, string>): Promise<string[]> =>
      differencesFrom(before, await sealed(contents), world(contents).fileOf)
    expect(await check({ 'in.csv': kIn, 'out.csv': kOut })).toEqual([])
    expect(await check({ 'in.csv': kIn, 'out.csv': kOut.replace('9.5', '9.6') })).toEqual([
      "output out.csv differs: other bytes, 19 of them as in the seal; first in row 1, column 'price': 9.5 in the seal, 9.6 here"
    ])
    expect(await check({ 'in.csv': `${kIn}4,1\n`, 'out.csv': `${kOut}4,1\n` })).toEqual([
      'input in.csv differs: 25 bytes in the seal, 29 here',
      'output out.csv differs: 19 bytes in the seal, 23 here; first in row 3: nothing in the seal, 4,1 here'
    ])
    expect((await check({ 'in.csv': kIn, 'out.csv': kOut.replaceAll('\n', '\r\n') }))[0]).toMatch(/the same rows/)
  })

  it('tells another flow, other parameters and other files', async () => {
    const contents = { 'in.csv': kIn, 'out.csv': kOut }
    const own = await sealed(contents)
    const { fileOf } = world(contents)
    const other = { ...own, flow: { ...own.flow, meaning: sha256Of('x') }, parameters: { least: 3 }, inputs: [] }
    expect(await differencesFrom(other, own, fileOf)).toEqual([
      'the flow orders does something else than the one that was sealed',
      'parameter least: 3 in the seal, 2 here',
      'input in.csv is of this run, and not in the seal'
    ])
    const large = { ...own, outputs: own.outputs.map((file) => ({ ...withoutText(file), sha256: sha256Of('y') })) }
    expect((await differencesFrom(large, own, fileOf))[0]).toMatch(/does not hold this output itself/)
  })
})

describe('rows', () => {
  const csv = { name: 'a.csv', csv: { delimiter: ';', header: false } }
  const words = (file: typeof csv | { name: string }, before: string, after: string): string => {
    const found = firstDifference(file, before, after)
    return found === undefined ? 'same rows' : cellWords(found)
  }
  it('are compared cell by cell', () => {
    expect(words(csv, '1;"x\ny"\n', '1;"x\nz"\n')).toMatch(/^row 1, column '2': /)
    expect(words(csv, '"1";2\n', '1;2\r\n')).toBe('same rows')
    expect(words({ name: 'a.ndjson' }, '{"a":1,"b":2}\n', '{"b":3,"a":1}\n')).toBe(
      "row 1, column 'b': 2 in the seal, 3 here"
    )
    expect(words({ name: 'a.ndjson' }, '{"a":1}\n', '{"a":1.0}\n')).toBe('same rows')
    expect(words({ name: 'a.jsonl' }, '{"a":1}\n', 'broken\n')).toMatch(/^row 1: /)
    expect(words({ name: 'a.arrow' }, 'x', 'y')).toBe('same rows')
  })
  it('are counted across pieces', () => {
    const rows = new RowCount({ name: 'a.csv', csv: { delimiter: ',', header: true } })
    for (const piece of ['a,b\n1,', '"x\n', 'y"\n3,4']) rows.add(new TextEncoder().encode(piece))
    expect(rows.rows).toBe(2)
  })
  it('are of files with one name each', () => {
    expect(sealedName('project:out/a.csv')).toBe('out/a.csv')
    expect(sealedName('orders:a.csv')).toBe('orders:a.csv')
    expect(sealedName('project:ab:c.csv')).toBe('project:ab:c.csv')
  })
})
