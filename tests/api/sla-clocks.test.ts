import { expect, test } from 'vitest'
import { api } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, bob, initech, unknownId } from '../support/world.ts'

describeRouteRights('sla-clocks')

test('the clocks of a ticket of another team are not found, like those of an unknown one', async () => {
  for (const id of [initech.tickets.dans, unknownId])
    expect((await api(bob, 'GET', `/teams/${acme.id}/tickets/${id}/sla`)).status).toBe(404)
})
