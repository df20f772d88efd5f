// What a flow says of itself, as settings: about it, its parameters, limits and alerts.
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
  engineSpec('/config/limits/memoryBytes', 'bytesize', 'Memory'),
  engineSpec('/config/limits/diskBytes', 'bytesize', 'Disk'),
  engineSpec('/config/limits/threads', 'integer', 'Threads'),
  engineSpec('/config/limits/maxRunMs', 'duration', 'A run takes at most'),
  engineSpec('/config/maxErrors', 'integer', 'Errors that end a run'),
  engineSpec('/config/maxConcurrency', 'integer', 'Runs at the same time')
]

export const kAlertSpecs: readonly EngineSpec[] = [
  engineSpec('/alerts', 'list', 'Alerts', '', {
    items: [
      specOf('name', 'string', 'Name', '', { required: true }),
      specOf('metric', 'string', 'Figure', 'Such as run.errors or edge.e1.waiting', { required: true }),
      specOf('over', 'number', 'When it is over'),
      specOf('under', 'number', 'When it is under'),
      specOf('forMs', 'integer', 'For so long, in milliseconds'),
      specOf('quietMs', 'integer', 'Then quiet for, in milliseconds'),
      specOf('where', 'expression', 'Only rows where', '', { gives: 'bool' }),
      specOf('key', 'string', 'By key'),
      specOf('severity', 'enum', 'Severity', '', { options: ['info', 'warning', 'error', 'critical'] })
    ]
  })
]
