import type { BulkAction, BulkValues } from '#shared/bulk'
import type { BulkAnswer, BulkOperation, BulkUndone } from '#shared/types/api'
import type { BulkSelection } from '~/utils/ticket/bulk'

const toastMs = 8_000

interface Known {
  id: string
  teamId: string
}

// One copy for the bar, the toast and the key.
const requests = ref(0)
const running = shallowRef<(BulkOperation & Known)[]>([])
// The tab still knows its running operations after a reload.
const storageKey = 'bulk-operations'
let isResumed = false
const undoable = shallowRef<Known[]>([])

/** Changes many tickets at once. Small operations are done when `run` answers; larger ones go on in the background, with `progress`. */
export function useBulk() {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const toast = useToast()

  const url = (path: string, team = teamId.value) => `/api/teams/${team}/${path}`

  /** Answers undefined, with a toast, if it was refused: then nothing has changed. */
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
    if (isBusy(operation)) await watchOver(operation)
    else settle(operation)
    return answer
  }

  async function undo({ id, teamId }: Known): Promise<void> {
    const known = undoable.value.find(known => known.id === id)
    if (!known) return
    undoable.value = undoable.value.filter(other => other !== known)
    const undone = await attempt('This could not be undone', () =>
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
    if (operation) await watchOver({ ...operation, teamId })
  }

  /** Undoes my last operation of this session in this team, then the one before; does nothing if there is none. */
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

  function fetchOperation({ id, teamId }: Known): Promise<BulkOperation | undefined> {
    return attempt('Could not load the progress', () => $fetch<BulkOperation>(url(`operations/${id}`, teamId)))
  }

  // It may have ended before this page knew its id: fetched at once, and then whenever it is broadcast.
  async function watchOver(operation: BulkOperation & Known): Promise<void> {
    keep([...running.value, operation])
    await follow(operation)
  }

  // 404: the operation expired or belongs to another user. Drop it silently.
  async function resume(): Promise<void> {
    for (const { id, teamId } of readStored()) {
      const operation = await $fetch<BulkOperation>(url(`operations/${id}`, teamId)).catch(error => {
        if (statusOf(error) !== 404) throw error
        return null
      })
      if (operation && isBusy(operation)) keep([...running.value, { ...operation, teamId }])
      else if (operation) settle({ ...operation, teamId })
    }
    keep(running.value)
  }

  async function follow(known: Known): Promise<void> {
    const operation = await fetchOperation(known)
    const isRunning = running.value.some(({ id }) => id === known.id)
    if (!operation || !isRunning) return
    keep(running.value.flatMap(one => (one.id !== known.id ? [one] : isBusy(operation) ? [{ ...operation, teamId: known.teamId }] : [])))
    if (!isBusy(operation)) settle({ ...operation, teamId: known.teamId })
  }

  function settle(operation: BulkOperation & Known): void {
    if (operation.status === 'undone') return showUndone(operation)
    const canUndo = operation.action !== 'delete' && operation.updated > 0
    if (canUndo) undoable.value = [...undoable.value, operation]
    const hasFailed = operation.status === 'failed'
    toast.add({
      title: bulkSummary(operation),
      description: hasFailed ? `Then it stopped: ${operation.error}` : undefined,
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
    /** A request is on its way. */
    pending: computed(() => requests.value > 0),
    /** The newest operation in the background; null while there is none. */
    progress: computed(() => {
      const operation = mine.value.at(-1)
      return operation ? progressOf(operation) : null
    })
  }
}

function keep(operations: (BulkOperation & Known)[]): void {
  running.value = operations
  sessionStorage.setItem(storageKey, JSON.stringify(operations.map(({ id, teamId }) => ({ id, teamId }))))
}

function readStored(): Known[] {
  return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as Known[]
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
