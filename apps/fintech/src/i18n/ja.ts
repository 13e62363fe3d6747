import type { Catalogue } from './en.ts';

/** 日本語。`en.ts` と一対で、抜けや余りはコンパイラが止める。 */
export const ja: Catalogue = {
  locale: 'ja-JP',
  languageName: '日本語',
  brandLine: '口座を静かに見渡す',
  skipToContent: '本文へ移動',
  colon: '：',

  nav: {
    label: 'メイン',
    accounts: '口座',
    connection: '連携',
    switchLanguage: (name) => `このページを${name}で表示`,
  },

  footer: {
    example: 'Tidepool は Holdfast の見本フィンテックです。銀行も人もお金も架空のものです。',
    forgetDevice: 'この端末の情報を消す',
  },

  welcome: {
    title: 'ようこそ',
    headline: '底まで、澄んで見える。',
    lede: (bank) =>
      `Tidepool は ${bank} の口座をひとつの静かな画面にまとめます。ログインは銀行で。見せるものはあなたが選び、いつでも取り消せます。`,
    link: (bank) => `${bank} と連携する`,
    next: (bank) => `このあと ${bank} に移動し、手続きが済むとここへ戻ります。`,
    notYet:
      '銀行のログインサービスにまだ接続できません。Tidepool は接続を試し続けています。応答があり次第、連携できるようになります。',
    picture: '上から見た潮だまりの海図。深さが等深線で描かれている',
    pointsTitle: '連携のしくみ',
    points: (bank) => [
      { title: 'ログインは銀行で', body: `パスワードを入力するのは ${bank} の画面です。Tidepool には届きません。` },
      {
        title: '見せるものを選ぶ',
        body: '共有する口座を選びます。Tidepool は見るだけで、お金を動かすことはできません。',
      },
      { title: 'いつでも手放せる', body: 'ひと押しで解除できます。まず銀行に伝え、それから Tidepool が忘れます。' },
    ],
  },

  notices: {
    linked: '銀行と連携しました。',
    unlinked: '連携を解除しました。銀行はもう Tidepool のアクセスを受け付けず、Tidepool も情報を消しました。',
    forgotten: 'この端末の情報を消しました。ここから得ていたアクセスは銀行で取り消されます。',
    declined: '何も共有されていません。銀行の画面で「許可しない」を選びました。問題ありません。',
    unlink_failed:
      '銀行に伝えられなかったため、何も変えていません。連携はそのまま残っています。少し待ってからもう一度お試しください。',
  },

  accounts: {
    title: '口座',
    total: '合計',
    totalNote: '記帳済み残高の合計です。カードの利用残高は差し引いてあります。',
    empty: '共有されている口座がありません。もう一度連携し、口座をひとつ以上選んでください。',
    available: (amount) => `利用可能 ${amount}`,
    balanceMissing: '残高は共有されていません',
    asOf: (moment) => `${moment} 現在`,
    ending: (digits) => `末尾 ${digits}`,
    openedOn: (day) => `${day} 開設`,
    types: { current: '普通口座', savings: '貯蓄', card: 'カード' },
  },

  account: {
    back: '口座一覧',
    booked: '記帳済み',
    available: '利用可能',
    transactions: '取引',
    search: '検索',
    searchHint: '店名・相手・摘要',
    flow: '表示',
    flows: { all: '入出金すべて', in: '入金のみ', out: '出金のみ' },
    period: '期間',
    periods: { '30': '過去30日', '90': '過去90日', '365': '過去12か月' },
    apply: '絞り込む',
    reset: '条件を消す',
    none: 'この期間の取引はありません。',
    noneMatching: '一致する取引がありません。別の言葉か、長い期間でお試しください。',
    notShared: 'この口座の取引は共有されていません。',
    count: (n) => `${n}件`,
    moneyIn: '入金',
    moneyOut: '出金',
    balanceAfter: (amount) => `残高 ${amount}`,
    earlier: 'さらに前の取引',
    latest: '最新に戻る',
    tide: 'この口座の潮位',
    tideSummary: (low, lowDay, high, highDay) => `干潮 ${low}（${lowDay}）、満潮 ${high}（${highDay}）。`,
  },

  categories: {
    opening: '開始残高',
    salary: '収入',
    housing: '住まい',
    utilities: '公共料金',
    groceries: '食料品',
    transport: '交通',
    eating_out: '外食',
    subscriptions: '定期購読',
    shopping: '買い物',
    health: '健康',
    leisure: '余暇',
    travel: '旅行',
    refund: '返金',
    interest: '利息',
    fees: '手数料',
    transfer: '振替',
    other: 'その他',
  },

  connection: {
    title: '連携',
    intro: (bank) => `Tidepool が ${bank} で見られるもの、その期間、そして解除の方法です。`,
    bank: '銀行',
    state: '状態',
    active: '有効',
    ended: (day) => `${day} に終了`,
    since: '連携した日時',
    grantedUntil: '銀行の許可が終わる日時',
    grantedUntilNote: '遅くともこの日までです。ここでも銀行でも、いつでも早く終えられます。',
    until: 'Tidepool が手放す日時',
    untilNote: (bank) =>
      `Tidepool の利用は遅くともこの日に終わります。許可が残っていても、${bank} へのアクセスは取り消されます。`,
    renewed: '最後にアクセスを更新',
    shared: '共有しているもの',
    sharedAccounts: (n) => `口座 ${n} 件`,
    actions: {
      list_accounts: '口座の名前と番号',
      read_balances: '残高',
      read_transactions: '取引',
    },
    lookOnly: '見るだけです。支払いや変更はできません。',
    protectedTitle: 'どのように守られているか',
    protectedIntro:
      'Tidepool は相互 TLS で銀行を呼び出します。銀行のアクセストークンはこの証明書による接続でしか使えないため、盗まれたトークンは他人の役に立ちません。',
    thumbprint: '証明書の拇印（x5t#S256）',
    tokenThumbprint: '現在のトークンの結び付き先',
    tokenRenewal: '別の証明書（次に開いたときに更新されます）',
    subject: '証明書の主体者',
    validUntil: '証明書の有効期限',
    protections: [
      '依頼は、ブラウザが移動する前に銀行へ直接渡して受理されました（PAR）。アドレス欄に書き換えられるものはありません。',
      '応答は、このブラウザ、一度きりの手続き、この銀行に結び付けて確かめました（state、nonce、iss、PKCE）。',
      'トークンは Tidepool のサーバーに暗号化して置かれます。ブラウザが持つのは無作為なセッション番号だけです。',
    ],
    unlinkTitle: '連携の解除',
    unlinkBody: (bank) =>
      `Tidepool は ${bank} にアクセスの取り消しを求め、持っている情報をすべて消します。口座そのものに影響はありません。`,
    unlink: (bank) => `${bank} との連携を解除`,
    unlinkSure: 'はい、解除します',
    forgetTitle: 'この端末の情報を消す',
    forgetBody: '利用を終え、アクセスを取り消します。自分のものでない端末ではこれを使ってください。',
    linkAgain: 'もう一度連携する',
  },

  problems: {
    bank_unreachable: {
      title: '銀行に接続できません',
      body: 'いま銀行からの応答がありません。連携はそのまま残っています。銀行が戻れば口座も表示されます。',
    },
    bank_answer_unusable: {
      title: '銀行の応答を読み取れませんでした',
      body: '取り決めと異なる内容が返ってきたため、誤った表示をする代わりに何も表示していません。後でもう一度お試しください。',
    },
    login_service_unreachable: {
      title: '銀行のログインサービスにまだ接続できません',
      body: 'いまは連携できません。Tidepool は裏で接続を試し続けています。少し待ってからお試しください。',
    },
    login_service_refused: {
      title: '銀行のログインサービスに断られました',
      body: '依頼が受け付けられませんでした。お客さまのせいではなく、何も共有されていません。',
    },
    tidepool_not_recognised: {
      title: '銀行が Tidepool を確認できません',
      body: 'Tidepool が自分を証明できませんでした。運営者が証明書を確かめる必要があります。連携はそのまま残っています。',
    },
    link_refused: {
      title: '連携は完了しませんでした',
      body: '戻ってきた応答が、このブラウザからの依頼に対するものでないか、Tidepool の確認を通りませんでした。何も連携されていません。',
    },
    connection_ended: {
      title: '連携は終了しました',
      body: '銀行がこのアクセスを受け付けなくなりました。取り消されたか、期限が切れています。続けるにはもう一度連携してください。',
    },
    not_shared: { title: '共有されていません', body: 'この情報は Tidepool に共有されていません。' },
    account_unknown: {
      title: 'この口座はありません',
      body: '口座が存在しないか、Tidepool に共有されていません。',
    },
    request_forged: {
      title: 'もう一度お願いします',
      body: 'このブラウザで開いている最新のページからの操作ではなかったため、何も行いませんでした。ページを開き直してください。',
    },
    too_many_attempts: {
      title: '少しお待ちください',
      body: '短い間に何度も試行がありました。1分ほど待ってからお試しください。',
    },
    page_unknown: { title: 'ここには何もいません', body: 'このページはありません。' },
    unexpected: { title: '問題が起きました', body: 'Tidepool 側の不具合です。何も変わっていません。' },
  },
  problemHelp: {
    home: '最初のページへ',
    accounts: '口座一覧へ',
    connection: '連携の状態を見る',
    retry: 'もう一度試す',
    reason: '理由',
    reference: '参照番号',
  },
};
