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

/** Which addresses webhooks may call. Throws when WEBHOOK_ALLOW_PRIVATE cannot be parsed. */
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
 * Returns the URL in its normal form. Throws 422 `url_refused` with the rule that the URL breaks. Accepts a host without a DNS record,
 * because the receiver may be set up later; each attempt checks the URL again.
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

// Punycode and percent-encoding make a URL longer than the typed text, which the schema has checked.
function normalisedUrl({ url: { href } }: Target): string {
  if (href.length <= maxUrlLength) return href
  const message = `URL must be at most ${maxUrlLength} characters when it is encoded`
  throw failure(400, 'invalid', message, { issues: [{ path: 'url', message }] })
}
