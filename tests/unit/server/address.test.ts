import { describe, expect, test } from 'vitest'
import {
  AddressRefusal,
  UnresolvedName,
  isPublicAddress,
  readAllowed,
  readTarget,
  resolveTarget,
  type AddressPolicy
} from '#server/adapters/address'

const strict: AddressPolicy = { allowed: [], ownHosts: ['desk.example.com'] }
const allowing = (list: string): AddressPolicy => ({ ...strict, allowed: readAllowed(list) })
const resolverOf =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })))

function refusal(url: string, policy = strict): string | null {
  try {
    readTarget(url, policy)
    return null
  } catch (error) {
    if (error instanceof AddressRefusal) return error.rule
    throw error
  }
}

describe('readTarget of a webhook URL', () => {
  test.each([
    'https://example.com',
    'http://example.com/',
    'https://example.com:443/a?b=c',
    'https://example.com:8443/',
    'http://93.184.215.14/hook',
    'https://[2606:4700::1111]/',
    'HTTPS://EXAMPLE.COM/',
    'https://müller.example/ü',
    'https://example.com./'
  ])('accepts a public URL: %s', url => expect(refusal(url)).toBeNull())

  test.each([
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_x',
    'ftp://example.com/',
    'data:text/html,x',
    'javascript:alert(1)',
    'blob:https://example.com/x',
    'ws://example.com/',
    'wss://example.com/',
    'mailto:a@b.test'
  ])('refuses a scheme other than http and https: %s', url => expect(refusal(url)).toBe('scheme'))

  test.each([
    '',
    'example.com',
    '//example.com',
    'https://',
    'http:127.0.0.1',
    'https:example.com',
    'https:/example.com',
    'http:///127.0.0.1',
    'http://ok.example\\@127.0.0.1',
    'http://127.0.0.1\\',
    'http://exa mple.com',
    'http://127.0\n.0.1/',
    'http://127.0\t.0.1',
    'http://\r\n127.0.0.1/',
    'https://example.com/\u0000',
    'https://[::1',
    'http://256.1.1.1/',
    'http://0x100000000/',
    'https://exa%00mple.com'
  ])('refuses a malformed or ambiguous URL: %j', url => expect(refusal(url)).toBe('malformed'))

  test.each([
    'https://user@example.com/',
    'https://user:password@example.com/',
    'http://ok.example@127.0.0.1',
    'http://@127.0.0.1/',
    'http://:@example.com/',
    'http://127.0.0.1:80@example.com'
  ])('refuses credentials: %s', url => expect(refusal(url)).toBe('credentials'))

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '017700000001',
    '0',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '127.0.0.1\u00ad',
    '127.0.0.1.',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[5f00::1]',
    '[4000::1]',
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '0.0.0.0',
    '0.1.2.3',
    '3232235777',
    '100.100.100.200',
    '168.63.129.16'
  ])('refuses a private address in any spelling: %s', url => expect(refusal(`http://${url}/`)).toBe('private_address'))

  test('refuses a private address before a fragment', () => expect(refusal('http://127.0.0.1#@ok.example')).toBe('private_address'))

  test.each([
    'localhost',
    'localhost.',
    'LOCALHOST',
    'foo.localhost',
    'foo.localhost.',
    'metadata.google.internal',
    'metadata',
    'intranet',
    'router.home.arpa',
    'printer.local',
    'nas.lan',
    'db.internal',
    'x.onion'
  ])('refuses a host name of a private network: %s', host => expect(refusal(`https://${host}/`)).toBe('private_name'))

  test.each(['22', '25', '5432', '6379', '3000', '8080', '1', '65535'])('refuses a port other than 80, 443 and 8443: %s', port =>
    expect(refusal(`https://example.com:${port}/`)).toBe('port')
  )

  test.each(['https://desk.example.com/api', 'https://DESK.example.com./', 'http://desk.example.com:8443/'])(
    'refuses the own host: %s',
    url => expect(refusal(url)).toBe('own_host')
  )

  test('a URL loses its fragment and is normalised', () => {
    expect(readTarget('HTTPS://Example.COM:443/a b'.replace(' ', '%20') + '?x=1#y', strict).url.href).toBe('https://example.com/a%20b?x=1')
  })
})

describe('addresses that the operator allows', () => {
  test('the operator can allow a host with all its ports, one port of a host, or a network', () => {
    const policy = allowing('hooks.lan, 10.1.2.3:9000, [fd00::7]:9000, fd00::8, 192.168.0.0/16, desk.example.com:443')
    for (const url of [
      'http://hooks.lan/',
      'http://hooks.lan:5678/',
      'http://10.1.2.3:9000/',
      'http://[fd00::7]:9000/',
      'http://[fd00::8]:22/',
      'http://192.168.7.7:25/',
      'http://[::ffff:192.168.7.7]/',
      'https://desk.example.com/'
    ])
      expect(refusal(url, policy), url).toBeNull()
    expect(
      [
        'http://a.hooks.lan/',
        'http://10.1.2.3/',
        'http://10.1.2.3:9001/',
        'http://10.1.2.4:9000/',
        'http://[fd00::7]/',
        'http://192.169.0.1:25/',
        'https://desk.example.com:8443/',
        'https://user@hooks.lan/',
        'ftp://hooks.lan/'
      ].map(url => refusal(url, policy))
    ).toEqual([
      'private_name',
      'private_address',
      'private_address',
      'private_address',
      'private_address',
      'port',
      'own_host',
      'credentials',
      'scheme'
    ])
  })

  test('the list of allowed addresses can be empty', () => expect([readAllowed(''), readAllowed(' , ')]).toEqual([[], []]))

  test.each(['http://hooks.lan', 'hooks.lan/x', '10.0.0.0/99', 'a b', 'user@host', 'host:port'])(
    'an invalid list of allowed addresses is refused: %s',
    list => expect(() => readAllowed(list)).toThrow()
  )
})

describe('resolveTarget of a host name', () => {
  const target = readTarget('https://hooks.example.com/', strict)

  test('resolveTarget answers all addresses when each is public', async () => {
    expect(await resolveTarget(target, strict, resolverOf('93.184.215.14', '2606:4700::1111'))).toEqual([
      { address: '93.184.215.14', family: 4 },
      { address: '2606:4700::1111', family: 6 }
    ])
  })

  test.each([
    ['127.0.0.1'],
    ['93.184.215.14', '10.0.0.1'],
    ['93.184.215.14', '::1'],
    ['93.184.215.14', 'fd00:ec2::254'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::a9fe:a9fe'],
    ['not an address']
  ])('resolveTarget refuses a name when one address is not public: %j', async (...addresses) => {
    await expect(resolveTarget(target, strict, resolverOf(...addresses))).rejects.toMatchObject({ rule: 'private_address' })
  })

  test('resolveTarget accepts private addresses of an allowed name, and addresses of an allowed network', async () => {
    expect(
      await resolveTarget(readTarget('http://hooks.lan:1/', allowing('hooks.lan')), allowing('hooks.lan'), resolverOf('10.0.0.1'))
    ).toHaveLength(1)
    expect(await resolveTarget(target, allowing('10.0.0.0/8'), resolverOf('10.0.0.1', '93.184.215.14'))).toHaveLength(2)
    await expect(resolveTarget(target, allowing('10.0.0.0/8'), resolverOf('10.0.0.1', '127.0.0.1'))).rejects.toMatchObject({
      rule: 'private_address'
    })
  })

  test('resolveTarget throws UnresolvedName without addresses', async () => {
    await expect(resolveTarget(target, strict, resolverOf())).rejects.toBeInstanceOf(UnresolvedName)
  })
})

test('a NAT64 or IPv4-mapped address is public when its IPv4 address is, and a 6to4 address never is', () => {
  expect(['64:ff9b::5db8:d70e', '::ffff:93.184.215.14', '64:ff9b::7f00:1', '2002:5db8:d70e::1'].map(isPublicAddress)).toEqual([
    true,
    true,
    false,
    false
  ])
})
