import { describeRouteRights } from '../support/routes.ts'

describeRouteRights('replies')
