import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { TicketRow } from '../../../shared/types/api.ts'
import type { RealtimeChange } from '../../../shared/types/realtime.ts'
import { startNuxt } from './support/nuxt.ts'

interface TicketActions {
  onLocalChange(handler: (change: RealtimeChange<'tickets'>) => void): void
  isPending(id: string): boolean
  update(ticket: TicketRow, patch: Partial<TicketRow>): Promise<TicketRow>
  claim(ticket: TicketRow): Promise<TicketRow>
}

const nuxt = await startNuxt()
const { useTicketActions } = await vi.importActual<{ useTicketActions(): TicketActions }>('~/composables/ticket/useTicketActions')

// Only the columns that the actions read.
const ticket = { id: 't', status: 'open', tags: [] as string[], version: 1 } as TicketRow

describe('a change of a ticket', () => {
  let shown: TicketRow[]
  let actions: TicketActions

  beforeEach(async () => {
    const scope = effectScope()
    nuxt.requests.length = 0
    await nuxt.switchTeam('acme')
    shown = []
    actions = scope.run(useTicketActions)!
    scope.run(() => actions.onLocalChange(({ record }) => shown.push(record)))
    return () => scope.stop()
  })
  afterAll(() => vi.unstubAllGlobals())

  it('lists show a change at once, and then the answer of the server', async () => {
    const saved = actions.update(ticket, { status: 'waiting' })
    expect(shown).toEqual([{ ...ticket, status: 'waiting' }])
    expect(actions.isPending('t')).toBe(true)
    await nuxt.requests[0]!.answer({ ...ticket, status: 'waiting', version: 2 })
    await expect(saved).resolves.toMatchObject({ version: 2 })
    expect(shown.at(-1)).toEqual({ ...ticket, status: 'waiting', version: 2 })
    expect(actions.isPending('t')).toBe(false)
  })

  it('lists show the old row again if the server refuses a change', async () => {
    const saved = actions.update(ticket, { status: 'waiting' })
    const refusal = expect(saved).rejects.toThrow('refused')
    await nuxt.requests[0]!.fail(new Error('refused'))
    await refusal
    expect(shown).toEqual([{ ...ticket, status: 'waiting' }, ticket])
    expect(actions.isPending('t')).toBe(false)
  })

  it('lists show a claim only after the server has answered', async () => {
    const claimed = actions.claim(ticket)
    expect(shown).toEqual([])
    expect(actions.isPending('t')).toBe(true)
    await nuxt.requests[0]!.answer({ ...ticket, assigned_to: 'ann', version: 2 })
    await claimed
    expect(shown).toEqual([{ ...ticket, assigned_to: 'ann', version: 2 }])
  })

  it('lists show nothing if the server refuses a claim', async () => {
    const refusal = expect(actions.claim(ticket)).rejects.toThrow('refused')
    await nuxt.requests[0]!.fail(new Error('refused'))
    await refusal
    expect(shown).toEqual([])
  })
})
