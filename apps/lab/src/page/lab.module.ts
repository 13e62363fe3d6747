import type { Exposure } from '@holdfast/host';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { LabController } from './lab.controller.ts';
import { LabPages } from './lab-pages.ts';

/** Everything the lab's listener serves. A route that is missing here, or a row without a route, stops the boot. */
export const LAB_EXPOSURE: Exposure = {
  'GET /': 'anybody; shows results without secrets',
  'GET /attacks/:id': 'anybody; shows results without secrets',
  'GET /verdict': 'anybody; shows results without secrets',
  'GET /clinic': 'anybody; shows results without secrets',
  'GET /assets/:name': 'anybody; one public file known by name and hash',
  'POST /verdicts': 'a form of this site: the browser says so itself; asks questions that are written in this lab',
  'POST /examinations': 'a form of this site: the browser says so itself; shows certificates that are kept in this lab',
  'POST /runs': 'a form of this site: the browser says so itself; plays attacks that are written in this lab',
};

@Module({})
export class LabModule {
  static with(pages: LabPages): DynamicModule {
    return { module: LabModule, controllers: [LabController], providers: [{ provide: LabPages, useValue: pages }] };
  }
}
