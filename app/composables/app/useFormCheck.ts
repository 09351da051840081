import type { z } from 'zod'
import type { FormErrors } from './useAction'

/** What a form would submit now; null while a field is wrong. `showIssues` shows what is wrong beside the fields, as submitting does. */
export function useFormCheck<S extends z.ZodType>(schema: S, state: object, form: Readonly<Ref<FormErrors | null>>) {
  const checked = computed(() => schema.safeParse(state))
  const output = computed(() => (checked.value.success ? checked.value.data : null))
  function showIssues(): void {
    form.value?.setErrors((checked.value.error?.issues ?? []).map(({ path, message }) => ({ name: path.join('.'), message })))
  }
  return { output, showIssues }
}
