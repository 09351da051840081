/** What holds for every route, in markdown. */
export const introduction = 'Everything that the pages of Switchboard do, they do through this API.'
