import type { Attachment } from '#shared/types/api'

/** The operations on files of tickets and replies. */
export function useAttachments() {
  const { team, teamId, profile } = useTeam()
  const { can } = usePermissions()
  const { announce } = useAttachmentChanges()

  const url = (file: Pick<Attachment, 'id'>) => `/api/teams/${teamId.value}/attachments/${file.id}`
  const archiveUrl = (ticketId: string) => `/api/teams/${teamId.value}/attachments.zip?ticket=${ticketId}`

  /** Whether the content exists and the team lets people download it. */
  function isAvailable(file: Attachment): boolean {
    const isBlocked = file.state === 'unscanned' && team.value?.unscanned_files === 'block'
    return file.removed_at === null && file.state !== 'infected' && !isBlocked
  }

  function mayRemove(file: Attachment): boolean {
    return (
      file.removed_at === null && (file.uploaded_by.id === profile.value?.id ? can('attachments.create') : can('attachments.delete_any'))
    )
  }

  async function remove(file: Attachment): Promise<void> {
    await $fetch(url(file), { method: 'DELETE' })
    const { id = file.uploaded_by.id, full_name = null } = profile.value ?? {}
    const removed = { ...file, removed_at: new Date(serverNow()).toISOString(), removed_by: { id, full_name } }
    announce({ file: removed, isDeleted: false })
  }

  /** The content, for a file whose download may be refused. Throws 409 `attachment_unscanned`. */
  function read(file: Attachment): Promise<Blob> {
    return $fetch<Blob>(url(file), { responseType: 'blob' })
  }

  return { url, archiveUrl, isAvailable, mayRemove, remove, read }
}
