import { describeRouteRights } from '../support/routes.ts'

describeRouteRights('canned-responses')
