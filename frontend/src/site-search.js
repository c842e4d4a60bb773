// Searches as one types: the page's own form is asked for, and of the answer the list alone is shown. Without this the form is sent.
const form = document.querySelector("[data-search]");
if (form) {
  const shown = document.getElementById(form.dataset.search);
  const wanted = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  let asked = wanted().toString(), waiting, under = new AbortController();
  const search = async () => {
    const query = wanted().toString();
    if (query === asked) return;
    asked = query;
    under.abort();
    under = new AbortController();
    const address = `${form.action}?${query}`;
    try {
      // A whole number or domain leads to another page: that is gone to when the form is sent, not while somebody types.
      const answer = await fetch(address, { signal: under.signal, redirect: "manual" });
      if (!answer.ok) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(shown.id);
      if (!found || query !== asked) return;
      shown.replaceChildren(...found.childNodes);
      history.replaceState(null, "", address);
    } catch { /* another letter was typed meanwhile, or the network went away: the form may be sent */ }
  };
  const soon = (after) => { clearTimeout(waiting); waiting = setTimeout(search, after); };
  form.addEventListener("input", () => soon(250));
  form.addEventListener("change", () => soon(0));
}
