/** What is said to people, in the two languages of the project. */
export interface Text {
  readonly en: string;
  readonly ja: string;
}

/** One thing that can be wrong with a certificate: what it is, how one comes by it, what to do. */
export interface Finding {
  /** What is wrong. Its English half goes into answers: plain ASCII without quotation mark and backslash. [RFC6749-5.2] */
  readonly fault: Text;
  /** How one comes by it. */
  readonly hint: Text;
  readonly remedy: Text;
}

/**
 * Everything that can be wrong with a certificate, once: log, audit event, answer on the wire, clinic and command line name it
 * by the same code. Closed on purpose: a new rule needs an entry here, in both languages.
 */
export const CERTIFICATE_FINDINGS = {
  certificate_missing: {
    fault: {
      en: 'no client certificate was presented',
      ja: 'クライアント証明書が提示されていない',
    },
    hint: {
      en: 'The listener asked for one and the client sent an empty list. Mostly the client was not told which file to use, or sits behind a proxy that ends TLS.',
      ja: 'サーバーは証明書を要求しましたが、クライアントは空のリストを返しました。証明書ファイルの指定漏れか、途中でTLSを終端するプロキシが原因であることがほとんどです。',
    },
    remedy: {
      en: 'Give the client certificate and key (curl: --cert and --key), and connect to the mTLS endpoint directly.',
      ja: '証明書と秘密鍵を指定し（curlなら --cert と --key）、mTLSエンドポイントに直接接続してください。',
    },
  },
  certificate_unreadable: {
    fault: {
      en: 'the client certificate is not well-formed DER',
      ja: '証明書のDERの形式が正しくない',
    },
    hint: {
      en: 'Something in it can be read in two ways, such as an extension that is there twice. Two readers would then see two different certificates.',
      ja: '同じ拡張が二つあるなど、二通りに読める部分があります。読む側によって別の証明書に見えてしまいます。',
    },
    remedy: {
      en: 'Have it issued again with a tool that keeps to RFC 5280; look at it with openssl x509 -text.',
      ja: 'RFC 5280に従うツールで再発行してください。中身は openssl x509 -text で確認できます。',
    },
  },
  certificate_too_large: {
    fault: {
      en: 'the client certificate is larger than 16384 bytes',
      ja: '証明書が16384バイトを超えている',
    },
    hint: {
      en: 'Mostly a long list of alternative names. Everybody who verifies it pays for it with every handshake.',
      ja: '多くの場合、代替名（SAN）の並べすぎです。ハンドシェイクのたびに検証側がその費用を払います。',
    },
    remedy: {
      en: 'One certificate per client, with the names of that client only.',
      ja: 'クライアントごとに一枚とし、そのクライアントの名前だけを入れてください。',
    },
  },
  certificate_expired: {
    fault: { en: 'the client certificate has expired', ja: '証明書の有効期限が切れている' },
    hint: {
      en: 'Its notAfter has passed by the clock of the server. Renewal did not run, or the program still holds the old file in memory.',
      ja: 'サーバーの時計で notAfter を過ぎています。更新処理が動いていないか、プログラムが古いファイルをメモリーに持ったままです。',
    },
    remedy: {
      en: 'Renew it (npm start does so here) and have the program load the new file.',
      ja: '更新し（ここでは npm start が行います）、プログラムに新しいファイルを読み込ませてください。',
    },
  },
  certificate_not_yet_valid: {
    fault: { en: 'the client certificate is not valid yet', ja: '証明書の有効期間がまだ始まっていない' },
    hint: {
      en: 'Its notBefore lies in the future by the clock of the server. Mostly one of the clocks, of the authority or of the server, is wrong.',
      ja: 'サーバーの時計で notBefore が未来です。多くの場合、認証局かサーバーの時計がずれています。',
    },
    remedy: {
      en: 'Compare the clocks (npm run doctor); else wait until notBefore.',
      ja: '時計を確認してください（npm run doctor）。正しければ notBefore まで待ちます。',
    },
  },
  certificate_untrusted: {
    fault: {
      en: 'the client certificate comes from an authority that is not trusted here',
      ja: '信頼していない認証局の証明書である',
    },
    hint: {
      en: 'Its chain ends at a root that nobody here knows, or its issuer carries a known name and another key.',
      ja: '証明書チェーンが未知のルートで終わっているか、発行者の名前は既知でも鍵が違います。',
    },
    remedy: {
      en: 'Use a certificate of the authority this platform trusts. Never add an unknown root to make the message go away.',
      ja: 'このシステムが信頼する認証局の証明書を使ってください。メッセージを消すために未知のルートを追加してはいけません。',
    },
  },
  chain_incomplete: {
    fault: {
      en: 'the certificate of the authority that issued it is missing from the chain',
      ja: '発行した認証局の証明書がチェーンに含まれていない',
    },
    hint: {
      en: 'Mostly the file holds the leaf alone and its intermediate is missing. That works with peers that happen to know the intermediate, and with no others. Somebody else’s authority, not sent along, looks just the same.',
      ja: '多くの場合、ファイルにリーフ証明書しかなく中間CA証明書が欠けています。中間CAをたまたま知っている相手にしか通りません。無関係な認証局の証明書でも、同じように見えます。',
    },
    remedy: {
      en: 'Put the intermediate behind the leaf in the same file: cat leaf.crt intermediate.crt > client.crt',
      ja: '同じファイルのリーフの後ろに中間CA証明書を置きます: cat leaf.crt intermediate.crt > client.crt',
    },
  },
  chain_out_of_order: {
    fault: {
      en: 'the certificates of the chain stand in the wrong order',
      ja: '証明書チェーンの並び順が誤っている',
    },
    hint: {
      en: 'The leaf comes first, and each certificate is followed by the one that issued it. TLS 1.3 asks servers to put up with another order behind the leaf, so some take it and some do not. [RFC8446-4.4.2]',
      ja: '先頭はリーフ、その後ろはそれぞれ直前の証明書の発行者です。TLS 1.3ではリーフより後の順序違いは許容が推奨されるため、通る相手と通らない相手があります。[RFC8446-4.4.2]',
    },
    remedy: {
      en: 'Write the file again: leaf, intermediate, and no root.',
      ja: 'リーフ、中間CAの順に並べ直し、ルートは入れないでください。',
    },
  },
  issued_by_leaf: {
    fault: {
      en: 'the certificate was signed with the key of a certificate that is no authority',
      ja: '認証局ではない証明書の鍵で署名されている',
    },
    hint: {
      en: 'Its issuer has no CA:TRUE: somebody with an ordinary certificate played authority. A verifier that forgets this check lets every customer of the authority be anybody.',
      ja: '発行者に CA:TRUE がありません。通常の証明書の持ち主が認証局を演じています。この検査を忘れると、認証局の利用者なら誰にでもなりすませます。',
    },
    remedy: {
      en: 'Only the authority issues; ask it for a certificate of your own.',
      ja: '発行できるのは認証局だけです。認証局に自分の証明書を申請してください。',
    },
  },
  issued_for_another_door: {
    fault: {
      en: 'the certificate comes from an authority of this platform that is trusted at another door only',
      ja: 'このシステムの認証局のものだが、別の入口用である',
    },
    hint: {
      en: 'Web servers, participants and internal services have one root each, so that the key of one door opens no other.',
      ja: 'Webサーバー、参加者、内部サービスはそれぞれ別のルートを持ちます。ある入口の鍵では別の入口を開けません。',
    },
    remedy: {
      en: 'Use the certificate of the participants’ authority at the mTLS endpoints of authorization server and bank.',
      ja: '認可サーバーと銀行のmTLSエンドポイントには、参加者用（participants）認証局の証明書を使ってください。',
    },
  },
  certificate_wrong_purpose: {
    fault: {
      en: 'the certificate, or the authority above it, was not made for client authentication',
      ja: '証明書またはその認証局がクライアント認証用ではない',
    },
    hint: {
      en: 'The extended key usage lacks clientAuth. OpenSSL takes a certificate without that extension for any purpose; here it has to say so.',
      ja: '拡張鍵用途（EKU）に clientAuth がありません。OpenSSLはEKUのない証明書を何にでも使えるとみなしますが、ここでは明記が必要です。',
    },
    remedy: {
      en: 'Have one issued with extendedKeyUsage clientAuth.',
      ja: 'extendedKeyUsage に clientAuth を入れて発行してもらってください。',
    },
  },
  certificate_is_ca: {
    fault: { en: 'the certificate is that of an authority', ja: '認証局の証明書である' },
    hint: {
      en: 'It says CA:TRUE, so whoever uses it as a client could sign others. openssl req -x509 makes such certificates unless told not to.',
      ja: 'CA:TRUE なので、他の証明書に署名できてしまいます。openssl req -x509 は何も指定しないとこの種の証明書を作ります。',
    },
    remedy: {
      en: 'Use a leaf: basicConstraints critical, CA:FALSE.',
      ja: 'リーフ証明書（basicConstraints critical, CA:FALSE）を使ってください。',
    },
  },
  certificate_weak_key: {
    fault: {
      en: 'the key of the certificate is too short, or of a kind that is not accepted',
      ja: '証明書の鍵が短すぎるか、受け入れていない種類である',
    },
    hint: {
      en: 'RSA needs 2048 bits, elliptic curves are P-256, P-384, P-521 or Ed25519. [FAPI2-SP-FINAL-5.4.1]',
      ja: 'RSAは2048ビット以上、楕円曲線は P-256、P-384、P-521、Ed25519 です。[FAPI2-SP-FINAL-5.4.1]',
    },
    remedy: {
      en: 'Make a new key (P-256 is a good one) and have it certified.',
      ja: '新しい鍵（P-256など）を作り、証明書を発行し直してください。',
    },
  },
  subject_ambiguous: {
    fault: { en: 'the subject of the certificate has more than one common name', ja: '主体者に共通名（CN）が複数ある' },
    hint: {
      en: 'One reader takes the first, another the last. Who of the two is logging in must not be left to guessing.',
      ja: '先頭を読む実装と末尾を読む実装があります。どちらの名前でログインするのかを推測に任せてはいけません。',
    },
    remedy: {
      en: 'Have one issued with exactly one common name, or none and an alternative name.',
      ja: 'CNを一つだけにするか、CNなしで代替名（SAN）を入れて発行してもらってください。',
    },
  },
  name_wildcard: {
    fault: { en: 'a name in the certificate is a wildcard', ja: '証明書の名前にワイルドカードがある' },
    hint: {
      en: 'A wildcard names many servers. A client is one party, known by one name; a wildcard never matches a registered name. [RFC8705-2.1.2]',
      ja: 'ワイルドカードは多数のサーバーを指す名前です。クライアントは一者であり、登録名にワイルドカードが一致することはありません。[RFC8705-2.1.2]',
    },
    remedy: {
      en: 'Have one issued with the one name this client was registered under.',
      ja: 'クライアントの登録名そのものを入れて発行してもらってください。',
    },
  },
  certificate_revoked: {
    fault: { en: 'the certificate has been revoked by its authority', ja: '証明書が認証局によって失効している' },
    hint: {
      en: 'Its serial number stands on the revocation list. Open connections end with it too.',
      ja: 'シリアル番号が失効リスト（CRL）に載っています。接続済みの通信も同時に拒否されます。',
    },
    remedy: {
      en: 'Treat the key as lost: make a new one and have it certified.',
      ja: '鍵は漏えいしたものとして扱い、新しい鍵で発行し直してください。',
    },
  },
  revocation_unknown: {
    fault: {
      en: 'whether the certificate has been revoked cannot be told at the moment',
      ja: '失効しているかどうかを今は確認できない',
    },
    hint: {
      en: 'The revocation list is missing or past its nextUpdate, and then nobody is let in.',
      ja: '失効リストがないか nextUpdate を過ぎています。その場合は誰も受け入れません。',
    },
    remedy: {
      en: 'The operator renews the list (npm start does so here); the certificate itself may be fine.',
      ja: '運用者が失効リストを更新します（ここでは npm start が行います）。証明書自体に問題はないかもしれません。',
    },
  },
  key_mismatch: {
    fault: { en: 'the private key does not belong to the certificate', ja: '秘密鍵が証明書と対応していない' },
    hint: {
      en: 'The handshake needs a signature of the key in the certificate, so such a pair never gets on the wire. Mostly only one of the files was renewed, or the file begins with another certificate than the leaf.',
      ja: 'ハンドシェイクには証明書の鍵による署名が必要なため、この組では通信を始められません。片方だけ更新したか、ファイルの先頭がリーフではないことが原因です。',
    },
    remedy: {
      en: 'Find the pair: openssl x509 -pubkey -noout -in client.crt and openssl pkey -pubout -in client.key print the same key.',
      ja: '対応する組を探してください。openssl x509 -pubkey -noout -in client.crt と openssl pkey -pubout -in client.key の出力が一致します。',
    },
  },
  key_unreadable: {
    fault: {
      en: 'the private key cannot be read: it is no PEM, or it is encrypted',
      ja: '秘密鍵を読めない（PEMではないか、暗号化されている）',
    },
    hint: {
      en: 'The file holds something else than one private key, or a password protects it.',
      ja: 'ファイルに秘密鍵以外のものが入っているか、パスワードで保護されています。',
    },
    remedy: {
      en: 'openssl pkey -in client.key tells which; it asks for a password when there is one.',
      ja: 'openssl pkey -in client.key で確認できます。パスワードがあれば入力を求められます。',
    },
  },
} as const satisfies Record<string, Finding>;

/** A code of the catalogue. */
export type FindingCode = keyof typeof CERTIFICATE_FINDINGS;
