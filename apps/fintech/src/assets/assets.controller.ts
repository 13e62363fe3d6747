import { Controller, Get, Inject, Param, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProblemFilter } from '../pages/problem.filter.ts';
import { Problem } from '../pages/problem.ts';
import { AssetStore } from './asset-store.ts';

// A picture is a document of its own: it may use its own styles and nothing else.
const PICTURE_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

@Controller('assets')
@UseFilters(ProblemFilter)
export class AssetsController {
  readonly #assets: AssetStore;

  constructor(@Inject(AssetStore) assets: AssetStore) {
    this.#assets = assets;
  }

  @Get(':name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    const asset = this.#assets.find(name);
    if (asset === undefined) throw new Problem('page_unknown');
    // The name changes with the content, so what a browser has is right for good.
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    reply.header('content-type', asset.type);
    if (asset.type.startsWith('image/')) reply.header('content-security-policy', PICTURE_CSP);
    void reply.send(asset.content);
  }
}
