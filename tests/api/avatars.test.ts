import { describe, expect, test } from 'vitest'
import type { Profile } from '#shared/types/api'
import { api, expectError, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { bob, dan, unknownId, vera, type Person } from '../support/world.ts'

describeRouteRights('avatars')

const pictures = {
  'image/png': Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  'image/jpeg': Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP', 'base64'),
  'image/webp': Buffer.from('UklGRiIAAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA=', 'base64')
}

const send = (person: Person, content: Buffer, type = 'image/png') =>
  api<Profile>(person, 'PUT', '/profile/avatar', undefined, { raw: new Uint8Array(content), headers: { 'content-type': type } })

async function fetchPicture(person: Person | null, path: string) {
  const response = await fetch(`${product().baseUrl}${path}`, {
    headers: person ? { authorization: `Bearer ${await signIn(person)}` } : {}
  })
  return { status: response.status, headers: response.headers, content: Buffer.from(await response.arrayBuffer()) }
}

describe('avatars', () => {
  test.each(Object.entries(pictures))(
    'an avatar in %s is stored byte for byte and served with its own content type',
    async (type, content) => {
      await newTeam() // Bob and Vera share a team
      const { status, body } = await send(bob, content, type)
      expect(status).toBe(200)
      for (const person of [bob, vera]) {
        const picture = await fetchPicture(person, body.avatar_url!)
        expect(picture.status).toBe(200)
        expect(picture.content.equals(content)).toBe(true)
        expect(picture.headers.get('content-type')).toBe(type)
        expect(picture.headers.get('cache-control')).toContain('private')
        expect(picture.headers.get('content-security-policy')).toContain('sandbox')
        expect(picture.headers.get('x-content-type-options')).toBe('nosniff')
      }
      await api(bob, 'DELETE', '/profile/avatar')
    }
  )

  test('an avatar answers 404 to people who share no team with its owner, and 401 without a session', async () => {
    const { body } = await send(bob, pictures['image/png'])
    expect((await fetchPicture(dan, body.avatar_url!)).status).toBe(404)
    expect((await fetchPicture(null, body.avatar_url!)).status).toBe(401)
    const [foreign, missing] = [await api(dan, 'GET', `/avatars/${bob.id}`), await api(dan, 'GET', `/avatars/${unknownId}`)]
    expectError(foreign, 404)
    expect(foreign.body).toEqual(missing.body)
    await api(bob, 'DELETE', '/profile/avatar')
  })

  test('an avatar gets a new address when it changes, and answers 404 after it was removed', async () => {
    const first = (await send(bob, pictures['image/png'])).body.avatar_url
    const second = (await send(bob, pictures['image/webp'], 'image/webp')).body.avatar_url
    expect(second).not.toBe(first)
    expect((await api<Profile>(bob, 'DELETE', '/profile/avatar')).body.avatar_url).toBeNull()
    expect((await fetchPicture(bob, second!)).status).toBe(404)
  })

  const fakes: [string, Buffer][] = [
    ['HTML', Buffer.from('<script>alert(1)</script>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['GIF', Buffer.from('GIF89a')],
    ['an empty body', Buffer.alloc(0)],
    ['seven bytes of a PNG', pictures['image/png'].subarray(0, 7)],
    ['a RIFF file that is not WebP', Buffer.from('RIFF____WAVE')]
  ]
  test.each(fakes)('%s sent as image/png is refused as an avatar', async (_, content) => {
    expectError(await send(bob, content), 415, 'content_type')
    expect((await api<Profile>(bob, 'GET', '/profile')).body.avatar_url).toBeNull()
  })

  test('an avatar sent with a wrong content type is served with the type of its bytes', async () => {
    const { body } = await send(bob, pictures['image/png'], 'text/html')
    expect((await fetchPicture(bob, body.avatar_url!)).headers.get('content-type')).toBe('image/png')
    await api(bob, 'DELETE', '/profile/avatar')
  })

  test('an avatar of more than 256 kB answers 413, with or without a content-length', async () => {
    const large = Buffer.concat([pictures['image/png'], Buffer.alloc(256_001)])
    expectError(await send(bob, large), 413, 'too_large')
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 10; sent++) controller.enqueue(new Uint8Array(large.subarray(0, 50_000)))
        controller.close()
      }
    })
    const response = await fetch(`${product().baseUrl}/api/profile/avatar`, {
      method: 'PUT',
      body: stream,
      duplex: 'half',
      headers: { 'authorization': `Bearer ${await signIn(bob)}`, 'content-type': 'image/png' }
    } as RequestInit)
    expect(response.status).toBe(413)
    expect((await api<Profile>(bob, 'GET', '/profile')).body.avatar_url).toBeNull()
  })
})
