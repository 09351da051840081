/** Buttons with `data-copy` below `root` copy the code beside them. `copied` is for a live region. */
export function useCopyButtons(root: Readonly<Ref<HTMLElement | null>>): { copied: Ref<boolean> } {
  const { copy, copied } = useClipboard({ legacy: true, copiedDuring: 2_000 })
  let shown: HTMLElement | undefined

  useEventListener(root, 'click', async (event: MouseEvent) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('[data-copy]')
    if (!button) return
    await copy(button.parentElement!.querySelector('code')!.textContent)
    if (shown && shown !== button) shown.textContent = 'Copy'
    shown = button
    button.textContent = 'Copied'
  })
  watch(copied, isCopied => {
    if (!isCopied && shown) shown.textContent = 'Copy'
  })

  return { copied }
}
