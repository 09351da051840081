import type { KeySituation } from '~/utils/command/command'

const overlays = ['dialog', 'alertdialog', 'menu', 'listbox'].map(role => `[role="${role}"][data-state="open"]`).join()
// Of fields, those that nobody writes in: keys act there as on any button.
const boxes = 'input[type="checkbox"], input[type="radio"]'
const controls = `${boxes}, a[href], button, summary, select, [role="button"], [role="tab"], [role="radio"], [role="checkbox"], [role="switch"], [role="option"], [role="combobox"], [role="slider"], [data-commands="scroll"]`

/** Lets the shortcuts of all registered commands act. Called once, by the frame of the agent app. */
export function useShortcuts(): void {
  const { commands } = useCommandRegistry()
  const { open } = useCommandPalette()
  const { take } = useTypeahead()
  const { preferences } = usePreferences()
  const situation = shallowRef<KeySituation>({ isComposing: false, isOnControl: false, top: 'page' })
  const isOnBox = ref(false)

  // On the way down, before `defineShortcuts` hears of the key on its way up.
  useEventListener(
    window,
    'keydown',
    event => {
      if (take(event)) {
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
  // Safari sends the key that ends a composition after its end, with this code.
  return {
    isComposing: event.isComposing || event.keyCode === 229,
    isOnControl: target?.closest(controls) !== null && target !== null,
    top: topOf(target)
  }
}

// The focus is in whatever lies on top; where it is nowhere, the last in the page was opened last.
function topOf(target: Element | null): KeySituation['top'] {
  const top = target?.closest(overlays) ?? [...document.querySelectorAll(overlays)].at(-1)
  if (!top) return 'page'
  return top.querySelector('[data-commands="ticket"]') ? 'ticket' : 'other'
}
