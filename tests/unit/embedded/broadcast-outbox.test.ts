import { expect, test } from 'vitest'
import { BroadcastOutbox } from '../../../supabase/embedded/realtime/broadcast-outbox.ts'
import type { Frame } from '../../../supabase/embedded/realtime/serializer.ts'

test('BroadcastOutbox holds up to maxHeldBytes until it opens, and then reports an overflow', () => {
  const sent: Frame[] = []
  let overflows = 0
  const outbox = new BroadcastOutbox(frame => sent.push(frame), { maxHeldBytes: 10, onOverflow: () => overflows++ })
  outbox.add('1', 'aaaaa')
  outbox.add('2', Buffer.from('bbbbb'))
  expect([sent.length, overflows]).toEqual([0, 0])
  outbox.add('3', 'c')
  expect([sent.length, overflows]).toEqual([0, 1])
  outbox.open([], () => {})
  expect(sent.map(String)).toEqual(['aaaaa', 'bbbbb'])
  outbox.add('4', 'a frame that is longer than maxHeldBytes')
  expect([sent.length, overflows]).toEqual([3, 1])
})
