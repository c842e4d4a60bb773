// What a person was told, as the transaction log of a wallet has it (EUDI TS10 version 1.2): the same as
// openroll.register.exchange.transaction_log, which says why each is an `OtherTransaction`.
const FIELDS_OF = "urn:openroll:subscription:1";
const text = (content) => ({ lang: "und", content });
const claims = (fields) => (fields.length ? [{ credentialIdentifier: FIELDS_OF, claims: fields }] : []);

function described(notice) {
  const said = `${notice.authority} asked ${notice.operator} for ${notice.asked.join(", ")} (${notice.basis})`;
  if (notice.annulled) return `${said}; annulled: what was given may not be used`;
  return `${said}; given: ${notice.given.join(", ") || "nothing"} (${notice.outcome})`;
}

function transaction(notice, address) {
  const given = notice.given.length > 0;
  const other = {
    description: [described(notice)],
    interactingPartyIdentifier: { type: `${address}/api/v1/uses`, identifier: notice.authority },
    interactingPartyName: text(notice.authority_title || notice.authority),
    isIntermediary: false,
    registrarURL: `${address}/api/v1/uses?authority=${notice.authority}`,
    purpose: [text(notice.purpose)],
    dpaName: text(notice.supervisor),
    dpaContact: [notice.supervised_at],
    listOfClaimsRequested: claims(notice.asked),
    listOfClaimsPresented: claims(notice.given),
    ...(given ? {} : { reasonOfNoncompletion: notice.outcome }),
    notice,
  };
  return {
    otherTransaction: other,
    transactionIdentifier: `${address}/api/v1/requests/${notice.request}`,
    time: new Date(notice.filed).toISOString().slice(0, 19),
    transactionType: "OtherTransaction",
    transactionResult: given ? "Completed" : "NotCompleted",
  };
}

export function transactionLog(notices, address, altered = []) {
  return { TransactionLog: notices.map((one) => transaction(one, address)), ...(altered.length ? { altered } : {}) };
}
