import type { LabClient, Link } from '../real/lab-client.ts';
import type { RealStage } from '../run/real-stage.ts';
import type { Exchange } from '../wire/https-call.ts';

/** Alice, who has linked her accounts with a client, and what an honest read showed before the attack. */
export interface Victim extends Link {
  readonly client: LabClient;
  readonly accounts: string;
}

/** The honest beginning of most cases: Alice logs in, approves, and the client, mostly the first, reads her accounts. */
export async function linkAlice({ real, holds }: RealStage, client = real.first): Promise<Victim> {
  const link = await client.link(real.alice);
  const { status, body } = await client.readAccounts(link.accessToken);
  if (status !== 200) throw new Error(`the honest client cannot read Alice's accounts: ${status}`);
  holds({ en: "Alice's access token", ja: 'アリスのアクセストークン' }, link.accessToken);
  return { ...link, client, accounts: body };
}

/**
 * The honest end: the rightful client uses the very token that was stolen, and sees what it saw before. One call, two
 * assertions: it still works, and the attack has changed nothing.
 */
export async function ownerIsServed(stage: RealStage, victim: Victim): Promise<void> {
  const read = await stage.honest(
    {
      en: "the rightful client reads Alice's accounts with the same token",
      ja: '正規クライアントが同じトークンで口座を読む',
    },
    () => victim.client.readAccounts(victim.accessToken),
  );
  await stage.unchanged({ en: "Alice's accounts are what they were", ja: 'アリスの口座情報は攻撃前と同じ' }, async () =>
    difference(victim.accounts, read),
  );
}

/** The refresh token was neither used up nor replaced. FAPI2-SP-FINAL-5.3.2.1-9 */
export async function refreshTokenIsUntouched(stage: RealStage, victim: Victim): Promise<void> {
  const { client } = victim;
  const refreshed = await stage.honest(
    {
      en: 'the rightful client refreshes with the same refresh token',
      ja: '正規クライアントが同じリフレッシュトークンで更新する',
    },
    () => client.refresh(victim.refreshToken),
  );
  await stage.unchanged(
    { en: 'the refresh token was not rotated', ja: 'リフレッシュトークンは置き換えられていない' },
    async () => {
      const again = await client.refresh(victim.refreshToken);
      if (refreshed.status !== 200 || again.status !== 200) return 'the original refresh token no longer works';
      const { refresh_token: returned = victim.refreshToken.reveal() } = JSON.parse(again.body) as Record<
        string,
        string
      >;
      return returned === victim.refreshToken.reveal() ? undefined : 'a different refresh token came back';
    },
  );
}

function difference(before: string, now: Exchange): string | undefined {
  return now.body === before ? undefined : `the answer differs (${now.status})`;
}
