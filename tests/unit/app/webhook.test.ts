import { describe, expect, test } from 'vitest'
import { webhookEvents } from '#shared/schemas/webhook'
import { prettyJson, webhookEventGroups, webhookFailure, webhookHost, webhookState } from '~/utils/webhook/webhook'

test('the webhook form offers every event once', () => {
  const offered = webhookEventGroups.flatMap(({ events }) => events.map(({ value }) => value))
  expect(offered.toSorted()).toEqual([...webhookEvents].toSorted())
})

describe('webhookState', () => {
  const webhook = { is_active: true, disabled_reason: null, failing_since: null }

  test.each([
    [webhook, 'Active', 'success'],
    [{ ...webhook, failing_since: '2026-01-01T00:00:00Z' }, 'Failing', 'warning'],
    [{ ...webhook, is_active: false }, 'Off', 'neutral'],
    [{ ...webhook, is_active: false, disabled_reason: 'gone' as const }, 'Switched off', 'error'],
    [{ ...webhook, is_active: false, disabled_reason: 'failing' as const, failing_since: '2026-01-01T00:00:00Z' }, 'Switched off', 'error']
  ])('a webhook in state %j is labelled "%s"', (state, label, tone) => expect(webhookState(state)).toMatchObject({ label, tone }))
})

test('webhookFailure explains the error of a delivery', () => {
  expect([
    webhookFailure(null, 200),
    webhookFailure('status', 500),
    webhookFailure('redirect', 302),
    webhookFailure('gone', 410),
    webhookFailure('timeout', null)
  ]).toEqual([null, 'Answered 500', 'Answered 302: redirects are not followed', 'Answered 410', 'No answer in ten seconds'])
})

test('webhookHost is the host with its port, and no path', () => {
  expect([webhookHost('https://hooks.acme.test/a?key=b'), webhookHost('http://hooks.acme.test:8443/'), webhookHost('nonsense')]).toEqual([
    'hooks.acme.test',
    'hooks.acme.test:8443',
    'nonsense'
  ])
})

test('prettyJson indents JSON, and leaves other text alone', () => {
  expect([prettyJson('{"a":{"b":1}}'), prettyJson('<html>')]).toEqual(['{\n  "a": {\n    "b": 1\n  }\n}', '<html>'])
})
