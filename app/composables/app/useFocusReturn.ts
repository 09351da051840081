/**
 * For dialogs that come out of a menu, or one after the other: what had the focus when the first was asked for gets it
 * back when the last has closed; where that is gone meanwhile, `fallback`.
 */
export function useFocusReturn(fallback: () => HTMLElement | null | undefined = () => null) {
  let origin: Element | null | undefined

  /** To be called before the first of them opens. */
  function keep(): void {
    const active = document.activeElement
    // An item of a menu goes with it; the button stays. Menus with a button inside of them are named by its id.
    const menu = active?.closest('[role="menu"]')
    origin = menu ? (document.getElementById(menu.getAttribute('aria-labelledby') ?? '') ?? overlayOpener()) : active
  }

  /** For `onCloseAutoFocus`. */
  function giveBack(event: Event): void {
    const target = origin?.isConnected ? origin : fallback()
    if (!(target instanceof HTMLElement)) return
    event.preventDefault()
    target.focus()
  }

  return { keep, giveBack }
}
