// Formulas, as other parts of the editor use them.
export { FormulaField } from './formula-field.tsx'
export type { FormulaFieldProps } from './formula-field.tsx'
export { conditionsText, readConditions } from './conditions.ts'
export type { Comparison, Condition, Conditions, Literal } from './conditions.ts'
export { columnsIn, columnText, tokensOf } from './cel-tokens.ts'
export { rewriteHabits } from './habits.ts'
