// Moves a page's progress on while the work goes on behind it; reloads the page once it has ended.
const box = document.querySelector("[data-progress]");
if (box) {
  const bar = box.querySelector("progress"), said = box.querySelector("[data-said]");
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { accept: "application/json" } });
      const now = await answer.json();
      if (!["waiting", "working"].includes(now.state)) { location.reload(); return; }
      if (said.textContent !== now.said) said.textContent = now.said;
      bar.value = now.percent;
    } catch { /* the network went away for a moment: look again */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
