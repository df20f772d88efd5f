// One parameter of a flow as a field: by its type, with its default in the empty field.
import type { FlowParameter } from '@weir/flow-model'
import { Check } from '@weir/ui/check.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Field } from '@weir/ui/field.tsx'
import { defaultText, problemOf } from './parameter-input.ts'

interface FieldProps {
  parameter: FlowParameter
  text: string
  /** Run was pressed: what is missing is said, too. */
  asked: boolean
  set: (text: string) => void
}

export function ParameterField({ parameter, text, asked, set }: FieldProps) {
  const { name, type, help, options, required } = parameter
  const label = parameter.label === '' ? name : parameter.label
  const usual = defaultText(parameter)
  if (type === 'boolean') {
    const checked = (text === '' ? usual : text) === 'true'
    return (
      <Check
        checked={checked}
        set={(on) => {
          set(String(on))
        }}
        {...(help === '' ? {} : { help })}
      >
        {label}
      </Check>
    )
  }
  if (options.length > 0)
    return (
      <Choice
        label={label}
        value={text === '' ? usual : text}
        options={[...(usual === '' ? [['', 'Choose…'] as const] : []), ...options.map((one) => [one, one] as const)]}
        choose={set}
        help={asked && text === '' && usual === '' && required ? 'This is needed.' : help}
      />
    )
  const problem = problemOf(parameter, text)
  return (
    <Field
      label={required && usual === '' ? `${label} *` : label}
      help={help}
      problem={text === '' && !asked ? '' : problem}
      placeholder={usual}
      value={text}
      inputMode={type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'}
      autoComplete="off"
      onChange={(event) => {
        set(event.target.value)
      }}
    />
  )
}
