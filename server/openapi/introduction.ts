/** What holds for every route, in markdown. */
export const introduction = `Everything that the pages of Switchboard do, they do through this API, and so can your programs. Requests and answers are JSON in UTF-8; names are written in snake_case, times in ISO 8601.

## Authentication

A program sends an API key of its team in the header \`X-Api-Key\`. It calls the routes of that team below \`/api/v1\`:

\`\`\`
curl https://your.switchboard/api/v1/tickets -H "X-Api-Key: $SWITCHBOARD_KEY"
\`\`\`

A person may be in several teams, so the same routes also stand below \`/api/teams/{teamId}\`. They are open to the session cookie of a browser that is signed in, and to \`Authorization: Bearer\` with the access token of a session. Send one identity with a request, never two.

## Keys and scopes

Owners and admins make keys in the team's settings under API keys. A key acts as one member, often a service agent that is made for it, and never does more than that member may. Its scopes narrow this further: \`read\` reads, \`write\` creates and changes tickets and replies, \`assign\` beside \`write\` gives tickets to members where an owner's or admin's key does, and \`export\` downloads them. Keys never administer members, invitations, webhooks or keys. A key is shown once; rotating it ends the old one at once.

## Errors

Every error has one shape. \`code\` is a stable name for programs, \`message\` a sentence for people; \`issues\` says which field is wrong.

\`\`\`
{ "statusCode": 400, "statusMessage": "Bad Request", "message": "Subject is required",
  "data": { "code": "invalid", "issues": [{ "path": "subject", "message": "Subject is required" }] } }
\`\`\`

What you may not see does not exist: another team's ticket answers 404, like one that never was. Unknown fields and parameters are refused, so that a typing error never goes unnoticed. Answers may gain fields: ignore those that you do not know.

## Paging

Without parameters a list is bare: 1,000 rows and 4 MB of JSON at most, with \`X-Truncated: true\` when there is more. With \`page\`, counted from 1, it is a page: \`data\` with the \`total\`. Tickets, logs, notifications and deliveries also take \`cursor\` (begin with an empty one, and go on with \`next_cursor\` until it is null): a page that neither skips nor repeats rows while others come and go. \`page_size\`, at most 100, goes with either. Deliveries always come in pages, tags are 20 without parameters, and of jobs the first 100 come beside how many there are.

## Changes at the same time

A ticket has a \`version\`. Send the one that you have read, in the body or as \`If-Match: "7"\` (which a deletion takes as well), and the answer is 412 with the current ticket when somebody changed it since.

## Trying again

Send a \`POST\` with an \`Idempotency-Key\` of your own making, a UUID for example, and try again as often as you must: for a day, the same request under the same key is done once, and its answer is given again with \`Idempotency-Replayed: true\`. The same key with another body is 422 \`idempotency_mismatch\`.

## Rate limits

A key may make 600 requests a minute, 100 of them at once; 120 of them may create tickets and replies. Every answer to a key says how it stands in \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds). Beyond it the answer is 429, and \`Retry-After\` says in how many seconds to try again.

Besides, people and teams have limits that honest use does not reach: searches, reports, downloads, new tickets and replies, invitations, calls of webhooks, and changes altogether. They answer 429 in the same way, whether the work would have succeeded or not.

## Webhooks

Webhooks tell your server what happens, as it happens, with a signature over the raw body. Set them up in the team's settings.
`
