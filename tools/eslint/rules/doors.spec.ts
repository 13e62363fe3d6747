import { RuleTester } from 'eslint';
import { resolve } from 'node:path';
import tseslint from 'typescript-eslint';
import { describe, it } from 'vitest';
import { workspaceRoot } from '../../workspace.ts';
import { doors } from './doors.ts';

RuleTester.describe = describe;
RuleTester.it = it;

const filename = resolve(workspaceRoot, 'libs/fapi/src/wire/confirmation.ts');
const options = [{ root: 'libs/fapi', doors: ['@holdfast/mtls'], builtins: ['crypto'], shared: ['vitest.shared.ts'] }];
const refused = (code: string, messageId: string) => ({ code, filename, options, errors: [{ messageId }] });
const fine = (code: string) => ({ code, filename, options });

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run('doors', doors, {
  invalid: [
    refused('import { x } from "@holdfast/mtls/testing"', 'shut'),
    refused('import { x } from "@holdfast/mtls/src/thumbprint.ts"', 'shut'),
    refused('import type { X } from "@holdfast/host"', 'shut'),
    refused('export * from "@holdfast/store"', 'shut'),
    refused('type X = import("@holdfast/rpc").RpcError', 'shut'),
    refused('const x = await import("@holdfast/rpc")', 'shut'),
    refused('vi.mock("@holdfast/store")', 'shut'),
    refused('import { x } from "../../../mtls/src/thumbprint.ts"', 'leaves'),
    refused('import { x } from "../../../../vitest.config.ts"', 'leaves'),
    refused('import { readFileSync } from "node:fs"', 'builtin'),
    refused('const net = require("node:net")', 'builtin'),
    refused('import { createHash } from "crypto"', 'prefix'),
  ],
  valid: [
    fine('import { thumbprint } from "@holdfast/mtls"'),
    fine('import { createHash } from "node:crypto"'),
    fine('import type { Server } from "node:http"'),
    fine('import { form } from "../form.ts"'),
    fine('import { vitestConfig } from "../../../../vitest.shared.ts"'),
    fine('import { SignJWT } from "jose"'),
  ],
});
