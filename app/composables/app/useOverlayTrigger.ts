// When a dialog that a menu item opened closes, the menu is gone, but its button is not.
let opener: HTMLElement | undefined

/** The button of the overlay that opened last. */
export const overlayOpener = () => opener

/**
 * An overlay that mounts when it first opens (`v-if="openings"`), because a list has one in every row. Bind `trigger` to its button;
 * `button` is the anchor of the overlay, `label` its accessible name.
 */
export function useOverlayTrigger(popup: 'menu' | 'dialog') {
  const isOpen = ref(false)
  const openings = useMountOnOpen(isOpen)
  const button = shallowRef<HTMLElement>()
  const label = ref('')
  // Pressing the button of an open overlay counts as a press outside and closes it before the click.
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

/**
 * Whether the focus moved outside of `from` before something closed: if somebody clicked into a field or opened another overlay, the
 * focus stays there.
 */
export function hasMovedOn(from: EventTarget | null): boolean {
  const { activeElement, body } = document
  return activeElement !== null && activeElement !== body && !(from instanceof Node && from.contains(activeElement))
}
