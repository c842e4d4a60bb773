// Pages on which the bodies of a request act: a key is made, envelopes are opened and sealed here, answers are found and checked here.
// What is sent in clear is what stands in public; the private key, the record and the grounds stay in this browser.
import { randomBytes } from "@noble/hashes/utils.js";
import { bucketOf, nobodySecret, noticeContext, noticeSecret, sealNotice, wordsOf } from "./notice.js";
import { checked, answerOf, isSureWhose, numberIn, recordIn, Unfound } from "./desk-answer.js";
import { askOf, canonical, caseDigest, contextOf, encoded, textLack } from "./desk-content.js";
import { answerShown, clear, complain, fields, inBrackets, secret, shownPart, toldShown, unsureLines, wrongLine } from "./desk-page.js";
import { json, keysOf, ownKey, provedBy, signersOf, toSealTo, Unproved, factsOf, useOf } from "./desk-proof.js";
import { askedLast, caseFaults, digestsOf, expectedOf, isReplaced, missingOf, openedParts, restedOn, stateOf } from "./desk-matter.js";
import { actOf, lookAfter, meantBy, numberIn as numberAt, producedBy, readBack, standing } from "./desk-read-back.js";
import { DECISIONS, decisionsIn, fieldsIn, judged, signing } from "./desk-signed.js";
import { ANSWER, mostContent, seal, TEXT } from "./envelope.js";
import { heldKey, keyLine, keyOf, publicLine, Unsealed } from "./envelope-keys.js";
import { know } from "./known-names.js";
import { fitting } from "./needed.js";
import { handleOf, keyOf as handleKeyOf } from "./packing.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hex, lookup, octets, strictText, utf8 } from "./plain.js";

const NOTICE = 8 * 1024, KEY = ["desk-key", "key-missing"];
const root = document.querySelector("[data-desk]");
const data = (name) => JSON.parse(root.dataset[name] || "null");
// What is wrong, as a word of the page; with a field, it is said there.
class Wrong extends Error { constructor(code, { at, more = "" } = {}) { super(code); Object.assign(this, { code, at, more }); } }

function begin() {
  const said = data("said"), spans = data("keys"), origin = data("origin"), matter = data("matter"), asking = data("ask");
  const why = data("why"), words = { said, why, missing: data("missing"), faults: data("faults"), means: data("means"), outcomes: data("outcomes"), fields: data("fields"), kinds: data("kinds"), bodies: (matter || {}).titles };
  let taken, seen, read, listed;

  // Files that an act needs and that were not chosen: [input, sentence], so that all of them are named at once.
  const unchosen = (files) => files.map(([id, code]) => [secret(id), said[code]]).filter(([input]) => !input.files.length);
  function need(...files) {
    const lacks = unchosen(files);
    lacks.forEach(([input, sentence]) => complain(input, sentence));
    if (lacks.length) throw new Wrong("nothing-sent", { at: lacks[0][0], more: lacks.map(([, sentence]) => sentence).join(" ") });
  }
  // The keys that were chosen: several, where something waits that is sealed to an older one.
  async function held() {
    const input = secret("desk-key"), files = [...input.files];
    if (!files.length) throw new Wrong("key-missing", { at: input });
    try { return (await Promise.all(files.map((file) => file.text()))).map(keyOf); } catch (error) { if (error instanceof Unsealed) throw new Wrong("key-wrong", { at: input }); throw error; }
  }
  // What is sent is done where the log has it as it was sent: then the page goes on.
  async function send(form, more = {}) {
    const given = { ...fields(form), ...more }, body = new URLSearchParams(given), act = more.act || actOf(form), dry = given["dry-run"] === "yes";
    const of = matter ? matter.number : Number(given.earlier || 0), before = dry ? undefined : await standing(of, spans);
    const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body }).catch(() => null);
    const told = await answer?.json().catch(() => undefined);
    if (!told || !answer.ok) throw await unanswered(act, given, before, answer, told, form);
    return dry ? told : Object.assign(told, { fact: await sentAs(act, given, before, told).catch(unlikeSent) });
  }
  // What was refused, or not answered, may be done, whatever the roll says of it: the log is looked at before anything is said.
  async function unanswered(act, given, before, answer, told, form) {
    const refused = told && new Wrong("refused", { more: told.detail || said.failed, at: (told.at && form.querySelector(`#${CSS.escape(told.at)}`)) || undefined });
    if (!before) return refused || new Wrong("unknown");
    try {
      const who = matter || asking, since = matter ? before : { size: before.size, facts: [] };
      const { size } = await lookAfter(matter ? matter.number : 0, since, meantBy(act, given, who), who, spans, refused && answer.status < 500);
      return refused || new Wrong("unknown", { more: `${said["nothing-logged"]}${said.colon}${size}` });
    } catch (error) {
      if (["done-still", "otherwise"].includes(error.code)) return error;
      return ["unproved", "anothers"].includes(error.code) ? new Unproved("otherwise", sentenceOf(error)) : refused || new Wrong("unknown");
    }
  }
  async function sentAs(act, given, before, { to, by }) {
    const who = { ...(matter || asking), seat: by }, meant = meantBy(act, given, who);
    if (matter) return readBack(matter.number, before, meant, who, spans);
    const filed = await readBack(numberAt(to), { size: before.size, facts: [] }, meant, who, spans);
    if (given.earlier) await readBack(Number(given.earlier), before, producedBy(numberAt(to)), who, spans);
    return filed;
  }
  // Whatever is not believed of it now, or cannot be looked for, was sent, and that is said.
  function unlikeSent(error) {
    if (["otherwise", "not-logged", "silent"].includes(error.code)) throw error;
    throw ["unproved", "anothers"].includes(error.code) ? new Unproved("otherwise", sentenceOf(error)) : new Unproved("not-logged");
  }
  // What a domain and a time zone are held against: fetched whatever is asked, so that the roll does not learn how a record is named.
  async function lists() {
    if (!listed) know(await json(data("lists")));
    listed = true;
  }
  const base64 = (bytes) => btoa(octets(bytes));
  const done = ({ to }) => { if (to) location.assign(to); };

  // Takes the envelopes, which the log says, and opens those that these keys open.
  async function take(keys) {
    await lists();
    const facts = await factsOf(matter.number, spans), parts = taken || (await send(document.querySelector("form[data-open]"))).envelopes;
    const missing = missingIn(facts, parts);
    seen = parts;
    taken = missing.length ? undefined : parts; // what was missing may come when they are taken once more
    return { facts, missing, parts: await openedParts(parts, facts, keys, [origin, ...data("before")], (name) => signersOf(name, spans)) };
  }
  const missingIn = (facts, parts) => missingOf(facts, matter.party, digestsOf(parts), stateOf(facts, matter.silences).annulled);
  // Nothing rests on what is there where something later is missing.
  function holdRested(facts, missing) {
    const lacking = restedOn(facts, matter.party).find(({ place }) => missing.some((one) => one.place === place));
    if (lacking) throw new Wrong("rests-on", { more: partSaid(lacking) });
  }
  const partSaid = ({ part, at }) => inBrackets(words, said[part === "ask-back" ? "question" : part], `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`);
  const stateNow = async () => stateOf(await factsOf(matter.number, spans), matter.silences);
  // What is asked, as it was sent last. Where anything that was sealed to these keys is not what should stand there, nothing is answered.
  function asked({ facts, parts, missing }) {
    holdRested(facts, missing);
    const bad = parts.find(({ fault }) => fault), ask = askedLast(facts, parts), [wrong] = caseFaults(parts, facts[0]);
    if (bad) throw new Wrong(bad.fault, { more: said[bad.part] });
    if (!ask) throw new Wrong("not-ours");
    if (wrong) throw new Wrong(wrong);
    return ask;
  }
  const prove = (receipt) => provedBy(receipt, spans, false);

  async function open() {
    const place = root.querySelector("[data-opened]");
    place.replaceChildren();
    read = undefined;
    waiting(() => true);
    const { facts, parts, missing } = await take(await held()), state = stateOf(facts, matter.silences), cases = caseFaults(parts, facts[0]);
    const ask = askedLast(facts, parts), number = numberIn(ask), opened = (one) => parts.some(({ place: at }) => at === one.place);
    const closed = parts.length ? restedOn(facts, matter.party).filter((one) => !opened(one) && !missing.some(({ place: at }) => at === one.place)) : [];
    const results = parts.map((one) => (one.part === "answer" && one.content ? checked(one.content, expectedOf(one.fact, facts, state, number), prove) : undefined));
    const lacks = [["part-missing", missing], ["not-opened", closed]].filter(([, which]) => which.length).map(([code, which]) => wrongLine(said[code], which.map(partSaid)));
    place.replaceChildren(...lacks, ...parts.map((one, at) => shownPart({ ...one, replaced: isReplaced(facts, one.place) }, results[at] && { ...results[at], by: ask?.record.by }, words)), ...cases.map((code) => wrongLine(said[code])));
    read = new Set(parts.filter(({ content }) => content).map(({ place: at }) => at));
    waiting((act) => act !== "return" && unreadOf(facts).length > 0);
    if (lacks.length || cases.length || parts.some(({ fault }, at) => fault || results[at]?.faults.length)) return said["some-wrong"];
    return parts.length ? said.opened : matter.party ? said["not-ours"] : said.nothing;
  }

  function draft(prefix) {
    const value = (name) => secret(`${prefix}-${name}`).value;
    const names = { by: value("by"), value: value("record"), at: value("moment"), zone: value("zone"), port: value("port") };
    return { ...names, grounds: value("grounds"), basis: value("basis"), case: value("case"), officer: value("officer") };
  }
  // The ask as it was typed, whole; or everything that it lacks, each at its field, and nothing is sent.
  function whole(prefix, now, more = []) {
    const { ask, lacks = [] } = askOf(draft(prefix), randomBytes(16), now), all = [...more, ...lacks.map(({ field, why: code }) => [secret(`${prefix}-${field}`), why[code]]), ...unchosen([KEY])];
    all.forEach(([input, sentence]) => complain(input, sentence));
    if (all.length) throw new Wrong("nothing-sent", { at: all[0][0] });
    return ask;
  }
  // What seals to these organisations: a key of one's own that the log proves, and theirs.
  async function sealing(readers) {
    return { key: await ownKey(await held(), (matter || asking).own, spans), to: await toSealTo(readers, spans) };
  }
  const sealedBy = async ({ key, to }, content, filed, part) =>
    base64(await seal(encoded(content), to, key.signing, contextOf(origin, filed, part), part === "answer" ? ANSWER : TEXT));
  const sealed = async (content, readers, filed, part) => sealedBy(await sealing(readers), content, filed, part);
  const filedOf = async () => (await factsOf(matter.number, spans))[0];

  async function ask(form, dry) {
    const one = (name) => form.querySelector(`#${name}`), empty = ["use", "operator", "reviewer", "objector", "urgency", "desired"]
      .filter((name) => one(name) && !one(name).value).map((name) => [one(name), said.choose]);
    const given = fields(form), names = Object.keys(given).filter((name) => name.startsWith("field-")).map((name) => name.slice(6));
    if (!names.length) empty.push([one("which"), said.tick]);
    if ((given.desired === "produce") !== Boolean(given.earlier)) empty.push([one("earlier"), why[given.earlier ? "form" : "missing"]]);
    await lists();
    const made = whole("ask", Date.parse(asking.now), empty), case_digest = caseDigest(made.case, made.salt);
    const filed = { authority: asking.own, use: Number(given.use), operator: given.operator, reviewer: given.reviewer, fields: names, case_digest };
    const readers = [asking.own, given.reviewer, given.operator, given.objector].filter(Boolean);
    const told = await send(form, { case_digest, envelope: await sealed(made, readers, filed, "ask"), "dry-run": dry ? "yes" : "" });
    done(told);
    return told.to ? said.working : said.whole;
  }
  async function between(form, act, kind, readers) {
    const input = secret(`${act}-text`), [lack] = textLack("text", input.value);
    if (lack) { complain(input, why[lack.why]); throw new Wrong("nothing-sent", { at: input }); }
    done(await send(form, { envelope: await sealed({ is: kind, text: input.value.trim() }, readers, await filedOf(), act) }));
  }
  async function complete(form) {
    await lists();
    const made = whole("complete", Date.parse(matter.now));
    done(await send(form, { envelope: await sealed(made, matter.readers, await filedOf(), "complete") }));
  }

  // The record that is meant, in the operator's own files. Without an ask: none can be read.
  async function own(act, ask) {
    const input = secret(`${act}-file`), account = secret(`${act}-account`);
    try { return recordIn(await Promise.all([...input.files].map(bytesIn)), ask, account.value.trim()); } catch (error) {
      if (error instanceof Unfound) throw new Wrong(error.code, { at: ["other-way", "unread", "another"].includes(error.code) ? account : input, more: error.more });
      throw error;
    }
  }
  const bytesIn = async (file) => new Uint8Array(await file.arrayBuffer());
  // What is `shown` is done by whoever presses once more, having read it; at once where it is `sure`. Who only checks reads it whatever it is.
  function readFirst(form, shown, sure, { dry = false, code = "warned" } = {}) {
    const place = form.querySelector("[data-warned]") || document.createElement("div"), read = shown.textContent, go = !dry && (sure || place.dataset.warned === read);
    place.replaceChildren(...(go ? [] : [shown]));
    place.dataset.warned = go ? "" : read;
    form.append(place);
    if (!go && !dry) throw new Wrong(code);
  }
  // What was checked was of what stood there then: it goes at each press, and with each change.
  const stale = (kept) => root.querySelectorAll("[data-warned]").forEach((one) => { if (kept?.contains(one)) one.replaceChildren(); else one.remove(); });
  // Where what the log says was decided is not signed by its body, it is the log's word alone, and nothing is given by it.
  async function holdSigned(facts) {
    const trusts = secret("answer-trust").checked;
    const wrong = (await judged(facts, (name) => keysOf(name, spans))).filter(({ fault }) => fault && !(trusts && fault === "unsigned"));
    if (!wrong.length) return;
    const names = (text) => fieldsIn(text).map((name) => lookup(words.fields, name) || name).join(said.comma);
    const each = wrong.map(({ organisation, text, signed, fault }) => [lookup(words.bodies, organisation) || organisation, ...[["log-says", text], ["body-signed", fault === "otherwise" && signed]].filter(([, one]) => one).map(([code, one]) => `${said[code]}${said.colon}${names(one)}`)].join(said.semicolon));
    const unsigned = wrong.every(({ fault }) => fault === "unsigned"), receipts = wrong.flatMap(({ fact, by }) => [fact, by]).filter(Boolean).map((fact) => [fact.entry.position, facts.receipts[facts.indexOf(fact)]]);
    throw Object.assign(new Wrong(unsigned ? "unsigned" : "signed-otherwise", { more: each.join(`${said.stop} `) }), { receipts });
  }
  async function answer(form, dry) {
    need(KEY, ["answer-file", "file-missing"]);
    // What was asked, what was decided and whether that is signed are read in the same facts: a roll may give others the next time.
    const found = await take(await held()), ask = asked(found);
    await holdSigned(found.facts);
    const kept = await own("answer", ask), state = stateOf(found.facts, matter.silences), number = numberIn(ask);
    const approved = state.approved || [], input = secret("answer-receipts");
    const receipts = await Promise.all([...input.files].map(async (file) => ({ name: file.name, text: strictText(await bytesIn(file)) ?? "" })));
    const keptBack = Object.fromEntries(approved.map((name) => [name, secret(`answer-why-${name}`)?.value || ""]).filter(([, code]) => code));
    const { answer: whole, fields: given } = answerOf(kept, approved, receipts.map(({ text }) => text), keptBack, number);
    const by = await sealing([matter.authority]), { answer: made, field } = fitting(whole, mostContent(by.to, by.key.signing), (one) => encoded(one).length, state.filed.entry);
    if (field) throw new Wrong("too-long", { more: lookup(words.fields, field) || field });
    const result = checked(made, { operator: state.filed.operator, heirs: state.heirs, approved, outcome: made.outcome, given, asked: state.filed.entry, number }, prove), { faults } = result;
    if (faults.length) {
      const none = receipts.filter(({ text }) => !prove(text)).map(({ name }) => name);
      const each = faults.map(({ field: name, why: code }) => [lookup(words.fields, name) || name, words.faults[code]].filter(Boolean).join(said.colon));
      throw new Wrong("would-not-hold", { more: [each.join(said.semicolon), ...(none.length ? [`${said["prove-nothing"]} ${none.join(said.comma)}`] : [])].join(`${said.stop} `), at: faults.some(({ why: code }) => code === "receipt" || code === "no-receipt") ? input : undefined });
    }
    readFirst(form, answerShown(made, { ...result, by: ask.record.by }, words), !unsureLines(result, words).length, { dry });
    const envelope = await sealedBy(by, made, state.filed, "answer");
    done(await send(form, { outcome: made.outcome, fields: given.join(" "), envelope, "dry-run": dry ? "yes" : "" }));
    return dry ? said["would-hold"] : said.working;
  }
  async function handleKeyHeld() {
    const input = secret("tell-handle-key"), handleKey = handleKeyOf(await input.files[0].text());
    if (!handleKey) throw new Wrong("handle-key-wrong", { at: input });
    return handleKey;
  }
  // The secret of the person whose record was asked about, by the key that made the record's handle.
  async function noticeSecretOf(form, found, { given }, handleKey) {
    const ask = askedLast(found.facts, found.parts), kept = await own("tell", ask);
    readFirst(form, toldShown(kept, given, words), isSureWhose(ask, given), { code: "warned-told" });
    if (kept.account && handleOf(kept.account, handleKey) !== kept.handle) throw new Wrong("handle-key-other", { at: secret("tell-handle-key") });
    return noticeSecret(handleKey, kept.handle);
  }
  async function tell(form) {
    // Where no such record is held the notice is sealed to nobody: whoever told the two apart would know what is held. So each is told by
    // the same key, in the same bucket however often.
    const none = secret("tell-none").checked;
    need(KEY, ...(none ? [] : [["tell-file", "file-missing"]]), ["tell-handle-key", "handle-key-missing"]);
    const keys = await held(), handleKey = await handleKeyHeld(), state = await stateNow();
    if (none) readFirst(form, toldShown(undefined, state.given, words), isSureWhose(undefined, state.given), { code: "warned-told" });
    const secretOf = none ? nobodySecret(handleKey, matter.number) : await noticeSecretOf(form, await take(keys), state, handleKey);
    const context = noticeContext(origin, matter.number), key = await ownKey(keys, matter.own, spans), word = wordsOf(secretOf)(context);
    const content = encoded(await noticeOf(state, word));
    const notice = await sealNotice(content, secretOf, key.signing, context, NOTICE);
    done(await send(form, { notice: base64(notice), bucket: bucketOf(secretOf, matter.number), complaint: hex(sha256(utf8.encode(word))), "by-word": "yes" }));
  }
  async function noticeOf({ filed, approved, given, outcome, annulled, postponed, postponedWhy }, word) {
    const use = await json(`/api/v1/uses/${filed.use}`), proved = useOf(filed.use, use.receipt, filed.authority, spans);
    const both = (titles) => [...new Set(Object.values(titles))].join(" / ");
    return { is: "notice", request: matter.number, authority: filed.authority, authority_title: both(use.titles), reviewer: filed.reviewer,
      operator: matter.operator, filed: filed.at, purpose: both(use.said), basis: proved.basis, asked: filed.fields,
      approved: approved || [], given, outcome, urgency: filed.urgency, supervisor: proved.supervisor, supervised_at: proved.supervised_at, word, postponed,
      postponed_why: postponedWhy, annulled };
  }

  // A decision is signed as the log has it, once that is found to be what was sent.
  async function decide(form) {
    need(KEY);
    const key = await ownKey(await held(), matter.own, spans), told = await send(form);
    const facts = await factsOf(matter.number, spans), own = decisionsIn(facts).find(({ fact }) => fact.entry.position === told.fact?.entry.position);
    if (!own) throw new Wrong("not-signed-yet");
    const [unread] = form.querySelector("[data-waits]") ? unreadOf(facts) : []; // what the roll gave only now was not decided on
    if (unread) throw new Wrong("not-signed-yet", { more: partSaid(unread) });
    await send(form, signing(own.text, key)).catch((error) => { throw error.code === "otherwise" ? error : new Wrong("not-signed-yet", { more: sentenceOf(error) }); });
    done(told);
  }
  // A decision that stands there already is signed by whoever says what it is.
  async function signLater(form) {
    need(KEY);
    await holdRead(form);
    const key = await ownKey(await held(), matter.own, spans), facts = await factsOf(matter.number, spans);
    const [unread] = form.querySelector("[data-waits]") ? unreadOf(facts) : [];
    if (unread) throw new Wrong("not-read", { more: partSaid(unread) });
    const own = decisionsIn(facts).filter(({ party }) => party === matter.party), allowed = own.length ? fieldsIn(own.at(-1).text) : [];
    const ticked = Object.keys(fields(form)).filter((name) => name.startsWith("sign-is-")).map((name) => name.slice(8));
    if (ticked.length !== allowed.length || !allowed.every((name) => ticked.includes(name))) throw new Wrong("sign-otherwise", { more: allowed.map((name) => lookup(words.fields, name) || name).join(said.comma) });
    let told = {};
    for (const { text } of own) told = await send(form, signing(text, key));
    done(told);
  }

  const ACTS = {
    ask, complete, answer, tell, sign: signLater,
    "ask-back": (form) => between(form, "ask-back", "question", [matter.authority, matter.reviewer]),
    "answer-back": (form) => between(form, "answer-back", "answer-back", [matter.authority, matter.reviewer]),
  };
  // Of what was sealed last, and a decision rests on, that of which nothing was read here.
  const unreadOf = (facts) => restedOn(facts, matter.party).filter(({ part, place }) => part !== "answer-back" && !read.has(place));
  const waiting = (which) => root.querySelectorAll("[data-waits]").forEach((one) => { one.hidden = !which(one.closest("form").dataset.act); });
  // What is decided on what is sealed waits until that was opened here, and is held to the newest of it. To send a request back stays
  // possible where it cannot be opened: by whoever presses once more.
  async function holdRead(form) {
    if (!form.querySelector("[data-waits]")) return;
    if (form.dataset.act === "return") { if (!read) readFirst(form, wrongLine(said["sealed-still"]), false, { code: "warned-return" }); return; }
    if (!read) throw new Wrong("open-first", { at: secret("desk-key").files.length ? undefined : secret("desk-key") });
    const facts = await factsOf(matter.number, spans);
    holdRested(facts, missingIn(facts, seen));
    const [unread] = unreadOf(facts);
    if (unread) throw new Wrong("not-read", { more: partSaid(unread) });
  }
  // An act that seals nothing goes through here too: a mistake in it leaves standing what was opened.
  async function inClear(form) {
    await holdRead(form);
    if (DECISIONS.includes(form.dataset.act)) await decide(form);
    else done(await send(form));
  }
  // Only fields of the chosen use can be ticked: a request beyond it is refused.
  function withinUse() {
    const may = asking.fields[root.querySelector("#use").value];
    for (const box of root.querySelectorAll("input[name^='field-']")) {
      box.disabled = may !== undefined && !may.includes(box.name.slice(6));
      if (box.disabled) box.checked = false;
    }
  }
  function sentenceOf(error) {
    if (error instanceof Wrong && error.code === "refused") return error.more;
    if (error instanceof Unfound) return [said[error.code], lookup(words.outcomes, error.more) || error.more].filter(Boolean).join(" ");
    if (error instanceof Wrong || error instanceof Unproved) return [said[error.code] || said.failed, error.more].filter(Boolean).join(" ");
    if (error instanceof Unsealed) return said[{ key: "unproved", "too-long": "failed" }[error.code] || "does-not-open"];
    return said.failed;
  }
  // Counted, so that what is found after a change, and of what stood there before it, is said of neither.
  let changes = 0;
  root.addEventListener("input", () => {
    changes += 1;
    stale();
    for (const state of root.querySelectorAll("form[data-act] [data-state]")) if (!state.closest("form").querySelector("button:disabled")) state.textContent = "";
  });
  // What proves what the log has, to be kept.
  function receiptLink([position, receipt]) {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(new Blob([receipt], { type: "text/plain" })), download: `entry-${position}.receipt`, textContent: `${said["save-receipt"]} (${said.entry} ${position})`, className: "govuk-link" });
    const line = document.createElement("span");
    line.append(document.createElement("br"), link);
    return line;
  }
  const foreseen = (error) => [Wrong, Unproved, Unfound, Unsealed].some((kind) => error instanceof kind);
  function wire(form, state, work) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clear(root);
      stale(form);
      state.textContent = said.working;
      const buttons = form.querySelectorAll("button"), before = changes, dry = event.submitter?.name === "dry-run";
      buttons.forEach((one) => { one.disabled = true; });
      try {
        state.textContent = (await work(dry)) || said.working;
        if (dry && changes !== before) { stale(); state.textContent = ""; }
      } catch (error) {
        if (!String(error.code).startsWith("warned") || changes !== before) stale();
        state.textContent = sentenceOf(error);
        state.append(...(error.receipts || []).map(receiptLink));
        const at = error.at || (error.code === "own-key" ? secret("desk-key") : undefined);
        if (at) { if (error.code !== "nothing-sent") complain(at, state.textContent); at.focus(); } else state.focus();
        if (!foreseen(error)) throw error;
      } finally { buttons.forEach((one) => { one.disabled = false; }); }
    });
  }

  for (const form of root.querySelectorAll("form[data-act]")) wire(form, form.querySelector("[data-state]"), (dry) => (ACTS[form.dataset.act] || inClear)(form, dry));
  const use = root.querySelector("#use");
  if (use) { use.addEventListener("change", withinUse); withinUse(); }
  const opening = root.querySelector("form[data-open]");
  if (opening) wire(opening, opening.parentElement.querySelector("[data-state]"), open);
  for (const by of root.querySelectorAll("select[data-secret$='-by']")) {
    const show = () => { by.closest("form").querySelector("[data-address]").hidden = by.value !== "address"; };
    by.addEventListener("change", show);
    show();
  }
  make(said);
  root.querySelectorAll("[data-desk-with], [data-sealed]").forEach((one) => { one.hidden = false; });
  document.querySelectorAll("[data-desk-without]").forEach((one) => { one.hidden = true; });
}

// A new key: its private half is saved by the person before its public half is sent.
function make(said) {
  const button = root.querySelector("[data-make]"), save = root.querySelector("[data-save]"), state = root.querySelector("[data-state]");
  if (!button) return;
  const form = root.querySelector("form"), line = form.querySelector("#public");
  let waits = false;
  button.addEventListener("click", () => {
    const key = heldKey(randomBytes(32));
    save.href = URL.createObjectURL(new Blob([keyLine(key)], { type: "application/octet-stream" }));
    save.hidden = false;
    line.value = publicLine(key.published).trim();
    waits = true;
    state.textContent = said.made;
    save.focus();
  });
  save.addEventListener("click", () => { waits = false; });
  form.addEventListener("submit", (event) => {
    if (!waits) return;
    event.preventDefault();
    state.textContent = said.made;
    save.focus();
  });
}

// For whoever wants to hold this page's own check against the corpus of asks (tests/register/asks.json), from its console.
globalThis.openrollDesk = { askOf, canonical, caseDigest, know };
if (root) begin();
