import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { ProcessContext, RunningProcess } from '@holdfast/host';
import { authorityConfig, defineProcess, openHoldings, openTrust, startEnrolment, startListener } from '@holdfast/host';
import type { z } from 'zod';
import { playable } from '../attacks/catalogue.ts';
import { labConfig } from '../config.ts';
import { findRealStack } from '../targets.ts';
import { PROBES } from '../verdict/all-probes.ts';
import { openWorld } from '../verdict/open-world.ts';
import { readRequirementList } from '../verdict/requirement-list.ts';
import { openClinic } from '../clinic/open-clinic.ts';
import { ClinicBoard } from './clinic-board.ts';
import { LAB_EXPOSURE, LabModule } from './lab.module.ts';
import { CSP, LabPages } from './lab-pages.ts';
import { RunBoard } from './run-board.ts';
import { VerdictBoard } from './verdict-board.ts';

// Beside src and dist alike, so the same relative path serves both.
const ASSETS = new URL('../../assets/', import.meta.url);

/** The parts of the one stylesheet, in the order in which they build on each other. */
const STYLES = ['colours', 'ground', 'frame', 'opening', 'strip', 'list', 'beat', 'verdict', 'narrow'];

/** As a process of the platform the lab enrols and follows trust like any other; its attackers know nothing of that. */
export const pageConfig = labConfig.extend({ authority: authorityConfig });
export type PageConfig = z.infer<typeof pageConfig>;

/** Makes the running program the lab's page server. */
export function servePage(): void {
  defineProcess({ name: 'lab', config: pageConfig, start: startLab });
}

/** Builds the page server from its parts. */
export async function startLab(ctx: ProcessContext<PageConfig>): Promise<RunningProcess> {
  const { config, abort, log } = ctx;
  const trust = openTrust(ctx, config.authority);
  const holdings = openHoldings(ctx);
  const { authority, names } = config;
  const enrolment = await startEnrolment({ ctx, authority, names, trust, holdings });
  const identity = holdings.identity(config.identity);
  const service = holdings.identity(config.attackers.service);
  trust.follow({ identity: service, names: config.names, held: holdings.held });
  const board = new RunBoard({
    findRealStack: () => findRealStack(config, ctx.home),
    onTrouble: (error) => log.error({ err: error }, 'a run could not be played'),
    abort,
  });
  const verdicts = new VerdictBoard({
    sections: readRequirementList(),
    probes: PROBES,
    openWorld: () => openWorld(config, ctx.home),
    onTrouble: (error) => log.error({ err: error }, 'a verdict could not be reached'),
    abort,
  });
  const clinic = new ClinicBoard({
    openClinic: () => openClinic(config, ctx.home),
    onTrouble: (error) => log.error({ err: error }, 'the patients could not be examined'),
    abort,
  });
  const pages = new LabPages({
    board,
    verdicts,
    clinic,
    attacks: playable(config.operator !== undefined),
    origin: config.origin,
    styles: STYLES.map((name) => readFileSync(new URL(`${name}.css`, ASSETS), 'utf8')).join('\n'),
  });
  const listener = await startListener({
    name: 'web',
    module: LabModule.with(pages),
    identity,
    address: config.listener,
    exposure: LAB_EXPOSURE,
    ctx,
    csp: CSP,
    errorPage: (error, request) => pages.refusal(error.status, request),
  });
  return {
    ready: [listener.url],
    async close() {
      await listener.close();
      await Promise.all([board.settled(), verdicts.settled(), clinic.settled()]);
      await enrolment.close();
      await trust.close();
      holdings.close();
    },
  };
}
