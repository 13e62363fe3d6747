import type { OAuthErrorCode } from '@holdfast/fapi';
import type { Language } from './language.ts';

const en = {
  bank: 'Harbour Bank',
  otherLanguage: '日本語',
  loginTitle: 'Log in',
  loginLead: (client: string) => `${client} would like to connect to your accounts. Log in to see what it asks for.`,
  loginName: 'User name',
  password: 'Password',
  loginButton: 'Log in',
  loginFailed: 'User name and password do not belong together. Please try again.',
  consentTitle: (client: string) => `Share data with ${client}?`,
  consentHello: (person: string) => `You are logged in as ${person}.`,
  notYou: 'Not you? Log in as somebody else',
  consentWhat: (client: string) => `${client} asks to`,
  action: {
    list_accounts: 'see your accounts: name, type and the last digits of the number',
    read_balances: 'see balances',
    read_transactions: 'see transactions: date, amount, counterparty',
  } as Readonly<Record<string, string>>,
  scope: {
    openid: 'recognise you when you come back',
    profile: 'see your name',
  } as Readonly<Record<string, string>>,
  consentAccounts: 'From these accounts',
  consentNoAccounts: 'You have no accounts that can be shared.',
  consentUntil: (date: string) => `This ends on ${date}, or as soon as you end it. Nobody can move money with it.`,
  approve: 'Agree and continue',
  deny: 'Do not share',
  consentReturn: (host: string) => `Either way you will go back to ${host}.`,
  errorTitle: 'This did not work',
  errorLead: 'Nothing was shared. You can close this page and start again from the app you came from.',
  errorCode: 'Code',
  error: {
    invalid_request: 'The request that led here is not valid.',
    invalid_request_uri: 'This request is over: it has been used, has expired, or was started in another browser.',
    access_denied: 'Please log in again.',
    temporarily_unavailable: 'The bank’s accounts cannot be reached at the moment. Please try again in a minute.',
    not_found: 'There is no page at this address.',
    too_many_requests: 'That was a little fast. Please try again in a minute.',
    server_error: 'Something went wrong on our side.',
  } as Readonly<Partial<Record<OAuthErrorCode, string>>>,
  errorOther: 'The request could not be carried out.',
};

const ja: typeof en = {
  bank: 'Harbour Bank',
  otherLanguage: 'English',
  loginTitle: 'ログイン',
  loginLead: (client) => `${client} が口座への接続を求めています。ログインして内容をご確認ください。`,
  loginName: 'ユーザー名',
  password: 'パスワード',
  loginButton: 'ログイン',
  loginFailed: 'ユーザー名とパスワードの組み合わせが正しくありません。もう一度お試しください。',
  consentTitle: (client) => `${client} に情報を共有しますか？`,
  consentHello: (person) => `${person} さんとしてログインしています。`,
  notYou: '別の方ですか？ 別のユーザーでログイン',
  consentWhat: (client) => `${client} は次のことを求めています`,
  action: {
    list_accounts: '口座の一覧（名称、種類、口座番号の下数桁）を見る',
    read_balances: '残高を見る',
    read_transactions: '取引（日付、金額、相手先）を見る',
  },
  scope: {
    openid: '次回の訪問時にあなたを識別する',
    profile: 'お名前を見る',
  },
  consentAccounts: '共有する口座',
  consentNoAccounts: '共有できる口座がありません。',
  consentUntil: (date) => `この同意は ${date} に終了し、いつでも取り消せます。送金はできません。`,
  approve: '同意して続ける',
  deny: '共有しない',
  consentReturn: (host) => `どちらを選んでも ${host} に戻ります。`,
  errorTitle: '処理できませんでした',
  errorLead: '情報は共有されていません。このページを閉じて、元のアプリからやり直してください。',
  errorCode: 'コード',
  error: {
    invalid_request: 'このページを開いたリクエストが正しくありません。',
    invalid_request_uri: 'このリクエストは使用済みか、期限切れか、別のブラウザーで開始されたものです。',
    access_denied: 'もう一度ログインしてください。',
    temporarily_unavailable: '現在、口座の情報を取得できません。しばらくしてからお試しください。',
    not_found: 'このアドレスにページはありません。',
    too_many_requests: '操作が速すぎます。しばらくしてからお試しください。',
    server_error: 'サーバー側で問題が発生しました。',
  },
  errorOther: 'リクエストを処理できませんでした。',
};

export type Texts = typeof en;

export const textsIn = (language: Language): Texts => (language === 'ja' ? ja : en);

/** A date as people write it. */
export const formatDate = (date: Date, language: Language): string =>
  new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
