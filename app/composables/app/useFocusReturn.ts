/**
 * Returns the focus after dialogs that open from a menu or one after the other: to the element that had it before the first
 * dialog, or to `fallback` if that element is gone.
 */
export function useFocusReturn(fallback: () => HTMLElement | null | undefined = () => null) {
  let origin: Element | null | undefined

  /** Call before the first dialog opens. */
  function rememberFocus(): void {
    const active = document.activeElement
    // A menu item is removed with its menu, so remember the menu's button, whose id is in `aria-labelledby`.
    const menu = active?.closest('[role="menu"]')
    origin = menu ? (document.getElementById(menu.getAttribute('aria-labelledby') ?? '') ?? overlayOpener()) : active
  }

  /** Handler for `onCloseAutoFocus`. */
  function restoreFocus(event: Event): void {
    const target = origin?.isConnected ? origin : fallback()
    if (!(target instanceof HTMLElement)) return
    event.preventDefault()
    target.focus()
  }

  return { rememberFocus, restoreFocus }
}
