import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Spool } from '#server/utils/spool'

const openFiles = () =>
  readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('.spool')
    } catch {
      return false // closed since readdirSync
    }
  }).length

describe('a spool', () => {
  test('a spool can be read while it is written, and again afterwards', async () => {
    const spool = await Spool.open()
    const pieces = Array.from({ length: 50 }, () => randomBytes(20_000))
    const read = buffer(spool.read())
    await spool.write(
      (async function* () {
        for (const piece of pieces) {
          yield piece
          await setImmediate()
        }
      })()
    )
    expect(Buffer.compare(await read, Buffer.concat(pieces))).toBe(0)
    expect(Buffer.compare(await buffer(spool.read()), Buffer.concat(pieces)), 'second reader').toBe(0)
    await spool.close()
  })

  test('a spool is written completely without a reader', async () => {
    const spool = await Spool.open()
    let produced = 0
    await spool.write(
      (async function* () {
        for (; produced < 100; produced++) yield 'x'.repeat(10_000)
      })()
    )
    expect(produced).toBe(100)
    expect((await buffer(spool.read())).length).toBe(1_000_000)
    expect(String(await spool.readHead(3))).toBe('xxx')
    expect((await spool.readHead(2_000_000)).length).toBe(1_000_000)
    await spool.close()
  })

  test('a spool rejects for the writer and the reader when its source fails', async () => {
    const spool = await Spool.open()
    const read = buffer(spool.read()).catch((error: Error) => error.message)
    await expect(
      spool.write(
        (async function* () {
          yield 'some'
          await setImmediate()
          throw new Error('The database went away')
        })()
      )
    ).rejects.toThrow('The database went away')
    expect(await read).toBe('The database went away')
    await spool.close()
  })

  test('a closed spool leaves no open file behind', async () => {
    const before = openFiles()
    const spool = await Spool.open()
    expect(openFiles()).toBe(before + 1)
    await spool.close()
    expect(openFiles()).toBe(before)
  })
})
