// Time zones out of the packed file: the same TZif bytes as the machine's, named in expressions and schedules.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packZones } from '../scripts/pack-zones.mjs'
import { LocalEngine, PackedZones, type Hosts } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

const packed = new Uint8Array(packZones())

describe('The packed time zones', () => {
  it('are the files of tzdata, byte by byte, and small', async () => {
    const zones = await PackedZones.unpack(packed)
    expect(packed.length).toBeLessThan(200_000)
    expect(zones.names.length).toBeGreaterThan(400)
    expect(zones.version).toMatch(/^20\d\d[a-z]$/)
    for (const name of ['Europe/Berlin', 'America/Argentina/Ushuaia', 'Asia/Kathmandu', 'UTC']) {
      expect(Buffer.from(zones.read(name)), name).toEqual(readFileSync(`/usr/share/zoneinfo/${name}`))
    }
  })

  it('say which zone is not known, and which file is none of theirs', async () => {
    const zones = await PackedZones.unpack(packed)
    expect(() => zones.read('Europe/Atlantis')).toThrow("there is no time zone 'Europe/Atlantis'")
    expect(() => zones.read('constructor')).toThrow('there is no time zone')
    await expect(PackedZones.unpack(packed.subarray(0, 1000))).rejects.toMatchObject({ code: 'zone.corrupt' })
    await expect(PackedZones.unpack(new TextEncoder().encode('<html>'))).rejects.toMatchObject({ code: 'zone.corrupt' })
  })
})

describe.skipIf(!hasModule)('A flow that names time zones', () => {
  async function hours(hosts: Hosts, zone: string): Promise<{ rows: unknown[]; letters: unknown[] }> {
    const engine = await LocalEngine.make(await engineModule(), hosts)
    const node = (id: string, typeId: string, settings: object): object => ({ id, typeId, version: '1.0.0', settings })
    const set = { hour: `timestamp(row.at).getHours('${zone}')` }
    const run = await engine.run(
      {
        id: 'zones',
        version: '1.0.0',
        nodes: [node('in', 'page/inlet', {}), node('map', 'logic/map', { set })],
        edges: [{ id: 'e', source: { node: 'in', port: 'rows' }, target: { node: 'map', port: 'rows' } }]
      },
      { outlets: [{ node: 'map', port: 'rows' }] }
    )
    const writer = run.inlet('in').getWriter()
    void writer.write([{ at: '2024-03-31T00:59:59Z' }, { at: '2024-03-31T01:00:00Z' }]).then(() => writer.close())
    const rows: unknown[] = []
    for await (const row of run.rows('map', 'rows')) rows.push((row as { hour: number }).hour)
    await run.result
    return { rows, letters: await run.deadLetters() }
  }

  it('reads the local hour, over a change of the clocks', async () => {
    const zones = await PackedZones.unpack(packed)
    expect((await hours({ zones }, 'Europe/Berlin')).rows).toEqual([1, 3])
    expect((await hours({ zones }, 'America/New_York')).rows).toEqual([20, 21])
  })

  it('gives rows of an unknown zone to the dead letters, with what to write', async () => {
    const zones = await PackedZones.unpack(packed)
    const { rows, letters } = await hours({ zones }, 'Europe/Atlantis')
    expect(rows).toEqual([])
    expect(letters).toHaveLength(2)
    expect(JSON.stringify(letters)).toContain('zone.unknown')
  })

  it('knows UTC and offsets without any file', async () => {
    expect((await hours({}, '+02:00')).rows).toEqual([2, 3])
    const { letters } = await hours({}, 'Europe/Berlin')
    expect(JSON.stringify(letters)).toContain('zone.unknown')
  })
})
