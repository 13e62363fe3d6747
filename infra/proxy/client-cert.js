// The Client-Cert field of RFC 9440, for nginx: PEM is base64 of DER between two lines, and a byte sequence is base64 between colons.

function field(request) {
  const pem = request.variables.ssl_client_raw_cert;
  return pem ? `:${pem.replace(/-----[^-]+-----|\s/g, '')}:` : '';
}

export default { field };
