/** How many requests of all resources are pending. */
export function usePendingRequests(): Ref<number> {
  return useState('pending-requests', () => 0)
}
