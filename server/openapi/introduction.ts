/** Markdown, of which the page of the reference shows paragraphs, headings and code only. */
export const introduction = `The pages of Switchboard use this API for everything they do, and your programs can use it too. Requests and answers are JSON in UTF-8. Names are in snake_case, times in ISO 8601.

## Authentication

A program sends an API key of its team in the header \`X-Api-Key\`. It calls the routes of that team below \`/api/v1\`:

\`\`\`
curl https://your.switchboard/api/v1/tickets -H "X-Api-Key: $SWITCHBOARD_KEY"
\`\`\`

A person may be in several teams, so the same routes also exist below \`/api/teams/{teamId}\`. They accept the session cookie of a signed-in browser, and \`Authorization: Bearer\` with the access token of a session. Send only one identity with a request.

## Keys and scopes

Owners and admins create keys in the team's settings under API keys. A key acts as one member, often a service agent that was created for it, and may never do more than that member. Its scopes restrict it further: \`read\` reads; \`write\` creates and changes tickets and replies; \`assign\`, together with \`write\`, assigns tickets to members, and is only for keys that act as an owner, an admin or a service agent; \`export\` downloads tickets and the audit log.

Keys never manage members, invitations, webhooks or keys. A key is shown only once. Rotating a key revokes the old one at once.

## Errors

All errors have the same shape. \`code\` is a stable name for programs, \`message\` is a sentence for people, and \`issues\` lists the invalid fields.

\`\`\`
{ "statusCode": 400, "statusMessage": "Bad Request", "message": "Subject is required",
  "data": { "code": "invalid", "issues": [{ "path": "subject", "message": "Subject is required" }] } }
\`\`\`

A ticket that you may not see answers 404, like one that does not exist. Unknown fields and parameters are refused, so that you notice typing errors. Answers may gain fields: ignore those that you do not know.

## Paging

Without parameters a list is a plain array of at most 1,000 rows and 4 MB of JSON, with \`X-Truncated: true\` when there are more rows. With \`page\`, counted from 1, it is a page: an object with \`data\` and \`total\`.

Tickets, events, notifications and deliveries also accept \`cursor\`. Start with an empty one, and continue with \`next_cursor\` until it is null. Cursors neither skip nor repeat rows when rows are added or removed. \`page_size\`, at most 100, works with both.

Three lists differ without parameters: deliveries are the first page of a cursor, tags are the 20 most used, and jobs are the first 100 with the counts of all.

## Concurrent changes

A ticket has a \`version\`. Send the version that you have read, in the body or as \`If-Match: "7"\`. When somebody has changed the ticket since, the answer is 412 with the current ticket. A deletion also accepts \`If-Match\`.

## Retries

Send a \`POST\` with an \`Idempotency-Key\`, for example a UUID, and you can safely repeat it: for a day, a request with the same key is done only once. A repeated request gets the first answer, with \`Idempotency-Replayed: true\`. The same key with another body answers 422 \`idempotency_mismatch\`.

## Rate limits

A key may send 600 requests a minute, and up to 100 at once. 120 requests a minute may create tickets and replies. Every answer to a key has \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds). Beyond the limit the answer is 429, and \`Retry-After\` says after how many seconds to try again.

People and teams have further limits, which normal use does not reach: for searches, reports, downloads, new tickets and replies, invitations, calls to webhooks, and changes in total. Their answer is also 429. Failed requests count as well.

## Webhooks

Webhooks send events to your server as they happen, with a signature over the raw body. Set them up in the team's settings.
`
