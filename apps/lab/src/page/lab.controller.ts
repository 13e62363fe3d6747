import { formOf } from '@holdfast/host';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LabPages } from './lab-pages.ts';

/** Routes of the lab's pages; what they do is in {@link LabPages}. */
@Controller()
export class LabController {
  readonly #pages: LabPages;

  constructor(@Inject(LabPages) pages: LabPages) {
    this.#pages = pages;
  }

  @Get()
  overview(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.overview(request, reply);
  }

  @Get('attacks/:id')
  attack(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.attack(id, request, reply);
  }

  @Get('verdict')
  verdict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.verdict(request, reply);
  }

  @Get('clinic')
  clinic(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.clinic(request, reply);
  }

  @Post('examinations')
  examine(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.examine(request, formOf(request), reply);
  }

  @Post('verdicts')
  ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.ask(request, formOf(request), reply);
  }

  @Post('runs')
  run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#pages.run(request, formOf(request), reply);
  }

  @Get('assets/:name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    this.#pages.asset(name, reply);
  }
}
