// What the pages of requests show and read: fields without a name, what is wrong with them, an envelope that was opened.
import { lookup, oneLine } from "./plain.js";

const made = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

export const secret = (id) => document.querySelector(`[data-secret="${id}"]`);
// What a form says in public: its named fields.
export const fields = (form) => Object.fromEntries(new FormData(form).entries());

export function complain(input, sentence) {
  const group = input.closest(".govuk-form-group"), id = `${input.id}-wrong`;
  if (document.getElementById(id)) return;
  const line = made("p", sentence, "govuk-error-message");
  line.id = id;
  (group.querySelector(".govuk-checkboxes") || input).before(line);
  group.classList.add("govuk-form-group--error");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
}
export function clear(root) {
  for (const line of root.querySelectorAll(".govuk-error-message[id$='-wrong']")) {
    const input = document.getElementById(line.id.slice(0, -6)), described = (input.getAttribute("aria-describedby") || "").replace(line.id, "").trim();
    input.removeAttribute("aria-invalid");
    if (described) input.setAttribute("aria-describedby", described);
    else input.removeAttribute("aria-describedby");
    line.closest(".govuk-form-group").classList.remove("govuk-form-group--error");
    line.remove();
  }
}

function rows(pairs) {
  const list = made("dl", "", "govuk-summary-list");
  for (const [name, value] of pairs) {
    const row = made("div", "", "govuk-summary-list__row");
    const said = made("dd", value, "govuk-summary-list__value roll-break");
    row.append(made("dt", name, "govuk-summary-list__key"), said);
    list.append(row);
  }
  return list;
}
// Marks as the language of the page has them: Chinese ones are wide.
export const behind = ({ said }, name, value) => `${name}${said.colon}${value}`;
export const inBrackets = ({ said }, one, more) => said.bracketed.replace(/\{(one|more)\}/g, (_, place) => (place === "one" ? one : more));

function recordSaid({ record }, words) {
  const { said, means } = words;
  const value = record.number || record.code || record.domain || `${record.address}, ${said.port} ${record.port}, ${said.at} ${record.at} ${record.zone}`;
  return inBrackets(words, value, lookup(means, record.by));
}

// What is wrong, in a sentence that nobody takes for a value, and each thing by itself.
export function wrongLine(sentence, more = []) {
  const place = made("div", ""), list = made("ul", "", "govuk-list govuk-list--bullet");
  list.append(...more.map((text) => made("li", text)));
  place.append(made("p", sentence, "govuk-body roll-verdict"), ...(more.length ? [list] : []));
  place.firstChild.dataset.good = "false";
  return place;
}

// What fields are called here: by the kind of who subscribes, where the receipts of an answer show it; else as for anybody.
function titlesOf(result, { fields: titles, kinds }) {
  const kind = (result?.besides || []).flatMap(({ told }) => told).filter(([name]) => name === "kind").pop();
  return { ...titles, ...(kind && lookup(kinds, kind[1])) };
}
// What nothing proves of each value of an answer, a line each.
export function unsureLines(result, words) {
  const { unproved, late, unopened } = result, { said } = words, titles = titlesOf(result, words);
  return [[unproved, said.unnamed], [late, said.late], [unopened, said.unopened]]
    .flatMap(([names, why]) => names.map((field) => behind(words, oneLine(lookup(titles, field) || field), why)));
}
// The values of an answer, and what its receipts show besides: for the officer, and for the operator before it is sent.
export function valuesShown(result, words) {
  const titles = titlesOf(result, words);
  return result.values.map(([name, value]) => [oneLine(lookup(titles, name) || name), oneLine(value)]);
}
export function besidesShown({ besides }, words) {
  const { said } = words;
  const place = made("div", ""), list = made("ul", "", "govuk-list govuk-list--bullet");
  const each = ({ kind, day, position, told }) => [
    `${lookup(said, `fact-${kind}`) || kind} · ${day} · ${said.entry} ${position}`, ...told.map(([name, value]) => behind(words, lookup(said, `public-${name}`) || name, oneLine(String(value)))),
  ].join(said.semicolon);
  const shown = (one) => (one.named ? each(one) : inBrackets(words, each(one), said["not-its-own"]));
  list.append(...besides.map((one) => made("li", shown(one), "roll-break")));
  place.append(made("p", said.besides, "govuk-body"), list);
  return place;
}
// An answer as the officer reads it: for the operator too, before it is sent. Of one with faults what holds is shown, and what does not.
export function answerShown(content, result, words) {
  const { said, faults, outcomes } = words, titles = titlesOf(result, words), place = made("div", "");
  const withheld = Object.entries(content.withheld).map(([name, code]) => [oneLine(lookup(titles, name) || name), behind(words, said.withheld, lookup(outcomes, code) || code)]);
  place.append(rows([[said.outcome, lookup(outcomes, content.outcome) || content.outcome], ...valuesShown(result, words), ...withheld, ...numberShown(content, result, words)]));
  const lines = (wrong) => wrong.map(([field, why]) => [oneLine(lookup(titles, field) || field), why].filter(Boolean).join(said.colon));
  if (result.faults.length) place.append(wrongLine(said.bad, lines(result.faults.map(({ field, why: code }) => [field, faults[code]]))));
  else {
    // That it was asked by a code, a domain or an address is no fault of an answer, and nothing shows whose that was.
    const otherwise = result.values.length > 0 && result.by && result.by !== "subscription", whose = otherwise ? [made("p", said["number-otherwise"], "govuk-body")] : [];
    const unread = result.by || !result.values.length ? [] : [said["number-unread"]];
    place.append(verdictOf(result, words, unread), ...whose, ...(result.besides.length ? [besidesShown(result, words)] : []));
  }
  return place;
}
// Whom a notice would go to, where only the operator knows whose values were given.
export function toldShown(record, given, { said, fields: titles }) {
  const place = wrongLine(said["told-whose"], given.map((field) => oneLine(lookup(titles, field) || field)));
  place.append(rows([[said.record, record ? oneLine(record.account || record.handle) : said["told-nobody"]]]));
  return place;
}
// Of an answer that holds: that it does, or what nothing proves of it.
function verdictOf(result, words, more = []) {
  const unsure = [...unsureLines(result, words), ...more], verdict = made("p", words.said.good, "govuk-body roll-verdict");
  verdict.dataset.good = "true";
  return unsure.length ? wrongLine(words.said.unsure, unsure) : verdict;
}

// The number that an answer is opened to, as the operator writes it: where an officer's has other marks in it.
const numberShown = ({ number }, { values }, { said }) => (number && values.length ? [[said.number, oneLine(number)]] : []);

// An envelope that was opened, or why it is not; of an answer what is proved of it, and everything that does not hold.
export function shownPart({ part, organisation, content, fault, lacks = [], replaced = false }, result, words) {
  const { said, bodies, missing, why } = words, place = document.createElement("section");
  place.dataset.part = part;
  place.append(made("h3", [said[part === "ask-back" ? "question" : part], lookup(bodies, organisation) || organisation, replaced && said.replaced].filter(Boolean).join(" · "), "govuk-heading-s"));
  if (fault) place.append(wrongLine(said[fault], lacks.map((one) => behind(words, lookup(missing, one.field) || one.field, why[one.why]))));
  else if (["ask", "complete"].includes(part)) {
    place.append(rows([[said.record, recordSaid(content, words)], ...["basis", "case", "officer", "grounds"].map((name) => [said[name], content[name]])]));
  } else if (result) {
    place.append(...answerShown(content, result, words).children);
  } else place.append(made("p", content.text, "govuk-body roll-break"));
  return place;
}
