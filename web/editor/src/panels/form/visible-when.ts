// Whether a setting is shown: the conditions that schema.json has (CEL over `settings`: ==, !=, in, &&, ||, !, brackets).
import { equalJson } from '@weir/flow-model'
import type { Json, JsonObject, SettingSpec } from '@weir/flow-model'
import { stringValue, tokensOf } from '../../formula/cel-tokens.ts'
import type { Token } from '../../formula/cel-tokens.ts'

class Unknown extends Error {}

class Evaluator {
  private at = 0
  constructor(
    private readonly tokens: readonly Token[],
    private readonly valueOf: (name: string) => Json
  ) {}

  whole(): boolean {
    const value = this.either()
    if (this.at < this.tokens.length) throw new Unknown()
    return value === true
  }

  private either(): Json {
    let value = this.both()
    while (this.take('||')) {
      const right = this.both()
      value = value === true || right === true
    }
    return value
  }

  private both(): Json {
    let value = this.comparison()
    while (this.take('&&')) {
      const right = this.comparison()
      value = value === true && right === true
    }
    return value
  }

  private comparison(): Json {
    const left = this.operand()
    if (this.take('==')) return equalJson(left, this.operand())
    if (this.take('!=')) return !equalJson(left, this.operand())
    if (!this.take('in')) return left
    const list = this.operand()
    return Array.isArray(list) && list.some((each) => equalJson(each as Json, left))
  }

  private operand(): Json {
    if (this.take('!')) return this.operand() !== true
    if (this.take('(')) return this.closed(this.either(), ')')
    if (this.take('[')) return this.list()
    if (this.take('true')) return true
    if (this.take('false')) return false
    if (this.take('null')) return null
    const token = this.tokens[this.at++]
    if (token?.kind === 'string') return stringValue(token.text) ?? fail()
    if (token?.kind === 'number') return Number(token.text)
    const name = token?.text === 'settings' && this.take('.') ? this.tokens[this.at++] : undefined
    return name?.kind === 'name' ? this.valueOf(name.text) : fail()
  }

  private list(): Json {
    const items: Json[] = []
    while (!this.take(']')) {
      items.push(this.either())
      if (!this.take(',')) return this.closed(items, ']')
    }
    return items
  }

  private closed(value: Json, mark: string): Json {
    return this.take(mark) ? value : fail()
  }

  private take(text: string): boolean {
    const token = this.tokens[this.at]
    if (token?.text !== text || token.kind === 'string') return false
    ++this.at
    return true
  }
}

function fail(): never {
  throw new Unknown()
}

/** Whether the condition holds over these settings and the defaults. One that is not understood hides nothing. */
export function isVisible(condition: string, settings: JsonObject, specs: readonly SettingSpec[]): boolean {
  if (condition === '') return true
  const valueOf = (name: string): Json =>
    settings.get(name) ?? specs.find((spec) => spec.name === name)?.default ?? null
  try {
    return new Evaluator(tokensOf(condition), valueOf).whole()
  } catch (reason) {
    if (reason instanceof Unknown) return true
    throw reason
  }
}
