/** Kinds of mails to the client of a ticket. `public.mails` has the same kinds and states; a test compares them. */
export const clientMailKinds = [
  'ticket_received',
  'public_reply',
  'status_changed',
  'assigned',
  'rating_request',
  'participant_invitation'
] as const

/** Those that a team can switch off. Whether it asks for ratings depends on `rating_delay_minutes`. */
export const optionalMailKinds = ['ticket_received', 'public_reply', 'status_changed', 'assigned'] as const

export const mailStates = ['waiting', 'sent', 'merged', 'cancelled', 'suppressed', 'failed'] as const

export const mailLevels = ['new', 'known', 'established'] as const
