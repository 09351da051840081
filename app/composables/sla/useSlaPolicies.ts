import type { PolicyApplication, SlaPolicy } from '#shared/types/api'
import type { PolicyInput } from '~/utils/sla/policy-form'

/** The team's SLA policies in their order, live. */
export const useSlaPolicies = createSharedComposable(() => {
  const {
    data: policies,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<SlaPolicy[]>('sla-policies', { empty: () => [], tables: { sla_policies: true, calendars: true }, load: fetchAll })

  async function create(body: PolicyInput): Promise<void> {
    await $fetch(url.value, { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: Partial<PolicyInput> & { is_active?: boolean; position?: number }): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  /** Moves a policy one place up or down, and numbers all of them anew. */
  async function move(id: string, by: -1 | 1): Promise<void> {
    const order = policies.value.map(policy => policy.id)
    const at = order.indexOf(id)
    if (!order[at + by]) return
    order.splice(at + by, 0, ...order.splice(at, 1))
    for (const [position, policyId] of order.entries())
      if (policies.value.find(policy => policy.id === policyId)!.position !== position)
        await $fetch(`${url.value}/${policyId}`, { method: 'PATCH', body: { position } })
    await refresh()
  }

  /** Returns how many open tickets a job goes through. */
  async function apply(): Promise<number> {
    const { tickets } = await $fetch<PolicyApplication>(`${url.value}/apply`, { method: 'POST' })
    return tickets
  }

  return { policies, isLoaded, error, refresh, create, update, remove, move, apply }
})
