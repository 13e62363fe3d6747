import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';
import { unsafeSwitch } from './unsafe-switch.ts';

RuleTester.describe = describe;
RuleTester.it = it;

const refused = (code: string, messageId: string) => ({ code, errors: [{ messageId }] });

new RuleTester().run('unsafe-switch', unsafeSwitch, {
  invalid: [
    refused('connect({ rejectUnauthorized: false })', 'rejectUnauthorized'),
    refused('connect({ "rejectUnauthorized": false })', 'rejectUnauthorized'),
    refused('connect({ rejectUnauthorized: strict })', 'rejectUnauthorized'),
    refused('options.rejectUnauthorized = !1', 'rejectUnauthorized'),
    refused('process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"', 'environment'),
    refused('spawn("node", { env: { ["NODE_TLS_REJECT_UNAUTHORIZED"]: "0" } })', 'environment'),
    refused('const line = `NODE_TLS_REJECT_UNAUTHORIZED=0 node ${file}`', 'environment'),
    refused('grpc.credentials.createInsecure()', 'createInsecure'),
    refused('grpc.ServerCredentials["createInsecure"]()', 'createInsecure'),
    refused('connect({ checkServerIdentity: () => undefined })', 'checkServerIdentity'),
    refused('connect({ checkServerIdentity() {} })', 'checkServerIdentity'),
    refused('browser.newContext({ ignoreHTTPSErrors: true })', 'ignoreHTTPSErrors'),
    refused('launch({ args: ["--ignore-certificate-errors"] })', 'ignoreHTTPSErrors'),
  ],
  valid: [
    'connect({ rejectUnauthorized: true })',
    'const { rejectUnauthorized } = options',
    'connect({ checkServerIdentity: (name, certificate) => judge(name, certificate) })',
    'launch({ args: [`--ignore-certificate-errors-spki-list=${pin}`] })',
    { code: 'connect({ rejectUnauthorized: false })', options: [{ allow: ['rejectUnauthorized'] }] },
  ],
});
