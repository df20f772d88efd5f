// Parameters: what they declare, and `${name}` in settings (engine/flow/parameters.cpp).
import { parametersOf } from '../document/elements.ts'
import type { FlowParameter } from '../document/elements.ts'
import { parseByteSize, parseDuration } from '../catalogue/node-type.ts'
import type { SettingSpec } from '../catalogue/node-type.ts'
import { below } from '../json/pointer.ts'
import { isList, isNumber, isObject, kindOf, nameOfKind, toNumber } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import type { Problems } from '../problem.ts'
import { didYouMean } from '../suggest.ts'

function fitsType(type: string, value: Json): boolean {
  if (type === 'integer') return kindOf(value) === 'integer'
  if (type === 'number') return isNumber(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'list') return isList(value)
  if (type === 'map') return isObject(value)
  if (type === 'duration' || type === 'bytesize') return typeof value === 'string' || isNumber(value)
  return typeof value === 'string'
}

function checkDefault(parameter: FlowParameter, value: Json, pointer: string, problems: Problems): void {
  const { name, type, min, max, options } = parameter
  if (!fitsType(type, value)) {
    const message = `the parameter '${name}' is of type ${type}, found ${nameOfKind(value)}.`
    problems.error('flow.parameter_type', pointer, message)
    return
  }
  const spelt = type === 'duration' || type === 'bytesize'
  if (typeof value === 'string' && spelt) {
    if ((type === 'duration' ? parseDuration(value) : parseByteSize(value)) !== undefined) return
    const example = type === 'duration' ? 'a duration such as "5s" or "1m30s"' : 'a size such as "64MB" or "1GiB"'
    problems.error('flow.parameter_value', pointer, `the parameter '${name}': expected ${example}, found "${value}".`)
    return
  }
  const number = toNumber(value)
  if (number !== undefined && ((min !== undefined && number < min) || (max !== undefined && number > max)))
    problems.error('flow.parameter_value', pointer, `the value of the parameter '${name}' is out of its range.`)
  if (typeof value === 'string' && options.length > 0 && !options.includes(value))
    problems.error(
      'flow.parameter_value',
      pointer,
      `'${value}' is no value of the parameter '${name}'.`,
      didYouMean(value, options)
    )
}

/** Adds what is wrong with the declarations; gives the names. */
export function checkParameters(root: JsonObject, problems: Problems): string[] {
  const names: string[] = []
  parametersOf(root).forEach((parameter, index) => {
    const pointer = below('/parameters', index)
    if (names.includes(parameter.name)) {
      const message = `there are two parameters '${parameter.name}'.`
      problems.error('flow.duplicate_id', pointer, message, 'Rename one of them.')
    }
    names.push(parameter.name)
    if (parameter.default !== undefined && parameter.default !== null)
      checkDefault(parameter, parameter.default, pointer, problems)
  })
  return names
}

function checkText(
  text: string,
  spec: SettingSpec | undefined,
  pointer: string,
  names: string[],
  problems: Problems
): void {
  const code = spec?.type === 'expression' || spec?.type === 'code'
  for (const found of text.matchAll(/(\$?)\$\{([^}]*)\}/g)) {
    const [, escaped = '', name = ''] = found
    if (escaped !== '' && !code) continue
    if (name.startsWith('secret:')) {
      if (spec !== undefined && (spec.type === 'secret' || spec.acceptsSecret)) continue
      problems.error(
        'flow.secret_not_accepted',
        pointer,
        `this setting takes no secret ('${name}').`,
        'Secrets go only into settings of type secret, or those that say acceptsSecret.'
      )
    } else if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
      continue
    } else if (code) {
      problems.error(
        'flow.parameter_in_expression',
        pointer,
        `'\${${name}}' does not work inside an expression.`,
        `Write params.${name}.`
      )
      return
    } else if (!names.includes(name)) {
      const meant = didYouMean(name, names) || 'Declare it in `parameters`, or write $${ for a literal ${.'
      problems.error('flow.unknown_parameter', pointer, `there is no parameter '${name}'.`, meant)
    }
  }
}

/** Adds what is wrong with `${…}` in the settings of a node. */
export function checkParameterUse(
  value: Json,
  specs: readonly SettingSpec[],
  spec: SettingSpec | undefined,
  pointer: string,
  names: string[],
  problems: Problems
): void {
  if (typeof value === 'string') {
    if (value.includes('${')) checkText(value, spec, pointer, names, problems)
  } else if (isList(value)) {
    const [first] = specs
    value.forEach((element, index) => {
      const inner = first?.name === '' ? first : spec
      checkParameterUse(element, specs, inner, below(pointer, index), names, problems)
    })
  } else if (isObject(value)) {
    for (const [key, member] of value) {
      const inner = specs.find((each) => each.name === key) ?? (specs[0]?.name === '' ? specs[0] : undefined)
      checkParameterUse(member, inner?.items ?? [], inner, below(pointer, key), names, problems)
    }
  }
}
