/** The team's ticket categories: the first level of its routing. */
export function useCategories() {
  const { categories, categoryName, error, refresh } = useRouting()
  return { categories, categoryName, error, refresh }
}
