// A menu is gone when the dialog that one of its items opened closes: its button is not.
let opener: HTMLElement | undefined

/** The button of the overlay that was opened last. */
export const overlayOpener = () => opener

/**
 * An overlay that is mounted when it is first opened (`v-if="openings"`): a list has one in every row. The button takes
 * `trigger` by v-bind; `button` is what the overlay is placed beside, `label` its name.
 */
export function useOverlayTrigger(popup: 'menu' | 'dialog') {
  const isOpen = ref(false)
  const openings = useMountOnOpen(isOpen)
  const button = shallowRef<HTMLElement>()
  // An overlay is named by its button.
  const label = ref('')
  // A press on the button of an open overlay closes it as a press outside, before the click.
  let wasOpen = false

  const trigger = computed(() => ({
    'aria-haspopup': popup,
    'aria-expanded': isOpen.value,
    'onPointerdown': () => {
      wasOpen = isOpen.value
    },
    'onClick': (event: Event) => {
      if (!wasOpen) open(event)
      wasOpen = false
    },
    'onKeydown': (event: KeyboardEvent) => {
      if (popup !== 'menu' || event.key !== 'ArrowDown') return
      event.preventDefault()
      open(event)
    }
  }))

  function open(event: Event): void {
    const element = event.currentTarget as HTMLElement
    button.value = opener = element
    label.value = element.getAttribute('aria-label') ?? element.textContent.trim()
    isOpen.value = true
  }

  function returnFocus(event: Event): void {
    event.preventDefault()
    if (!hasMovedOn(event.target)) button.value?.focus()
  }

  return { isOpen, openings, button, label, trigger, returnFocus }
}

/** Whether the focus is elsewhere than within `from` by the time that something has closed or ended: whoever clicked into a field, or opened another overlay, stays there. */
export function hasMovedOn(from: EventTarget | null): boolean {
  const { activeElement, body } = document
  return activeElement !== null && activeElement !== body && !(from instanceof Node && from.contains(activeElement))
}
