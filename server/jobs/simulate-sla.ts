import { asService } from '../db/identity'
import {
  continueSimulation,
  failSimulation,
  listUnfinishedSimulations,
  prepareSimulation,
  removeOldSimulations,
  type SimulationContext
} from '../domain/sla/simulate'
import { runBatches } from './batches'
import type { Job } from './boss'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

/**
 * Runs all SLA simulations until none is left or `stopping` is aborted. Takes one step of each in turn, so that a large one does not delay
 * the others. Several servers may share the work. An error ends a simulation, and the person may start it again.
 */
export async function continueSimulations(stopping: AbortSignal): Promise<void> {
  const contexts = new Map<string, SimulationContext>()
  let unfinished = await asService('SLA simulations', listUnfinishedSimulations)
  while (unfinished.length > 0 && !stopping.aborted) {
    const remaining: string[] = []
    for (const id of unfinished) {
      if (stopping.aborted) return
      try {
        const context = contexts.get(id) ?? (await asService('SLA simulations', db => prepareSimulation(db, id)))
        if (!context) continue
        contexts.set(id, context)
        if (await asService('SLA simulations', db => continueSimulation(db, id, context))) remaining.push(id)
      } catch (error) {
        console.error(`An SLA simulation failed: ${reasonOf(error)}`)
        await asService('SLA simulations', db => failSimulation(db, id, 'Something went wrong'))
      }
    }
    unfinished = remaining
  }
}

/** Wakes when a simulation is started. Its poll continues simulations of a server that died. */
export const simulationWorker: Worker = {
  name: 'sla-simulations',
  channel: 'switchboard_simulations',
  async work(stopping) {
    await continueSimulations(stopping)
    return null
  }
}

export const removeSimulationsJob: Job = {
  name: 'remove-sla-simulations',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old SLA simulations', removeOldSimulations))
  }
}
