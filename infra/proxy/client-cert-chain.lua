-- The Client-Cert-Chain field of RFC 9440, for HAProxy: it has what the client presented beside its leaf as one run of bytes, one
-- certificate behind the other, and the field is a list of byte sequences.

-- Where the DER value that begins here ends, or nil when it does not end in the bytes there are.
local function end_of_value(der, from)
  local first = der:byte(from + 1)
  if not first then return nil end
  local length, header = first, 2
  if first >= 0x80 then
    length, header = 0, 2 + (first - 0x80)
    for at = from + 2, from + header - 1 do
      length = length * 256 + (der:byte(at) or 0)
    end
  end
  local last = from + header + length - 1
  return last <= #der and last or nil
end

core.register_fetches("client_cert_chain", function(transaction)
  local der = transaction.f:ssl_c_chain_der()
  if not der then return "" end
  local members, from = {}, 1
  while from <= #der do
    local last = end_of_value(der, from)
    -- No half a chain: without it the application refuses what it cannot verify.
    if not last then return "" end
    members[#members + 1] = ":" .. transaction.c:base64(der:sub(from, last)) .. ":"
    from = last + 1
  end
  return table.concat(members, ", ")
end)
