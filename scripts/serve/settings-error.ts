/** A mistake of the operator, shown as one line without a stack trace. */
export class SettingsError extends Error {}
