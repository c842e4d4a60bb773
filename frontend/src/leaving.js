// One question before somebody leaves a page that holds the only copy of something and has given it to nobody yet. It never keeps
// anyone: Escape and a button go back to the page, another goes on, and who went on is not asked again. Where a browser shows no
// <dialog>, or a page is closed or loaded anew, the browser's own question stands for it.

// `holds` says whether something is there that was not saved; `save` gives it as a file.
export function askBeforeLeaving(holds, save) {
  let sure = false;
  const asks = () => !sure && holds();
  document.addEventListener("click", (event) => {
    const way = event.target.closest?.("a[href], button"), question = document.querySelector("[data-leaving]");
    if (!way || !question?.showModal || question.contains(way) || !leaves(way, event) || !asks()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const close = () => { question.close(); way.focus(); };
    question.querySelector("[data-save]").onclick = () => { save(); close(); };
    question.querySelector("[data-stay]").onclick = close;
    question.querySelector("[data-leave]").onclick = () => { sure = true; close(); way.click(); };
    question.showModal();
  }, true);
  window.addEventListener("beforeunload", (event) => { if (asks()) event.preventDefault(); });
}

// What leads to another page in place of this one: not a download, a new window, a part of this page, or a button of a script here.
function leaves(way, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (way.matches("button")) return way.matches("[data-go]") || (way.type === "submit" && !way.closest("[data-kept]"));
  return !way.hasAttribute("download") && !way.target && way.href.split("#")[0] !== location.href.split("#")[0];
}
