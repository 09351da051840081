import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { runInTurn, type Turn } from '#server/utils/turns'

afterEach(() => {
  vi.useRealTimers()
})

const refusal = () => new Error('Too many')

/** Work that runs until `release` is called. */
function pendingWork() {
  let release!: () => void
  const done = new Promise<void>(resolve => (release = resolve))
  return { work: () => done, release }
}

describe('runInTurn', () => {
  test('runInTurn runs `most` calls at once, and the others in their order', async () => {
    let active = 0
    let most = 0
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        runInTurn(
          [{ key: 'a', max: 3 }],
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

  test('a caller who waits for their own turn does not block other callers', async () => {
    const first = pendingWork()
    const turns = (person: string): Turn[] => [
      { key: person, max: 1 },
      { key: 'everybody', max: 2 }
    ]
    const slow = runInTurn(turns('mallory'), first.work, refusal)
    const waiting = runInTurn(turns('mallory'), () => Promise.resolve('second'), refusal)
    expect(await runInTurn(turns('bob'), () => Promise.resolve('bob'), refusal)).toBe('bob')
    first.release()
    await slow
    expect(await waiting).toBe('second')
  })

  test('a turn is free again when its work fails', async () => {
    await expect(runInTurn([{ key: 'b', max: 1 }], () => Promise.reject(new Error('broken')), refusal)).rejects.toThrow('broken')
    expect(await runInTurn([{ key: 'b', max: 1 }], () => Promise.resolve(1), refusal)).toBe(1)
  })

  test('work is refused after ten seconds of waiting, and the turns that it held are free again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const first = pendingWork()
    const slow = runInTurn([{ key: 'c', max: 1 }], first.work, refusal)
    const late = runInTurn(
      [
        { key: 'mine', max: 1 },
        { key: 'c', max: 1 }
      ],
      () => Promise.resolve(1),
      refusal
    )
    const refused = expect(late).rejects.toThrow('Too many')
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
    expect(await runInTurn([{ key: 'mine', max: 1 }], () => Promise.resolve(2), refusal)).toBe(2)
    first.release()
    await slow
    expect(await runInTurn([{ key: 'c', max: 1 }], () => Promise.resolve(3), refusal)).toBe(3)
  })
})
