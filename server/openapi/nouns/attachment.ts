import { archiveQuery } from '#shared/schemas/attachment'
import { attachment, upload } from '#shared/schemas/answers/attachment'
import { deleted, file, json, type Noun } from '../describe'

/** Why the uploads of a message cannot be sent, by status 409 and 422. */
export const unsendable =
  '`upload_used`: a file was sent already. `upload_unfinished`: it is not uploaded completely. `upload_unscanned`: the team blocks files that the virus scanner has not seen.'
export const infected = '`upload_infected`: a file is infected.'

const multipart = ['multipart/form-data'] as const
const received =
  'The body is `multipart/form-data` with one field `file` of at most 25 MB (26,214,400 bytes). The type is determined from the content.'
const refusals = {
  408: 'No part of the file arrived for 30 seconds.',
  422: '`upload_infected`: the virus scanner refused the file, which is not stored. `empty_file`: it has no bytes. `too_many_uploads`: 100 files of the caller wait to be sent.',
  502: '`storage_failed`: the file storage does not answer.'
}
const attachRefusals = {
  ...refusals,
  409: '`upload_unscanned`: the team blocks files that the virus scanner has not seen. The file waits as an upload of the caller; the same request with its Idempotency-Key attaches it after the scan.',
  422: `${refusals[422]} \`too_many_attachments\`: a reply has at most 10 files, and a ticket at most 100 besides its replies.`
}

export const attachments: Noun = {
  name: 'Attachments',
  description:
    'Files of tickets and replies. A file is uploaded first; it becomes an attachment when a ticket or reply is created with its id in `upload_ids`.',
  routes: {
    'POST /teams/[teamId]/uploads': {
      id: 'createUpload',
      summary: 'Upload a file',
      description: `${received} An upload that is not sent is deleted after 24 hours.`,
      permission: 'attachments.create',
      file: multipart,
      answers: { 201: json(upload, 'The upload, which only its uploader sees.') },
      refusals
    },
    'GET /teams/[teamId]/uploads/[uploadId]': {
      id: 'getUpload',
      summary: 'Read an upload that is not sent yet',
      permission: 'attachments.create',
      answers: { 200: json(upload, 'The upload. 404 after it was sent.') }
    },
    'DELETE /teams/[teamId]/uploads/[uploadId]': {
      id: 'deleteUpload',
      summary: 'Delete an upload that is not sent yet',
      permission: 'attachments.create',
      answers: deleted
    },
    'POST /teams/[teamId]/tickets/[ticketId]/attachments': {
      id: 'attachToTicket',
      summary: 'Upload a file to a ticket',
      description: `${received} In a closed ticket, only callers who may close tickets can add files.`,
      permission: 'attachments.create',
      file: multipart,
      answers: { 201: json(attachment, 'The new attachment.') },
      refusals: attachRefusals
    },
    'POST /teams/[teamId]/replies/[replyId]/attachments': {
      id: 'attachToReply',
      summary: 'Upload a file to a reply',
      description: `${received} Only the author of a reply can add files to it.`,
      permission: 'attachments.create',
      file: multipart,
      answers: { 201: json(attachment, 'The new attachment.') },
      refusals: attachRefusals
    },
    'GET /teams/[teamId]/attachments/[attachmentId]': {
      id: 'downloadAttachment',
      summary: 'Download a file',
      description: 'PNG, JPEG, GIF and WebP images are shown, everything else is downloaded. One `Range` of bytes is supported.',
      permission: 'tickets.view',
      answers: {
        200: file('The content.', '*/*'),
        206: file('The part that `Range` asks for.', '*/*'),
        304: { description: 'The picture still has the `ETag` from `If-None-Match`.' }
      },
      refusals: {
        409: '`attachment_unscanned`: the team blocks files that the virus scanner has not seen.',
        410: '`attachment_removed`, `attachment_infected`: the content is deleted.',
        416: '`range`: the file has no such range.',
        502: '`storage_failed`: the file storage does not answer.'
      }
    },
    'GET /teams/[teamId]/attachments.zip': {
      id: 'downloadArchive',
      summary: 'Download all files of a ticket',
      description:
        'A zip file with the files of the ticket and of its replies, including internal notes. Removed and infected files are left out, and unscanned ones if the team blocks them; `MISSING.txt` in the archive then names them.',
      permission: 'tickets.view',
      query: archiveQuery,
      answers: { 200: file('The archive.', 'application/zip') },
      refusals: { 413: '`too_large`: the files are more than 500 MB together, or more than 1,000.' }
    },
    'DELETE /teams/[teamId]/attachments/[attachmentId]': {
      id: 'removeAttachment',
      summary: 'Remove a file',
      description:
        'Deletes the content; the attachment stays and says who removed it. The uploader may do this, and every caller with `attachments.delete_any`.',
      permission: 'attachments.create',
      answers: deleted
    }
  }
}
