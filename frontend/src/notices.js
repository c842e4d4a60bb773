// The page on which somebody opens what was told to their notice code. The code stays in this page: heaps are fetched as everybody's,
// what is theirs in them is found and opened here, and a complaint sends the word of its notice and nothing else.
import { transactionLog } from "./transaction-log.js";
import { bucketOf, heapOf, ownNotices, secretOf } from "./notice.js";
import { noticeOf } from "./notice-content.js";

const MONTHS = 24;
const root = document.querySelector("[data-notices]");
if (root) {
  const form = root.querySelector("form"), box = form.querySelector("input"), wrong = root.querySelector("[data-wrong]");
  const state = root.querySelector("[data-state]"), list = root.querySelector("[data-list]"), save = root.querySelector("[data-save]");
  const words = (name) => new Map([...root.querySelector(`template[data-${name}]`).content.querySelectorAll("[data-code]")].map((one) => [one.dataset.code, one.textContent]));
  const fields = words("fields"), outcomes = words("outcomes"), said = words("said");

  const monthOf = (at) => `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`;
  const thisMonth = () => { const [year, month] = root.dataset.month.split("-").map(Number); return year * 12 + month - 1; };
  const periods = () => Array.from({ length: MONTHS }, (_, back) => monthOf(thisMonth() - back));
  const tell = (name, more = "") => { state.textContent = said.get(name) + more; };
  const named = (codes) => codes.map((code) => fields.get(code) || code).join(", ") || said.get("nothing");

  // Nothing of who asks goes along: no session, no page that it comes from; and the order says nothing of the months.
  async function asked(path) {
    const answer = await fetch(`/api/v1/notices${path}`, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  // The heaps to fetch, each with its months, in no order: as few and as full as the roll's notices make them.
  async function heapsOf(secret) {
    const { heaps: of } = JSON.parse(await asked("")), heaps = new Map();
    for (const period of periods()) {
      const number = Math.floor((bucketOf(secret, period) * of) / 1024);
      heaps.set(number, [...(heaps.get(number) || []), period]);
    }
    const order = [...heaps];
    for (let at = order.length - 1; at > 0; at -= 1) {
      const other = crypto.getRandomValues(new Uint32Array(1))[0] % (at + 1);
      [order[at], order[other]] = [order[other], order[at]];
    }
    return { of, order };
  }

  async function inHeap(secret, of, number, months) {
    const own = [], since = monthOf(thisMonth() - MONTHS);
    let after = 0;
    while (after !== undefined) {
      const heap = heapOf(await asked(`/${number}?of=${of}&since=${since}&after=${after}`), months);
      own.push(...(await ownNotices(heap, secret, () => new Promise((resume) => setTimeout(resume)))));
      after = heap.next > after ? heap.next : undefined;
    }
    return own;
  }

  // What is theirs, and how many heaps could not be read: one that does not come hides no other.
  async function found(secret, current) {
    const { of, order } = await heapsOf(secret), own = [];
    let lost = 0;
    for (const [at, [number, months]] of order.entries()) {
      if (!current()) break;
      tell("looking", ` ${at + 1}/${order.length}`);
      try { own.push(...(await inHeap(secret, of, number, months))); } catch { lost += 1; }
    }
    return { own: own.map((one) => ({ ...one, notice: one.content && noticeOf(one.content, one.context) })), lost };
  }

  async function complain(notice, button, line) {
    button.disabled = true;
    const answer = await fetch("/api/v1/complaints", {
      method: "POST",
      credentials: "omit",
      referrerPolicy: "no-referrer",
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

  // Nothing of what one code opened stays when another is typed: somebody else may sit here by then.
  let asking = 0;
  function forget() {
    asking += 1;
    list.replaceChildren();
    state.textContent = "";
    save.hidden = true;
    if (save.href.startsWith("blob:")) URL.revokeObjectURL(save.href);
    save.href = "#";
    return asking;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const mine = forget(), secret = secretOf(box.value);
    wrong.hidden = secret !== undefined;
    if (!secret) { box.setAttribute("aria-invalid", "true"); box.focus(); return; }
    box.removeAttribute("aria-invalid");
    try {
      const { own, lost } = await found(secret, () => mine === asking);
      if (mine !== asking) return;
      const altered = own.filter(({ notice }) => !notice).map(({ context }) => context);
      const notices = own.flatMap(({ notice }) => notice || []).sort((one, other) => other.request - one.request);
      list.append(...notices.map(shown));
      const more = [altered.length && `${said.get("altered")} ${altered.length}`, lost && `${said.get("lost")} ${lost}`].filter(Boolean);
      tell(own.length || lost ? "found" : "none", own.length || lost ? [` ${notices.length}`, ...more].join(". ") : "");
      const log = transactionLog([...notices].reverse(), location.origin, altered);
      if (notices.length) save.href = URL.createObjectURL(new Blob([JSON.stringify(log, null, 2)], { type: "application/json" }));
      save.hidden = !notices.length;
    } catch { if (mine !== asking) return; tell("failed"); }
    state.focus();
  });
  root.hidden = false;
  document.querySelector("[data-notices-without]").hidden = true;
}
