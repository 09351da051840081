import { describe, expect, test } from 'vitest'
import { jobFailure, jobTitle } from '~/utils/job/job'
import type { Job } from '#shared/types/api'

const job = (change: Partial<Job>): Job => ({
  id: 'event-1',
  kind: 'event',
  type: 'ticket.created',
  about: null,
  state: 'waiting',
  attempts: 0,
  next_attempt_at: null,
  error: null,
  created_at: '2026-11-21T08:00:00Z',
  ...change
})

describe('jobTitle', () => {
  test.each([
    [
      { kind: 'event', about: '#012' },
      { does: 'Dispatch of ticket.created', about: '#012' }
    ],
    [{ kind: 'event', type: 'member.added' }, { does: 'Dispatch of member.added' }],
    [
      { kind: 'mail', type: 'public_reply', about: 'rita@client.test' },
      { does: 'Reply to', about: 'rita@client.test' }
    ],
    [
      { kind: 'mail', type: 'something_new', about: 'rita@client.test' },
      { does: 'Mail to', about: 'rita@client.test' }
    ],
    [
      { kind: 'delivery', about: 'n8n' },
      { does: 'ticket.created to', about: 'n8n' }
    ],
    [
      { kind: 'bulk', type: 'set_priority', about: '200 of 10000' },
      { does: 'Bulk change: set priority,', about: '200 of 10000' }
    ]
  ] as [Partial<Job>, unknown][])('the title names the job %o', (change, title) => expect(jobTitle(job(change))).toEqual(title))
})

test('jobFailure explains the error of a job', () => {
  expect(jobFailure(job({}))).toBeNull()
  expect(jobFailure(job({ kind: 'mail', error: '550 no such mailbox' }))).toBe('550 no such mailbox')
  expect(jobFailure(job({ kind: 'delivery', error: 'dns' }))).toBe('The host name could not be resolved')
  expect(jobFailure(job({ kind: 'delivery', error: 'status' }))).toBe('The receiver did not answer with success')
  expect(jobFailure(job({ kind: 'delivery' }))).toBeNull()
})
