import { describe, expect, test } from 'vitest'
import { hasFailedSince, jobFailure, jobTitle, scheduleName, scheduleText } from '~/utils/job/job'
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

describe('a schedule as text', () => {
  const schedule = (cron: string) => ({ name: 'close-resolved-tickets', cron, completed_at: null, failed_at: null })
  test('a schedule has a readable name', () => expect(scheduleName(schedule('* * * * *'))).toBe('Close resolved tickets'))
  test.each([
    ['* * * * *', 'Every minute'],
    ['*/5 * * * *', 'Every 5 minutes'],
    ['0 * * * *', 'Every hour'],
    ['30 * * * *', 'Every hour at 30 minutes'],
    ['5 3 * * *', 'Every day at 03:05 UTC'],
    ['0 3 * * 1', '0 3 * * 1'],
    ['x', 'x']
  ])('the cron expression %s is shown as text', (cron, text) => expect(scheduleText(schedule(cron))).toBe(text))

  test('a schedule has failed since its last success only when the failure is later', () => {
    const [earlier, later] = ['2026-11-21T08:00:00Z', '2026-11-21T09:00:00Z']
    expect(hasFailedSince({ ...schedule(''), failed_at: earlier })).toBe(true)
    expect(hasFailedSince({ ...schedule(''), failed_at: later, completed_at: earlier })).toBe(true)
    expect(hasFailedSince({ ...schedule(''), failed_at: earlier, completed_at: later })).toBe(false)
    expect(hasFailedSince(schedule(''))).toBe(false)
  })
})
