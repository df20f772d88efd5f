// Rows as a workbook of Excel: written piece by piece; what is text stays text, so nothing in a cell is ever computed.
import { copyText } from '../data/cell-format.ts'
import { isoText } from '../data/row-table.ts'
import type { RowTable, TableColumn } from '../data/row-table.ts'

/** Rows that are written before others have their turn. */
const kRowsAtOnce = 1000
/** What Excel takes of a cell, and of a sheet. */
const kMostCharacters = 32_767
export const kMostSheetRows = 1_048_576
/** Whole numbers that a cell has to the last digit: 15 digits. */
const kMostDigits = 999_999_999_999_999
const kDayMicros = 86_400_000_000
/** Days from 30 December 1899, which Excel counts from, to 1970; dates before March 1900 are a day off there, and stay texts. */
const kEpochDays = 25_569
const kFirstDay = 61

const kHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const kMain = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const kRelations = 'http://schemas.openxmlformats.org/package/2006/relationships'
const kOffice = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const kTypes = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** A text for XML; characters that XML cannot have are written as Excel writes them. */
function escaped(text: string): string {
  return text
    .slice(0, kMostCharacters)
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(/[^\t\n\u0020-\ufffd]/g, (char) => {
      return `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
    })
    .replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A cell of text: `inlineStr` is never a formula, whatever it begins with. */
function textCell(text: string, style = ''): string {
  return text === '' ? '<c/>' : `<c t="inlineStr"${style}><is><t xml:space="preserve">${escaped(text)}</t></is></c>`
}

function timeCell(value: unknown): string {
  const days = Number(value) / kDayMicros + kEpochDays
  return days >= kFirstDay && days < 2_958_466 ? `<c s="1"><v>${days}</v></c>` : textCell(isoText(value))
}

export function cellXml(value: unknown, column: TableColumn): string {
  if (value === null || value === undefined) return '<c/>'
  if (column.type === 'timestamp') return timeCell(value)
  if (typeof value === 'boolean') return `<c t="b"><v>${value ? 1 : 0}</v></c>`
  if (typeof value === 'bigint' || typeof value === 'number') {
    const number = Number(value)
    const exact = Number.isFinite(number) && (!Number.isInteger(number) || Math.abs(number) <= kMostDigits)
    return exact ? `<c><v>${number}</v></c>` : textCell(String(value))
  }
  return textCell(copyText(value, column))
}

/** A name as a sheet can have it. */
export function sheetName(title: string): string {
  const name = title
    .replaceAll(/[[\]:*?/\\]/g, ' ')
    .replaceAll(/^'+|'+$/g, '')
    .trim()
    .slice(0, 31)
  return name === '' ? 'Rows' : name
}

function partsOf(title: string): readonly (readonly [string, string])[] {
  const part = (path: string, type: string): string =>
    `<Override PartName="${path}" ContentType="${kTypes}.${type}+xml"/>`
  const to = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${kOffice}/${type}" Target="${target}"/>`
  const types =
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    part('/xl/workbook.xml', 'sheet.main') +
    part('/xl/worksheets/sheet1.xml', 'worksheet') +
    part('/xl/styles.xml', 'styles')
  const styles =
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>' +
    '<fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>' +
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>' +
    '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
  return [
    [
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${types}</Types>`
    ],
    [
      '_rels/.rels',
      `<Relationships xmlns="${kRelations}">${to('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`
    ],
    [
      'xl/workbook.xml',
      `<workbook xmlns="${kMain}" xmlns:r="${kOffice}"><sheets><sheet name="${escaped(sheetName(title))}" sheetId="1" r:id="rId1"/></sheets></workbook>`
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="${kRelations}">${to('rId1', 'worksheet', 'worksheets/sheet1.xml')}${to('rId2', 'styles', 'styles.xml')}</Relationships>`
    ],
    ['xl/styles.xml', `<styleSheet xmlns="${kMain}">${styles}</styleSheet>`]
  ]
}

/** The sheet, in pieces of a thousand rows. Times are in UTC, and the head of their column says so. */
function* sheetPieces(table: RowTable): Generator<string> {
  const head = table.columns.map(({ name, type }) => textCell(type === 'timestamp' ? `${name} (UTC)` : name, ' s="2"'))
  const view =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
  yield `${kHead}<worksheet xmlns="${kMain}">${view}<sheetData><row>${head.join('')}</row>`
  const rows = Math.min(table.length, kMostSheetRows - 1)
  for (let from = 0; from < rows; from += kRowsAtOnce) {
    const made: string[] = []
    for (let row = from; row < Math.min(rows, from + kRowsAtOnce); ++row) {
      const cells = table.columns.map((column) => cellXml(table.value(row, column.name), column))
      made.push(`<row>${cells.join('')}</row>`)
    }
    yield made.join('')
  }
  yield '</sheetData></worksheet>'
}

/** The workbook; the writer of ZIP comes when it is first needed. Others have their turn between pieces. */
export async function xlsxOf(table: RowTable, title: string): Promise<Blob> {
  const { Zip, ZipDeflate, strToU8 } = await import('fflate')
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error
    pieces.push(new Uint8Array(piece))
  })
  for (const [path, xml] of partsOf(title)) {
    const file = new ZipDeflate(path)
    zip.add(file)
    file.push(strToU8(kHead + xml), true)
  }
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml')
  zip.add(sheet)
  for (const piece of sheetPieces(table)) {
    sheet.push(strToU8(piece))
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  sheet.push(new Uint8Array(), true)
  zip.end()
  return new Blob(pieces, { type: `${kTypes}.sheet` })
}
