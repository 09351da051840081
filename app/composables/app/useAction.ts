import type { Ref } from 'vue'

/** The part of a form that `useAction` uses. AppForm is generic, so its ref needs this type: `useTemplateRef<FormErrors>('form')`. */
export interface FormErrors {
  setErrors(errors: { name: string; message: string }[]): void
}

export interface ActionOptions<A extends unknown[], R> {
  /** The toast after success. */
  success?: string | ((result: R, ...args: A) => string | undefined)
  /** The title of the toast after a failure; the error message is shown below it. */
  failure?: string
  /** Shows errors about fields beside them instead of in a toast. */
  form?: Ref<FormErrors | null | undefined>
  /** No toast on failure: the caller shows `error`. */
  silent?: boolean
}

/** Runs `fn` and handles its pending state, toasts and form errors. `run` never throws. */
export function useAction<A extends unknown[], R>(fn: (...args: A) => Promise<R>, options: ActionOptions<A, R> = {}) {
  const toast = useToast()
  const running = ref(0)
  const error = shallowRef<Error | null>(null)

  async function run(...args: A): Promise<R | undefined> {
    running.value++
    error.value = null
    try {
      const result = await fn(...args)
      const title = typeof options.success === 'function' ? options.success(result, ...args) : options.success
      if (title) toast.add({ title, color: 'success', icon: 'i-lucide-circle-check' })
      return result
    } catch (cause) {
      error.value = cause instanceof Error ? cause : new Error(String(cause))
      if (!showBesideFields(cause) && !options.silent) showToast(cause)
      return undefined
    } finally {
      running.value--
    }
  }

  function showBesideFields(cause: unknown): boolean {
    const issues = issuesOf(cause).filter(({ path }) => path)
    if (!options.form?.value || !issues.length) return false
    options.form.value.setErrors(issues.map(({ path, message }) => ({ name: path, message })))
    return true
  }

  function showToast(cause: unknown): void {
    const reason = messageOf(cause)
    toast.add({
      title: options.failure ?? reason,
      description: options.failure ? reason : undefined,
      color: 'error',
      icon: 'i-lucide-circle-alert'
    })
  }

  return { run, pending: computed(() => running.value > 0), error }
}
