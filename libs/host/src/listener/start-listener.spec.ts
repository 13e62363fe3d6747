import { Controller, Get, Inject } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { openDoor } from '../testing/door.ts';

@Controller()
class Hello {
  constructor(@Inject('greeting') private readonly greeting: string) {}
  @Get('/hello')
  hello() {
    return { hello: this.greeting };
  }
}

describe('a listener', () => {
  it('answers', async () => {
    class M {}
    const module = { module: M, controllers: [Hello], providers: [{ provide: 'greeting', useValue: 'there' }] };
    const door = await openDoor({ controllers: [], module, exposure: { 'GET /hello': 'open' } });
    const answer = await ask(door.port, '/hello');
    console.log(answer, door.log);
    expect(answer.status).toBe(200);
  });
});
