import { LazyAuthPasswordModal } from '#components'

/**
 * Sends a request that needs a recent sign-in. If the server answers `reauthentication_required`, a dialog asks for the password and
 * the request is sent again. If the person cancels, the error of the server is thrown.
 */
export function useRecentSignIn() {
  const overlay = useOverlay()
  const { rememberFocus, restoreFocus } = useFocusReturn()

  return async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      return await request()
    } catch (error) {
      if (codeOf(error) !== 'reauthentication_required') throw error
      rememberFocus()
      const isSignedIn = await overlay.create(LazyAuthPasswordModal, { destroyOnClose: true }).open({ restoreFocus }).result
      if (isSignedIn !== true) throw error
      return request()
    }
  }
}
