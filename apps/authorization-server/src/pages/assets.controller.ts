import { refuse } from '@holdfast/fapi';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MARK, STYLESHEET } from './assets.ts';

const ASSETS = new Map([STYLESHEET, MARK].map((asset) => [asset.path, asset]));

/** The stylesheet and the mark. */
@Controller()
export class AssetsController {
  @Get('/assets/:name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    const asset = ASSETS.get(`/assets/${name}`);
    if (asset === undefined) throw refuse('not_found', 'route_unknown');
    const cache = asset === STYLESHEET ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
    void reply.header('cache-control', cache).header('content-type', asset.type).send(asset.content);
  }
}
