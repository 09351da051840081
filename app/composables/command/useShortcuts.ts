import type { KeySituation } from '~/utils/command/command'

const overlays = ['dialog', 'alertdialog', 'menu', 'listbox'].map(role => `[role="${role}"][data-state="open"]`).join()
// Inputs without text, where shortcuts work as on buttons.
const boxes = 'input[type="checkbox"], input[type="radio"]'
const controls = `${boxes}, a[href], button, summary, select, [role="button"], [role="tab"], [role="radio"], [role="checkbox"], [role="switch"], [role="option"], [role="combobox"], [role="slider"], [data-commands="scroll"]`

/** Activates the shortcuts of all registered commands. Called once, by the layout of the agent app. */
export function useShortcuts(): void {
  const { commands } = useCommandRegistry()
  const { open } = useCommandPalette()
  const { capture } = useTypeahead()
  const { preferences } = usePreferences()
  const situation = shallowRef<KeySituation>({ isComposing: false, isOnControl: false, top: 'page' })
  const isOnBox = ref(false)

  // In the capture phase, before `defineShortcuts` handles the key in the bubbling phase.
  useEventListener(
    window,
    'keydown',
    event => {
      if (capture(event)) {
        event.preventDefault()
        event.stopImmediatePropagation()
        return
      }
      situation.value = situationOf(event)
      isOnBox.value = event.target instanceof Element && event.target.matches(boxes)
    },
    { capture: true }
  )

  defineShortcuts(
    computed(() => {
      const bound = bindings(commands.value, situation.value, preferences.value.shortcuts)
      return Object.fromEntries(
        [...bound].map(([shortcut, { id, run, isOnce }]) => [
          shortcut,
          {
            usingInput: isOnBox.value || actsInFields(shortcut),
            handler: (event?: KeyboardEvent) => {
              if (isOnce && event?.repeat) return
              if (run) run()
              else open(id)
            }
          }
        ])
      )
    })
  )
}

function situationOf(event: KeyboardEvent): KeySituation {
  const target = event.target instanceof Element ? event.target : null
  // Safari sends the key that ends an IME composition afterwards, with key code 229.
  return {
    isComposing: event.isComposing || event.keyCode === 229,
    isOnControl: target?.closest(controls) !== null && target !== null,
    top: topOf(target)
  }
}

// The overlay with the focus is on top; without focus, the last one in the document, which opened last.
function topOf(target: Element | null): KeySituation['top'] {
  const top = target?.closest(overlays) ?? [...document.querySelectorAll(overlays)].at(-1)
  if (!top) return 'page'
  return top.querySelector('[data-commands="ticket"]') ? 'ticket' : 'other'
}
