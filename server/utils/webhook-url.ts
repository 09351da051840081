import { maxUrlLength } from '#shared/schemas/webhook'
import {
  AddressRefusal,
  UnresolvedName,
  readAllowed,
  readTarget,
  resolveTarget,
  type AddressPolicy,
  type Target
} from '../adapters/address'

let policy: AddressPolicy | undefined

/** Where webhooks may go from this installation. Throws where WEBHOOK_ALLOW_PRIVATE cannot be read. */
export function addressPolicy(): AddressPolicy {
  if (policy) return policy
  const {
    webhookAllowPrivate,
    public: { siteUrl, supabase }
  } = useRuntimeConfig()
  const ownHosts = [siteUrl, supabase.url].filter(url => URL.canParse(url)).map(url => new URL(url).hostname)
  return (policy = { allowed: readAllowed(String(webhookAllowPrivate)), ownHosts })
}

/**
 * The URL as it will be called. Throws 422 `url_refused` with the rule that it breaks; a name that leads nowhere is taken:
 * the receiver may be set up later. Each attempt looks again.
 */
export async function checkWebhookUrl(text: string): Promise<string> {
  try {
    const target = readTarget(text, addressPolicy())
    await resolveTarget(target, addressPolicy())
    return normalisedUrl(target)
  } catch (error) {
    if (error instanceof UnresolvedName) return normalisedUrl(readTarget(text, addressPolicy()))
    if (!(error instanceof AddressRefusal)) throw error
    throw failure(422, 'url_refused', error.message, { rule: error.rule, issues: [{ path: 'url', message: error.message }] })
  }
}

// What is not ASCII is longer when it is called than when it was typed.
function normalisedUrl({ url: { href } }: Target): string {
  if (href.length <= maxUrlLength) return href
  const message = `URL must be at most ${maxUrlLength} characters, as it is called`
  throw failure(400, 'invalid', message, { issues: [{ path: 'url', message }] })
}
