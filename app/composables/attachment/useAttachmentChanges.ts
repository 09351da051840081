import type { AttachmentChange } from '~/utils/attachment/attachment-list'

// Own removals are shown before they are broadcast.
const localChanges = createEventHook<AttachmentChange>()

/** Files that anybody adds to tickets and replies of the team, or removes. */
export function useAttachmentChanges() {
  const { onTable } = useRealtime()

  function onChange(handler: (change: AttachmentChange) => void): void {
    onTable('ticket_attachments', ({ operation, record }) => handler({ file: record, isDeleted: operation === 'DELETE' }))
    const { off } = localChanges.on(handler)
    tryOnScopeDispose(off)
  }

  return { onChange, announce: (change: AttachmentChange) => void localChanges.trigger(change) }
}
