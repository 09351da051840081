import type { AuthorizationRow } from './row.ts'

// No bucket exists yet: a path in a bucket that somebody adds is closed to everybody until a policy opens it.
const path = 'secret.txt'
const bucket = 'without-policy'

export const storage: AuthorizationRow[] = [
  { does: 'lists the objects of a bucket', by: [], object: { bucket, path, action: 'list' } },
  { does: 'reads an object by its path', by: [], object: { bucket, path, action: 'read' } },
  { does: 'uploads an object', by: [], object: { bucket, path, action: 'write' } },
  { does: 'deletes an object', by: [], object: { bucket, path, action: 'delete' } }
]
