/** A mistake of the operator's: shown as one line, without a stack. */
export class SettingsError extends Error {}
