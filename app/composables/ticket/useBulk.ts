import type { BulkAction, BulkValues } from '#shared/bulk'
import type { BulkAnswer, BulkOperation, BulkUndone } from '#shared/types/api'
import type { BulkSelection } from '~/utils/ticket/bulk'

const toastMs = 8_000

interface OperationReference {
  id: string
  teamId: string
}

// Shared by the bulk bar, the toast and the undo shortcut.
const requests = ref(0)
const running = shallowRef<(BulkOperation & OperationReference)[]>([])
// Stored per tab, so that running operations are followed after a reload.
const storageKey = 'bulk-operations'
let isResumed = false
const undoable = shallowRef<OperationReference[]>([])

/** Runs bulk operations. Small ones are finished when `run` resolves; larger ones continue in the background, with `progress`. */
export function useBulk() {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const toast = useToast()

  const url = (path: string, team = teamId.value) => `/api/teams/${team}/${path}`

  /** If the operation is rejected, shows a toast and returns undefined; nothing has changed then. */
  async function run<A extends BulkAction>(action: A, value: BulkValues[A], selection: BulkSelection): Promise<BulkAnswer | undefined> {
    const body = { action, value, ...bulkSelection(selection) }
    const answer = await attempt('The tickets were not changed', () =>
      countPending(() => $fetch<BulkAnswer>(url('tickets/bulk'), { method: 'POST', body }))
    )
    if (!answer) return
    const { operation_id: id, ...state } = answer
    const operation = {
      ...state,
      id,
      action,
      value,
      processed: 0,
      restored: 0,
      skipped: 0,
      error: null,
      created_at: '',
      finished_at: null,
      teamId: teamId.value
    }
    if (isBusy(operation)) await track(operation)
    else settle(operation)
    return answer
  }

  async function undo({ id, teamId }: OperationReference): Promise<void> {
    const known = undoable.value.find(known => known.id === id)
    if (!known) return
    // Not `optimistic()`: if the server refuses (4xx), the operation cannot be undone later either.
    undoable.value = undoable.value.filter(other => other !== known)
    const undone = await attempt('The change could not be undone', () =>
      countPending(() =>
        $fetch<BulkUndone>(url(`operations/${id}/undo`, teamId), { method: 'POST' }).catch(error => {
          if ((statusOf(error) ?? 500) >= 500) undoable.value = [...undoable.value, known]
          throw error
        })
      )
    )
    if (!undone) return
    if (undone.status === 'undone') return showUndone(undone)
    const operation = await fetchOperation(known)
    if (operation) await track({ ...operation, teamId })
  }

  /** Undoes my last operation in this team since the page loaded; called again, the one before. */
  async function undoLast(): Promise<void> {
    const last = undoable.value.findLast(known => known.teamId === teamId.value)
    if (last && requests.value === 0) await undo(last)
  }

  async function attempt<T>(failure: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request()
    } catch (error) {
      toast.add({ title: failure, description: messageOf(error), color: 'error', icon: 'i-lucide-circle-alert' })
    }
  }

  function fetchOperation({ id, teamId }: OperationReference): Promise<BulkOperation | undefined> {
    return attempt('Could not load the progress', () => $fetch<BulkOperation>(url(`operations/${id}`, teamId)))
  }

  // It may have finished before this page knew its id, so it is fetched at once, and then after each broadcast.
  async function track(operation: BulkOperation & OperationReference): Promise<void> {
    setRunning([...running.value, operation])
    await follow(operation)
  }

  // 404: the operation expired or belongs to another user. Drop it silently.
  async function resume(): Promise<void> {
    for (const { id, teamId } of readStored()) {
      const operation = await $fetch<BulkOperation>(url(`operations/${id}`, teamId)).catch(error => {
        if (statusOf(error) !== 404) throw error
        return null
      })
      if (operation && isBusy(operation)) setRunning([...running.value, { ...operation, teamId }])
      else if (operation) settle({ ...operation, teamId })
    }
    setRunning(running.value)
  }

  async function follow(known: OperationReference): Promise<void> {
    const operation = await fetchOperation(known)
    const isRunning = running.value.some(({ id }) => id === known.id)
    if (!operation || !isRunning) return
    setRunning(
      running.value.flatMap(one => (one.id !== known.id ? [one] : isBusy(operation) ? [{ ...operation, teamId: known.teamId }] : []))
    )
    if (!isBusy(operation)) settle({ ...operation, teamId: known.teamId })
  }

  function settle(operation: BulkOperation & OperationReference): void {
    if (operation.status === 'undone') return showUndone(operation)
    const canUndo = operation.action !== 'delete' && operation.updated > 0
    if (canUndo) undoable.value = [...undoable.value, operation]
    const hasFailed = operation.status === 'failed'
    toast.add({
      title: bulkSummary(operation),
      description: hasFailed ? `The change then stopped: ${operation.error}` : undefined,
      color: hasFailed ? 'error' : 'success',
      icon: hasFailed ? 'i-lucide-circle-alert' : 'i-lucide-circle-check',
      duration: toastMs,
      actions: canUndo
        ? [{ label: 'Undo', icon: 'i-lucide-undo-2', color: 'neutral', variant: 'outline', onClick: () => void undo(operation) }]
        : undefined
    })
  }

  function showUndone(undone: BulkUndone): void {
    toast.add({ ...undoSummary(undone), color: 'neutral', icon: 'i-lucide-undo-2' })
  }

  const mine = computed(() => running.value.filter(operation => operation.teamId === teamId.value))
  const refetch = useThrottleFn(
    () => {
      for (const operation of mine.value) void follow(operation)
    },
    500,
    true,
    true
  )
  onTable('bulk_operations', ({ record }) => {
    if (mine.value.some(({ id }) => id === record.id)) void refetch()
  })
  onResync(() => void refetch())
  if (!isResumed) {
    isResumed = true
    void attempt('Could not load the progress', resume)
  }

  return {
    run,
    undoLast,
    /** Whether a request is pending. */
    pending: computed(() => requests.value > 0),
    /** The progress of the newest operation in the background; null if there is none. */
    progress: computed(() => {
      const operation = mine.value.at(-1)
      return operation ? progressOf(operation) : null
    })
  }
}

function setRunning(operations: (BulkOperation & OperationReference)[]): void {
  running.value = operations
  sessionStorage.setItem(storageKey, JSON.stringify(operations.map(({ id, teamId }) => ({ id, teamId }))))
}

function readStored(): OperationReference[] {
  return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as OperationReference[]
}

async function countPending<T>(request: () => Promise<T>): Promise<T> {
  requests.value++
  try {
    return await request()
  } finally {
    requests.value--
  }
}

function isBusy({ status }: Pick<BulkOperation, 'status'>): boolean {
  return status === 'waiting' || status === 'running' || status === 'undoing'
}

function progressOf({ status, total, processed, updated, restored, skipped }: BulkOperation): {
  done: number
  total: number
  isUndo: boolean
} {
  return status === 'undoing' ? { done: restored + skipped, total: updated, isUndo: true } : { done: processed, total, isUndo: false }
}
