// People sign in with a password or a link: of passkeys, the auth client needs no more than that there are none.
function refuse(): never {
  throw new Error('This product signs nobody in with a passkey')
}

export class WebAuthnApi {
  enroll = refuse
  challenge = refuse
  verify = refuse
  authenticate = refuse
  register = refuse
}

export {
  refuse as createCredential,
  refuse as getCredential,
  refuse as deserializeCredentialCreationOptions,
  refuse as deserializeCredentialRequestOptions,
  refuse as serializeCredentialCreationResponse,
  refuse as serializeCredentialRequestResponse
}
export const browserSupportsWebAuthn = () => false
export const webAuthnAbortService = { createNewAbortSignal: refuse, cancelCeremony: refuse }
