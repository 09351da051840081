import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { runInTurn, type Turn } from '#server/utils/turns'

afterEach(() => {
  vi.useRealTimers()
})

const refusal = () => new Error('Too many')

/** Work that lasts until it is let go. */
function holdTurn() {
  let letGo!: () => void
  const done = new Promise<void>(resolve => (letGo = resolve))
  return { work: () => done, letGo }
}

describe('turns', () => {
  test('as many as there are places work at once, the others in their order', async () => {
    let active = 0
    let most = 0
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        runInTurn(
          [{ key: 'a', most: 3 }],
          async () => {
            most = Math.max(most, ++active)
            order.push(at)
            await sleep(1)
            active--
          },
          refusal
        )
      )
    )
    expect(most).toBe(3)
    expect(order).toEqual(Array.from({ length: 10 }, (_, at) => at))
  })

  test('who waits holds up nobody who has a place elsewhere', async () => {
    const first = holdTurn()
    const turns = (person: string): Turn[] => [
      { key: person, most: 1 },
      { key: 'everybody', most: 2 }
    ]
    const slow = runInTurn(turns('mallory'), first.work, refusal)
    const waiting = runInTurn(turns('mallory'), () => Promise.resolve('second'), refusal)
    expect(await runInTurn(turns('bob'), () => Promise.resolve('bob'), refusal)).toBe('bob')
    first.letGo()
    await slow
    expect(await waiting).toBe('second')
  })

  test('a place is free again after work that fails', async () => {
    await expect(runInTurn([{ key: 'b', most: 1 }], () => Promise.reject(new Error('broken')), refusal)).rejects.toThrow('broken')
    expect(await runInTurn([{ key: 'b', most: 1 }], () => Promise.resolve(1), refusal)).toBe(1)
  })

  test('after ten seconds of waiting the work is refused, and the place that it held is free', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const first = holdTurn()
    const slow = runInTurn([{ key: 'c', most: 1 }], first.work, refusal)
    const late = runInTurn(
      [
        { key: 'mine', most: 1 },
        { key: 'c', most: 1 }
      ],
      () => Promise.resolve(1),
      refusal
    )
    const refused = expect(late).rejects.toThrow('Too many')
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
    expect(await runInTurn([{ key: 'mine', most: 1 }], () => Promise.resolve(2), refusal)).toBe(2)
    first.letGo()
    await slow
    expect(await runInTurn([{ key: 'c', most: 1 }], () => Promise.resolve(3), refusal)).toBe(3)
  })
})
