// The page on which somebody opens what was told to their notice code. The code stays in this page: heaps are fetched as everybody's,
// what is theirs in them is found and opened here, and a complaint sends the word of its notice and nothing else.
import { transactionLog } from "./transaction-log.js";
import { bucketOf, heapOf, ownNotices, secretOf } from "./notice.js";

const MONTHS = 24;
const root = document.querySelector("[data-notices]");
if (root) {
  const form = root.querySelector("form"), box = form.querySelector("input"), wrong = root.querySelector("[data-wrong]");
  const state = root.querySelector("[data-state]"), list = root.querySelector("[data-list]"), save = root.querySelector("[data-save]");
  const words = (name) => new Map([...root.querySelector(`template[data-${name}]`).content.querySelectorAll("[data-code]")].map((one) => [one.dataset.code, one.textContent]));
  const fields = words("fields"), outcomes = words("outcomes"), said = words("said");

  const periods = () => {
    const [year, month] = root.dataset.month.split("-").map(Number), last = year * 12 + month - 1;
    return Array.from({ length: MONTHS }, (_, back) => last - back).map((at) => `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`);
  };
  const tell = (name, more = "") => { state.textContent = said.get(name) + more; };
  const named = (codes) => codes.map((code) => fields.get(code) || code).join(", ") || said.get("nothing");

  async function found(secret) {
    const heaps = new Map(), own = [];
    for (const period of periods()) heaps.set(bucketOf(secret, period), [...(heaps.get(bucketOf(secret, period)) || []), period]);
    for (const [at, [number, months]] of [...heaps].entries()) {
      tell("looking", ` ${at + 1}/${heaps.size}`);
      const answer = await fetch(`/api/v1/notices/${number}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      own.push(...(await ownNotices(heapOf(await answer.text(), months), secret, () => new Promise((resume) => setTimeout(resume)))));
    }
    return own;
  }

  async function complain(notice, button, line) {
    button.disabled = true;
    const answer = await fetch("/api/v1/complaints", {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": document.documentElement.lang },
      body: JSON.stringify({ request: notice.request, word: notice.word }),
    }).catch(() => null);
    const problem = answer && !answer.ok ? await answer.json().catch(() => ({})) : {};
    line.textContent = answer && answer.ok ? said.get("complained") : problem.detail || said.get("failed");
    if (!answer || !answer.ok) button.disabled = false;
    line.focus();
  }

  function shown(notice) {
    const one = root.querySelector("template[data-notice]").content.firstElementChild.cloneNode(true);
    const at = {
      title: `${said.get("request")} ${notice.request}: ${notice.authority_title || notice.authority}`,
      filed: new Date(notice.filed).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" }),
      operator: notice.operator, reviewer: notice.reviewer, purpose: notice.purpose, basis: notice.basis,
      asked: named(notice.asked), approved: named(notice.approved), given: named(notice.given),
      outcome: outcomes.get(notice.outcome) || notice.outcome, postponed: notice.postponed_why,
      supervisor: `${notice.supervisor}, ${notice.supervised_at}`,
    };
    for (const [name, text] of Object.entries(at)) {
      const place = one.querySelector(`[data-at="${name}"]`);
      if (text) place.textContent = text;
      else place.closest("div").remove();
    }
    const button = one.querySelector("button");
    button.addEventListener("click", () => complain(notice, button, one.querySelector("[data-complaint]")));
    return one;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const secret = secretOf(box.value);
    wrong.hidden = secret !== undefined;
    if (!secret) { box.setAttribute("aria-invalid", "true"); box.focus(); return; }
    box.removeAttribute("aria-invalid");
    list.replaceChildren();
    save.hidden = true;
    try {
      const own = await found(secret), altered = own.filter(({ content }) => !content).length;
      const notices = own.filter(({ content }) => content).map(({ content }) => JSON.parse(new TextDecoder().decode(content)));
      notices.sort((one, other) => other.request - one.request);
      list.append(...notices.map(shown));
      tell(own.length ? "found" : "none", own.length ? ` ${notices.length}` + (altered ? `. ${said.get("altered")} ${altered}` : "") : "");
      const lost = own.filter(({ content }) => !content).map(({ context }) => context);
      const log = transactionLog([...notices].reverse(), location.origin, lost);
      save.href = URL.createObjectURL(new Blob([JSON.stringify(log, null, 2)], { type: "application/json" }));
      save.hidden = !notices.length;
    } catch { tell("failed"); }
    state.focus();
  });
  root.hidden = false;
  document.querySelector("[data-notices-without]").hidden = true;
}
