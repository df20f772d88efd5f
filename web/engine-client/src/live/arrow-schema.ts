// Fields of a schema in Arrow's IPC metadata (format/Schema.fbs), those that the engine writes.
import type { ColumnKind } from '../batch.ts'
import { WeirError } from '../errors.ts'
import type { FlatTable } from './flat-table.ts'

export interface ArrowField {
  name: string
  kind: ColumnKind
  /** As in Arrow's C interface. */
  format: string
  /** Elements of a row of a list of fixed size. */
  width: number
  children: ArrowField[]
  /** The column holds codes into this dictionary. */
  dictionary?: number
}

const MOST_DEPTH = 64
const UNITS = ['s', 'm', 'u', 'n']

/** Of the message's Schema table. @throws WeirError `arrow.unsupported` */
export function fieldsOf(schema: FlatTable): ArrowField[] {
  return schema.tables(1).map((field) => fieldOf(field, 0))
}

function fieldOf(table: FlatTable, depth: number): ArrowField {
  if (depth > MOST_DEPTH) throw new WeirError('arrow.unsupported', 'the fields of the rows nest too deeply')
  const name = table.text(0)
  const type = table.table(3)
  const [kind, format, width = 0] = typeOf(table.byte(2), type, name)
  const children = table.tables(5).map((child) => fieldOf(child, depth + 1))
  const field: ArrowField = { name, kind, format, width, children }
  const dictionary = table.table(4)
  if (dictionary) field.dictionary = dictionary.long(0)
  return field
}

function typeOf(number: number, type: FlatTable | undefined, name: string): [ColumnKind, string, number?] {
  switch (number) {
    case 1:
      return ['null', 'n']
    case 2:
      if (type?.int(0) !== 64) break
      return type.byte(1) === 0 ? ['uint', 'L'] : ['int', 'l']
    case 3:
      if (type?.short(0) !== 2) break
      return ['double', 'g']
    case 4:
      return ['bytes', 'z']
    case 5:
      return ['string', 'u']
    case 6:
      return ['bool', 'b']
    case 10:
      return ['timestamp', `ts${UNITS[type?.short(0) ?? 0] ?? 's'}:UTC`]
    case 18:
      return ['duration', `tD${UNITS[type?.short(0, 1) ?? 1] ?? 'm'}`]
    case 12:
      return ['other', '+l']
    case 13:
      return ['other', '+s']
    case 16:
      return ['other', `+w:${type?.int(0) ?? 0}`, type?.int(0) ?? 0]
  }
  throw new WeirError('arrow.unsupported', `the field '${name}' is of a type (number ${number}) that is not read here`)
}
