/** Asks, under a title such as "Discard your changes?", before what somebody typed is thrown away. Resolves to whether to do it. */
export function useDiscardQuestion(): (title: string) => Promise<boolean> {
  const confirm = useConfirm()
  return title => confirm({ title, description: 'What you typed will be lost.', action: 'Discard' })
}
