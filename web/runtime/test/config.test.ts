// The stream configuration: defaults, presets, bounds, and what the engine is told.
import { describe, expect, it } from 'vitest'
import {
  AdaptiveBackpressureHandler,
  DEFAULT_BACKPRESSURE,
  DEFAULT_STREAM_CONFIG,
  DefaultBackpressureHandler,
  edgeSettings,
  HIGH_FREQUENCY_CONFIG,
  LOW_LATENCY_CONFIG,
  MEMORY_CONSTRAINED_CONFIG,
  retrySettings,
  sharedEngine,
  streamConfig
} from '../src/index.ts'
import { useBuiltEngine } from './engine.ts'

describe('the stream configuration', () => {
  it('has the defaults and presets of the specification', () => {
    expect(DEFAULT_STREAM_CONFIG).toEqual({
      bufferSize: 1000,
      batchTimeout: 16,
      maxBatchSize: 50,
      backpressureThreshold: 0.8,
      retryAttempts: 3,
      retryDelay: 100
    })
    expect(HIGH_FREQUENCY_CONFIG).toEqual({
      bufferSize: 2000,
      batchTimeout: 8,
      maxBatchSize: 100,
      backpressureThreshold: 0.7
    })
    expect(LOW_LATENCY_CONFIG).toEqual({
      bufferSize: 500,
      batchTimeout: 4,
      maxBatchSize: 20,
      backpressureThreshold: 0.9
    })
    expect(MEMORY_CONSTRAINED_CONFIG).toEqual({
      bufferSize: 200,
      batchTimeout: 50,
      maxBatchSize: 10,
      backpressureThreshold: 0.6
    })
    expect(DEFAULT_BACKPRESSURE).toEqual({ dropThreshold: 0.9, priorityDrop: true, maxWaitTime: 100 })
  })

  it('becomes the settings of an edge and of what tries again', () => {
    expect(edgeSettings(streamConfig())).toEqual({
      buffer: { rows: 1000, threshold: 0.8, dropThreshold: 0.9 },
      batch: { maxRows: 50, maxWaitMs: 16 },
      whenFull: { rule: 'block', maxWaitMs: 100 }
    })
    expect(retrySettings(streamConfig())).toEqual({ attempts: 4, delayMs: 100 })
  })

  it('has its dropping from the handler', () => {
    const config = streamConfig()
    const given = new DefaultBackpressureHandler({ dropThreshold: 0.95, priorityDrop: false, maxWaitTime: 7 })
    expect(edgeSettings(config, given.policy)).toMatchObject({
      buffer: { threshold: 0.8, dropThreshold: 0.95 },
      whenFull: { rule: 'dropOldest', maxWaitMs: 7 }
    })
    expect(edgeSettings(config, new DefaultBackpressureHandler().policy).whenFull.rule).toBe('dropLowestPriority')
    expect(edgeSettings(config, new AdaptiveBackpressureHandler().policy)).toMatchObject({
      buffer: { threshold: 'adaptive', dropThreshold: 0.9 }
    })
  })

  it('gives edges that the engine takes, whatever the handler', async () => {
    useBuiltEngine()
    const engine = await sharedEngine()
    const presets = [{}, HIGH_FREQUENCY_CONFIG, LOW_LATENCY_CONFIG, MEMORY_CONSTRAINED_CONFIG, { bufferSize: 1 }]
    const handlers = [undefined, new DefaultBackpressureHandler(), new AdaptiveBackpressureHandler()]
    for (const preset of presets) {
      for (const handler of handlers) {
        const ends = { source: { node: 'a', port: 'rows' }, target: { node: 'b', port: 'rows' } }
        const found = await engine.validate({
          id: 'edge',
          version: '1.0.0',
          nodes: [
            { id: 'a', typeId: 'generate/pattern', version: '1.0.0', settings: {} },
            { id: 'b', typeId: 'page/outlet', version: '1.0.0', settings: {} }
          ],
          edges: [{ id: 'e', ...ends, ...edgeSettings(streamConfig(preset), handler?.policy) }]
        })
        expect(found.problems.filter((one) => one.severity === 'error')).toEqual([])
      }
    }
  })

  it('refuses what cannot be, by name', () => {
    expect(() => streamConfig({ bufferSize: 0 })).toThrow(/bufferSize is 0/)
    expect(() => streamConfig({ batchTimeout: -1 })).toThrow(/batchTimeout is -1/)
    expect(() => streamConfig({ backpressureThreshold: 1.2 })).toThrow(/backpressureThreshold is 1.2/)
    expect(() => streamConfig({ bufferSiz: 1 } as never)).toThrow(/there is no 'bufferSiz'/)
    expect(() => new DefaultBackpressureHandler({ dropThreshold: 0 })).toThrow(/dropThreshold is 0/)
  })
})
