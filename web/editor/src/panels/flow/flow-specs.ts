// What a flow says of itself, as settings: about it, its parameters and limits.
import { engineSpec, specOf } from '../form/engine-specs.ts'
import type { EngineSpec } from '../form/engine-specs.ts'

export const kAboutSpecs: readonly EngineSpec[] = [
  engineSpec('/metadata/description', 'text', 'Description'),
  engineSpec('/metadata/tags', 'list', 'Tags', '', { items: [specOf('', 'string', '')] }),
  engineSpec('/metadata/author', 'string', 'Author')
]

const kParameterTypes = [
  'string',
  'text',
  'integer',
  'number',
  'boolean',
  'enum',
  'duration',
  'bytesize',
  'path',
  'list',
  'map'
]

export const kParameterSpecs: readonly EngineSpec[] = [
  engineSpec('/parameters', 'list', 'Parameters', 'Used in settings as ${name}, in formulas as params.name', {
    items: [
      specOf('name', 'string', 'Name', '', { required: true }),
      specOf('type', 'enum', 'Type', '', { options: kParameterTypes, required: true }),
      specOf('label', 'string', 'Label'),
      specOf('help', 'string', 'Help'),
      specOf('default', 'schema', 'Default'),
      specOf('required', 'boolean', 'Has to be given', '', { default: false }),
      specOf('options', 'list', 'Choices', '', { items: [specOf('', 'string', '')] }),
      specOf('min', 'number', 'Least'),
      specOf('max', 'number', 'Most')
    ]
  })
]

export const kLimitSpecs: readonly EngineSpec[] = [
  engineSpec('/config/limits/memoryBytes', 'bytesize', 'Memory', '', { absent: 'as the place gives' }),
  engineSpec('/config/limits/diskBytes', 'bytesize', 'Disk', '', { absent: 'as the place gives' }),
  engineSpec('/config/limits/threads', 'integer', 'Threads', '', { absent: 'as the place gives' }),
  engineSpec('/config/limits/maxRunMs', 'duration', 'A run takes at most', '', { absent: 'as long as it takes' }),
  engineSpec('/config/maxErrors', 'integer', 'Errors that end a run', '', { absent: '1,000 rows, or 1 % of them' }),
  engineSpec('/config/maxConcurrency', 'integer', 'Runs at the same time')
]
