import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { limitedRoutes, limits, limitsOf, requestLimits, shares, type Limit } from '#server/limits'
import { readRouteFiles } from '../../support/routes.ts'

const asRouted = (route: string) => route.replace(' ', ' /api').replace(/\[(\w+)\]/g, ':$1')

describe('the table of rate limits', () => {
  test('the table names only existing routes, each once', () => {
    const outside = globSync('server/routes/**/*.post.ts').map(
      file => `POST ${/^server\/routes(.*)\.post\.ts$/.exec(file)![1]!.replace(/\[(\w+)\]/g, ':$1')}`
    )
    const routes = [...readRouteFiles().map(asRouted), ...outside]
    expect(limitedRoutes.filter(route => !routes.includes(route))).toEqual([])
    expect(new Set(limitedRoutes.map(route => route)).size).toBe(limitedRoutes.length)
  })

  test('every writing route is charged to the limit “write”, and a plain read to none', () => {
    for (const route of readRouteFiles().map(asRouted)) {
      const [method, path] = route.split(' ') as [string, string]
      const { kinds } = limitsOf(method, path, {})
      expect(kinds.includes('write'), route).toBe(method !== 'GET')
    }
    expect(limitsOf('GET', '/api/teams/:teamId/tickets/:ticketId', {}).kinds).toEqual([])
    expect(limitsOf('GET', '/api/teams/:teamId/tickets', {})).toEqual({ kinds: [], isHeavy: true })
    for (const pages of ['page', 'cursor'])
      expect(limitsOf('GET', '/api/teams/:teamId/tickets', { [pages]: '' })).toEqual({ kinds: [], isHeavy: false })
    expect(limitsOf('GET', '/api/teams/:teamId/tickets', { q: 'vpn' })).toEqual({ kinds: ['search'], isHeavy: true })
  })

  test('every download, search and summary is limited', () => {
    for (const route of readRouteFiles()
      .map(asRouted)
      .filter(route => /\.csv$|\.zip$|\/search$|\/summary$/.test(route)))
      expect(limitedRoutes, route).toContain(route)
  })

  test('limits are above normal use: 15 requests, 3 changes and 3 searches per second and person', () => {
    expect(requestLimits.person.amount / requestLimits.person.seconds).toBeGreaterThan(15)
    const rate = ({ amount, seconds }: Limit) => amount / seconds
    expect(rate(limits.write.person)).toBeGreaterThan(3)
    expect(rate(limits.search.person)).toBeGreaterThanOrEqual(3)
    expect(rate(limits.write.team), '50 agents with one change per second each').toBeGreaterThanOrEqual(50)
    expect(rate(limits.search.team), '25 agents with one search per second each').toBeGreaterThanOrEqual(25)
  })

  test('no caller and no team can take all database connections', () => {
    for (const { principal, team, all } of Object.values(shares)) {
      expect(principal).toBeLessThanOrEqual(team)
      expect(team).toBeLessThan(all)
    }
    expect(shares.heavy.all).toBeLessThan(shares.any.all / 2)
  })
})
