import type { AuthorizationRow } from './row.ts'

const path = 'secret.txt'

// The bucket of attachments has no policy: only the server's secret key reaches it. A bucket that somebody adds is as closed.
export const storage: AuthorizationRow[] = ['attachments', 'without-policy'].flatMap((bucket): AuthorizationRow[] => [
  { does: `lists the objects of the bucket ${bucket}`, by: [], object: { bucket, path, action: 'list' } },
  { does: `reads an object of the bucket ${bucket} by its path`, by: [], object: { bucket, path, action: 'read' } },
  { does: `uploads an object into the bucket ${bucket}`, by: [], object: { bucket, path, action: 'write' } },
  { does: `deletes an object of the bucket ${bucket}`, by: [], object: { bucket, path, action: 'delete' } }
])
