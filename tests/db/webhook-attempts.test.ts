import { expect, test } from 'vitest'
import { as, service } from '../support/as.ts'
import { acme } from '../support/world.ts'

test('the stored response of a webhook attempt has at most 4,096 bytes', async () => {
  await expect(
    as(service, sql => sql`update webhook_attempts set response = ${'é'.repeat(2_049)} where delivery_id = ${acme.delivery}`)
  ).rejects.toMatchObject({ code: '23514' })
})
