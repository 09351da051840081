const isOpen = ref(false)

/** The state of the dialog for a new article, which belongs to the list of articles and can open with it. */
export function useArticleCreation() {
  return { isOpen }
}
