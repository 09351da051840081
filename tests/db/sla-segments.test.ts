import { test } from 'vitest'
import { service, session } from '../support/as.ts'
import { liveRandomly } from '../support/sla-life.ts'

// SLA_LIVES=1000 tries a thousand, in about a quarter of an hour.
const lives = Number(process.env.SLA_LIVES ?? 8)

test.each(Array.from({ length: lives }, (_, seed) => seed))(
  'the segments of a ticket with a random life (%i) add up after every step',
  seed => session(service, session => liveRandomly(session, seed, 12))
)
